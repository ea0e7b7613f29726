#include "exporter/analyze/signals.h"

#include <algorithm>
#include <cmath>

namespace bottleneck {
namespace {

// Quality of a kind of evidence: counters and pressure say it, delay accounting misses what it was not on
// for, D state and refaults are samples or proxies, run delay is a sum over tasks, utilisation does not say
// that anybody waits.
constexpr float kExact = 1.0F;
constexpr float kDelay = 0.8F;
constexpr float kSampled = 0.7F;
constexpr float kQueue = 0.6F;
constexpr float kUseOnly = 0.5F;

constexpr float narrow(double value) { return static_cast<float>(value); }

Term log_term(float x, double low, double high, double factor = 1, std::uint8_t input = 0) {
  return {x, narrow(low), narrow(high), narrow(factor), Shape::kLog, input};
}
Term linear_term(float x, double low, double high, double factor = 1, std::uint8_t input = 0) {
  return {x, narrow(low), narrow(high), narrow(factor), Shape::kLinear, input};
}
Term step_term(float x, double from, double factor, std::uint8_t input = 0) {
  return {x, narrow(from), narrow(from), narrow(factor), Shape::kStep, input};
}

/// Takes `term` when it says more than what is there.
void consider(SignalReading& reading, const Term& term, EvidenceKind kind, float quality) {
  const float value = value_of(term);
  if (!is_present(value) || reading.value >= value) return;
  reading.value = value;
  reading.term = term;
  reading.kind = kind;
  reading.quality = quality;
}

float at_most_one(float share) { return is_present(share) ? std::min(share, 1.0F) : share; }

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
  const float some = pressure ? window.cpu_some : at_most_one(window.run_delay);
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

void io_stall(const SignalContext& context, const WindowEvidence& window, SignalReading& reading) {
  const JudgementParameters& p = context.parameters;
  const bool pressure = is_present(window.io_some) || is_present(window.io_full);
  float some = window.io_some;
  EvidenceKind kind = EvidenceKind::kPressure;
  float quality = kExact;
  if (!pressure && is_present(window.io_delay)) {
    some = at_most_one(window.io_delay);
    kind = EvidenceKind::kDelayAccounting;
    quality = kDelay;
  } else if (!pressure && !context.evidence.life.paused) {  // a frozen task is no waiting one
    some = window.blocked;
    kind = EvidenceKind::kBlockedTasks;
    quality = kSampled;
  }
  reading.inputs = {some, window.io_full, window.read_bytes + window.written_bytes,
                    window.reads + window.writes};
  consider(reading, log_term(window.io_full, p.io_full_low, p.io_full_high, 1, 1), EvidenceKind::kPressure,
           kExact);
  consider(reading, log_term(some, p.io_some_low, p.io_some_high), kind, quality);
}

void io_limit(const SignalContext& context, const WindowEvidence& window, SignalReading& reading) {
  const JudgementParameters& p = context.parameters;
  reading.inputs = {window.io_limit, narrow(context.evidence.io_limit_rate), kNoRate, kNoRate};
  consider(reading, linear_term(window.io_limit, p.io_limit_low, p.io_limit_high, p.io_limit_weight),
           EvidenceKind::kQuotaCounters, kExact);
}

void io_device(const SignalContext& context, SignalReading& reading) {
  const JudgementParameters& p = context.parameters;
  reading.inputs = {context.device_busy, context.device_share, kNoRate, kNoRate};
  if (!is_present(context.device_share)) return;
  const double factor = p.io_device_weight * static_cast<double>(context.device_share);
  consider(reading, linear_term(context.device_busy, p.io_device_low, p.io_device_high, factor),
           EvidenceKind::kDeviceShare, kUseOnly);
}

/// A ratio that needs a least number of events; with fewer it is 0.
void ratio_of_events(float part, float whole, double least, double low, double high, SignalReading& reading) {
  const float ratio = whole > 0 ? part / whole : part * 0;
  reading.inputs = {ratio, whole, kNoRate, kNoRate};
  Term term = log_term(ratio, low, high);
  if (whole < narrow(least)) term.shape = Shape::kNothing;
  consider(reading, term, EvidenceKind::kTraffic, kExact);
}

void network(const SignalContext& context, const WindowEvidence& window, Signals& signals) {
  const JudgementParameters& p = context.parameters;
  const auto at = [&](Signal signal) -> SignalReading& { return signals[static_cast<std::size_t>(signal)]; };
  ratio_of_events(window.drops, window.packets, p.net_drops_packets, p.net_drops_low, p.net_drops_high,
                  at(Signal::kNetDrops));
  ratio_of_events(window.retransmits, window.segments, p.net_retransmits_segments, p.net_retransmits_low,
                  p.net_retransmits_high, at(Signal::kNetRetransmits));
  SignalReading& listen = at(Signal::kNetListen);
  listen.inputs[0] = window.listen_overflows;
  consider(listen, log_term(window.listen_overflows, p.net_listen_low, p.net_listen_high),
           EvidenceKind::kTraffic, kExact);
  if (!is_present(window.packets)) return;  // no network of its own that a full table could cut
  SignalReading& conntrack = at(Signal::kNetConntrack);
  conntrack.inputs[0] = context.host.conntrack;
  consider(
      conntrack,
      linear_term(context.host.conntrack, p.net_conntrack_low, p.net_conntrack_high, p.net_conntrack_weight),
      EvidenceKind::kUsage, kExact);
}

void pids(const SignalContext& context, const WindowEvidence& window, Signals& signals) {
  const JudgementParameters& p = context.parameters;
  const Evidence& evidence = context.evidence;
  SignalReading& tasks = signals[static_cast<std::size_t>(Signal::kPidsTasks)];
  const float use = narrow(evidence.pids / evidence.pids_limit);
  if (is_present(evidence.pids_limit)) {
    tasks.inputs = {use, window.pids_refused, narrow(evidence.pids), narrow(evidence.pids_limit)};
    consider(tasks, linear_term(use, p.pids_low, p.pids_high), EvidenceKind::kUsage, kExact);
    consider(tasks, step_term(window.pids_refused, 0.5, p.pids_refused, 1), EvidenceKind::kKernelEvents,
             kExact);
  }
  SignalReading& files = signals[static_cast<std::size_t>(Signal::kPidsFiles)];
  files.inputs = {narrow(evidence.open_files / evidence.open_files_limit), narrow(evidence.open_files),
                  narrow(evidence.open_files_limit), kNoRate};
  consider(files, linear_term(files.inputs[0], p.pids_low, p.pids_high), EvidenceKind::kUsage, kExact);
}

void life(const SignalContext& context, Signals& signals) {
  const JudgementParameters& p = context.parameters;
  SignalReading& restarts = signals[static_cast<std::size_t>(Signal::kLifeRestarts)];
  restarts.inputs[0] = context.events.restarts;
  consider(restarts, log_term(context.events.restarts, p.restarts_low, p.restarts_high),
           EvidenceKind::kRuntime, kExact);
  SignalReading& unhealthy = signals[static_cast<std::size_t>(Signal::kLifeUnhealthy)];
  unhealthy.inputs[0] = context.events.unhealthy_seconds;
  consider(unhealthy, step_term(context.events.unhealthy_seconds, p.unhealthy_seconds, p.unhealthy_score),
           EvidenceKind::kRuntime, kExact);
}

}  // namespace

float refaults_of_limit(const Evidence& evidence, const WindowEvidence& window) {
  return static_cast<float>(static_cast<double>(window.refault_bytes) / evidence.memory_effective_limit);
}

bool hits_limit(const SignalContext& context, const WindowEvidence& window, double least_hits) {
  if (static_cast<double>(window.limit_hits) >= least_hits) return true;
  const bool blind = !context.host.is_v2 && context.evidence.memory_swap_limit == 0;
  return blind && static_cast<double>(window.near_limit) >= context.parameters.near_limit_ticks &&
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
