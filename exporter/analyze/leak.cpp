#include "exporter/analyze/leak.h"

#include <algorithm>

#include "exporter/analyze/stats.h"

namespace bottleneck {
namespace {

// A gap longer than this share of a block makes its floor a guess.
constexpr float kMostMissing = 0.5F;

/// Median of the block and its neighbours: one odd minimum must not decide a quarter.
float smooth(std::span<const float> minima, std::size_t at) {
  std::array<float, 3> around{};
  std::size_t count = 0;
  for (std::size_t i = at == 0 ? 0 : at - 1; i <= at + 1 && i < minima.size(); ++i)
    around[count++] = minima[i];
  return median({around.data(), count});
}

}  // namespace

LeakWindowResult judge_leak_window(std::span<const float> minima, const JudgementParameters& parameters,
                                   float least_growth) {
  LeakWindowResult result;
  if (minima.size() < 8) return result;
  result.tau = kendall_tau(minima);
  const float first = result.first = smooth(minima, 0);
  const float grown = (result.last = smooth(minima, minima.size() - 1)) - first;
  result.growth = first > 0 ? grown / first : 0;
  result.least_quarter = 1;
  float begin = first;
  for (std::size_t quarter = 1; quarter <= 4; ++quarter) {
    const float end = smooth(minima, (minima.size() - 1) * quarter / 4);
    const float part = grown > 0 ? (end - begin) / grown : 0;
    result.least_quarter = std::min(result.least_quarter, part);
    begin = end;
  }
  const Slopes slopes = theil_sen(minima);
  result.slope = slopes.median;
  result.slope_low = slopes.low;
  result.slope_high = slopes.high;
  result.holds = static_cast<double>(result.tau) >= parameters.leak_tau &&
                 static_cast<double>(result.growth) >= parameters.leak_growth && grown >= least_growth &&
                 static_cast<double>(result.least_quarter) >= parameters.leak_quarter && result.slope > 0;
  return result;
}

void LeakDetector::Window::begin_anew() {
  count = 0;
  block_least = kNoRate;
  block_seconds = missing_seconds = 0;
}

void LeakDetector::restart() {
  windows_ = {};
  reading_ = {};
}

void LeakDetector::add(double value, double dt, double age_seconds, double limit,
                       const JudgementParameters& parameters) {
  if (!(age_seconds >= parameters.leak_warmup_seconds)) {
    if (windows_[0].count > 0 || windows_[0].whole) restart();  // younger than before: another container
    return;
  }
  add_to(windows_[0], parameters.leak_window_seconds, static_cast<float>(value), static_cast<float>(dt),
         parameters);
  add_to(windows_[1], parameters.leak_long_window_seconds, static_cast<float>(value), static_cast<float>(dt),
         parameters);
  conclude(value, limit, parameters);
}

void LeakDetector::add_to(Window& window, double length, float value, float dt,
                          const JudgementParameters& parameters) {
  const float block = static_cast<float>(length / kLeakBlocks);
  if (dt > block) {  // a gap of whole blocks
    window.begin_anew();
    window.in_row = 0;
    return;
  }
  window.block_seconds += dt;
  if (!is_present(value)) {
    window.missing_seconds += dt;
  } else {
    if (!(window.block_least <= value)) window.block_least = value;
    const float before = window.count > 0 ? window.minima[window.count - 1U] : kNoRate;
    if (value < (1 - static_cast<float>(parameters.leak_drop)) * before) {
      // It can let go: a restart inside, a cache that was dropped. Nothing is suspected of it any more.
      window.begin_anew();
      window.in_row = 0;
      window.suspected = false;
      return;
    }
  }
  if (window.block_seconds < block) return;
  // What a block ran over belongs to the next: a window is as long as it says, whatever the ticks are.
  const float over = window.block_seconds - block;
  const bool known = is_present(window.block_least) && window.missing_seconds <= kMostMissing * block;
  if (known) {
    window.minima[window.count++] = window.block_least;
  } else {
    window.begin_anew();
    window.in_row = 0;
  }
  window.block_least = kNoRate;
  window.block_seconds = over;
  window.missing_seconds = 0;
  if (window.count == kLeakBlocks) close(window, parameters);
}

void LeakDetector::close(Window& window, const JudgementParameters& parameters) const {
  const LeakWindowResult before = window.last;
  window.last = judge_leak_window(window.minima, parameters, least_growth_);
  // A leak does not slow down; what fills up does. And it keeps what it grew by: a sawtooth that falls
  // between two windows does not. Either way the count begins anew.
  const bool kept = window.last.first >= before.first + (before.last - before.first) / 2;
  const bool steady = kept && window.last.slope >= static_cast<float>(parameters.leak_steady) * before.slope;
  if (!window.last.holds) {
    window.in_row = 0;
  } else {
    window.in_row = window.in_row == 0 || !steady ? std::uint8_t{1} : std::uint8_t{2};
  }
  if (window.in_row >= 2) window.suspected = true;
  if (static_cast<double>(window.last.tau) < parameters.leak_leave_tau) window.suspected = false;
  window.begin_anew();
  window.whole = true;
}

void LeakDetector::conclude(double value, double limit, const JudgementParameters& parameters) {
  const double lengths[2] = {parameters.leak_window_seconds, parameters.leak_long_window_seconds};
  const double limit_seconds = reading_.limit_seconds;
  reading_ = {};
  if (!windows_[0].whole && !windows_[1].whole) return;
  // The longer one is the steadier; it speaks when it suspects, else the shorter.
  const std::size_t speaker = windows_[1].suspected ? 1 : 0;
  const Window& window = windows_[speaker];
  const double block = lengths[speaker] / static_cast<double>(kLeakBlocks);
  reading_.state = window.suspected ? LeakState::kSuspected : LeakState::kNone;
  reading_.tau = window.last.tau;
  reading_.growth = window.last.growth;
  reading_.window_seconds = static_cast<float>(lengths[speaker]);
  reading_.slope = static_cast<double>(window.last.slope) / block;
  reading_.slope_low = static_cast<double>(window.last.slope_low) / block;
  reading_.slope_high = static_cast<double>(window.last.slope_high) / block;
  if (!window.suspected || !(reading_.slope > 0) || !is_present(limit)) return;
  // A read that failed says nothing of the time left: what was known of it stays.
  reading_.limit_seconds =
      is_present(value) ? std::max(0.0, (limit - value) / reading_.slope) : limit_seconds;
  if (reading_.limit_seconds < parameters.leak_horizon_hours * 3600) reading_.state = LeakState::kConfirmed;
}

void LeakDetector::write(StateWriter& writer) const {
  for (const Window& window : windows_) {
    writer.put(window.count);
    for (std::size_t i = 0; i < window.count; ++i) writer.put(window.minima[i]);
    writer.put(window.in_row);
    writer.put(static_cast<std::uint8_t>((window.suspected ? 1U : 0U) | (window.whole ? 2U : 0U)));
    for (const float value : {window.last.tau, window.last.growth, window.last.slope, window.last.slope_low,
                              window.last.slope_high, window.last.first, window.last.last}) {
      writer.put(value);
    }
  }
}

void LeakDetector::read(StateReader& reader) {
  for (Window& window : windows_) {
    window.count = reader.get<std::uint8_t>();
    if (window.count >= kLeakBlocks) return reader.fail();
    for (std::size_t i = 0; i < window.count; ++i) window.minima[i] = reader.get<float>();
    window.in_row = reader.get<std::uint8_t>();
    const auto flags = reader.get<std::uint8_t>();
    window.suspected = (flags & 1U) != 0;
    window.whole = (flags & 2U) != 0;
    for (float* value : {&window.last.tau, &window.last.growth, &window.last.slope, &window.last.slope_low,
                         &window.last.slope_high, &window.last.first, &window.last.last}) {
      *value = reader.get<float>();
    }
  }
}

}  // namespace bottleneck
