#include "exporter/analyze/confidence.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "exporter/base/clock.h"

namespace bottleneck {
namespace {

constexpr float kSteps = 250;
constexpr double kWindowSeconds = 60;

}  // namespace

void FastScores::add(std::int64_t now_ns, double dt, const std::array<float, kResourceCount>& scores) {
  const auto second = static_cast<std::int32_t>(now_ns / kSecondNs);
  Slot& slot = slots_[static_cast<std::size_t>(second % 60)];
  if (slot.second != second) slot = {second, 0, {}};
  slot.seconds += static_cast<float>(dt);
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    // Rounded up: a score at the bound is not to fall below it.
    slot.scores[i] =
        is_present(scores[i]) ? static_cast<std::uint8_t>(std::ceil(scores[i] * kSteps)) : kMissing;
  }
}

float FastScores::share_at_least(Resource resource, float least, std::int64_t now_ns) const {
  const std::int64_t now = now_ns / kSecondNs;
  const auto bound = static_cast<int>(least * kSteps);
  float seconds = 0;
  for (const Slot& slot : slots_) {
    if (slot.second < 0 || slot.second <= now - 60 || slot.second > now) continue;
    const std::uint8_t score = slot.scores[static_cast<std::size_t>(resource)];
    if (score != kMissing && score >= bound) seconds += slot.seconds;
  }
  return std::min(1.0F, seconds / static_cast<float>(kWindowSeconds));
}

float FastScores::covered(std::int64_t now_ns) const {
  const std::int64_t now = now_ns / kSecondNs;
  float seconds = 0;
  for (const Slot& slot : slots_) {
    if (slot.second < 0 || slot.second <= now - 60 || slot.second > now) continue;
    const bool any = std::any_of(slot.scores.begin(), slot.scores.end(),
                                 [](std::uint8_t score) { return score != kMissing; });
    if (any) seconds += slot.seconds;
  }
  return std::min(1.0F, seconds / static_cast<float>(kWindowSeconds));
}

Band band_of(float score, const JudgementParameters& parameters) {
  const auto reaches = [&](double threshold) { return score >= static_cast<float>(threshold); };
  if (reaches(parameters.band_critical)) return Band::kCritical;
  if (reaches(parameters.band_high)) return Band::kHigh;
  if (reaches(parameters.band_medium)) return Band::kMedium;
  return reaches(parameters.band_low) ? Band::kLow : Band::kNone;
}

Band BandKeeper::update(float score, float fast, double dt, const JudgementParameters& parameters) {
  const bool falling = static_cast<double>(fast) < parameters.band_falling * static_cast<double>(score);
  const Band entered =
      falling ? Band::kNone : std::min(band_of(score, parameters), band_of(fast, parameters));
  if (entered > band_) {
    band_ = entered;
    below_seconds_ = 0;
    return band_;
  }
  const Band kept = band_of(score + static_cast<float>(parameters.band_leave_margin), parameters);
  below_seconds_ = kept < band_ ? below_seconds_ + static_cast<float>(dt) : 0;
  if (static_cast<double>(below_seconds_) >= parameters.band_leave_seconds && kept < band_) {
    band_ = is_present(score) ? kept : Band::kNone;
    below_seconds_ = 0;
  }
  return band_;
}

float category_confidence(float quality, float persistence, float lead,
                          const JudgementParameters& parameters) {
  const float part = std::clamp(lead / static_cast<float>(parameters.confidence_margin), 0.0F, 1.0F);
  return quality * persistence * (0.5F + 0.5F * part);
}

