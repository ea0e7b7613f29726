// Limits of a container: its own, and the effective ones over all its ancestors and the host.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "exporter/sample/flat_reader.h"

namespace bottleneck {

/// Limits of one cgroup. Absent: none.
struct CgroupLimits {
  double cpu_quota = kAbsent;    ///< cores
  double cpuset_cpus = kAbsent;  ///< number of CPUs
  double memory = kAbsent;       ///< bytes
};

class LimitsReader {
 public:
  /// Starts a pass: limits of ancestors are read anew, each once for all its containers.
  void begin_pass();
  /// Reads the container's limits into its sample. `host_cpus`, `host_memory`: absent when unknown.
  void read(ReadContext& context, ContainerReader& reader, double host_cpus, double host_memory);

 private:
  struct Ancestor {
    CgroupLimits limits;
    std::uint64_t pass = 0;  ///< in which it was read
    std::array<FileDescriptor, kControllerCount> directories;
  };
  const CgroupLimits& ancestor(ReadContext& context, std::string_view path);
  Result<FileDescriptor> open_ancestor(const CgroupLayout& layout, Controller controller,
                                       const std::string& path);
  std::map<std::string, Ancestor, std::less<>> ancestors_;
  std::array<FileDescriptor, kControllerCount> roots_;
  std::uint64_t pass_ = 1;
};

}  // namespace bottleneck
