#include "exporter/analyze/sizing.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bottleneck {
namespace {

constexpr double kShownFromHours = 1;
constexpr double kStill = 0.10;

bool raise_is_due(const SizingContext& context) {
  const WindowEvidence& window = context.evidence.score;
  const RecommendationParameters& p = context.parameters.recommendation;
  return static_cast<double>(window.throttled_periods) >= p.cpu_limit_raise_periods &&
         static_cast<double>(window.throttled_share) >= p.cpu_limit_raise_in;
}

/// The longest history without trouble that a smaller size can rest on.
SizeConfidence confidence_of(double hours, double trouble_age, const JudgementParameters& p) {
  const double quiet = is_present(trouble_age) ? std::min(hours, trouble_age / 3600) : hours;
  if (quiet >= p.size_history_high_hours) return SizeConfidence::kHigh;
  if (quiet >= p.size_history_medium_hours) return SizeConfidence::kMedium;
  return quiet >= p.size_history_low_hours ? SizeConfidence::kLow : SizeConfidence::kNone;
}

/// Status of a limit that is not too small now.
SizeStatus status_of(double limit, double recommended, double ratio, double least_saving, double hours,
                     SizeConfidence confidence, const JudgementParameters& p) {
  if (!is_present(limit)) return SizeStatus::kNoLimit;
  if (hours < p.size_history_low_hours || !is_present(recommended)) return SizeStatus::kNotEnoughData;
  if (recommended > limit) return SizeStatus::kRaise;
  if (limit <= ratio * recommended || limit - recommended < least_saving) return SizeStatus::kFits;
  return confidence == SizeConfidence::kNone ? SizeStatus::kBlocked : SizeStatus::kLower;
}

}  // namespace

double round_cores(double cores) {
  if (!is_present(cores)) return cores;
  return std::round(std::max(1.0, std::ceil(cores / 0.05 - 1e-6)) * 5) / 100;
}

double round_memory(double bytes) {
  constexpr double kStep = 16 * kMiB;
  return is_present(bytes) ? std::max(1.0, std::ceil(bytes / kStep - 1e-9)) * kStep : bytes;
}

double most_useful_cores(double limit, const Evidence& evidence, const HostEvidence& host) {
  const double cpus = usable_cpus(evidence, host);
  return is_present(cpus) ? std::max(cpus, limit) : std::numeric_limits<double>::infinity();
}

double raised_memory_limit(double limit, double recommended, const JudgementParameters& p) {
  const double least =
      round_memory(std::max(p.size_memory_raise * limit, limit + p.size_memory_raise_mib * kMiB));
  return recommended > limit ? std::max(recommended, least) : least;
}

bool killed_at_this_limit(const Evidence& evidence, const EventFacts& events,
                          const RecommendationParameters& p) {
  const auto age = static_cast<double>(events.oom_age);
  const bool of_others = events.oom_scope == OomScope::kHost || events.oom_scope == OomScope::kAncestor;
  return age < p.oom_clean_seconds && !of_others &&
         !(evidence.unix_seconds - evidence.life.limits_changed < age);
}

double Sizer::hold(double wanted, double limit, SizeStatus status, double now, double step_seconds,
                   NextStep next, Held& held) {
  if (!is_present(wanted)) return wanted;
  const bool raise = status == SizeStatus::kRaise;
  const bool same_limit = held.limit == limit || (!is_present(held.limit) && !is_present(limit));
  const bool too_soon = raise && now - held.raised_seconds < step_seconds;
  if (held.status == status && same_limit && is_present(held.value)) {
    const bool near = std::abs(wanted - held.value) <= kStill * held.value;
    if (near || (too_soon && wanted < held.value)) return held.value;
  }
  if (next == NextStep::kWaits && too_soon && held.value <= limit) return held.value;
  if (raise) held.raised_seconds = now;
  held.value = wanted;
  held.limit = limit;
  held.status = status;
  return wanted;
}

void Sizer::update(const SizingContext& context, double now, Judgement& judgement) {
  size_cpu(context, now, judgement.cpu_size);
  size_memory(context, now, judgement.memory_size);
}

