#include "exporter/window/history.h"

#include <algorithm>
#include <utility>

#include "exporter/base/clock.h"

namespace bottleneck {
namespace {

constexpr std::int64_t kPeakWindowNs = 60 * kSecondNs;
// Readings closer together than this say more about the clock than about the container.
constexpr std::int64_t kLeastIntervalNs = kSecondNs / 20;

/// Increase a second; absent when an end is missing or the counter went backwards.
double rate(double before, double now, double seconds) {
  return now >= before ? (now - before) / seconds : kAbsent;
}

float share(double rate_of_seconds) { return static_cast<float>(std::min(rate_of_seconds, 1.0)); }

/// std::max that takes an absent number for "less than any".
void raise(double& peak, float value) {
  if (!(peak >= static_cast<double>(value)) && is_present(static_cast<double>(value)))
    peak = static_cast<double>(value);
}

}  // namespace

History::Counters History::counters_of(const Sample& sample) {
  const ContainerValues& values = sample.values;
  return {sample.pulse_ns,
          values.get(Field::cpu_usage),
          values.get(Field::cpu_throttled),
          values.get(Field::pressure_cpu_some),
          values.get(Field::pressure_memory_some),
          values.get(Field::pressure_io_some)};
}

void History::add(const Sample& sample) {
  const std::int64_t interval_ns = sample.pulse_ns - last_.time_ns;
  if (interval_ns < kLeastIntervalNs) return;
  const Counters now = counters_of(sample);
  const Counters before = std::exchange(last_, now);
  if (before.time_ns == 0) return;
  const double seconds = static_cast<double>(interval_ns) * 1e-9;
  const double used = rate(before.cpu_usage, now.cpu_usage, seconds);
  const double throttled = rate(before.throttled, now.throttled, seconds);
  PulseRates& slot = slots_[next_];
  slot.cpu_cores = static_cast<float>(used);
  slot.throttled_share = static_cast<float>(throttled > 0 ? throttled / (throttled + used) : throttled);
  slot.memory_bytes = static_cast<float>(sample.values.get(Field::memory_usage));
  slot.cpu_waiting = share(rate(before.cpu_some, now.cpu_some, seconds));
  slot.memory_waiting = share(rate(before.memory_some, now.memory_some, seconds));
  slot.io_waiting = share(rate(before.io_some, now.io_some, seconds));
  slot_time_ns_[next_] = now.time_ns;
  next_ = (next_ + 1) % kSlots;
}

void History::write_peaks(std::int64_t now_ns, ContainerValues& values) const {
  double cpu = kAbsent;
  double throttled = kAbsent;
  double memory = kAbsent;
  double cpu_waiting = kAbsent;
  double memory_waiting = kAbsent;
  double io_waiting = kAbsent;
  for (std::size_t i = 0; i < kSlots; ++i) {
    if (slot_time_ns_[i] == 0 || slot_time_ns_[i] <= now_ns - kPeakWindowNs) continue;
    raise(cpu, slots_[i].cpu_cores);
    raise(throttled, slots_[i].throttled_share);
    raise(memory, slots_[i].memory_bytes);
    raise(cpu_waiting, slots_[i].cpu_waiting);
    raise(memory_waiting, slots_[i].memory_waiting);
    raise(io_waiting, slots_[i].io_waiting);
  }
  values.set(Field::cpu_usage_peak, cpu);
  values.set(Field::cpu_throttled_peak, throttled);
  values.set(Field::memory_usage_peak, memory);
  values.set(Field::pressure_cpu_peak, cpu_waiting);
  values.set(Field::pressure_memory_peak, memory_waiting);
  values.set(Field::pressure_io_peak, io_waiting);
}

}  // namespace bottleneck
