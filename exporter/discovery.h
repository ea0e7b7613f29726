// Joins the cgroup tree, the sources of names and the counters kept by name. Owned by the sampler's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "exporter/discover/cgroup_tree.h"
#include "exporter/discover/inventory.h"
#include "exporter/fleet.h"
#include "exporter/snapshot_builder.h"

namespace bottleneck {

class Discovery {
 public:
  /// `config` and `clock` outlive it. kInvalid when a pattern of the configuration cannot be compiled.
  static Result<std::unique_ptr<Discovery>> create(const ValidConfig& config, const Clock& clock);

  [[nodiscard]] const CgroupLayout& layout() const { return layout_; }
  /// Descriptors to wait on: the cgroup tree's, and the sources'.
  [[nodiscard]] int tree_fd() const { return tree_->fd(); }
  [[nodiscard]] int wake_fd() const { return wake_.fd(); }
  [[nodiscard]] const std::vector<CgroupRef>& refs() const { return tree_->containers(); }
  /// When update() has work without any event.
  [[nodiscard]] std::int64_t next_due_ns() const;

  /// Takes in what has happened; never waits. True when refs() changed, or the fleet must be looked through
  /// again.
  bool update(std::int64_t now_ns);
  /// After the fleet has followed refs(): counts, names, limits.
  void after_sync(Fleet& fleet, std::int64_t now_ns);

  /// Calls `visit` for every container with a name, sorted by name.
  template <class Visit>
  void for_each(Fleet& fleet, Visit&& visit) const {
    for (const std::size_t slot : by_name_) visit(parts_of(inventory_.entry(slot), fleet));
  }
  [[nodiscard]] std::shared_ptr<const HostInfo> host_info() const { return host_info_; }
  /// State of the collector "docker".
  void fill_collector(CollectorState& state) const;
  [[nodiscard]] std::uint64_t dropped() const { return inventory_.dropped(); }

 private:
  Discovery(const ValidConfig& config, const Clock& clock, CgroupLayout layout,
            std::unique_ptr<CgroupTree> tree);
  void update_inventory(std::int64_t now_ns);
  void read_host_info();
  [[nodiscard]] ContainerParts parts_of(const InventoryEntry& entry, Fleet& fleet) const;

  const ValidConfig& config_;
  const Clock& clock_;
  CgroupLayout layout_;
  std::unique_ptr<CgroupTree> tree_;
  WakeEvent wake_;
  NameStore names_;
  Inventory inventory_;
  std::vector<SourceStatePtr> sources_;
  std::vector<std::size_t> by_name_;  ///< slots, sorted by name
  std::shared_ptr<const HostInfo> host_info_;
  std::uint64_t refs_version_ = 1;
  std::int64_t rescan_ns_ = 0;
};

}  // namespace bottleneck
