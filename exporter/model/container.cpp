#include "exporter/model/container.h"

namespace bottleneck {

std::string_view name_of(Runtime runtime) {
  switch (runtime) {
    case Runtime::kDocker:
      return "docker";
    case Runtime::kPodman:
      return "podman";
    case Runtime::kContainerd:
      return "containerd";
    case Runtime::kCrio:
      return "cri-o";
    case Runtime::kNerdctl:
      return "nerdctl";
    case Runtime::kEcs:
      return "ecs";
    case Runtime::kLxc:
      return "lxc";
    case Runtime::kNspawn:
      return "nspawn";
    case Runtime::kSystemd:
      return "systemd";
    case Runtime::kCgroup:
      return "cgroup";
  }
  return "cgroup";
}

}  // namespace bottleneck
