// Whom a judgement is about, as far as texts and changes need to know. Every text in it came from outside.
#pragma once

#include <bitset>
#include <string>
#include <vector>

#include "exporter/model/container.h"
#include "exporter/model/values.h"

namespace bottleneck {

/// A performance budget: its value is to stay at or below `objective`.
struct Budget {
  std::string name;  ///< "cpu", "memory", "start"
  double objective = kAbsent;
};

/// Where a person on the host finds the container's cgroup, by controller; empty: unknown. On v2 all are the
/// same.
struct CgroupDirectories {
  bool is_v2 = true;
  std::string cpu;
  std::string memory;
  std::string io;
  std::string pids;
};

inline constexpr std::size_t kMostAdvice = 64;

struct Subject {
  std::string name;  ///< as on every series
  std::string id;    ///< the runtime's
  /// What the runtime calls it, for commands; empty: the id serves.
  std::string runtime_name;
  Runtime runtime = Runtime::kCgroup;
  std::string image;
  std::string image_id;
  std::string workload;
  std::string compose_service;
  std::string k8s_namespace;
  std::string k8s_pod;
  std::string k8s_container;
  CgroupDirectories cgroup;
  std::string storage_driver;
  double cpu_period = kAbsent;  ///< of RuntimeInfo
  bool swap_known = true;       ///< an absent swap limit is none; false: it was not recorded

  std::bitset<kMostAdvice> ignored;  ///< recommendations that its label silences
  std::vector<Budget> budgets;       ///< that its labels set
};

}  // namespace bottleneck
