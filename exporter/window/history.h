// The recent past of one container. The only place that subtracts counters: intervals are measured, a counter
// that went backwards gives no value for that interval, and after a gap longer than the rings all begins
// anew.
#pragma once

#include <array>
#include <cstdint>

#include "exporter/base/clock.h"
#include "exporter/model/evidence.h"
#include "exporter/model/snapshot.h"
#include "exporter/window/device_rates.h"
#include "exporter/window/ring.h"

namespace bottleneck {

class History {
 public:
  /// Takes the numbers of `sample` that are newer than the last ones taken: those of the pulse, of the
  /// detail, or both.
  void add(const Sample& sample, const Extras& extras = {});
  /// Writes the `..._peak_...` rows: the largest rate of the last 60 s; absent until there is one.
  void write_peaks(std::int64_t now_ns, ContainerValues& values) const;
  /// Writes windows, gauges and devices: everything but host, life and kept distributions. `sample` is the
  /// last one added.
  void fill(const Sample& sample, const Extras& extras, std::int64_t now_ns, Evidence& evidence) const;

 private:
  enum PulseChannel : std::size_t {
    kUsed,
    kPeriods,
    kThrottledPeriods,
    kThrottled,
    kCpuSome,
    kMemorySome,
    kMemoryFull,
    kIoSome,
    kIoFull,
    kPulseCounters,
    kNearLimit = kPulseCounters,  ///< seconds with usage at the limit
    kBlocked,                     ///< seconds with a task in D state
    kPulseChannels
  };
  enum DetailChannel : std::size_t {
    kLimitHits,
    kRefaults,
    kActivations,
    kSwapIn,
    kSegments,
    kRetransmits,
    kListenOverflows,
    kPidsRefused,
    kRunDelay,
    kPackets,
    kDrops,
    kMemoryDelay,
    kIoDelay,
    kDetailCounters,
    kReadBytes = kDetailCounters,
    kWrittenBytes,
    kReads,
    kWrites,
    kIoLimit,  ///< ratio times seconds
    kDetailChannels
  };
  using PulseCounters = std::array<double, kPulseCounters>;
  using DetailCounters = std::array<double, kDetailCounters>;
  using PulseSums = RingSums<kPulseChannels>;
  using DetailSums = RingSums<kDetailChannels>;

  static PulseCounters pulse_counters(const ContainerValues& values);
  static DetailCounters detail_counters(const Sample& sample, const Extras& extras);
  void add_pulse(const Sample& sample, const Extras& extras);
  void add_detail(const Sample& sample, const Extras& extras);
  void restart(const Sample& sample);
  static void fill_window(const PulseSums& pulse, const DetailSums& detail, WindowEvidence& window);
  void fill_peaks(Evidence& evidence) const;

  DeltaRing<kPulseChannels, 1, 60, kSecondNs> seconds_;  ///< gauge: memory usage
  DeltaRing<kPulseChannels, 0, 30, 10 * kSecondNs> tens_;
  DeltaRing<kDetailChannels, 0, 30, 10 * kSecondNs> details_;
  PulseCounters pulse_{};
  DetailCounters detail_{};
  DeviceRates devices_;
  std::int64_t pulse_ns_ = 0;   ///< of the last pulse taken; 0: none
  std::int64_t detail_ns_ = 0;  ///< of the last detail taken
  std::int64_t first_ns_ = 0;   ///< of the first pulse since the start or a gap
};

}  // namespace bottleneck
