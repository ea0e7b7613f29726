#include "exporter/fleet.h"

#include <algorithm>
#include <cmath>

#include "exporter/base/log.h"

namespace bottleneck {
namespace {

// 24 containers at about 40 microseconds each.
constexpr std::uint32_t kContainersPerSlice = 24;
// Neighbours whose slow readings fall into one pulse: enough for warm caches, too few for a stall.
constexpr std::uint32_t kDueAtOnce = 8;
// Numbers younger than this are shared by all scrapers.
constexpr std::int64_t kFreshNs = kSecondNs;
// An idle container may be this late, see performance rules.
constexpr std::int64_t kIdleFreshNs = 5 * kSecondNs;

/// Whether a scrape at that time would have to read the details anew.
bool is_stale(const ContainerReader& reader, std::int64_t when_ns) {
  return when_ns - reader.sample.detail_ns >= (reader.idle_pulses > 0 ? kIdleFreshNs : kFreshNs);
}

std::uint64_t pulses_in(double seconds, const SamplingConfig& sampling) {
  return static_cast<std::uint64_t>(std::max(1.0, std::round(seconds / sampling.pulse_seconds)));
}

}  // namespace

Fleet::Fleet(const ValidConfig& config, CgroupLayout layout, const Clock& clock)
    : config_(config), clock_(clock), sampler_(config, std::move(layout), clock) {}

Tracked& Fleet::add(const std::string& key) {
  ++generation_;
  index_[key] = tracked_.size();
  tracked_.push_back(std::make_unique<Tracked>());
  Tracked& tracked = *tracked_.back();
  tracked.key = key;
  tracked.turn = next_turn_++;
  tracked.mark = mark_;
  return tracked;
}

void Fleet::remove_at(std::size_t position) {
  ++generation_;
  sampler_.forget(tracked_[position]->reader);
  index_.erase(tracked_[position]->key);
  if (position + 1 != tracked_.size()) {
    tracked_[position] = std::move(tracked_.back());
    index_[tracked_[position]->key] = position;
  }
  tracked_.pop_back();
}

void Fleet::sync(const std::vector<CgroupRef>& refs, std::size_t most) {
  ++mark_;
  for (const CgroupRef& ref : refs) {
    Tracked* known = find(ref.path);
    if (known != nullptr && (known->reader.ref.inode != ref.inode || known->reader.gone)) {
      remove_at(index_[ref.path]);
      known = nullptr;
    }
    if (known == nullptr && tracked_.size() < most) {
      known = &add(ref.path);
      sampler_.watch(known->reader, ref);
      known->history.add(known->reader.sample, known->reader.extras);
      log(LogLevel::kDebug, "first sample", {{"id", ref.id}, {"cgroup", ref.path}});
    }
    if (known != nullptr) known->mark = mark_;
  }
  for (std::size_t i = tracked_.size(); i-- > 0;) {
    const bool remote = tracked_[i]->reader.ref.path.empty();
    if (tracked_[i]->mark + (remote ? 1 : 0) < mark_) remove_at(i);
  }
}

Tracked& Fleet::track_remote(const std::string& id) {
  Tracked* known = find(id);
  Tracked& tracked = known != nullptr ? *known : add(id);
  tracked.reader.ref.id = id;
  tracked.reader.unreadable = true;
  tracked.mark = mark_;
  return tracked;
}

void Fleet::use_engine_stats(Tracked& tracked, std::string_view body) {
  sampler_.use_docker_stats(tracked.reader, body);
  tracked.history.add(tracked.reader.sample, tracked.reader.extras);
}

Tracked* Fleet::find(const std::string& key) {
  const auto found = index_.find(key);
  return found == index_.end() ? nullptr : tracked_[found->second].get();
}

std::uint32_t Fleet::slices() const {
  const auto count = static_cast<std::uint32_t>(tracked_.size());
  return std::max(1U, (count + kContainersPerSlice - 1) / kContainersPerSlice);
}

void Fleet::read_details(std::uint64_t pulse, bool scrape_near) {
  const std::uint64_t limits_every = pulses_in(config_.sampling.limits_seconds, config_.sampling);
  const std::uint64_t detail_every = pulses_in(config_.sampling.detail_seconds, config_.sampling);
  const auto is_due = [&](const Tracked& tracked, std::uint64_t every) {
    return (pulse + tracked.turn / kDueAtOnce) % every == 0;
  };
  for (Tracked* tracked : slice_) {
    if (is_due(*tracked, limits_every)) sampler_.limits(tracked->reader);
  }
  for (const bool slow : {true, false}) {
    if (!slow && !scrape_near) break;
    batch_.clear();
    const std::int64_t scrape_ns = clock_.monotonic_ns() + kFreshNs;
    for (Tracked* tracked : slice_) {
      ContainerReader& reader = tracked->reader;
      if (is_due(*tracked, detail_every) != slow) continue;
      if (slow || (!reader.unreadable && is_stale(reader, scrape_ns))) batch_.push_back(&reader);
    }
    sampler_.detail(batch_, slow);
  }
}

void Fleet::read_slice(std::uint64_t pulse, std::uint32_t slice, std::uint32_t slices, bool scrape_near) {
  slice_.clear();
  batch_.clear();
  const std::size_t end = tracked_.size() * (slice + 1) / slices;
  for (std::size_t i = tracked_.size() * slice / slices; i < end; ++i) {
    if (tracked_[i]->reader.gone) continue;
    slice_.push_back(tracked_[i].get());
    batch_.push_back(&tracked_[i]->reader);
  }
  sampler_.pulse(batch_);
  read_details(pulse, scrape_near);
  for (Tracked* tracked : slice_) tracked->history.add(tracked->reader.sample, tracked->reader.extras);
}

void Fleet::read_host(bool detail) {
  sampler_.host_pulse();
  if (!detail) return;
  sampler_.host_detail();
  sampler_.begin_limits_pass();  // ancestors' limits are at most as old as the host's numbers
  sampler_.cells().end_pass();
}

void Fleet::freshen(const std::function<void()>& between) {
  for (std::size_t next = 0; next < tracked_.size();) {
    batch_.clear();
    for (; next < tracked_.size() && batch_.size() < kContainersPerSlice; ++next) {
      ContainerReader& reader = tracked_[next]->reader;
      if (!reader.gone && !reader.unreadable && is_stale(reader, clock_.monotonic_ns()))
        batch_.push_back(&reader);
    }
    if (batch_.empty()) return;
    freshen_batch();
    between();
  }
}

void Fleet::freshen_batch() {
  // Those whose pulse is late as well are put first.
  const std::int64_t now_ns = clock_.monotonic_ns();
  const auto late = std::partition(batch_.begin(), batch_.end(), [&](const ContainerReader* reader) {
    return now_ns - reader->sample.pulse_ns > kFreshNs;
  });
  sampler_.pulse({batch_.begin(), late});
  sampler_.detail(batch_, /*slow=*/false);
}

}  // namespace bottleneck
