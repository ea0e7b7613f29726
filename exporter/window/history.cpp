#include "exporter/window/history.h"

#include <unistd.h>

#include <algorithm>

#include "exporter/window/readings.h"

namespace bottleneck {
namespace {

constexpr std::int64_t kPeakWindowNs = 60 * kSecondNs;
// Readings closer together than this say more about the clock than about the container.
constexpr std::int64_t kLeastIntervalNs = kSecondNs / 20;
// A time this far back is another clock, not a late reading.
constexpr std::int64_t kBackwardsNs = 60 * kSecondNs;
// Usage this near to the limit is at it: reclaim keeps it a little below.
constexpr double kAtLimit = 0.9;

double page_bytes() {
  static const auto bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  return bytes;
}

/// std::max that takes an absent number for "less than any".
void raise(double& peak, float value) {
  if (is_present(value) && !(peak >= static_cast<double>(value))) peak = static_cast<double>(value);
}

/// Sum over all interfaces; absent without any. One that went away makes it smaller: no value for an
/// interval.
double over_interfaces(const Sample& sample, Field one, Field other) {
  double sum = kAbsent;
  for (const InterfaceSample& interface : sample.interfaces) {
    const double both = interface.values.get_or(one, 0) + interface.values.get_or(other, 0);
    sum = (is_present(sum) ? sum : 0) + both;
  }
  return sum;
}

/// Counters that have ever moved; those will again.
template <std::size_t kSize>
std::size_t moved(const std::array<double, kSize>& counters) {
  return static_cast<std::size_t>(
      std::count_if(counters.begin(), counters.end(), [](double c) { return c > 0; }));
}

}  // namespace

History::PulseCounters History::pulse_counters(const ContainerValues& values) {
  static constexpr Field kFields[kPulseCounters] = {Field::cpu_usage,
                                                    Field::cpu_periods,
                                                    Field::cpu_throttled_periods,
                                                    Field::cpu_throttled,
                                                    Field::pressure_cpu_some,
                                                    Field::pressure_memory_some,
                                                    Field::pressure_memory_full,
                                                    Field::pressure_io_some,
                                                    Field::pressure_io_full};
  PulseCounters counters;
  for (std::size_t i = 0; i < kPulseCounters; ++i) counters[i] = values.get(kFields[i]);
  return counters;
}

History::DetailCounters History::detail_counters(const Sample& sample, const Extras& extras) {
  static constexpr Field kFields[] = {
      Field::memory_limit_hits,        Field::memory_refaults,           Field::memory_workingset_activations,
      Field::memory_swap_in,           Field::network_tcp_segments_sent, Field::network_tcp_retransmits,
      Field::network_listen_overflows, Field::pids_limit_hits,           Field::cpu_run_delay};
  DetailCounters counters;
  for (std::size_t i = 0; i < std::size(kFields); ++i) counters[i] = sample.values.get(kFields[i]);
  counters[kPackets] =
      over_interfaces(sample, Field::network_receive_packets, Field::network_transmit_packets);
  counters[kDrops] = over_interfaces(sample, Field::network_receive_drops, Field::network_transmit_drops);
  counters[kMemoryDelay] = extras.memory_delay;
  counters[kIoDelay] = extras.io_delay;
  return counters;
}

void History::restart(const Sample& sample) {
  seconds_.clear();
  tens_.clear();
  details_.clear();
  devices_.restart();
  pulse_ns_ = detail_ns_ = 0;
  first_ns_ = sample.pulse_ns;
}

void History::add(const Sample& sample, const Extras& extras) {
  if (sample.pulse_ns == 0) return;
  const std::int64_t interval_ns = sample.pulse_ns - pulse_ns_;
  if (pulse_ns_ == 0 || interval_ns > kGapNs || interval_ns < -kBackwardsNs) restart(sample);
  if (sample.pulse_ns - pulse_ns_ >= kLeastIntervalNs) add_pulse(sample, extras);
  if (sample.detail_ns - detail_ns_ >= kLeastIntervalNs) add_detail(sample, extras);
}

void History::add_pulse(const Sample& sample, const Extras& extras) {
  const PulseCounters before = std::exchange(pulse_, pulse_counters(sample.values));
  const std::int64_t start_ns = std::exchange(pulse_ns_, sample.pulse_ns);
  if (start_ns == 0) {
    seconds_.reserve(moved(pulse_) + 1);
    tens_.reserve(moved(pulse_));
    return;
  }
  const auto seconds = static_cast<float>(static_cast<double>(pulse_ns_ - start_ns) * 1e-9);
  std::array<float, kPulseChannels> deltas;
  for (std::size_t i = 0; i < kPulseCounters; ++i)
    deltas[i] = static_cast<float>(increase(before[i], pulse_[i]));
  const double usage = sample.values.get(Field::memory_usage);
  const double limit = sample.values.get(Field::memory_effective_limit);
  const double nearness = usage / limit;
  deltas[kNearLimit] = is_present(nearness) ? (nearness >= kAtLimit ? seconds : 0) : kNoRate;
  deltas[kBlocked] = is_present(extras.blocked) ? seconds * static_cast<float>(extras.blocked) : kNoRate;
  seconds_.add(start_ns, pulse_ns_, deltas, {static_cast<float>(usage)});
  tens_.add(start_ns, pulse_ns_, deltas, {});
}

void History::add_detail(const Sample& sample, const Extras& extras) {
  const std::int64_t start_ns = std::exchange(detail_ns_, sample.detail_ns);
  const double seconds = static_cast<double>(detail_ns_ - start_ns) * 1e-9;
  const DetailCounters before = std::exchange(detail_, detail_counters(sample, extras));
  const IoDeltas io = devices_.update(sample, seconds);
  if (start_ns == 0) {
    details_.reserve(moved(detail_));
    return;
  }
  std::array<float, kDetailChannels> deltas;
  for (std::size_t i = 0; i < kDetailCounters; ++i)
    deltas[i] = static_cast<float>(increase(before[i], detail_[i]));
  deltas[kReadBytes] = static_cast<float>(io.read_bytes);
  deltas[kWrittenBytes] = static_cast<float>(io.written_bytes);
  deltas[kReads] = static_cast<float>(io.reads);
  deltas[kWrites] = static_cast<float>(io.writes);
  deltas[kIoLimit] = static_cast<float>(io.limit_ratio * seconds);
  details_.add(start_ns, detail_ns_, deltas, {});
}

void History::write_peaks(std::int64_t now_ns, ContainerValues& values) const {
  double cpu = kAbsent;
  double throttled = kAbsent;
  double memory = kAbsent;
  double cpu_waiting = kAbsent;
  double memory_waiting = kAbsent;
  double io_waiting = kAbsent;
  seconds_.for_each(now_ns, kPeakWindowNs, [&](const auto& slot) {
    const float seconds = slot.seconds();
    const float used = slot.delta(kUsed);
    raise(cpu, used / seconds);
    raise(throttled, share_of(slot.delta(kThrottled), slot.delta(kThrottled) + used));
    raise(memory, slot.gauge(0));
    raise(cpu_waiting, at_most_one(slot.delta(kCpuSome) / seconds));
    raise(memory_waiting, at_most_one(slot.delta(kMemorySome) / seconds));
    raise(io_waiting, at_most_one(slot.delta(kIoSome) / seconds));
  });
  values.set(Field::cpu_usage_peak, cpu);
  values.set(Field::cpu_throttled_peak, throttled);
  values.set(Field::memory_usage_peak, memory);
  values.set(Field::pressure_cpu_peak, cpu_waiting);
  values.set(Field::pressure_memory_peak, memory_waiting);
  values.set(Field::pressure_io_peak, io_waiting);
}

void History::fill_window(const PulseSums& pulse, const DetailSums& detail, WindowEvidence& window) {
  window.seconds = pulse.covered;
  window.detail_seconds = detail.covered;
  window.cpu_cores = pulse.rate(kUsed);
  window.quota_periods = pulse.rate(kPeriods);
  window.throttled_periods = share_of(pulse.count(kThrottledPeriods), pulse.count(kPeriods));
  window.throttled_share = share_of(pulse.count(kThrottled), pulse.count(kThrottled) + pulse.count(kUsed));
  window.cpu_some = at_most_one(pulse.rate(kCpuSome));
  window.memory_some = at_most_one(pulse.rate(kMemorySome));
  window.memory_full = at_most_one(pulse.rate(kMemoryFull));
  window.io_some = at_most_one(pulse.rate(kIoSome));
  window.io_full = at_most_one(pulse.rate(kIoFull));
  window.near_limit = pulse.rate(kNearLimit);
  window.blocked = pulse.rate(kBlocked);
  window.limit_hits = detail.rate(kLimitHits);
  window.refault_bytes = detail.rate(kRefaults) * static_cast<float>(page_bytes());
  window.activated_share = share_of(detail.count(kActivations), detail.count(kRefaults));
  window.swap_in_bytes = detail.rate(kSwapIn);
  window.segments = detail.count(kSegments);
  window.retransmits = detail.count(kRetransmits);
  window.listen_overflows = detail.rate(kListenOverflows);
  window.pids_refused = detail.count(kPidsRefused);
  window.run_delay = detail.rate(kRunDelay);
  window.packets = detail.count(kPackets);
  window.drops = detail.count(kDrops);
  window.memory_delay = detail.rate(kMemoryDelay);
  window.io_delay = detail.rate(kIoDelay);
  window.read_bytes = detail.rate(kReadBytes);
  window.written_bytes = detail.rate(kWrittenBytes);
  window.reads = detail.rate(kReads);
  window.writes = detail.rate(kWrites);
  window.io_limit = detail.rate(kIoLimit);
}

void History::fill_peaks(Evidence& evidence) const {
  double cpu = kAbsent;
  double memory = kAbsent;
  seconds_.for_each(pulse_ns_, kPeakWindowNs, [&](const auto& slot) {
    raise(cpu, slot.delta(kUsed) / slot.seconds());
    raise(memory, slot.gauge(0));
  });
  evidence.score.cpu_peak = static_cast<float>(cpu);
  evidence.memory_peak_60s = memory;
}

void History::fill(const Sample& sample, const Extras& extras, std::int64_t now_ns,
                   Evidence& evidence) const {
  struct Window {
    std::int64_t seconds;
    WindowEvidence& evidence;
  };
  for (const Window& window :
       {Window{10, evidence.fast}, Window{60, evidence.score}, Window{300, evidence.slow}}) {
    PulseSums pulse;
    DetailSums detail;
    const std::int64_t length_ns = window.seconds * kSecondNs;
    if (window.seconds <= 60) {
      seconds_.sum(pulse_ns_, length_ns, pulse);
    } else {
      tens_.sum(pulse_ns_, length_ns, pulse);
    }
    details_.sum(detail_ns_, length_ns, detail);
    fill_window(pulse, detail, window.evidence);
  }
  fill_peaks(evidence);
  devices_.fill(evidence);
  evidence.now_ns = now_ns;
  evidence.has_cgroup = true;
  evidence.data_seconds = static_cast<double>(pulse_ns_ - first_ns_) * 1e-9;
  evidence.age_seconds = static_cast<double>(now_ns - pulse_ns_) * 1e-9;
  const ContainerValues& values = sample.values;
  evidence.cpu_limit = values.get(Field::cpu_limit);
  evidence.cpu_effective_limit = values.get(Field::cpu_effective_limit);
  evidence.cpuset_cpus = values.get(Field::cpuset_cpus);
  evidence.cpu_weight = values.get(Field::cpu_weight);
  evidence.busiest_thread = extras.busiest_thread;
  evidence.memory_usage = values.get(Field::memory_usage);
  evidence.memory_unreclaimable = values.get(Field::memory_unreclaimable);
  evidence.memory_active_file = values.get(Field::memory_active_file);
  evidence.memory_swap = values.get(Field::memory_swap);
  evidence.memory_limit = values.get(Field::memory_limit);
  evidence.memory_effective_limit = values.get(Field::memory_effective_limit);
  evidence.memory_swap_limit = values.get(Field::memory_swap_limit);
  evidence.pids = values.get(Field::pids);
  evidence.pids_limit = values.get(Field::pids_limit);
  evidence.threads = values.get(Field::threads);
  evidence.open_files = values.get(Field::open_files);
  evidence.open_files_limit = values.get(Field::open_files_limit);
}

}  // namespace bottleneck
