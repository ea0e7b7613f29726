// Limits of a container: its own, and the effective ones over all its ancestors and the host.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/model/evidence.h"
#include "exporter/sample/flat_reader.h"

namespace bottleneck {

/// Limits of one cgroup. Absent: none.
struct CgroupLimits {
  double cpu_quota = kAbsent;    ///< cores
  double cpuset_cpus = kAbsent;  ///< number of CPUs
  double memory = kAbsent;       ///< bytes
};

/// One cgroup above containers that has a CPU quota; `path` stays valid until the next pass.
struct AncestorQuota {
  std::string_view path;
  QuotaReading reading;
};

class LimitsReader {
 public:
  /// Starts a pass: limits of ancestors are read anew, each once for all its containers.
  void begin_pass();
  /// Reads the container's limits into its sample. `host_cpus`, `host_memory`: absent when unknown.
  void read(ReadContext& context, ContainerReader& reader, double host_cpus, double host_memory);
  /// Reads what the quotas of all ancestors took: each once, as long as containers below them are read.
  const std::vector<AncestorQuota>& read_quotas(ReadContext& context);

 private:
  struct Ancestor {
    CgroupLimits limits;
    std::uint64_t pass = 0;  ///< in which it was read
    std::array<FileDescriptor, kControllerCount> directories;
  };
  const CgroupLimits& ancestor(ReadContext& context, std::string_view path);
  static QuotaReading read_quota(ReadContext& context, const Ancestor& ancestor);
  Result<FileDescriptor> open_ancestor(const CgroupLayout& layout, Controller controller,
                                       const std::string& path);
  std::map<std::string, Ancestor, std::less<>> ancestors_;
  std::array<FileDescriptor, kControllerCount> roots_;
  std::vector<AncestorQuota> quotas_;
  std::uint64_t pass_ = 1;
};

}  // namespace bottleneck
