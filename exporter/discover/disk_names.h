// Names with no socket: what engines and the kubelet leave on the disk.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/file.h"
#include "exporter/base/result.h"
#include "exporter/discover/events/fact.h"
#include "exporter/discover/naming.h"
#include "exporter/discover/source.h"

namespace bottleneck {

struct DiskNamesOptions {
  std::string rootfs = "/";  ///< the host's root, as it is mounted for us
  /// More data roots of Docker and storages of Podman, as paths of the host, besides those that are known or
  /// configured there.
  std::vector<std::string> docker_roots;
  std::vector<std::string> podman_storages;
  LabelOptions labels;
};

/// Reads, where they are readable:
///   Docker      <data-root>/containers/<id>/config.v2.json: name, image, labels, state, exit code, restarts;
///               beside it hostconfig.json: whether it removes itself, how its CPU is limited.
///   Data roots: /var/lib/docker, the
///               one in /etc/docker/daemon.json, those of rootless engines below /home
///   Podman      <storage>/{overlay,vfs}-containers/{,volatile-}containers.json: names and images. Storages:
///   /var/lib/containers/storage and
///               those below /home. CRI-O keeps its containers there too
///   containerd  /run/containerd/io.containerd.runtime.v2.task/<namespace>/<id>/config.json: names and images
///   of Kubernetes and
///               nerdctl, in the annotations; its environment is not kept
///   Kubernetes  the links in /var/log/containers, named <pod>_<namespace>_<container>-<id>.log
/// A file is read again only when its identity changed. A damaged one is logged and its last good content
/// kept.
class DiskNames {
 public:
  explicit DiskNames(DiskNamesOptions options);

  /// Looks at everything; reads files, so not for the sampling thread. One state a place, at a stable index:
  /// a place that appears later is appended. A state whose content is unchanged stays the same pointer.
  const std::vector<SourceStatePtr>& refresh();
  /// What Docker's files say of starts and ends, since the last call.
  std::vector<ContainerFact> take_facts() { return std::exchange(facts_, {}); }

 private:
  enum class Kind : std::uint8_t { kDocker, kPodman, kContainerd, kKubernetes };
  struct CachedFile {
    FileIdentity identity;
    std::vector<std::shared_ptr<const RuntimeInfo>> containers;
    bool seen = false;
  };
  struct Place {
    Kind kind;
    std::string path;  ///< as we see it
    unsigned owner = 0;
    std::map<std::string, CachedFile> files;
    bool readable = false;
    bool changed = true;
  };

  [[nodiscard]] std::string on_host(std::string_view path) const { return join_path(options_.rootfs, path); }
  void find_places();
  void find_home_places();
  void add_place(Kind kind, const std::string& path, unsigned owner);
  static void add_host_config(const std::string& path, RuntimeInfo& info);
  void refresh_docker(Place& place);
  void refresh_podman(Place& place);
  void refresh_containerd(Place& place);
  void refresh_kubernetes(Place& place);
  template <class Parse>
  void refresh_file(Place& place, const std::string& path, std::size_t max_bytes, Parse parse);
  void tell(const RuntimeInfo& info, unsigned owner);
  [[nodiscard]] SourceStatePtr state_of(const Place& place) const;

  DiskNamesOptions options_;
  std::vector<Place> places_;
  std::vector<SourceStatePtr> states_;
  std::vector<ContainerFact> facts_;
};

/// Podman's containers.json. Pure.
Result<std::vector<RuntimeInfo>> parse_podman_containers(std::string_view text, const LabelOptions& options);
/// The bundle's config.json that containerd makes for a container; `id` is the directory's name. kAbsent when
/// it names nobody. Pure.
Result<RuntimeInfo> parse_containerd_bundle(std::string_view text, std::string_view id,
                                            const LabelOptions& options);
/// "web-0_shop_app-<64 hex>.log". Nothing for another name. Pure.
std::optional<RuntimeInfo> parse_kubernetes_log_name(std::string_view name);
/// "data-root" (or the older "graph") of /etc/docker/daemon.json; empty when there is none. Pure.
std::string parse_docker_data_root(std::string_view daemon_json);

}  // namespace bottleneck
