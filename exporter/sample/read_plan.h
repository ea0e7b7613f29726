// Which files a container's numbers come from on this host, worked out once from the catalogue.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/model/cgroup_layout.h"
#include "exporter/model/values.h"

namespace bottleneck {

/// One number of a flat file.
struct FlatEntry {
  Field field;
  std::string_view key;          ///< empty: the file is one number
  std::string_view alternative;  ///< older name of the key; empty: none
  Unit unit = Unit::kOne;
};

enum class FileShape : std::uint8_t { kSingle, kKeyed, kPressure };

/// One file that is read and parsed by the generic code, and the numbers it gives.
struct FilePlan {
  Controller controller = Controller::kUnified;
  std::string name;
  FileShape shape = FileShape::kKeyed;
  Collector collector = Collector::kCpu;
  std::vector<FlatEntry> entries;
  /// Only CPU quotas move its numbers (cpu.stat of v1).
  bool only_quota = false;
  /// memory.stat of v2 also gives memory_kernel, which is not one key.
  bool has_kernel_memory = false;
  /// For each line of the file, the entry it holds or -1; learned from the first file, checked on each use,
  /// because the order of keys is the same in every cgroup of a kernel.
  std::vector<std::int16_t> line_map;
};

struct ReadPlan {
  std::vector<FilePlan> pulse;   ///< each second, over kept descriptors; the CPU usage file is the first
  std::vector<FilePlan> detail;  ///< each 10 s and at a scrape
  std::vector<FilePlan> limits;  ///< rarely
};

/// The files of the enabled collectors whose hierarchy is mounted.
ReadPlan make_read_plan(const CgroupLayout& layout, const MetricsConfig& metrics);

/// Parses a flat keyed file ("nr_periods 32" per line) into `values`. Numbers whose key is missing become
/// absent. False when a line that should hold a number does not.
bool parse_keyed(FilePlan& plan, std::string_view text, ContainerValues& values);

}  // namespace bottleneck
