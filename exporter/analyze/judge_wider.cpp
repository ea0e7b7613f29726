// The part of the judge that looks beyond the scores of a moment: trends, sizes, other images, other
// containers, and what to do.
#include <algorithm>
#include <cmath>

#include "exporter/analyze/judge_tick.h"
#include "exporter/analyze/regression.h"
#include "exporter/analyze/workload.h"
#include "exporter/base/clock.h"

namespace bottleneck {
namespace {

constexpr double kVolatilitySeconds = 60;
constexpr double kRegressionSeconds = 600;
constexpr double kForecastSeconds = 30 * 86400.0;
// An accusation is renewed each minute while it stands.
constexpr std::int64_t kAccusedNs = 120 * kSecondNs;
// Of the host's CPUs, or of a device's bytes: less makes nobody a suspect.
constexpr float kLeastUse = 0.05F;
constexpr std::size_t kMostCandidates = 32;

}  // namespace

void Judge::follow_leaks(ContainerState& state, const Evidence& evidence, double age, double now) {
  // All the time in which nobody looked, however long: what lies on both sides of a hole is not one window.
  const double dt = is_present(state.leaks_seconds) ? std::max(0.0, now - state.leaks_seconds) : 0;
  state.leaks_seconds = now;
  const JudgementParameters& p = parameters_.judgement;
  state.memory_leak.add(evidence.memory_unreclaimable, dt, age, evidence.memory_effective_limit, p);
  state.file_leak.add(evidence.open_files, dt, age, evidence.open_files_limit, p);
  const double threads = is_present(evidence.pids) ? evidence.pids : evidence.threads;
  state.thread_leak.add(threads, dt, age, evidence.pids_limit, p);
}

void Judge::look_wider(Tick& tick) {
  Judgement& judgement = tick.judgement;
  const Evidence& evidence = tick.evidence;
  if (!evidence.has_cgroup) {
    judgement.memory_growth = judgement.memory_forecast_unix = kAbsent;
    judgement.cpu_size = judgement.memory_size = {};
    judgement.neighbours.clear();
    tick.state.bins.add(evidence, kNoRate, kNoRate);  // what it used and waited for ages
    return;
  }
  const double slope = tick.state.trend.slope();
  judgement.memory_growth = slope;
  const double left = (evidence.memory_effective_limit - evidence.memory_unreclaimable) / slope;
  const bool foreseen = left >= 0 && left < kForecastSeconds;
  judgement.memory_forecast_unix = foreseen ? evidence.unix_seconds + left : kAbsent;
  const float stall = fast_signals_[static_cast<std::size_t>(Signal::kIoStall)].inputs[0];
  const float waits = fast_signals_[static_cast<std::size_t>(Signal::kCpuStarve)].inputs[0];
  if (!tick.state.bins.add(evidence, waits, stall)) return;  // the rest moves slowly: each ten seconds
  describe_workload(evidence, host_, judgement);
  tick.state.sizer.update({evidence, host_, tick.state.events.facts(), judgement, parameters_}, tick.now,
                          judgement);
  if (!(tick.now - tick.state.volatility_seconds < kVolatilitySeconds)) {
    tick.state.volatility_seconds = tick.now;
    measure_volatility(evidence, judgement);
  }
  compare(tick);
  find_suspects(tick);
}

void Judge::compare(Tick& tick) {
  if (tick.evidence.minutes_before.empty()) {
    tick.judgement.regressions.clear();
    return;
  }
  if (tick.now - tick.state.regression_seconds < kRegressionSeconds) return;
  tick.state.regression_seconds = tick.now;
  tick.judgement.regressions = compare_images(tick.evidence, parameters_.judgement);
}

void Judge::find_suspects(Tick& tick) {
  const JudgementParameters& p = parameters_.judgement;
  ContainerState& victim = tick.state;
  const std::int64_t minute = tick.evidence.now_ns / (60 * kSecondNs);
  if (minute == victim.neighbour_minute) return;
  victim.neighbour_minute = minute;
  victim.suspicions.begin_minute();
  const double idle = 1 - static_cast<double>(host_.busy_cores) / host_.cpus;
  // Held by its own quota: nobody else's fault.
  const bool own_quota = tick.judgement.category == Category::kCpuQuota;
  const float starve = tick.judgement.of(Signal::kCpuStarve).value;
  const float stall = tick.judgement.of(Signal::kIoStall).value;
  const bool for_cpu = !own_quota && idle <= p.neighbour_idle && static_cast<double>(starve) >= p.band_low;
  const bool for_io = static_cast<double>(stall) >= p.band_low && !tick.judgement.of(Resource::kIo).induced &&
                      static_cast<double>(tick.device_busy) >= p.io_device_low;
  for (const Resource resource : {Resource::kCpu, Resource::kIo}) {
    if (resource == Resource::kCpu ? !for_cpu : !for_io) continue;
    const float whole =
        resource == Resource::kCpu ? static_cast<float>(host_.cpus) : survey_.device_bytes(victim.device);
    std::size_t candidates = 0;
    for (const auto& [name, other] : states_) {
      if (other.get() == &victim || !other->live) continue;
      if (tick.evidence.now_ns - other->last_ns > 60 * kSecondNs) continue;
      if (resource == Resource::kIo && other->device != victim.device) continue;
      const float use = other->bins.mean_use(resource);
      if (!(use >= kLeastUse * whole)) continue;
      if (++candidates > kMostCandidates) break;
      const float correlation = neighbour_correlation(victim.bins, other->bins, resource,
                                                      static_cast<float>(p.neighbour_threshold));
      if (!(static_cast<double>(correlation) >= p.neighbour_correlation)) continue;
      victim.suspicions.accuse(name, resource, correlation, use);
    }
  }
  victim.suspicions.name_worst(static_cast<int>(p.neighbour_minutes), tick.judgement.neighbours);
  for (const NeighbourReading& suspect : tick.judgement.neighbours) {
    const auto accused = states_.find(suspect.name);
    if (accused == states_.end() || suspect.resource != Resource::kCpu) continue;
    accused->second->accused_by = victim.name;
    accused->second->accused_correlation = suspect.correlation;
    accused->second->accused_ns = tick.evidence.now_ns;
  }
}

void Judge::advise(Tick& tick) {
  ContainerState& state = tick.state;
  FleetFacts fleet;
  fleet.accused = state.accused_ns != 0 && tick.evidence.now_ns - state.accused_ns < kAccusedNs;
  if (!state.accused_by.empty()) {
    fleet.accused_by = &state.accused_by;
    fleet.accused_correlation = state.accused_correlation;
  }
  if (!state.device.empty())
    fleet.io_victim = survey_.worst_victim(state.device, state.name, fleet.io_victim_stall);
  fleet.growers = &survey_.growers();
  const auto changed = state.outcome.update(tick.evidence, tick.judgement, state.advice,
                                            parameters_.recommendation, tick.now, outcomes_);
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    if (changed[i]) state.advice.limit_changed(static_cast<Resource>(i));
  }
  const AdviceContext context{tick.evidence,
                              host_,
                              tick.subject,
                              tick.judgement,
                              state.events.facts(),
                              fleet,
                              parameters_,
                              tick.measured,
                              tick.device_busy,
                              tick.device_share,
                              state.outcome.seconds_since(tick.now)};
  state.advice.update(context, tick.dt, tick.now, tick.judgement);
}

}  // namespace bottleneck
