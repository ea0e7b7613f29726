// The name and the info labels of a container, from what its runtime says of it. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/model/container.h"

namespace bottleneck {

/// Labels of containers that the exporter itself reads; kept in RuntimeInfo whatever the allow-list says.
namespace container_label {
inline constexpr std::string_view kComposeProject = "com.docker.compose.project";
inline constexpr std::string_view kComposeService = "com.docker.compose.service";
inline constexpr std::string_view kSwarmService = "com.docker.swarm.service.name";
inline constexpr std::string_view kSwarmTask = "com.docker.swarm.task.name";
inline constexpr std::string_view kPodNamespace = "io.kubernetes.pod.namespace";
inline constexpr std::string_view kPodName = "io.kubernetes.pod.name";
inline constexpr std::string_view kPodContainer = "io.kubernetes.container.name";
inline constexpr std::string_view kOwnPrefix = "bottleneck.";
}  // namespace container_label

/// Which container labels are kept and shown.
struct LabelOptions {
  std::vector<std::string> allow_list;  ///< shown as label_<name>
  std::string team_label;
};

/// True for identity labels, "bottleneck.*", the team label and the allow-list. Never an environment
/// variable: those are no labels, and nothing reads them.
bool keeps_label(std::string_view label, const LabelOptions& options);

/// The name that stays the same from one instance to the next: swarm "service.slot", Kubernetes
/// "namespace/pod/container", else the runtime's own; empty when nothing is known. With "@<uid>" for a
/// rootless runtime.
std::string stable_name(const RuntimeInfo& info, unsigned owner);
/// The name where no source knows one: the short id, a unit's name, a cgroup's path. With "@<uid>".
std::string fallback_name(const CgroupRef& ref);
/// The first 12 characters.
std::string short_id(std::string_view id);

/// "nginx:1.25" -> "1.25", "nginx" -> "latest"; empty for a bare digest or id.
std::string image_version(std::string_view image);
/// The Deployment, StatefulSet, DaemonSet or Job that a pod's name is derived from: "web-6d4cf56db6-x7k2p" ->
/// "web".
std::string pod_owner(std::string_view pod);

/// Labels of bottleneck_container_info besides name, id and runtime, in a fixed order; empty ones are left
/// out, workload never is. `info` may be null.
std::vector<std::pair<std::string, std::string>> info_labels(const RuntimeInfo* info, std::string_view name,
                                                             const LabelOptions& options);

}  // namespace bottleneck
