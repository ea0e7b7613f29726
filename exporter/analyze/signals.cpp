#include "exporter/analyze/signals.h"

#include <algorithm>
#include <cmath>

#include "exporter/analyze/signal_terms.h"

namespace bottleneck {
namespace {

struct Quota {
  float p = kNoRate;
  float d = kNoRate;
  double limit = kAbsent;
};

/// The worst of the container's own quota and of its ancestors'.
Quota worst_quota(const Evidence& evidence, const WindowEvidence& window) {
  Quota quota;
  if (is_present(evidence.cpu_limit)) {
    quota = {window.throttled_periods, window.throttled_share, evidence.cpu_limit};
  }
  if (is_present(evidence.above_limit) && !(quota.d >= window.above_share)) {
    quota = {window.above_periods, window.above_share, evidence.above_limit};
  }
  return quota;
}

void cpu_quota(const SignalContext& context, const WindowEvidence& window, SignalReading& reading) {
  const JudgementParameters& p = context.parameters;
  const Quota quota = worst_quota(context.evidence, window);
  reading.inputs = {quota.d, quota.p, narrow(quota.limit), window.cpu_cores};
  if (!is_present(quota.limit)) return;  // the question does not arise
  Term term = log_term(quota.d, p.cpu_quota_low, p.cpu_quota_high);
  if (quota.p < narrow(p.cpu_quota_periods)) term.shape = Shape::kNothing;
  consider(reading, term, EvidenceKind::kQuotaCounters, kExact);
}

void cpu_starve(const SignalContext& context, const WindowEvidence& window, SignalReading& reading) {
  const JudgementParameters& p = context.parameters;
  const Quota quota = worst_quota(context.evidence, window);
  const bool pressure = is_present(window.cpu_some);
  const float some = cpu_waiting(window);
  const bool throttled = quota.p >= narrow(p.cpu_starve_throttled) && is_present(quota.d);
  const float waiting = throttled ? std::max(0.0F, some - quota.d) : some;
  reading.inputs = {waiting, some, quota.p, quota.d};
  consider(reading, log_term(is_present(some) ? waiting : some, p.cpu_starve_low, p.cpu_starve_high),
           pressure ? EvidenceKind::kPressure : EvidenceKind::kRunDelay, pressure ? kExact : kQueue);
}

void cpu_util(const SignalContext& context, const WindowEvidence& window, SignalReading& reading) {
  const JudgementParameters& p = context.parameters;
  const float limit = narrow(context.evidence.cpu_effective_limit);
  const float use = limit > 0 ? window.cpu_cores / limit : kNoRate;
  reading.inputs = {use, window.cpu_cores, limit, kNoRate};
  consider(reading, linear_term(use, p.cpu_util_low, p.cpu_util_high, p.cpu_util_weight),
           EvidenceKind::kUtilisation, kUseOnly);
}

void cpu_thread(const SignalContext& context, const WindowEvidence& window, SignalReading& reading) {
  const JudgementParameters& p = context.parameters;
  const float limit = narrow(context.evidence.cpu_effective_limit);
  const float thread = narrow(context.evidence.busiest_thread);
  reading.inputs = {thread, window.cpu_cores, limit, kNoRate};
  if (!is_present(thread)) return;
  // One thread of a container that may use many CPUs; above half of them it is simply busy.
  const bool asked = window.cpu_cores > 0.9F * narrow(p.cpu_thread_low) && window.cpu_cores < limit / 2;
  Term term = linear_term(thread, p.cpu_thread_low, p.cpu_thread_high, p.cpu_thread_weight);
  if (!asked) term.shape = Shape::kNothing;
  consider(reading, term, EvidenceKind::kUtilisation, kUseOnly);
}

void mem_stall(const SignalContext& context, const WindowEvidence& window, SignalReading& reading) {
  const JudgementParameters& p = context.parameters;
  const float refaults = refaults_of_limit(context.evidence, window);
  const bool pressure = is_present(window.memory_some) || is_present(window.memory_full);
  const float some = pressure ? window.memory_some : at_most_one(window.memory_delay);
  reading.inputs = {some, window.memory_full, refaults, window.limit_hits};
  consider(reading, log_term(some, p.memory_some_low, p.memory_some_high),
           pressure ? EvidenceKind::kPressure : EvidenceKind::kDelayAccounting, pressure ? kExact : kDelay);
  consider(reading, log_term(window.memory_full, p.memory_full_low, p.memory_full_high, 1, 1),
           EvidenceKind::kPressure, kExact);
  if (is_present(some)) return;
  consider(reading,
           log_term(refaults, p.memory_refault_low, p.memory_refault_high, p.memory_refault_weight, 2),
           EvidenceKind::kRefaults, kSampled);
}

void mem_space(const SignalContext& context, SignalReading& reading) {
  const JudgementParameters& p = context.parameters;
  const Evidence& evidence = context.evidence;
  if (!has_memory_limit(evidence, context.host)) return;
  const float use = narrow(evidence.memory_unreclaimable / evidence.memory_effective_limit);
  reading.inputs = {use, narrow(evidence.memory_unreclaimable), narrow(evidence.memory_effective_limit),
                    kNoRate};
  consider(reading, linear_term(use, p.memory_space_low, p.memory_space_high, p.memory_space_weight),
           EvidenceKind::kUsage, kExact);
}

void mem_oom(const SignalContext& context, SignalReading& reading) {
  const JudgementParameters& p = context.parameters;
  reading.inputs = {context.events.oom_age, context.events.oom_kills, kNoRate, kNoRate};
  consider(reading,
           {context.events.oom_age, narrow(p.oom_full_seconds), narrow(p.oom_fade_seconds),
            narrow(p.oom_faded), Shape::kFade, 0},
           EvidenceKind::kKernelEvents, kExact);
}

void mem_leak(const SignalContext& context, SignalReading& reading) {
  const JudgementParameters& p = context.parameters;
  const LeakReading& leak = context.leak;
  if (leak.state == LeakState::kTooEarly) return;
  const float left = narrow(leak.limit_seconds);
  reading.inputs = {left, leak.tau, narrow(leak.slope), leak.growth};
  Term term{left, 0, narrow(p.leak_horizon_hours * 3600), narrow(p.leak_confirmed), Shape::kFade, 0};
  if (leak.state == LeakState::kNone) term = {leak.tau, 0, 0, 0, Shape::kNothing, 1};
  if (leak.state == LeakState::kSuspected) term = step_term(leak.tau, p.leak_leave_tau, p.leak_suspected, 1);
  consider(reading, term, EvidenceKind::kTrend, kExact);
}

}  // namespace

float cpu_waiting(const WindowEvidence& window) {
  return is_present(window.cpu_some) ? window.cpu_some : at_most_one(window.run_delay);
}

float refaults_of_limit(const Evidence& evidence, const WindowEvidence& window) {
  return static_cast<float>(static_cast<double>(window.refault_bytes) / evidence.memory_effective_limit);
}

bool reads_again(const WindowEvidence& window, const JudgementParameters& parameters) {
  const float moved = window.read_bytes + window.written_bytes;
  return moved > 0 && static_cast<double>(window.refault_bytes / moved) >= parameters.thrash_reread;
}

bool reads_again_at_random(const WindowEvidence& window, const JudgementParameters& parameters) {
  const float request = (window.read_bytes + window.written_bytes) / (window.reads + window.writes);
  return reads_again(window, parameters) &&
         static_cast<double>(request) <= parameters.thrash_random_kib * 1024 &&
         static_cast<double>(window.activated_share) < parameters.thrash_activated;
}

bool hits_limit(const SignalContext& context, const WindowEvidence& window, double least_hits) {
  if (static_cast<double>(window.limit_hits) >= least_hits) return true;
  const bool blind = !context.host.is_v2 && context.evidence.memory_swap_limit == 0;
  const float near_limit = std::fmax(window.near_limit, context.evidence.fast.near_limit);
  return blind && static_cast<double>(near_limit) >= context.parameters.near_limit_ticks &&
         has_memory_limit(context.evidence, context.host);
}

void evaluate_signals(const SignalContext& context, const WindowEvidence& window, bool measured,
                      Signals& signals) {
  signals.fill({});
  const auto at = [&](Signal signal) -> SignalReading& { return signals[static_cast<std::size_t>(signal)]; };
  mem_oom(context, at(Signal::kMemOom));
  life(context, signals);
  if (!measured) return;
  cpu_quota(context, window, at(Signal::kCpuQuota));
  cpu_starve(context, window, at(Signal::kCpuStarve));
  cpu_util(context, window, at(Signal::kCpuUtil));
  cpu_thread(context, window, at(Signal::kCpuThread));
  mem_stall(context, window, at(Signal::kMemStall));
  mem_space(context, at(Signal::kMemSpace));
  mem_leak(context, at(Signal::kMemLeak));
  io_stall(context, window, at(Signal::kIoStall));
  io_limit(context, window, at(Signal::kIoLimit));
  io_device(context, at(Signal::kIoDevice));
  network(context, window, signals);
  pids(context, window, signals);
}

void score_resources(const Signals& signals, std::array<float, kResourceCount>& scores,
                     std::array<Signal, kResourceCount>* dominant) {
  scores.fill(kNoRate);
  for (std::size_t i = 0; i < kSignalCount; ++i) {
    const auto signal = static_cast<Signal>(i);
    const auto resource = static_cast<std::size_t>(resource_of(signal));
    const float value = signals[i].value;
    if (!is_present(value) || scores[resource] >= value) continue;
    scores[resource] = value;
    if (dominant != nullptr) (*dominant)[resource] = signal;
  }
}

}  // namespace bottleneck
