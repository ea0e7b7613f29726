// Increases over the last N slots of time. A slot holds the sums of the readings that ended in it, so that a
// pulse of 100 ms and one of 10 s fill the same ring.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "exporter/model/evidence.h"

namespace bottleneck {

template <std::size_t kChannels>
struct RingSums {
  std::array<float, kChannels> amount{};   ///< increase within the window
  std::array<float, kChannels> seconds{};  ///< of the window in which it was measured
  float covered = 0;                       ///< seconds with any reading

  /// Increase a second; absent when it was never measured.
  [[nodiscard]] float rate(std::size_t channel) const {
    return seconds[channel] > 0 ? amount[channel] / seconds[channel] : kNoRate;
  }
  /// Increase; absent when it was never measured.
  [[nodiscard]] float count(std::size_t channel) const {
    return seconds[channel] > 0 ? amount[channel] : kNoRate;
  }
  [[nodiscard]] bool has(std::size_t channel) const { return seconds[channel] > 0; }
};

template <std::size_t kChannels, std::size_t kGauges, std::size_t kSlots, std::int64_t kSlotNs>
class DeltaRing {
 public:
  using Deltas = std::array<float, kChannels>;
  using Gauges = std::array<float, kGauges>;

  /// Adds the increases between two readings, and the values at its end; of values in one slot the largest is
  /// kept. A NaN was not measured.
  void add(std::int64_t start_ns, std::int64_t end_ns, const Deltas& deltas, const Gauges& gauges) {
    const std::int64_t index = end_ns / kSlotNs;
    Slot& slot = slots_[static_cast<std::size_t>(index % static_cast<std::int64_t>(kSlots))];
    const float seconds = static_cast<float>(static_cast<double>(end_ns - start_ns) * 1e-9);
    if (slot.end_ns == 0 || slot.end_ns / kSlotNs != index) {
      slot = {end_ns, seconds, deltas, gauges};
      return;
    }
    for (std::size_t i = 0; i < kChannels; ++i) {
      float& sum = slot.deltas[i];
      if (is_present(sum) && is_present(deltas[i])) {
        sum += deltas[i];
      } else if (is_present(sum)) {
        sum *= (slot.seconds + seconds) / slot.seconds;  // at the same rate
      } else if (is_present(deltas[i])) {
        sum = deltas[i] * (slot.seconds + seconds) / seconds;
      }
    }
    for (std::size_t i = 0; i < kGauges; ++i) {
      if (!(slot.gauges[i] >= gauges[i])) slot.gauges[i] = gauges[i];
    }
    slot.end_ns = end_ns;
    slot.seconds += seconds;
  }

  /// Adds what lies in (end_ns - window_ns, end_ns] to `sums`; a reading that began before counts by its
  /// part.
  void sum(std::int64_t end_ns, std::int64_t window_ns, RingSums<kChannels>& sums) const {
    const std::int64_t begin_ns = end_ns - window_ns;
    for (const Slot& slot : slots_) {
      if (slot.end_ns <= begin_ns || slot.end_ns > end_ns || slot.end_ns == 0) continue;
      const float inside = static_cast<float>(static_cast<double>(slot.end_ns - begin_ns) * 1e-9);
      const float weight = inside >= slot.seconds ? 1.0F : inside / slot.seconds;
      const float seconds = slot.seconds * weight;
      sums.covered += seconds;
      for (std::size_t i = 0; i < kChannels; ++i) {
        const bool present = is_present(slot.deltas[i]);
        sums.amount[i] += present ? slot.deltas[i] * weight : 0.0F;
        sums.seconds[i] += present ? seconds : 0.0F;
      }
    }
  }

  /// Calls visit(deltas, gauges, seconds) for each slot that ended in (end_ns - window_ns, end_ns].
  template <class Visit>
  void for_each(std::int64_t end_ns, std::int64_t window_ns, Visit&& visit) const {
    for (const Slot& slot : slots_) {
      if (slot.end_ns == 0 || slot.end_ns <= end_ns - window_ns || slot.end_ns > end_ns) continue;
      visit(slot.deltas, slot.gauges, slot.seconds);
    }
  }

  void clear() { slots_.fill(Slot{}); }

 private:
  struct Slot {
    std::int64_t end_ns = 0;  ///< 0: empty
    float seconds = 0;
    Deltas deltas{};
    Gauges gauges{};
  };
  std::array<Slot, kSlots> slots_{};
};

}  // namespace bottleneck
