// Who a container is: what the cgroup tree, the runtime and the disk know of it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace bottleneck {

enum class Runtime : std::uint8_t {
  kDocker,
  kPodman,
  kContainerd,
  kCrio,
  kNerdctl,
  kEcs,
  kLxc,
  kNspawn,
  kSystemd,
  kCgroup
};
std::string_view name_of(Runtime runtime);

/// A container as the cgroup tree shows it. Identity is (id, inode): a recreated cgroup is a new container.
struct CgroupRef {
  Runtime runtime = Runtime::kCgroup;
  std::string id;    ///< the runtime's id; a unit's name; for a plain cgroup its path
  std::string path;  ///< below every hierarchy's root, with a leading '/': "/docker/<id>"
  std::uint64_t inode = 0;
  unsigned owner = 0;  ///< user id of a rootless runtime, else 0
  /// What the path alone tells: Kubernetes pod uid, empty otherwise.
  std::string pod_uid;

  bool operator==(const CgroupRef&) const = default;
};

enum class RunState : std::uint8_t { kUnknown, kCreated, kRunning, kPaused, kRestarting, kExited, kDead };
enum class Health : std::uint8_t { kNone, kStarting, kHealthy, kUnhealthy };

/// A container as its runtime describes it. What a source does not know stays empty.
struct RuntimeInfo {
  std::string id;
  std::string name;
  std::string image;     ///< reference as the user wrote it, e.g. "nginx:1.25"
  std::string image_id;  ///< digest
  std::optional<double> image_bytes;
  std::optional<double> image_layers;
  std::map<std::string, std::string, std::less<>> labels;  ///< those the configuration asks for, and ours
  RunState state = RunState::kUnknown;
  Health health = Health::kNone;
  std::optional<double> created;   ///< seconds since the epoch
  std::optional<double> started;   ///< of the present or last run
  std::optional<double> finished;  ///< of the last run; absent while it never ended
  std::optional<double> healthy;   ///< first healthy check of this run
  std::optional<int> exit_code;    ///< of the last run that ended
  std::optional<bool> oom_killed;
  std::optional<bool> stop_expected;  ///< the last end was asked for
  std::optional<bool> auto_remove;    ///< the engine removes it when it ends
  /// Microseconds, where a quota or a period was ever set: Docker takes no --cpus there.
  std::optional<double> cpu_period;
  std::optional<std::uint64_t> restarts;
  std::optional<int> pid;
  std::uint32_t limit_updates = 0;  ///< `update` events seen: its limits are worth a look
  std::string upper_dir;            ///< writable layer on the host, where known

  /// It has processes, be they frozen.
  [[nodiscard]] bool is_running() const { return state == RunState::kRunning || state == RunState::kPaused; }
  bool operator==(const RuntimeInfo&) const = default;
};
using RuntimeMap = std::unordered_map<std::string, std::shared_ptr<const RuntimeInfo>>;

/// What is exposed of a container. Immutable: a change makes a new one. `name` never changes in its life.
struct Identity {
  std::string name;
  std::string id;
  Runtime runtime = Runtime::kCgroup;
  /// Labels of bottleneck_container_info besides name, id and runtime, in order; values may hold any text.
  std::vector<std::pair<std::string, std::string>> info;
};

}  // namespace bottleneck
