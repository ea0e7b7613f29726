// Which cgroup hierarchies a host has, and where.
#pragma once

#include <string>

#include "exporter/model/cgroup_layout.h"

namespace bottleneck {

/// Probes the directory that holds the cgroup mounts (normally the host's /sys/fs/cgroup); never fails:
/// nothing recognised is CgroupVersion::kNone with empty roots.
///   v2      `cgroup.controllers` in the directory itself
///   v1      a directory (or a link to one) for each controller, alone ("cpu") or together ("cpu,cpuacct")
///   hybrid  v1, and `unified/cgroup.controllers`: its pressure files are at roots[kUnified]
/// Source: Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/cgroups.rst.
CgroupLayout detect_cgroup_layout(const std::string& cgroupfs);

}  // namespace bottleneck
