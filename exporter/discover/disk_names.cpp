#include "exporter/discover/disk_names.h"

#include <algorithm>
#include <utility>

#include "exporter/base/log.h"
#include "exporter/base/text.h"
#include "exporter/discover/engine/engine_json.h"
#include "exporter/discover/json_text.h"

namespace bottleneck {
namespace {

using namespace container_label;

constexpr std::size_t kConfigBytes = std::size_t{4} << 20U;
constexpr std::size_t kContainersBytes = std::size_t{64} << 20U;
constexpr std::size_t kIdLength = 64;

bool is_id(std::string_view text) { return text.size() == kIdLength && is_hex(text); }

bool same_file(const FileIdentity& a, const FileIdentity& b) {
  return a.inode == b.inode && a.device == b.device && a.modified_ns == b.modified_ns && a.size == b.size;
}

/// CRI-O names its containers k8s_<container>_<pod>_<namespace>_<uid>_<attempt>.
void fill_from_cri_name(std::string_view name, RuntimeInfo& info) {
  constexpr std::string_view kPrefix = "k8s_";
  if (!name.starts_with(kPrefix)) return;
  std::vector<std::string_view> parts;
  for (std::string_view rest = name.substr(kPrefix.size());;) {
    const std::size_t end = rest.find('_');
    parts.push_back(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  if (parts.size() != 5) return;
  info.labels.emplace(kPodContainer, parts[0]);
  info.labels.emplace(kPodName, parts[1]);
  info.labels.emplace(kPodNamespace, parts[2]);
}

/// The writable layer of a container of Docker's overlay2 driver.
std::string overlay_upper(const std::string& data_root, const std::string& driver, const std::string& id) {
  if (driver != "overlay2") return {};
  constexpr std::size_t kMountIdBytes = 256;
  const auto mount =
      read_file(join_path(data_root, "image/overlay2/layerdb/mounts/" + id + "/mount-id"), kMountIdBytes);
  if (!mount) return {};
  const std::string_view name = trim(*mount);
  if (name.empty() || name.find('/') != std::string_view::npos || name == "..") return {};
  return join_path(data_root, "overlay2/" + std::string(name) + "/diff");
}

}  // namespace

std::optional<RuntimeInfo> parse_kubernetes_log_name(std::string_view name) {
  constexpr std::string_view kSuffix = ".log";
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  if (name.size() < kIdLength + 1 || name[name.size() - kIdLength - 1] != '-') return std::nullopt;
  const std::string_view id = name.substr(name.size() - kIdLength);
  name.remove_suffix(kIdLength + 1);
  const std::size_t first = name.find('_');
  const std::size_t second = first == std::string_view::npos ? first : name.find('_', first + 1);
  if (second == std::string_view::npos || !is_id(id)) return std::nullopt;
  RuntimeInfo info;
  info.id = id;
  const std::string_view pod = name.substr(0, first);
  const std::string_view space = name.substr(first + 1, second - first - 1);
  const std::string_view container = name.substr(second + 1);
  if (pod.empty() || space.empty() || container.empty()) return std::nullopt;
  info.name = container;
  info.labels.emplace(kPodName, pod);
  info.labels.emplace(kPodNamespace, space);
  info.labels.emplace(kPodContainer, container);
  return info;
}

Result<std::vector<RuntimeInfo>> parse_podman_containers(std::string_view text, const LabelOptions& options) {
  const auto json = parse_json(text);
  if (!json) return json.error();
  if (!json->is_array()) return Error{ErrorCode::kMalformed, "no list of containers"};
  std::vector<RuntimeInfo> containers;
  for (const Json& one : *json) {
    RuntimeInfo info;
    info.id = text_at(&one, "id");
    if (info.id.empty()) continue;
    if (const Json* names = member(&one, "names"); names != nullptr && names->is_array() && !names->empty()) {
      if (const auto* name = names->front().get_ptr<const std::string*>()) info.name = *name;
    }
    // A text that is JSON again.
    if (const auto metadata = parse_json(text_at(&one, "metadata"))) {
      info.image = text_at(&*metadata, "image-name");
      if (info.name.empty()) info.name = text_at(&*metadata, "name");
    }
    info.image_id = text_at(&one, "image");
    info.created = parse_rfc3339(text_at(&one, "created"));
    fill_from_cri_name(info.name, info);
    std::erase_if(info.labels, [&](const auto& label) { return !keeps_label(label.first, options); });
    containers.push_back(std::move(info));
  }
  return containers;
}

Result<RuntimeInfo> parse_containerd_bundle(std::string_view text, std::string_view id,
                                            const LabelOptions& options) {
  const auto json = parse_json(text);
  if (!json) return json.error();
  const Json* annotations = member(*json, "annotations");
  if (annotations == nullptr || !annotations->is_object()) return ErrorCode::kAbsent;
  RuntimeInfo info;
  info.id = id;
  info.name = text_at(annotations, "nerdctl/name");
  info.image = text_at(annotations, "io.kubernetes.cri.image-name");
  for (const auto& [key, value] : annotations->items()) {  // nerdctl's labels are annotations among others
    if (value.is_string() && keeps_label(key, options))
      info.labels.emplace(key, *value.get_ptr<const std::string*>());
  }
  if (const auto pod = text_at(annotations, "io.kubernetes.cri.sandbox-name"); !pod.empty()) {
    // The container that only holds a pod's namespaces has no name of its own; "POD" is what the kubelet
    // called it.
    const bool sandbox = text_at(annotations, "io.kubernetes.cri.container-type") == "sandbox";
    info.name = sandbox ? "POD" : text_at(annotations, "io.kubernetes.cri.container-name");
    info.labels.insert_or_assign(std::string(kPodName), std::string(pod));
    info.labels.insert_or_assign(std::string(kPodNamespace),
                                 std::string(text_at(annotations, "io.kubernetes.cri.sandbox-namespace")));
    info.labels.insert_or_assign(std::string(kPodContainer), info.name);
  }
  if (info.name.empty()) return ErrorCode::kAbsent;
  return info;
}

std::string parse_docker_data_root(std::string_view daemon_json) {
  const auto json = parse_json(daemon_json);
  if (!json) return {};
  std::string_view root = text_at(&*json, "data-root");
  if (root.empty()) root = text_at(&*json, "graph");
  return root.starts_with('/') ? std::string(root) : std::string();
}

DiskNames::DiskNames(DiskNamesOptions options) : options_(std::move(options)) {}

void DiskNames::add_place(Kind kind, const std::string& path, unsigned owner) {
  const auto same = [&](const Place& place) { return place.kind == kind && place.path == path; };
  if (std::any_of(places_.begin(), places_.end(), same) || !path_exists(path)) return;
  places_.push_back(Place{.kind = kind, .path = path, .owner = owner, .files = {}});
  states_.push_back(nullptr);
}

void DiskNames::find_places() {
  add_place(Kind::kDocker, on_host("/var/lib/docker/containers"), 0);
  if (const auto config = read_file(on_host("/etc/docker/daemon.json"), kConfigBytes)) {
    if (const std::string root = parse_docker_data_root(*config); !root.empty()) {
      add_place(Kind::kDocker, on_host(root + "/containers"), 0);
    }
  }
  for (const std::string& root : options_.docker_roots)
    add_place(Kind::kDocker, on_host(root + "/containers"), 0);
  add_place(Kind::kPodman, on_host("/var/lib/containers/storage"), 0);
  for (const std::string& storage : options_.podman_storages) add_place(Kind::kPodman, on_host(storage), 0);
  constexpr std::string_view kTasks = "/run/containerd/io.containerd.runtime.v2.task/";
  for (const std::string_view space : {"k8s.io", "default"}) {
    add_place(Kind::kContainerd, on_host(std::string(kTasks).append(space)), 0);
  }
  add_place(Kind::kKubernetes, on_host("/var/log/containers"), 0);
  find_home_places();
}

void DiskNames::find_home_places() {
  const auto homes = list_directory(on_host("/home"));
  if (!homes) return;
  for (const DirectoryEntry& home : *homes) {
    if (!home.is_directory) continue;
    const std::string path = on_host("/home/" + home.name);
    const auto identity = stat_file(path);
    if (!identity) continue;
    add_place(Kind::kPodman, path + "/.local/share/containers/storage", identity->owner);
    add_place(Kind::kDocker, path + "/.local/share/docker/containers", identity->owner);
  }
}

const std::vector<SourceStatePtr>& DiskNames::refresh() {
  find_places();
  for (std::size_t i = 0; i < places_.size(); ++i) {
    Place& place = places_[i];
    for (auto& [path, file] : place.files) file.seen = false;
    const bool was_readable = place.readable;
    if (place.kind == Kind::kDocker) refresh_docker(place);
    if (place.kind == Kind::kPodman) refresh_podman(place);
    if (place.kind == Kind::kContainerd) refresh_containerd(place);
    if (place.kind == Kind::kKubernetes) refresh_kubernetes(place);
    if (std::erase_if(place.files, [](const auto& item) { return !item.second.seen; }) > 0)
      place.changed = true;
    if (place.changed || was_readable != place.readable) states_[i] = state_of(place);
    place.changed = false;
  }
  return states_;
}

template <class Parse>
void DiskNames::refresh_file(Place& place, const std::string& path, std::size_t max_bytes, Parse parse) {
  const auto identity = stat_file(path);
  if (!identity) return;
  CachedFile& file = place.files[path];
  file.seen = true;
  if (same_file(file.identity, *identity)) return;
  const auto text = read_file(path, max_bytes);
  Result<std::vector<RuntimeInfo>> containers =
      text ? parse(*text) : Result<std::vector<RuntimeInfo>>(Error{text.error()});
  if (!containers) {
    log_limited("disk-names:" + path, LogLevel::kWarn, "a file that names containers cannot be used",
                {{"path", path}, {"error", containers.error().message}});
    return;  // not remembered: it may be whole the next time
  }
  file.identity = *identity;
  file.containers.clear();
  for (RuntimeInfo& info : *containers)
    file.containers.push_back(std::make_shared<const RuntimeInfo>(std::move(info)));
  place.changed = true;
  if (place.kind != Kind::kDocker) return;
  for (const auto& info : file.containers) tell(*info, place.owner);
}

/// Written together with the other file. What it adds is no reason to lose the name; an older Docker has
/// none.
void DiskNames::add_host_config(const std::string& path, RuntimeInfo& info) {
  const auto text = read_file(path, kConfigBytes);
  if (!text) return;
  if (const Status read = read_docker_host_config(*text, info); !read)
    log_limited("disk-names:" + path, LogLevel::kWarn, "how a container was started cannot be read",
                {{"path", path}, {"error", read.error().message}});
}

void DiskNames::refresh_docker(Place& place) {
  const auto entries = list_directory(place.path);
  place.readable = entries.has_value();
  if (!entries) return;
  const std::string data_root = place.path.substr(0, place.path.rfind('/'));
  for (const DirectoryEntry& entry : *entries) {
    if (!entry.is_directory || !is_id(entry.name)) continue;
    const auto parse = [&](const std::string& text) -> Result<std::vector<RuntimeInfo>> {
      auto config = parse_docker_config(text, options_.labels);
      if (!config) return config.error();
      if (config->info.id != entry.name) return Error{ErrorCode::kMalformed, "is of another container"};
      config->info.upper_dir = overlay_upper(data_root, config->driver, entry.name);
      add_host_config(place.path + "/" + entry.name + "/hostconfig.json", config->info);
      return std::vector<RuntimeInfo>{std::move(config->info)};
    };
    refresh_file(place, place.path + "/" + entry.name + "/config.v2.json", kConfigBytes, parse);
  }
}

void DiskNames::refresh_podman(Place& place) {
  place.readable = false;
  for (const char* directory : {"overlay-containers", "vfs-containers"}) {
    for (const char* name : {"containers.json", "volatile-containers.json"}) {
      const std::string path = place.path + "/" + directory + "/" + name;
      if (!path_exists(path)) continue;
      place.readable = true;
      refresh_file(place, path, kContainersBytes, [this](const std::string& text) {
        return parse_podman_containers(text, options_.labels);
      });
    }
  }
}

void DiskNames::refresh_containerd(Place& place) {
  const auto entries = list_directory(place.path);
  place.readable = entries.has_value();
  if (!entries) return;
  for (const DirectoryEntry& entry : *entries) {
    if (!entry.is_directory || !is_id(entry.name)) continue;
    const auto parse = [&](const std::string& text) -> Result<std::vector<RuntimeInfo>> {
      auto info = parse_containerd_bundle(text, entry.name, options_.labels);
      if (info) return std::vector<RuntimeInfo>{std::move(*info)};
      if (info.error().code == ErrorCode::kAbsent) return std::vector<RuntimeInfo>{};
      return info.error();
    };
    refresh_file(place, place.path + "/" + entry.name + "/config.json", kConfigBytes, parse);
  }
}

/// The names of the links are all there is to read: each is its own "file".
void DiskNames::refresh_kubernetes(Place& place) {
  const auto entries = list_directory(place.path);
  place.readable = entries.has_value();
  if (!entries) return;
  for (const DirectoryEntry& entry : *entries) {
    const auto found = place.files.find(entry.name);
    if (found != place.files.end()) {
      found->second.seen = true;
      continue;
    }
    auto info = parse_kubernetes_log_name(entry.name);
    if (!info) continue;
    CachedFile& file = place.files[entry.name];
    file.seen = true;
    file.containers.push_back(std::make_shared<const RuntimeInfo>(std::move(*info)));
    place.changed = true;
  }
}

void DiskNames::tell(const RuntimeInfo& info, unsigned owner) {
  ContainerFact fact;
  fact.kind = ContainerFact::Kind::kSeen;
  fact.id = info.id;
  fact.name = stable_name(info, owner);
  fact.stands_as(info);
  facts_.push_back(std::move(fact));
}

SourceStatePtr DiskNames::state_of(const Place& place) const {
  auto state = std::make_shared<SourceState>();
  state->source = "disk:" + place.path;
  if (place.kind == Kind::kDocker) state->runtime = Runtime::kDocker;
  if (place.kind == Kind::kPodman && place.owner != 0) state->runtime = Runtime::kPodman;
  state->owner = place.owner;
  state->may_tell = place.readable;
  // Podman's files do not say whether a container runs.
  state->lists_all = place.kind == Kind::kDocker && place.readable;
  auto map = std::make_shared<RuntimeMap>();
  for (const auto& [path, file] : place.files) {
    for (const auto& info : file.containers) map->emplace(info->id, info);
  }
  state->containers = std::move(map);
  return state;
}

}  // namespace bottleneck
