// Counters of what happened to containers, kept by name: they outlive the cgroup, the container and the
// exporter.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "exporter/base/result.h"
#include "exporter/discover/events/oom_line.h"
#include "exporter/discover/events/runs.h"
#include "exporter/model/container.h"
#include "exporter/model/evidence.h"

namespace bottleneck {

struct EventCounts {
  std::uint64_t starts = 0;
  std::uint64_t ooms = 0;
  bool ooms_visible = false;                ///< some source can see a kill; else the counter is absent, not 0
  OomScope oom_scope = OomScope::kUnknown;  ///< of the last kill
  std::array<std::uint64_t, kExitReasonCount> exits{};
  std::optional<double> image_changed;  ///< seconds since the epoch
  std::optional<double> limits_changed;
};

/// Where the kernel log was left, so that a restart neither loses nor repeats a line.
struct KernelLogPosition {
  std::string boot_id;
  std::uint64_t sequence = 0;  ///< of the last record that was looked at
};

/// What a container is known by here: its runtime's id, or the path of a cgroup whose id is only a name.
const std::string& subject_key(const CgroupRef& ref);

/// Not thread safe. In every turn of the owner: first observe_cgroups() and the kernel log, then apply() the
/// sources' facts, then settle(): a cgroup is made before its runtime tells of it, and a kill is logged
/// before the end that it causes. Facts from the disk are for hosts where no engine is configured: both tell
/// of the same runs in their own words.
class EventCounters {
 public:
  struct Options {
    std::string path;         ///< events.json in the storage path; empty: nothing is kept
    double now = 0;           ///< of the start, seconds since the epoch
    std::string boot_id;      ///< of this boot; empty: unknown
    bool kernel_log = false;  ///< it is followed
    double end_wait_seconds =
        10;  ///< for the exit code of a container whose cgroup went; 0 without any runtime to tell it
  };
  explicit EventCounters(Options options);

  /// All cgroups that are there; cheap when `version` is that of the last call.
  void observe_cgroups(std::span<const CgroupRef> refs, std::uint64_t version, double now);
  void apply(const ContainerFact& fact, double now);
  /// A kill that the kernel log told of.
  void kernel_oom(const OomLine& line, double time, double now);
  /// The kernel's counter of kills as read (memory.events, memory.oom_control); called with every reading.
  /// `limit_ooms`: that of its own limit (memory.events oom); absent on v1.
  void oom_counter(const std::string& key, std::uint64_t kills, double limit_ooms, double now);
  /// The decided name of a container; what happened to it before waits for it a while.
  void named(const std::string& key, const std::string& name, double now);
  /// What a name runs; a change is dated `when` (the start of the container that brought it).
  void image(const std::string& name, std::string_view image, double when);
  /// A fingerprint of a name's limits.
  void limits(const std::string& name, std::uint64_t fingerprint, double when);

  void settle(double now);

  /// Null for a name that was never told of.
  [[nodiscard]] const EventCounts* find(const std::string& name) const;
  /// Another one when find() may give something else than before; until then what it gave stays where it is.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  [[nodiscard]] const KernelLogPosition& kernel_position() const { return kernel_position_; }
  void set_kernel_position(std::uint64_t sequence) { kernel_position_.sequence = sequence; }
  /// A state of an earlier life was found: what the kernel log still holds is news, not history.
  [[nodiscard]] bool continued() const { return continued_; }

  [[nodiscard]] bool dirty() const { return dirty_ && !options_.path.empty(); }
  /// What is to be written to path() with kVersion, by somebody who may wait for the disk. Not dirty after
  /// it.
  Json take_changes(double now, bool last);
  [[nodiscard]] const std::string& path() const { return options_.path; }
  static constexpr int kVersion = 1;
  /// Writes the state if it changed; `last`: ends that still wait for their reason are decided first. Waits
  /// for the disk.
  Status save(double now, bool last = false);

 private:
  struct Entry {
    ContainerRuns subject;
    std::string name;
    bool ooms_visible = false;                ///< something can see its kills
    bool named = false;                       ///< `name` is decided; else what a source suggests
    OomScope oom_scope = OomScope::kUnknown;  ///< of a kill that waits to be counted
    double limit_ooms = kAbsent;              ///< as last read
    std::uint64_t inode = 0;                  ///< of its cgroup, 0 while it has none
    std::uint64_t mark = 0;
    double first = 0;
    double last = 0;
  };
  struct Named {
    EventCounts counts;
    std::string image;
    std::optional<std::uint64_t> limits;
    double seen = 0;
  };

  void load();
  Entry& entry(const std::string& key, double now);
  Named& named_of(const std::string& name);
  void changed(const std::string& key, Entry& entry, double now);
  void flush(const std::string& key, Entry& entry, double now);
  void set_oom_scope(Entry& entry, OomScope scope);
  [[nodiscard]] OomScope scope_of(const OomLine& line, const std::string& key) const;
  void forget_old(double now);
  [[nodiscard]] std::string key_of_path(std::string_view path) const;
  [[nodiscard]] ContainerRuns::Context context(double now) const;
  [[nodiscard]] ContainerRuns::Context found_by_restart(double now) const;

  Options options_;
  double since_ = 0;
  bool continued_ = false;
  bool first_observed_ = false;
  std::unordered_map<std::string, Entry> entries_;
  std::unordered_map<std::string, Named> names_;
  std::unordered_map<std::string, std::string> keys_by_path_;
  std::set<std::string> active_;  ///< keys with something to settle or to hand on
  KernelLogPosition kernel_position_;
  std::uint64_t refs_version_ = 0;
  std::uint64_t mark_ = 0;
  std::uint64_t generation_ = 1;
  bool dirty_ = false;
};

}  // namespace bottleneck
