// Limits of a container: its own, and the effective ones over all its ancestors and the host.
#pragma once

#include <string>
#include <unordered_map>

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
  void begin_pass() { ancestors_.clear(); }
  /// Reads the container's limits into its sample. `host_cpus`, `host_memory`: absent when unknown.
  void read(ReadContext& context, ContainerReader& reader, double host_cpus, double host_memory);

 private:
  const CgroupLimits& ancestor(ReadContext& context, const std::string& path);
  std::unordered_map<std::string, CgroupLimits> ancestors_;
};

}  // namespace bottleneck
