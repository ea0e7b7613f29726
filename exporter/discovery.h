// Joins the cgroup tree, the sources of names and the counters kept by name. Owned by the sampler's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporter/discover/cgroup_tree.h"
#include "exporter/discover/engine/engine_source.h"
#include "exporter/discover/events/kernel_oom.h"
#include "exporter/discover/inventory.h"
#include "exporter/fleet.h"
#include "exporter/housekeeper.h"
#include "exporter/snapshot_builder.h"

namespace bottleneck {

class Discovery {
 public:
  /// Told of every request to an engine: endpoint, seconds, whether it went well. Called on the engine's
  /// thread.
  using OnRequest = std::function<void(std::string_view, double, bool)>;

  /// `config` and `clock` outlive it. kInvalid when a pattern of the configuration cannot be compiled.
  static Result<std::unique_ptr<Discovery>> create(const ValidConfig& config, const Clock& clock,
                                                   const OnRequest& on_request);
  ~Discovery();

  [[nodiscard]] const CgroupLayout& layout() const { return layout_; }
  /// Descriptors to wait on: the cgroup tree's, and the sources'.
  [[nodiscard]] int tree_fd() const { return tree_->fd(); }
  [[nodiscard]] int wake_fd() const { return wake_.fd(); }
  [[nodiscard]] int kernel_log_fd() const { return kernel_log_ ? kernel_log_->fd() : -1; }
  [[nodiscard]] const std::vector<CgroupRef>& refs() const { return tree_->containers(); }
  /// When update() has work without any event.
  [[nodiscard]] std::int64_t next_due_ns() const;

  /// What an update() found; both false: nothing.
  struct Changes {
    bool refs = false;        ///< refs() changed, or the fleet must be looked through again
    bool containers = false;  ///< names, states or process ids
  };
  /// Takes in what has happened; never waits.
  Changes update(std::int64_t now_ns);
  /// Hands on to the fleet what the sources know; after it has followed refs().
  void inform(Fleet& fleet, std::int64_t now_ns, const Changes& changes);

  /// Calls `visit` for every container with a name, sorted by name.
  template <class Visit>
  void for_each(Fleet& fleet, Visit&& visit) {
    for_each_of(fleet, 0, 1, visit);
  }
  /// The same for one of `slices` equal parts of them.
  template <class Visit>
  void for_each_of(Fleet& fleet, std::size_t slice, std::size_t slices, Visit&& visit) {
    look_up(fleet);
    for (std::size_t i = slice; i < by_name_.size(); i += slices) visit(std::as_const(by_name_[i].parts));
  }
  [[nodiscard]] Housekeeper& housekeeper() { return *housekeeper_; }
  [[nodiscard]] std::shared_ptr<const HostInfo> host_info() const { return host_info_; }
  [[nodiscard]] const std::vector<EngineStatePtr>& engine_states() const { return engine_states_; }
  /// State of the collector "docker".
  void fill_collector(CollectorState& state) const;
  [[nodiscard]] std::uint64_t dropped() const { return inventory_.dropped(); }
  [[nodiscard]] std::uint64_t waiting() const { return inventory_.waiting(); }

 private:
  Discovery(const ValidConfig& config, const Clock& clock, CgroupLayout layout,
            std::unique_ptr<CgroupTree> tree, const OnRequest& on_request);
  void start_events();
  void start_engines(const OnRequest& on_request);
  bool take_source_states();
  void keep_house(std::int64_t now_ns);
  bool update_inventory(std::int64_t now_ns);
  void read_host_info();
  void observe_events(double now);
  void name_events(double now);
  void read_counters(Fleet& fleet, std::int64_t now_ns);
  void look_up(Fleet& fleet);
  void use_storage(Fleet& fleet, std::int64_t now_ns);
  void use_engine_stats(Fleet& fleet, std::int64_t now_ns);

  struct Listed {
    ContainerParts parts;
    std::uint64_t limits = 0;  ///< fingerprint last told to the events; 0: none
  };

  const ValidConfig& config_;
  const Clock& clock_;
  CgroupLayout layout_;
  std::unique_ptr<CgroupTree> tree_;
  WakeEvent wake_;
  NameStore names_;
  Inventory inventory_;
  std::vector<std::unique_ptr<EngineSource>> engines_;
  std::vector<EngineStatePtr> engine_states_;  ///< of engines_, as last taken
  std::vector<SourceStatePtr> sources_;
  std::unique_ptr<Housekeeper> housekeeper_;
  std::int64_t look_asked_ns_ = 0;
  std::int64_t storage_asked_ns_ = 0;
  std::int64_t saved_ns_ = 0;
  std::atomic<std::uint64_t> engine_errors_{0};
  std::int64_t stats_asked_ns_ = 0;
  std::unique_ptr<EventCounters> events_;
  std::optional<KernelOomFollower> kernel_log_;
  std::vector<std::size_t> updated_;  ///< slots whose runtime told of something since the fleet was informed
  std::int64_t counters_read_ns_ = 0;
  std::vector<Listed> by_name_;  ///< sorted by name; as looked up in these generations
  std::uint64_t fleet_generation_ = 0;
  std::uint64_t events_generation_ = 0;
  std::shared_ptr<const HostInfo> host_info_;
  std::uint64_t refs_version_ = 1;
  std::int64_t rescan_ns_ = 0;
};

}  // namespace bottleneck
