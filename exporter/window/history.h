// The recent past of one container. The only place that subtracts counters: intervals are measured, a counter
// that went backwards gives no value for that interval.
#pragma once

#include <array>
#include <cstdint>

#include "exporter/model/snapshot.h"

namespace bottleneck {

/// Rates over one pulse interval. Absent (NaN) where an input was missing or went backwards.
struct PulseRates {
  float cpu_cores = static_cast<float>(kAbsent);  ///< CPU time a second
  float throttled_share =
      static_cast<float>(kAbsent);                   ///< throttled / (throttled + used), 0 when neither moved
  float memory_bytes = static_cast<float>(kAbsent);  ///< usage at the end of the interval
  float cpu_waiting = static_cast<float>(kAbsent);   ///< PSI some, share of the interval
  float memory_waiting = static_cast<float>(kAbsent);
  float io_waiting = static_cast<float>(kAbsent);
};

class History {
 public:
  /// Takes the pulse numbers of `sample` when they are newer than the last ones taken.
  void add(const Sample& sample);
  /// Writes the `..._peak_...` rows: the largest rate of the last 60 s; absent until there is one.
  void write_peaks(std::int64_t now_ns, ContainerValues& values) const;

 private:
  static constexpr std::size_t kSlots = 60;
  struct Counters {
    std::int64_t time_ns = 0;
    double cpu_usage = kAbsent;
    double throttled = kAbsent;
    double cpu_some = kAbsent;
    double memory_some = kAbsent;
    double io_some = kAbsent;
  };
  static Counters counters_of(const Sample& sample);

  std::array<PulseRates, kSlots> slots_{};
  std::array<std::int64_t, kSlots> slot_time_ns_{};  ///< end of the interval; 0: empty
  std::size_t next_ = 0;
  Counters last_;
};

}  // namespace bottleneck
