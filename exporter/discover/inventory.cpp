#include "exporter/discover/inventory.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "exporter/base/clock.h"
#include "exporter/discover/runtimes.h"

namespace bottleneck {
namespace {

constexpr double kTouchSeconds = 3600;

/// Running, or about to be again.
bool is_kept_up(const RuntimeInfo& info) { return info.is_running() || info.state == RunState::kRestarting; }

/// When it ended; one that never ran "ended" when it was created.
double end_of(const RuntimeInfo& info, double otherwise) {
  if (info.finished) return *info.finished;
  return info.created.value_or(otherwise);
}

}  // namespace

const InventoryChange& Inventory::update(const InventoryInput& input) {
  change_.removed.clear();
  change_.added.clear();
  change_.updated.clear();
  if (nothing_new(input)) return change_;
  start_change(input);
  apply_refs(input);
  find_local_sources(input);
  refresh_known(input);
  add_running_elsewhere(input);
  choose_stopped(input);
  decide_names(input);
  touch_names(input);
  std::erase_if(change_.updated, [this](std::size_t index) { return !slots_[index].used; });
  return change_;
}

bool Inventory::nothing_new(const InventoryInput& input) const {
  return input.refs_version == refs_version_ && input.now_ns < due_ns_ &&
         std::equal(input.sources.begin(), input.sources.end(), sources_.begin(), sources_.end());
}

void Inventory::start_change(const InventoryInput& input) {
  ++change_number_;
  due_ns_ = kNever;
  refs_version_ = input.refs_version;
  sources_.assign(input.sources.begin(), input.sources.end());
  local_.resize(sources_.size(), false);
  free_.insert(free_.end(), freed_.begin(), freed_.end());
  freed_.clear();
}

void Inventory::apply_refs(const InventoryInput& input) {
  ++mark_;
  for (const CgroupRef& ref : input.refs) {
    const auto found = by_path_.find(ref.path);
    if (found == by_path_.end()) continue;
    Slot& slot = slots_[found->second];
    // (id, inode) is who it is: a recreated cgroup is a new container.
    if (slot.ref.id == ref.id && slot.ref.inode == ref.inode) slot.mark = mark_;
  }
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    const Slot& slot = slots_[index];
    if (slot.used && !slot.ref.path.empty() && slot.mark != mark_) lose_cgroup(index, input);
  }
  for (const CgroupRef& ref : input.refs) {
    if (by_path_.contains(ref.path)) continue;
    if (const auto old = by_id_.find(ref.id); has_runtime_id(ref.runtime) && old != by_id_.end()) {
      remove(old->second);
    } else if (!has_runtime_id(ref.runtime)) {
      remove_ended(ref);
    }
    const std::size_t index = new_slot(ref, input);
    slots_[index].live = true;
  }
}

/// Its cgroup went: it is kept to show how it ended, as long as a source still knows it or for a while.
void Inventory::lose_cgroup(std::size_t index, const InventoryInput& input) {
  Slot& slot = slots_[index];
  const Found found =
      has_runtime_id(slot.ref.runtime) && slot.identity ? find_info(input, slot.ref.id) : Found{};
  slot.ended_ns = input.now_ns;
  if ((!found.info || !input.sources[found.source]->lists_all) && !shows_end(slot, input)) {
    remove(index);
    return;
  }
  by_path_.erase(slot.ref.path);
  slot.ref.path.clear();
  slot.ref.inode = 0;
  slot.since_ns = input.now_ns;
  set_live(index, false);
}

/// True while the end of a container that no source lists stays visible. What an engine that can be asked
/// listed before was removed by somebody: that is not an end to be shown.
bool Inventory::shows_end(const Slot& slot, const InventoryInput& input) const {
  if (!slot.identity || slot.ended_ns == kNever) return false;
  if (slot.source < input.sources.size() && input.sources[slot.source]->live) return false;
  return input.now_ns < slot.ended_ns + to_ns(kEndSeconds);
}

/// A cgroup that has no runtime's id was made again while the end of the one before was shown.
void Inventory::remove_ended(const CgroupRef& ref) {
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    const Slot& slot = slots_[index];
    if (slot.used && slot.ended_ns != kNever && slot.ref.id == ref.id && slot.ref.runtime == ref.runtime &&
        slot.ref.owner == ref.owner) {
      remove(index);
    }
  }
}

