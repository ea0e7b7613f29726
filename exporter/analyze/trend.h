// Unreclaimable memory over the last eleven minutes in steps of 10 s: how unusual it is now, and where it
// goes.
#pragma once

#include <array>
#include <cstdint>

#include "exporter/config/judgement.h"
#include "exporter/model/evidence.h"

namespace bottleneck {

class MemoryTrend {
 public:
  /// Takes the value of a tick. A NaN adds nothing.
  void add(double value, std::int64_t now_ns, const JudgementParameters& parameters);
  void restart() { *this = {}; }

  /// Robust z of `value` against the 10 min before the last one: (value - median) / (1.4826 MAD), with a MAD
  /// of at least 1 % of the median and 1 MiB. NaN with less than 2 min of them.
  [[nodiscard]] float robust_z(double value) const;
  /// value / that median - 1.
  [[nodiscard]] float growth(double value) const;
  /// Bytes a second while it grows steadily over growth_seconds; NaN else.
  [[nodiscard]] double slope() const { return slope_; }

 private:
  static constexpr std::size_t kBins = 66;
  static constexpr std::int64_t kBinNs = 10'000'000'000;
  void close_bin(const JudgementParameters& parameters);
  void update_baseline();
  void update_slope(const JudgementParameters& parameters);

  std::array<float, kBins> bins_{};  ///< least value of 10 s each, oldest overwritten
  std::uint32_t count_ = 0;
  std::int64_t bin_ = -1;
  float least_ = kNoRate;  ///< of the open bin
  float median_ = kNoRate;
  float deviation_ = kNoRate;
  double slope_ = kAbsent;
};

}  // namespace bottleneck
