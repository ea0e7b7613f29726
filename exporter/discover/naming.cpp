#include "exporter/discover/naming.h"

#include <algorithm>
#include <array>

#include "exporter/base/text.h"

namespace bottleneck {
namespace {

using namespace container_label;

// A label value is somebody else's text and stands on a series: bounded.
constexpr std::size_t kLongestValue = 512;
constexpr std::size_t kShortId = 12;

std::string_view label_of(const RuntimeInfo& info, std::string_view key) {
  const auto found = info.labels.find(key);
  return found == info.labels.end() ? std::string_view{} : std::string_view(found->second);
}

std::string bounded(std::string_view text) {
  if (text.size() > kLongestValue) {
    std::size_t end = kLongestValue;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
      --end;  // no half of a UTF-8 sequence
    text = text.substr(0, end);
  }
  return std::string(text);
}

std::string with_owner(std::string name, unsigned owner) {
  if (owner != 0 && !name.empty()) name += "@" + std::to_string(owner);
  return name;
}

/// "web.2.k3j4..." of service "web" is slot 2; a global service has a node id there and one task a host.
std::string swarm_name(std::string_view service, std::string_view task) {
  if (!task.starts_with(service) || task.size() <= service.size() || task[service.size()] != '.') {
    return std::string(service);
  }
  const std::string_view rest = task.substr(service.size() + 1);
  const std::string_view slot = rest.substr(0, rest.find('.'));
  return parse_u64(slot) ? std::string(service) + "." + std::string(slot) : std::string(service);
}

std::string pod_path(const RuntimeInfo& info) {
  const std::string_view pod = label_of(info, kPodName);
  if (pod.empty()) return {};
  std::string name = std::string(label_of(info, kPodNamespace)) + "/" + std::string(pod);
  if (const auto container = label_of(info, kPodContainer); !container.empty())
    name += "/" + std::string(container);
  return name;
}

std::string workload_of(const RuntimeInfo& info, std::string_view name) {
  const std::string_view service = label_of(info, kComposeService);
  if (!service.empty()) {
    const std::string_view project = label_of(info, kComposeProject);
    return project.empty() ? std::string(service) : std::string(project) + "/" + std::string(service);
  }
  if (const auto swarm = label_of(info, kSwarmService); !swarm.empty()) return std::string(swarm);
  if (const auto pod = label_of(info, kPodName); !pod.empty()) {
    return std::string(label_of(info, kPodNamespace)) + "/" + pod_owner(pod);
  }
  return std::string(name);
}

/// Names of labels in the exposition are [a-zA-Z_][a-zA-Z0-9_]*; the prefix makes a leading digit harmless.
std::string sanitised(std::string_view label) {
  std::string out = "label_";
  for (const char c : label) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += plain ? c : '_';
  }
  return out;
}

bool is_generated(std::string_view text) {
  // Kubernetes' alphabet for random names: no vowels and nothing that looks like one.
  return !text.empty() && text.find_first_not_of("bcdfghjklmnpqrstvwxz2456789") == std::string_view::npos;
}

/// Cuts "-<last>" off when `fits(last)`.
template <class Fits>
bool cut_last(std::string_view& name, Fits fits) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0 || !fits(name.substr(dash + 1))) return false;
  name = name.substr(0, dash);
  return true;
}

}  // namespace

bool keeps_label(std::string_view label, const LabelOptions& options) {
  static constexpr std::array kIdentity = {kComposeProject, kComposeService, kSwarmService, kSwarmTask,
                                           kPodNamespace,   kPodName,        kPodContainer};
  return std::find(kIdentity.begin(), kIdentity.end(), label) != kIdentity.end() ||
         label.starts_with(kOwnPrefix) || label == options.team_label ||
         std::find(options.allow_list.begin(), options.allow_list.end(), label) != options.allow_list.end();
}

std::string stable_name(const RuntimeInfo& info, unsigned owner) {
  std::string name;
  if (const auto service = label_of(info, kSwarmService); !service.empty()) {
    name = swarm_name(service, label_of(info, kSwarmTask));
  } else {
    name = pod_path(info);
    if (name.empty()) name = info.name;
  }
  return with_owner(bounded(name), owner);
}

std::string fallback_name(const CgroupRef& ref) {
  const bool hex = ref.id.size() == 64 && is_hex(ref.id);
  return with_owner(hex ? short_id(ref.id) : bounded(ref.id), ref.owner);
}

std::string short_id(std::string_view id) { return std::string(id.substr(0, kShortId)); }

std::string image_version(std::string_view image) {
  if (image.empty() || image.starts_with("sha256:")) return {};
  const std::size_t digest = image.find('@');
  const std::string_view name = image.substr(0, digest);
  const std::size_t slash = name.rfind('/');
  const std::size_t colon = name.rfind(':');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    return std::string(name.substr(colon + 1));
  }
  return digest == std::string_view::npos ? "latest" : std::string{};
}

std::string pod_owner(std::string_view pod) {
  const auto is_number = [](std::string_view text) { return parse_u64(text).has_value(); };
  const auto is_suffix = [](std::string_view text) { return text.size() == 5 && is_generated(text); };
  const auto is_hash = [](std::string_view text) {
    return text.size() >= 8 && text.size() <= 10 && (is_generated(text) || parse_u64(text).has_value());
  };
  std::string_view name = pod;
  if (cut_last(name, is_suffix)) {
    cut_last(name, is_hash);  // a ReplicaSet's template hash, a CronJob's minute
  } else {
    cut_last(name, is_number);  // a StatefulSet's ordinal
  }
  return std::string(name);
}

std::vector<std::pair<std::string, std::string>> info_labels(const RuntimeInfo* info, std::string_view name,
                                                             const LabelOptions& options) {
  std::vector<std::pair<std::string, std::string>> labels;
  const auto add = [&](std::string_view key, std::string_view value) {
    const auto same = [&](const auto& label) { return label.first == key; };
    if (value.empty() || std::any_of(labels.begin(), labels.end(), same)) return;
    labels.emplace_back(key, bounded(value));
  };
  if (info == nullptr) {
    add("workload", name);
    return labels;
  }
  add("image", info->image);
  add("version", image_version(info->image));
  add("image_id", info->image_id);
  add("workload", workload_of(*info, name));
  add("team", label_of(*info, options.team_label));
  add("compose_project", label_of(*info, kComposeProject));
  add("compose_service", label_of(*info, kComposeService));
  add("swarm_service", label_of(*info, kSwarmService));
  add("k8s_namespace", label_of(*info, kPodNamespace));
  add("k8s_pod", label_of(*info, kPodName));
  add("k8s_container", label_of(*info, kPodContainer));
  for (const std::string& label : options.allow_list) add(sanitised(label), label_of(*info, label));
  return labels;
}

}  // namespace bottleneck
