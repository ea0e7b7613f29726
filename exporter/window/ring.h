// Increases over the last N slots of time. A slot holds the sums of the readings that ended in it, so that a
// pulse of 100 ms and one of 10 s fill the same ring.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

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

/// The numbers of kColumns columns in kSlots slots. Most columns of most containers never move (no
/// throttling, no swap, no I/O limit): while all slots of a column hold the same number, one is kept; the
/// first other one takes memory for all slots.
template <std::size_t kColumns, std::size_t kSlots>
class RingColumns {
 public:
  [[nodiscard]] float at(std::size_t column, std::size_t slot) const {
    return place_[column] == kUniform ? uniform_[column] : moving_[place_[column]][slot];
  }
  /// The number of all slots; null when they differ.
  [[nodiscard]] const float* uniform(std::size_t column) const {
    return place_[column] == kUniform ? &uniform_[column] : nullptr;
  }
  /// `first`: nothing was set since clear().
  void set(std::size_t column, std::size_t slot, float value, bool first) {
    if (place_[column] == kUniform) {
      if (first) uniform_[column] = value;
      if (is_same(uniform_[column], value)) return;
      if (moving_.size() == moving_.capacity()) moving_.reserve(moving_.size() + kSpare);
      place_[column] = static_cast<std::uint8_t>(moving_.size());
      moving_.emplace_back().fill(uniform_[column]);
    }
    moving_[place_[column]][slot] = value;
  }
  /// Takes memory for `moving` columns and some spare ones, so that the first move of another allocates
  /// nothing.
  void reserve(std::size_t moving) { moving_.reserve(std::min(moving + kSpare, kColumns)); }
  void clear() {
    moving_.clear();
    place_.fill(kUniform);
  }

 private:
  static_assert(kColumns < 255);
  static constexpr std::uint8_t kUniform = 255;
  // A quiet container that is held back by all at once moves five pressure counters and one at its limit.
  static constexpr std::size_t kSpare = 6;
  static bool is_same(float one, float other) {
    return one == other || (!is_present(one) && !is_present(other));
  }
  static constexpr std::array<std::uint8_t, kColumns> all_uniform() {
    std::array<std::uint8_t, kColumns> all{};
    all.fill(kUniform);
    return all;
  }
  std::vector<std::array<float, kSlots>> moving_;
  std::array<std::uint8_t, kColumns> place_ = all_uniform();  ///< in moving_
  std::array<float, kColumns> uniform_{};
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
    const auto slot = static_cast<std::size_t>(index % static_cast<std::int64_t>(kSlots));
    const float seconds = static_cast<float>(static_cast<double>(end_ns - start_ns) * 1e-9);
    const bool is_new = end_ns_[slot] == 0 || end_ns_[slot] / kSlotNs != index;
    for (std::size_t i = 0; i < kChannels; ++i) {
      const float delta =
          is_new ? deltas[i] : joined(columns_.at(i, slot), seconds_[slot], deltas[i], seconds);
      columns_.set(i, slot, delta, is_empty_);
    }
    for (std::size_t i = 0; i < kGauges; ++i) {
      if (is_new || !(columns_.at(kChannels + i, slot) >= gauges[i]))
        columns_.set(kChannels + i, slot, gauges[i], is_empty_);
    }
    is_empty_ = false;
    end_ns_[slot] = end_ns;
    seconds_[slot] = is_new ? seconds : seconds_[slot] + seconds;
  }

  /// Adds what lies in (end_ns - window_ns, end_ns] to `sums`; a reading that began before counts by its
  /// part.
  void sum(std::int64_t end_ns, std::int64_t window_ns, RingSums<kChannels>& sums) const {
    struct Part {
      std::size_t slot;
      float weight;
      float seconds;
    };
    std::array<Part, kSlots> parts;
    std::size_t count = 0;
    const std::int64_t begin_ns = end_ns - window_ns;
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      if (!is_within(slot, begin_ns, end_ns)) continue;
      const float inside = static_cast<float>(static_cast<double>(end_ns_[slot] - begin_ns) * 1e-9);
      const float weight = inside >= seconds_[slot] ? 1.0F : inside / seconds_[slot];
      parts[count++] = {slot, weight, seconds_[slot] * weight};
      sums.covered += seconds_[slot] * weight;
    }
    for (std::size_t i = 0; i < kChannels; ++i) {
      const float* const uniform = columns_.uniform(i);
      if (uniform != nullptr && !is_present(*uniform)) continue;
      for (std::size_t part = 0; part < count; ++part) {
        const float delta = uniform != nullptr ? *uniform : columns_.at(i, parts[part].slot);
        const bool present = is_present(delta);
        sums.amount[i] += present ? delta * parts[part].weight : 0.0F;
        sums.seconds[i] += present ? parts[part].seconds : 0.0F;
      }
    }
  }

  /// One slot, as for_each() shows it.
  class View {
   public:
    View(const DeltaRing& ring, std::size_t slot) : ring_(ring), slot_(slot) {}
    [[nodiscard]] float delta(std::size_t channel) const { return ring_.columns_.at(channel, slot_); }
    [[nodiscard]] float gauge(std::size_t gauge) const { return ring_.columns_.at(kChannels + gauge, slot_); }
    [[nodiscard]] float seconds() const { return ring_.seconds_[slot_]; }

   private:
    const DeltaRing& ring_;
    std::size_t slot_;
  };
  /// Calls visit(view) for each slot that ended in (end_ns - window_ns, end_ns].
  template <class Visit>
  void for_each(std::int64_t end_ns, std::int64_t window_ns, Visit&& visit) const {
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      if (is_within(slot, end_ns - window_ns, end_ns)) visit(View(*this, slot));
    }
  }

  /// Takes memory for that many channels and gauges that move; others take theirs when they do.
  void reserve(std::size_t moving) { columns_.reserve(moving); }
  void clear() {
    end_ns_.fill(0);
    columns_.clear();
    is_empty_ = true;
  }

 private:
  [[nodiscard]] bool is_within(std::size_t slot, std::int64_t begin_ns, std::int64_t end_ns) const {
    return end_ns_[slot] > begin_ns && end_ns_[slot] <= end_ns && end_ns_[slot] != 0;
  }
  /// Two increases after each other; one that was not measured went on at the rate of the other.
  static float joined(float one, float one_seconds, float other, float other_seconds) {
    if (is_present(one) && is_present(other)) return one + other;
    if (is_present(one)) return one * ((one_seconds + other_seconds) / one_seconds);
    if (is_present(other)) return other * (one_seconds + other_seconds) / other_seconds;
    return kNoRate;
  }

  std::array<std::int64_t, kSlots> end_ns_{};  ///< 0: empty
  std::array<float, kSlots> seconds_{};
  RingColumns<kChannels + kGauges, kSlots> columns_;
  bool is_empty_ = true;
};

}  // namespace bottleneck
