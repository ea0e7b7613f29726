#include "exporter/fleet.h"

#include <algorithm>
#include <cmath>

namespace bottleneck {
namespace {

// 24 containers at about 40 microseconds each.
constexpr std::uint32_t kContainersPerSlice = 24;
// Numbers younger than this are shared by all scrapers.
constexpr std::int64_t kFreshNs = kSecondNs;
// An idle container may be this late, see performance rules.
constexpr std::int64_t kIdleFreshNs = 5 * kSecondNs;

std::uint64_t pulses_in(double seconds, const SamplingConfig& sampling) {
  return static_cast<std::uint64_t>(std::max(1.0, std::round(seconds / sampling.pulse_seconds)));
}

}  // namespace

Fleet::Fleet(const ValidConfig& config, CgroupLayout layout, const Clock& clock)
    : config_(config), clock_(clock), sampler_(config, std::move(layout), clock) {}

Tracked& Fleet::add(std::uint64_t key, const CgroupRef* ref, int runtime_pid) {
  auto tracked = std::make_unique<Tracked>();
  tracked->key = key;
  tracked->turn = next_turn_++;
  if (ref != nullptr) {
    tracked->reader = sampler_.watch(*ref, runtime_pid);
    tracked->history.add(tracked->reader->sample);
  }
  index_[key] = tracked_.size();
  tracked_.push_back(std::move(tracked));
  return *tracked_.back();
}

void Fleet::remove(std::uint64_t key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return;
  const std::size_t position = found->second;
  if (tracked_[position]->reader) sampler_.forget(*tracked_[position]->reader);
  index_.erase(found);
  if (position + 1 != tracked_.size()) {
    tracked_[position] = std::move(tracked_.back());
    index_[tracked_[position]->key] = position;
  }
  tracked_.pop_back();
}

Tracked* Fleet::find(std::uint64_t key) {
  const auto found = index_.find(key);
  return found == index_.end() ? nullptr : tracked_[found->second].get();
}

std::uint32_t Fleet::slices() const {
  const auto count = static_cast<std::uint32_t>(tracked_.size());
  return std::max(1U, (count + kContainersPerSlice - 1) / kContainersPerSlice);
}

void Fleet::read(Tracked& tracked, std::uint64_t pulse) {
  ContainerReader& reader = *tracked.reader;
  if (reader.gone) return;
  sampler_.pulse(reader);
  const SamplingConfig& sampling = config_.sampling;
  if ((pulse + tracked.turn) % pulses_in(sampling.limits_seconds, sampling) == 0) sampler_.limits(reader);
  if ((pulse + tracked.turn) % pulses_in(sampling.detail_seconds, sampling) == 0) {
    sampler_.detail(reader, /*slow=*/true);
  }
  tracked.history.add(reader.sample);
}

void Fleet::read_slice(std::uint64_t pulse, std::uint32_t slice, std::uint32_t slices) {
  for (std::size_t i = slice; i < tracked_.size(); i += slices) {
    if (tracked_[i]->reader) read(*tracked_[i], pulse);
  }
}

void Fleet::read_host(bool detail) {
  sampler_.host_pulse();
  if (!detail) return;
  sampler_.host_detail();
  sampler_.begin_limits_pass();  // ancestors' limits are at most as old as the host's numbers
  sampler_.cells().end_pass();
}

void Fleet::freshen(const std::function<void()>& between) {
  std::uint32_t done = 0;
  for (const auto& tracked : tracked_) {
    ContainerReader* reader = tracked->reader.get();
    if (reader == nullptr || reader->gone) continue;
    const std::int64_t age = clock_.monotonic_ns() - reader->sample.detail_ns;
    if (age < (reader->idle_pulses > 0 ? kIdleFreshNs : kFreshNs)) continue;
    if (clock_.monotonic_ns() - reader->sample.pulse_ns > kFreshNs) sampler_.pulse(*reader);
    sampler_.detail(*reader, /*slow=*/false);
    if (++done % kContainersPerSlice == 0) between();
  }
}

}  // namespace bottleneck
