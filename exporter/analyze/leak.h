// The leak rule: memory, open files or threads that only grow.
//
// On block minima (the floor that garbage collection leaves) over two window lengths: Kendall's tau, growth,
// and a part of the growth in every quarter, in two windows after each other. A plain trend test fires on a
// third of healthy containers.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "exporter/base/codec.h"
#include "exporter/config/judgement.h"
#include "exporter/model/judgement.h"

namespace bottleneck {

/// Blocks of a window: 30 to 40 give tau its power and keep a block long enough for a floor.
inline constexpr std::size_t kLeakBlocks = 36;

/// What the rule says of one whole window.
struct LeakWindowResult {
  bool holds = false;
  float first = 0;  ///< floor at its beginning
  float last = 0;   ///< floor at its end
  float tau = 0;
  float growth = 0;         ///< last over first, less 1
  float least_quarter = 0;  ///< smallest quarter's share of the growth
  float slope = 0;          ///< a block
  float slope_low = 0;
  float slope_high = 0;
};
/// `least_growth`: absolute growth below which nothing is a leak.
LeakWindowResult judge_leak_window(std::span<const float> minima, const JudgementParameters& parameters,
                                   float least_growth);

class LeakDetector {
 public:
  /// `least_growth`: bytes or counts over a window.
  explicit LeakDetector(float least_growth = 0) : least_growth_(least_growth) {}

  /// Takes the value of a tick. `age_seconds`: of the container; the first leak_warmup_seconds are ignored.
  /// `limit` may be absent. A NaN value is a gap.
  void add(double value, double dt, double age_seconds, double limit, const JudgementParameters& parameters);
  /// The container is another one: all begins anew.
  void restart();
  [[nodiscard]] const LeakReading& reading() const { return reading_; }

  void write(StateWriter& writer) const;
  void read(StateReader& reader);

 private:
  struct Window {
    std::array<float, kLeakBlocks> minima{};
    std::uint8_t count = 0;   ///< whole blocks
    std::uint8_t in_row = 0;  ///< windows after each other for which the rule held
    bool suspected = false;
    bool whole = false;  ///< a window was judged
    float block_least = kNoRate;
    float block_seconds = 0;
    float missing_seconds = 0;
    LeakWindowResult last;
    void begin_anew();
  };
  void add_to(Window& window, double length, float value, float dt, const JudgementParameters& parameters);
  void close(Window& window, const JudgementParameters& parameters) const;
  void conclude(double value, double limit, const JudgementParameters& parameters);

  float least_growth_;
  std::array<Window, 2> windows_;  ///< short, long
  LeakReading reading_;
};

}  // namespace bottleneck