void Inventory::find_local_sources(const InventoryInput& input) {
  for (std::size_t i = 0; i < input.sources.size(); ++i) {
    if (local_[i]) continue;
    for (const auto& [id, info] : *input.sources[i]->containers) {
      const auto found = by_id_.find(id);
      if (found == by_id_.end() || slots_[found->second].ref.path.empty()) continue;
      local_[i] = true;
      break;
    }
  }
}

void Inventory::refresh_known(const InventoryInput& input) {
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    Slot& slot = slots_[index];
    if (!slot.used || !has_runtime_id(slot.ref.runtime)) continue;
    Found found = find_info(input, slot.ref.id);
    if (found.info) {
      set_runtime(index, std::move(found), input);
    } else if (slot.ref.path.empty()) {
      if (!shows_end(slot, input)) {
        remove(index);
      } else if (slot.runtime && is_kept_up(*slot.runtime)) {
        slot.runtime = nullptr;  // its last word is of before the end
        tell_updated(index);
      }
      continue;
    }
    if (slot.ref.path.empty()) refresh_without_cgroup(index, input);
  }
}

void Inventory::refresh_without_cgroup(std::size_t index, const InventoryInput& input) {
  const Slot& slot = slots_[index];
  const SourceState& source = *input.sources[slot.source];
  // Where the cgroups of an engine are seen they decide, and the engine may be behind or hang.
  if (!is_kept_up(*slot.runtime) || !source.live || local_[slot.source]) set_live(index, false);
}

/// Running by an engine's word, with no cgroup here: an engine elsewhere, or one whose cgroups we do not see.
void Inventory::add_running_elsewhere(const InventoryInput& input) {
  std::unordered_map<std::string, std::int64_t> still_missing;
  for (std::size_t i = 0; i < input.sources.size(); ++i) {
    const SourceState& source = *input.sources[i];
    if (!source.live || local_[i]) continue;
    for (const auto& [id, info] : *source.containers) {
      if (!is_kept_up(*info) || by_id_.contains(id)) continue;
      const auto before = missing_.find(id);
      const std::int64_t since = before == missing_.end() ? input.now_ns : before->second;
      const std::int64_t believed = since + to_ns(options_.name_wait_seconds);
      if (!source.remote && input.now_ns < believed) {
        still_missing.emplace(id, since);
        due(believed);
        continue;
      }
      CgroupRef ref;
      ref.runtime = source.runtime.value_or(Runtime::kDocker);
      ref.id = id;
      ref.owner = source.owner;
      const std::size_t index = new_slot(std::move(ref), input);
      slots_[index].live = true;
      set_runtime(index, Found{info, i}, input);
    }
  }
  missing_ = std::move(still_missing);
}

/// The last `stopped_max` that ended, not longer than `stopped_keep_hours` ago.
void Inventory::choose_stopped(const InventoryInput& input) {
  const double keep = options_.stopped_keep_hours * 3600;
  std::vector<Stopped> stopped;
  for (std::size_t i = 0; i < input.sources.size(); ++i) {
    if (!input.sources[i]->lists_all) continue;
    for (const auto& [id, info] : *input.sources[i]->containers) {
      const auto known = by_id_.find(id);
      if (known != by_id_.end() && (slots_[known->second].live || slots_[known->second].source != i))
        continue;
      if (known == by_id_.end() && (is_kept_up(*info) || find_info(input, id).source != i)) continue;
      const double ended = is_kept_up(*info) ? input.unix_seconds : end_of(*info, input.unix_seconds);
      if (input.unix_seconds - ended <= keep) stopped.push_back({ended, &id, Found{info, i}});
    }
  }
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    const Slot& slot = slots_[index];
    if (!slot.used || slot.live || !slot.ref.path.empty() || !shows_end(slot, input)) continue;
    if (has_runtime_id(slot.ref.runtime)) {
      const Found found = find_info(input, slot.ref.id);
      if (found.info && input.sources[found.source]->lists_all) continue;  // is in the list
    }
    const double ago = static_cast<double>(input.now_ns - slot.ended_ns) / static_cast<double>(kSecondNs);
    if (ago <= keep) stopped.push_back({input.unix_seconds - ago, &slot.ref.id, {}, index});
  }
  std::sort(stopped.begin(), stopped.end(), [](const Stopped& a, const Stopped& b) {
    return std::tie(b.ended, *a.id) < std::tie(a.ended, *b.id);
  });
  if (const auto most = static_cast<std::size_t>(options_.stopped_max); stopped.size() > most)
    stopped.resize(most);
  ++mark_;
  for (const Stopped& one : stopped) {
    if (one.slot != kNoSlot) {
      slots_[one.slot].mark = mark_;
      due(slots_[one.slot].ended_ns + to_ns(std::min(kEndSeconds, keep)) + 1);
      continue;
    }
    auto known = by_id_.find(*one.id);
    if (known == by_id_.end()) {
      CgroupRef ref;
      ref.runtime = input.sources[one.found.source]->runtime.value_or(Runtime::kDocker);
      ref.id = *one.id;
      ref.owner = input.sources[one.found.source]->owner;
      const std::size_t index = new_slot(std::move(ref), input);
      set_runtime(index, one.found, input);
      known = by_id_.find(*one.id);
    }
    slots_[known->second].mark = mark_;
    due(input.now_ns + to_ns(std::max(1.0, one.ended + keep - input.unix_seconds)));
  }
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    const Slot& slot = slots_[index];
    if (slot.used && slot.ref.path.empty() && !slot.live && slot.mark != mark_) remove(index);
  }
}

