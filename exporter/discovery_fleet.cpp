// What discovery gives to the containers that are read, and takes from them.
#include <algorithm>
#include <bit>
#include <map>

#include "exporter/discovery.h"

namespace bottleneck {
namespace {

/// How the fleet knows it.
const std::string& key_of(const InventoryEntry& entry) {
  return entry.ref.path.empty() ? entry.ref.id : entry.ref.path;
}

/// Differs when one of the container's own limits does.
std::uint64_t limits_fingerprint(const ContainerValues& values) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
  for (const Field field :
       {Field::cpu_limit, Field::cpuset_cpus, Field::cpu_weight, Field::memory_limit,
        Field::memory_reservation, Field::memory_high, Field::memory_swap_limit, Field::pids_limit}) {
    const double value = values.get_or(field, -1);
    hash = (hash ^ std::bit_cast<std::uint64_t>(value)) * 0x100000001b3ULL;
  }
  return hash;
}

}  // namespace

void Discovery::inform(Fleet& fleet, std::int64_t now_ns, const Changes& changes) {
  if (changes.containers) {
    for (const std::size_t slot : std::exchange(updated_, {})) {
      const InventoryEntry& entry = inventory_.entry(slot);
      Tracked* tracked = entry.ref.path.empty() ? nullptr : fleet.find(entry.ref.path);
      if (tracked == nullptr) continue;
      ContainerReader& reader = tracked->reader;
      if (entry.runtime && entry.runtime->pid) reader.runtime_pid = *entry.runtime->pid;
      if (reader.runtime_pid > 0 && !reader.process.valid()) {
        fleet.sampler().read_all(reader);  // the network and more of it hang on a process
      } else {
        fleet.sampler().limits(reader);  // the runtime told of something: it may be new limits
      }
    }
  }
  if (events_) read_counters(fleet, now_ns);
  if (!engines_.empty() && config_.engine.stats_fallback) use_engine_stats(fleet, now_ns);
  if (config_.metrics.enabled(Collector::kStorage)) use_storage(fleet, now_ns);
}

void Discovery::read_counters(Fleet& fleet, std::int64_t now_ns) {
  if (now_ns - counters_read_ns_ < kSecondNs) return;
  counters_read_ns_ = now_ns;
  const double now = clock_.unix_seconds();
  look_up(fleet);
  for (Listed& listed : by_name_) {
    const Tracked* tracked = listed.parts.tracked;
    if (tracked == nullptr || tracked->reader.gone || tracked->reader.young_pulses > 0) continue;
    const ContainerValues& values = tracked->reader.sample.values;
    const double kills = values.get(Field::memory_oom_kills);
    if (is_present(kills))
      events_->oom_counter(subject_key(inventory_.entry(listed.parts.slot).ref),
                           static_cast<std::uint64_t>(kills), values.get(Field::memory_limit_ooms), now);
    const std::uint64_t limits = limits_fingerprint(values);
    if (std::exchange(listed.limits, limits) != limits)
      events_->limits(listed.parts.identity->name, limits, now);
  }
}

/// Makes by_name_ what the inventory, the fleet and the events have now. The limits are told once more.
void Discovery::look_up(Fleet& fleet) {
  const std::uint64_t events = events_ ? events_->generation() : 0;
  if (fleet_generation_ == fleet.generation() && events_generation_ == events) return;
  fleet_generation_ = fleet.generation();
  events_generation_ = events;
  by_name_.clear();
  inventory_.for_each([&](std::size_t slot, const InventoryEntry& entry) {
    ContainerParts& parts = by_name_.emplace_back().parts;
    parts.slot = slot;
    parts.identity = entry.identity;
    parts.runtime = entry.runtime;
    parts.tracked = fleet.find(key_of(entry));
    parts.counts = events_ ? events_->find(entry.identity->name) : nullptr;
  });
  std::sort(by_name_.begin(), by_name_.end(), [](const Listed& one, const Listed& other) {
    return one.parts.identity->name < other.parts.identity->name;
  });
}

void Discovery::use_storage(Fleet& fleet, std::int64_t now_ns) {
  const auto interval_ns = static_cast<std::int64_t>(config_.sampling.detail_seconds * 1e9);
  if (config_.metrics.profile < info_of(Field::storage_writable_layer).profile ||
      now_ns - storage_asked_ns_ < interval_ns) {
    return;
  }
  storage_asked_ns_ = now_ns;
  const std::map<std::string, StorageUse> known = housekeeper_->storage_use();
  std::map<std::string, std::string> wanted;
  inventory_.for_each([&](std::size_t, const InventoryEntry& entry) {
    if (!entry.live || !entry.runtime || entry.runtime->upper_dir.empty()) return;
    wanted.emplace(entry.ref.id, join_path(config_.paths.rootfs, entry.runtime->upper_dir));
    Tracked* tracked = fleet.find(key_of(entry));
    const auto use = known.find(entry.ref.id);
    if (tracked == nullptr || use == known.end()) return;
    tracked->reader.sample.values.set(Field::storage_writable_layer, use->second.used_bytes);
    tracked->reader.sample.values.set(Field::storage_writable_layer_limit, use->second.limit_bytes);
  });
  housekeeper_->want_storage(std::move(wanted), config_.storage.walk_writable_layers);
}

void Discovery::use_engine_stats(Fleet& fleet, std::int64_t now_ns) {
  const auto interval_ns = static_cast<std::int64_t>(config_.sampling.detail_seconds * 1e9);
  if (now_ns - stats_asked_ns_ < interval_ns) return;
  stats_asked_ns_ = now_ns;
  std::vector<std::vector<std::string>> wanted(engines_.size());
  inventory_.for_each([&](std::size_t, const InventoryEntry& entry) {
    if (!entry.live || entry.source >= engines_.size()) return;
    Tracked* tracked = fleet.find(key_of(entry));
    if (tracked != nullptr && !tracked->reader.unreadable) return;
    if (tracked == nullptr) tracked = &fleet.track_remote(entry.ref.id);
    wanted[entry.source].push_back(entry.ref.id);
    const auto stats = engines_[entry.source]->stats();
    const auto answer = stats->find(entry.ref.id);
    // Asked for last time, taken now: a slow engine delays these containers only.
    if (answer != stats->end() && answer->second.time_ns > tracked->reader.sample.detail_ns) {
      fleet.use_engine_stats(*tracked, *answer->second.body);
    }
  });
  for (std::size_t i = 0; i < engines_.size(); ++i) {
    if (!wanted[i].empty()) engines_[i]->request_stats(wanted[i]);
  }
}

}  // namespace bottleneck