std::array<std::uint8_t, kResourceCount> corroborating_sources(const SignalContext& context,
                                                               const Signals& signals) {
  const JudgementParameters& p = context.parameters;
  const WindowEvidence& window = context.evidence.score;
  const auto low = static_cast<float>(p.band_low);
  std::array<std::uint32_t, kResourceCount> kinds{};
  const auto agree = [&](Resource resource, EvidenceKind kind, bool holds) {
    if (holds) kinds[static_cast<std::size_t>(resource)] |= 1U << static_cast<unsigned>(kind);
  };
  const auto at_least_low = [&](Signal signal) {
    return signals[static_cast<std::size_t>(signal)].value >= low;
  };
  const auto ramp = [](float x, double from, double to) {
    return log_ramp(x, static_cast<float>(from), static_cast<float>(to));
  };
  agree(Resource::kCpu, EvidenceKind::kQuotaCounters, at_least_low(Signal::kCpuQuota));
  agree(Resource::kCpu, EvidenceKind::kPressure,
        ramp(window.cpu_some, p.cpu_starve_low, p.cpu_starve_high) >= low);
  agree(Resource::kCpu, EvidenceKind::kRunDelay,
        ramp(window.run_delay, p.cpu_starve_low, p.cpu_starve_high) >= low);
  const float memory_pressure = std::max(ramp(window.memory_some, p.memory_some_low, p.memory_some_high),
                                         ramp(window.memory_full, p.memory_full_low, p.memory_full_high));
  agree(Resource::kMemory, EvidenceKind::kPressure, memory_pressure >= low);
  agree(Resource::kMemory, EvidenceKind::kDelayAccounting,
        ramp(window.memory_delay, p.memory_some_low, p.memory_some_high) >= low);
  agree(
      Resource::kMemory, EvidenceKind::kRefaults,
      ramp(refaults_of_limit(context.evidence, window), p.memory_refault_low, p.memory_refault_high) >= low);
  agree(Resource::kMemory, EvidenceKind::kKernelEvents,
        at_least_low(Signal::kMemOom) || static_cast<double>(window.limit_hits) >= 1);
  agree(Resource::kMemory, EvidenceKind::kUsage, at_least_low(Signal::kMemSpace));
  agree(Resource::kMemory, EvidenceKind::kTrend, at_least_low(Signal::kMemLeak));
  agree(Resource::kIo, EvidenceKind::kPressure,
        std::max(ramp(window.io_full, p.io_full_low, p.io_full_high),
                 ramp(window.io_some, p.io_some_low, p.io_some_high)) >= low);
  agree(Resource::kIo, EvidenceKind::kDelayAccounting,
        ramp(window.io_delay, p.io_some_low, p.io_some_high) >= low);
  agree(Resource::kIo, EvidenceKind::kBlockedTasks,
        ramp(window.blocked, p.io_some_low, p.io_some_high) >= low);
  agree(Resource::kIo, EvidenceKind::kQuotaCounters, at_least_low(Signal::kIoLimit));
  agree(Resource::kIo, EvidenceKind::kDeviceShare,
        context.device_busy >= static_cast<float>(p.io_device_low) && context.device_share >= 0.3F);
  agree(Resource::kPids, EvidenceKind::kUsage,
        at_least_low(Signal::kPidsTasks) || at_least_low(Signal::kPidsFiles));
  agree(Resource::kPids, EvidenceKind::kKernelEvents, window.pids_refused > 0);
  std::array<std::uint8_t, kResourceCount> counts{};
  for (std::size_t i = 0; i < kResourceCount; ++i)
    counts[i] = static_cast<std::uint8_t>(std::popcount(kinds[i]));
  // Counters of different parts of the network, and health and restarts, are independent of each other.
  const auto count_signals = [&](Resource resource, std::initializer_list<Signal> each) {
    for (const Signal signal : each) {
      std::uint8_t& count = counts[static_cast<std::size_t>(resource)];
      if (at_least_low(signal)) count = static_cast<std::uint8_t>(count + 1);
    }
  };
  count_signals(Resource::kNetwork,
                {Signal::kNetDrops, Signal::kNetRetransmits, Signal::kNetListen, Signal::kNetConntrack});
  count_signals(Resource::kLifecycle, {Signal::kLifeRestarts, Signal::kLifeUnhealthy});
  return counts;
}

}  // namespace bottleneck