Inventory::Found Inventory::find_info(const InventoryInput& input, const std::string& id) const {
  for (std::size_t i = 0; i < input.sources.size(); ++i) {
    const auto found = input.sources[i]->containers->find(id);
    if (found != input.sources[i]->containers->end()) return Found{found->second, i};
  }
  return {};
}

void Inventory::set_runtime(std::size_t index, Found found, const InventoryInput& input) {
  Slot& slot = slots_[index];
  const bool same = slot.runtime == found.info && slot.source == found.source;
  slot.source = found.source;
  if (same) return;
  const bool differs = slot.runtime == nullptr || *slot.runtime != *found.info;
  slot.runtime = std::move(found.info);
  if (!slot.identity) return;
  const bool relabelled = set_identity(slot, slot.identity->name, input);
  if (differs || relabelled) tell_updated(index);
}

void Inventory::set_live(std::size_t index, bool live) {
  Slot& slot = slots_[index];
  if (slot.live == live) return;
  slot.live = live;
  if (slot.identity && live) ++named_live_;
  if (slot.identity && !live) --named_live_;
  tell_updated(index);
}

std::size_t Inventory::new_slot(CgroupRef ref, const InventoryInput& input) {
  std::size_t index = slots_.size();
  if (free_.empty()) {
    slots_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
  }
  Slot& slot = slots_[index];
  slot = Slot{};
  slot.used = true;
  slot.since_ns = input.now_ns;
  slot.mark = mark_;
  if (!ref.path.empty()) by_path_[ref.path] = index;
  if (has_runtime_id(ref.runtime)) by_id_[ref.id] = index;
  slot.ref = std::move(ref);
  return index;
}

void Inventory::remove(std::size_t index) {
  Slot& slot = slots_[index];
  if (!slot.ref.path.empty()) by_path_.erase(slot.ref.path);
  if (const auto found = by_id_.find(slot.ref.id); found != by_id_.end() && found->second == index)
    by_id_.erase(found);
  if (slot.identity) {
    if (slot.live) --named_live_;
    by_name_.erase(slot.identity->name);
    const bool added_now = slot.told == Told::kAdded && slot.told_in == change_number_;
    if (added_now) {
      std::erase(change_.added, index);
    } else {
      change_.removed.push_back(index);
    }
  }
  slot = Slot{};
  freed_.push_back(index);
}

void Inventory::tell_updated(std::size_t index) {
  Slot& slot = slots_[index];
  if (!slot.identity) return;
  if (slot.told_in == change_number_ && slot.told != Told::kNothing) return;
  slot.told = Told::kUpdated;
  slot.told_in = change_number_;
  change_.updated.push_back(index);
}

/// A name is forgotten a week after it was last seen: tell the store now and then who is still here.
void Inventory::touch_names(const InventoryInput& input) {
  due(input.now_ns + to_ns(kTouchSeconds));
  if (input.unix_seconds - touched_ < kTouchSeconds) return;
  touched_ = input.unix_seconds;
  for (const Slot& slot : slots_) {
    if (slot.used && slot.identity) names_.touch(slot.ref.id, input.unix_seconds);
  }
}

}  // namespace bottleneck