void Sizer::size_cpu(const SizingContext& context, double now, RightSize& size) {
  const JudgementParameters& p = context.parameters.judgement;
  const Evidence& evidence = context.evidence;
  const DemandSummary none;
  const DemandSummary& demand = evidence.demand != nullptr ? *evidence.demand : none;
  size = {};
  const double limit = evidence.cpu_limit;
  double wanted = kAbsent;
  if (demand.hours >= kShownFromHours) {
    wanted = std::max(p.size_cpu_p98 * demand.cpu_p98, p.size_cpu_p90 * demand.cpu_p90);
    size.lower = round_cores(p.size_cpu_p98 * demand.cpu_p90);
    size.upper = round_cores(std::max(wanted, p.size_cpu_p98 * demand.cpu_most));
  }
  size.confidence = confidence_of(demand.hours, demand.cpu_trouble_age, p);
  const bool raise = is_present(limit) && raise_is_due(context);
  if (raise) {
    // What is wanted right now, in one step where that is possible.
    const WindowEvidence& window = evidence.score;
    const double taken = std::min(0.95, static_cast<double>(window.throttled_share));
    const double now_wanted = p.size_cpu_p98 * static_cast<double>(window.cpu_cores) / (1 - taken);
    const double step = std::clamp(now_wanted, p.size_cpu_raise * limit, p.size_cpu_raise_most * limit);
    wanted = std::min(is_present(wanted) ? std::max(wanted, step) : step,
                      most_useful_cores(limit, evidence, context.host));
    size.status = SizeStatus::kRaise;
  } else {
    const double fits = round_cores(wanted);
    size.status =
        status_of(limit, fits, p.size_down_cpu, p.size_save_cores, demand.hours, size.confidence, p);
  }
  size.recommended =
      hold(round_cores(wanted), limit, size.status, now, p.size_step_seconds, NextStep::kAtOnce, cpu_);
  if (is_present(size.recommended)) {
    size.lower = is_present(size.lower) ? std::min(size.lower, size.recommended) : size.recommended;
    size.upper = is_present(size.upper) ? std::max(size.upper, size.recommended) : size.recommended;
  }
  if (size.status == SizeStatus::kLower) size.saving = limit - size.recommended;
}

void Sizer::size_memory(const SizingContext& context, double now, RightSize& size) {
  const JudgementParameters& p = context.parameters.judgement;
  const Evidence& evidence = context.evidence;
  const DemandSummary none;
  const DemandSummary& demand = evidence.demand != nullptr ? *evidence.demand : none;
  size = {};
  const double limit = evidence.memory_limit;
  double wanted = kAbsent;
  if (demand.hours >= kShownFromHours) {
    const double cache = is_present(demand.active_file) ? demand.active_file : 0;
    wanted = p.size_memory * (demand.memory_peak + cache);
    size.lower = round_memory(demand.memory_p98);
    size.upper = round_memory(p.size_memory * wanted);
  }
  size.confidence = confidence_of(demand.hours, demand.memory_trouble_age, p);
  const RecommendationParameters& advice = context.parameters.recommendation;
  const double step = raised_memory_limit(limit, kAbsent, p);
  const bool killed = killed_at_this_limit(evidence, context.events, advice);
  const auto& signals = context.judgement;
  const bool stalls =
      static_cast<double>(signals.of(Signal::kMemStall).value) >= advice.memory_limit_raise_in &&
      evidence.score.limit_hits > 0 && !signals.of(Resource::kMemory).induced;
  const bool full = static_cast<double>(signals.of(Signal::kMemSpace).value) >= advice.memory_limit_raise_in;
  const bool leaks = signals.memory_leak.state >= LeakState::kSuspected;
  if (is_present(limit) && (killed || stalls || full)) {
    wanted = is_present(wanted) ? std::max(wanted, step) : step;
    if (leaks) wanted = std::min(wanted, step);  // more would only put off the end
    if (context.host.memory_total > 0) wanted = std::min(wanted, std::max(context.host.memory_total, limit));
    size.status = SizeStatus::kRaise;
  } else {
    const double fits = round_memory(wanted);
    size.status =
        status_of(limit, fits, p.size_down_memory, p.size_save_mib * kMiB, demand.hours, size.confidence, p);
    if (leaks && size.status == SizeStatus::kLower) size.status = SizeStatus::kBlocked;
  }
  size.recommended =
      hold(round_memory(wanted), limit, size.status, now, p.size_step_seconds, NextStep::kWaits, memory_);
  if (is_present(size.recommended)) {
    size.lower = is_present(size.lower) ? std::min(size.lower, size.recommended) : size.recommended;
    size.upper = is_present(size.upper) ? std::max(size.upper, size.recommended) : size.recommended;
  }
  if (size.status == SizeStatus::kLower) size.saving = limit - size.recommended;
}

}  // namespace bottleneck
