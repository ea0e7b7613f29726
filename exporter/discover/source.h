// What a source of names says of containers: an engine's API, the disk. Published as an immutable value.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "exporter/model/container.h"

namespace bottleneck {

/// How long an end stays visible, seconds, that no source tells of any more. Longer than scrapes are apart
/// and than an alert waits (`for:`, some minutes), so that neither misses it; and short, as nothing will ever
/// say that it was removed.
inline constexpr double kEndSeconds = 300;

struct SourceState {
  std::string source;              ///< "unix:///var/run/docker.sock", "disk"
  std::optional<Runtime> runtime;  ///< of the containers it lists; nothing: the cgroup path knows better
  /// By full id. Never null.
  std::shared_ptr<const RuntimeMap> containers = std::make_shared<const RuntimeMap>();
  /// It may still give a name to a container that it does not know now.
  bool may_tell = false;
  /// It knows every container of its engine, stopped ones included: what it does not list does not exist.
  bool lists_all = false;
  /// Its word that a container runs is enough where no cgroup shows it (an engine of another host or in a
  /// virtual machine); not so for files on a disk, which may be stale.
  bool live = false;
  /// Reached over the network: nothing is waited for before a running container without a cgroup is believed
  /// in.
  bool remote = false;
  unsigned owner = 0;  ///< user id of a rootless engine, else 0
};
using SourceStatePtr = std::shared_ptr<const SourceState>;

}  // namespace bottleneck
