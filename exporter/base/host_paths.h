// Where the host's trees are mounted. Default: this machine; in a container: what was mounted in; in tests: a
// fixture.
#pragma once

#include <string>

namespace bottleneck {

struct HostPaths {
  std::string procfs = "/proc";
  std::string sysfs = "/sys";
  std::string cgroupfs = "/sys/fs/cgroup";
  std::string rootfs = "/";
  std::string kernel_log = "/dev/kmsg";
};

}  // namespace bottleneck
