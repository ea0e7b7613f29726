// How sure a judgement is: quality of the evidence, persistence over the last minute, lead over the next
// cause; and how many independent kinds of evidence agree.
#pragma once

#include <array>
#include <cstdint>

#include "exporter/analyze/category.h"

namespace bottleneck {

/// The 10 s scores of the last 60 s, by time.
class FastScores {
 public:
  void add(std::int64_t now_ns, double dt, const std::array<float, kResourceCount>& scores);
  void clear() { slots_.fill({}); }
  /// Share of the last 60 s whose 10 s score was at least `least`.
  [[nodiscard]] float share_at_least(Resource resource, float least, std::int64_t now_ns) const;
  /// Share of the last 60 s that has any score.
  [[nodiscard]] float covered(std::int64_t now_ns) const;

 private:
  static constexpr std::uint8_t kMissing = 255;
  struct Slot {
    std::int32_t second = -1;
    float seconds = 0;
    std::array<std::uint8_t, kResourceCount> scores{};  ///< 0..250 is 0..1
  };
  std::array<Slot, 60> slots_{};
};

/// Band of each resource, with hysteresis: entered when 60 s and 10 s agree and it is not falling fast, left
/// when it has been below its threshold less a margin for long.
class BandKeeper {
 public:
  Band update(float score, float fast, double dt, const JudgementParameters& parameters);

 private:
  Band band_ = Band::kNone;
  float below_seconds_ = 0;
};

/// The band of a score alone.
Band band_of(float score, const JudgementParameters& parameters);

/// Q x P x (0.5 + 0.5 min(1, lead / margin)).
float category_confidence(float quality, float persistence, float lead,
                          const JudgementParameters& parameters);

/// Independent kinds of evidence that agree on a resource being short.
std::array<std::uint8_t, kResourceCount> corroborating_sources(const SignalContext& context,
                                                               const Signals& signals);

}  // namespace bottleneck
