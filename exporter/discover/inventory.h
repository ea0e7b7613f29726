// Joins the cgroup tree with what sources say into containers that have a name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "exporter/discover/name_store.h"
#include "exporter/discover/naming.h"
#include "exporter/discover/source.h"
#include "exporter/model/container.h"

namespace bottleneck {

struct InventoryOptions {
  double name_wait_seconds = 10;
  int max_containers = 2000;
  double stopped_keep_hours = 24;
  int stopped_max = 50;
  LabelOptions labels;
};

/// A container with its decided name. Its slot is stable while it exists.
struct InventoryEntry {
  /// `path` is empty where no cgroup here shows it: stopped, or of an engine elsewhere.
  CgroupRef ref;
  std::shared_ptr<const Identity> identity;    ///< never null in an entry that was told of
  std::shared_ptr<const RuntimeInfo> runtime;  ///< null while no source knows it
  bool live = false;                           ///< it runs; false: kept to show how it ended
  std::size_t source = kNoSource;              ///< index in InventoryInput::sources that knows it
  static constexpr std::size_t kNoSource = std::numeric_limits<std::size_t>::max();
};

/// Slots, to be applied in this order. A slot that was removed is not used again within the same change.
struct InventoryChange {
  std::vector<std::size_t> removed;
  std::vector<std::size_t> added;
  std::vector<std::size_t> updated;  ///< runtime, labels or liveness differ; the cgroup is the same or gone
  [[nodiscard]] bool empty() const { return removed.empty() && added.empty() && updated.empty(); }
};

struct InventoryInput {
  std::span<const CgroupRef> refs;
  std::uint64_t refs_version = 0;  ///< differs when refs may
  /// In order of trust, always the same sources at the same index.
  std::span<const SourceStatePtr> sources;
  std::int64_t now_ns = 0;  ///< monotonic
  double unix_seconds = 0;
};

/// Decides every name once (see the rules in naming.h): a remembered one, else that of the first source that
/// knows the container, waited for while a source may still tell, else the fallback. A name is held by one
/// entry only: a second live container gets "@<runtime>" or, if that is taken too, "@<short id>"; where both
/// are new the order is owner, runtime, id. A live container takes the name of a stopped one, which is then
/// no longer shown. One whose cgroup went and that no source lists stays for 5 minutes, not live, among the
/// `stopped_max` that ended last.
class Inventory {
 public:
  Inventory(InventoryOptions options, NameStore& names) : options_(std::move(options)), names_(names) {}

  /// Costs nothing when the input is that of the last call and nothing is due.
  const InventoryChange& update(const InventoryInput& input);

  /// The entry of a slot that was told of and not removed.
  [[nodiscard]] const InventoryEntry& entry(std::size_t slot) const { return slots_[slot]; }
  /// One more than the largest slot.
  [[nodiscard]] std::size_t slot_count() const { return slots_.size(); }
  /// Calls `visit(slot, entry)` for every entry with a name.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
      if (slots_[slot].used && slots_[slot].identity)
        visit(slot, static_cast<const InventoryEntry&>(slots_[slot]));
    }
  }
  /// Live containers that the cap keeps out.
  [[nodiscard]] std::size_t dropped() const { return dropped_; }
  /// Live containers whose name is still waited for.
  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  /// Monotonic time at which update() has work even if its input stays; the largest number for "never".
  [[nodiscard]] std::int64_t next_due_ns() const { return due_ns_; }

 private:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  enum class Told : std::uint8_t { kNothing, kAdded, kUpdated };
  struct Slot : InventoryEntry {
    bool used = false;
    Told told = Told::kNothing;  ///< in the change with the number told_in
    std::uint64_t told_in = 0;
    std::uint64_t mark = 0;
    std::int64_t since_ns = 0;       ///< first seen, or since when it has no cgroup
    std::int64_t ended_ns = kNever;  ///< when its cgroup went
  };
  struct Found {
    std::shared_ptr<const RuntimeInfo> info;
    std::size_t source = InventoryEntry::kNoSource;
  };
  static constexpr std::size_t kNoSlot = std::numeric_limits<std::size_t>::max();
  struct Stopped {
    double ended = 0;
    const std::string* id = nullptr;
    Found found;
    std::size_t slot = kNoSlot;  ///< of one that no source lists
  };

  [[nodiscard]] bool nothing_new(const InventoryInput& input) const;
  void start_change(const InventoryInput& input);
  void apply_refs(const InventoryInput& input);
  void find_local_sources(const InventoryInput& input);
  void refresh_known(const InventoryInput& input);
  void refresh_without_cgroup(std::size_t index, const InventoryInput& input);
  void add_running_elsewhere(const InventoryInput& input);
  void choose_stopped(const InventoryInput& input);
  void decide_names(const InventoryInput& input);
  void decide_name(std::size_t index, const InventoryInput& input, bool may_wait);
  [[nodiscard]] Found find_info(const InventoryInput& input, const std::string& id) const;
  void set_runtime(std::size_t index, Found found, const InventoryInput& input);
  void set_live(std::size_t index, bool live);
  bool set_identity(Slot& slot, std::string name, const InventoryInput& input);
  bool take_name(const std::string& name, const Slot& taker);
  std::string free_name(const Slot& taker, const std::string& wanted);
  std::size_t new_slot(CgroupRef ref, const InventoryInput& input);
  void lose_cgroup(std::size_t index, const InventoryInput& input);
  [[nodiscard]] bool shows_end(const Slot& slot, const InventoryInput& input) const;
  void remove_ended(const CgroupRef& ref);
  void remove(std::size_t index);
  void tell_updated(std::size_t index);
  void touch_names(const InventoryInput& input);
  void due(std::int64_t at_ns) { due_ns_ = at_ns < due_ns_ ? at_ns : due_ns_; }

  InventoryOptions options_;
  NameStore& names_;
  InventoryChange change_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> free_;
  std::vector<std::size_t> freed_;  ///< in this change: free from the next on
  std::unordered_map<std::string, std::size_t> by_path_;
  std::unordered_map<std::string, std::size_t> by_id_;    ///< ids of runtimes only
  std::unordered_map<std::string, std::size_t> by_name_;  ///< decided names
  std::unordered_map<std::string, std::int64_t>
      missing_;  ///< running by an engine's word, without a cgroup: since
  std::vector<SourceStatePtr> sources_;
  std::vector<bool> local_;  ///< by source: a cgroup of it was seen here
  std::uint64_t refs_version_ = 0;
  std::uint64_t mark_ = 0;
  std::uint64_t change_number_ = 0;
  double touched_ = 0;
  std::int64_t due_ns_ = 0;
  std::size_t dropped_ = 0;
  std::size_t waiting_ = 0;
  std::size_t named_live_ = 0;
};

}  // namespace bottleneck
