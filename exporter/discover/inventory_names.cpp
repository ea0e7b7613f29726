// How the inventory decides names; see naming.h for what a name is made of.
#include <algorithm>
#include <tuple>
#include <utility>

#include "exporter/base/clock.h"
#include "exporter/base/log.h"
#include "exporter/discover/inventory.h"
#include "exporter/discover/runtimes.h"

namespace bottleneck {
namespace {

double end_of(const InventoryEntry& entry) {
  if (!entry.runtime) return 0;
  return entry.runtime->finished.value_or(entry.runtime->created.value_or(0));
}

}  // namespace

void Inventory::decide_names(const InventoryInput& input) {
  std::vector<std::size_t> unnamed;
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    if (slots_[index].used && !slots_[index].identity) unnamed.push_back(index);
  }
  // Two that ask for one name at once get it by what they are, never by the order they were found in.
  std::sort(unnamed.begin(), unnamed.end(), [this](std::size_t a, std::size_t b) {
    const auto key = [this](std::size_t index) {
      const Slot& slot = slots_[index];
      return std::tuple(!slot.live, slot.ref.owner, slot.ref.runtime, -end_of(slot),
                        std::string_view(slot.ref.id), std::string_view(slot.ref.path));
    };
    return key(a) < key(b);
  });
  const bool may_wait = std::any_of(input.sources.begin(), input.sources.end(),
                                    [](const auto& source) { return source->may_tell; });
  const auto most = static_cast<std::size_t>(std::max(options_.max_containers, 0));
  dropped_ = 0;
  waiting_ = 0;
  for (const std::size_t index : unnamed) {
    if (slots_[index].live && named_live_ >= most) {
      ++dropped_;
    } else {
      decide_name(index, input, may_wait);
    }
  }
  if (dropped_ > 0) {
    log_limited("inventory-full", LogLevel::kWarn, "more containers than are watched",
                {{"limit", std::to_string(most)}, {"left_out", std::to_string(dropped_)}});
  }
}

void Inventory::decide_name(std::size_t index, const InventoryInput& input, bool may_wait) {
  Slot& slot = slots_[index];
  const bool has_id = has_runtime_id(slot.ref.runtime);
  const std::string* remembered = has_id ? names_.find(slot.ref.id) : nullptr;
  std::string wanted;
  if (remembered != nullptr) {
    wanted = *remembered;
  } else if (slot.runtime) {
    wanted = stable_name(*slot.runtime, slot.ref.owner);
  }
  if (wanted.empty()) {
    const std::int64_t until = slot.since_ns + static_cast<std::int64_t>(options_.name_wait_seconds *
                                                                         static_cast<double>(kSecondNs));
    if (has_id && may_wait && input.now_ns < until) {
      ++waiting_;
      due(until);
      return;
    }
    wanted = fallback_name(slot.ref);
  }
  std::string name = free_name(slot, wanted);
  if (name.empty()) {
    remove(index);
    return;
  }
  by_name_[name] = index;
  if (has_id && remembered == nullptr) names_.remember(slot.ref.id, name, input.unix_seconds);
  set_identity(slot, std::move(name), input);
  if (slot.live) ++named_live_;
  slot.told = Told::kAdded;
  slot.told_in = change_number_;
  change_.added.push_back(index);
}

/// Empty for a stopped container whose name is in use: the newer one is what the name stands for.
std::string Inventory::free_name(const Slot& taker, const std::string& wanted) {
  if (take_name(wanted, taker)) return wanted;
  if (!taker.live) return {};
  const auto runtime = taker.source == InventoryEntry::kNoSource
                           ? taker.ref.runtime
                           : sources_[taker.source]->runtime.value_or(taker.ref.runtime);
  for (std::string name :
       {wanted + "@" + std::string(name_of(runtime)), wanted + "@" + short_id(taker.ref.id),
        wanted + "@" + taker.ref.id + "@" + std::to_string(taker.ref.inode)}) {
    if (take_name(name, taker)) return name;
  }
  return {};
}

bool Inventory::take_name(const std::string& name, const Slot& taker) {
  const auto holder = by_name_.find(name);
  if (holder == by_name_.end()) return true;
  const Slot& other = slots_[holder->second];
  if (other.live || (!taker.live && end_of(other) >= end_of(taker))) return false;
  remove(holder->second);
  return true;
}

/// True when it differs from before.
bool Inventory::set_identity(Slot& slot, std::string name, const InventoryInput& input) {
  Runtime runtime = slot.ref.runtime;
  // A path can be the same for several runtimes; ECS is told by its path only.
  if (slot.source != InventoryEntry::kNoSource && runtime != Runtime::kEcs) {
    runtime = input.sources[slot.source]->runtime.value_or(runtime);
  }
  auto info = info_labels(slot.runtime.get(), name, options_.labels);
  if (slot.identity && slot.identity->name == name && slot.identity->runtime == runtime &&
      slot.identity->info == info) {
    return false;
  }
  slot.identity = std::make_shared<const Identity>(
      Identity{.name = std::move(name), .id = slot.ref.id, .runtime = runtime, .info = std::move(info)});
  return true;
}

}  // namespace bottleneck
