#include "exporter/analyze/judge.h"

#include <algorithm>
#include <cmath>

#include "exporter/analyze/budgets.h"
#include "exporter/analyze/judge_tick.h"
#include "exporter/base/clock.h"

namespace bottleneck {
namespace {

// After a longer pause nothing has been held all the time.
constexpr double kGapSeconds = 300;
// A reading older than this says nothing of now.
constexpr double kStaleSeconds = 60;
// The exporter has run for this long before a name appears: what its counters show is news.
constexpr double kWarmSeconds = 30;
constexpr double kForgetSeconds = 86400;
// After a pause what happened meanwhile is told within this time: by a detail reading, or an engine that is
// asked.
constexpr double kTellSeconds = 10;
// Why a cgroup is gone is told after it went: by the engine within a second, under load 1.6 s were measured.
constexpr double kReasonSeconds = 5;

/// What happened has happened: it needs no minute of data to be believed.
bool is_event(Signal signal) {
  return signal == Signal::kMemOom || signal == Signal::kLifeRestarts || signal == Signal::kLifeUnhealthy;
}

}  // namespace

Judge::Judge(const AllParameters& parameters) : parameters_(with_demonstration(parameters)) {}

void Judge::begin(const HostEvidence& host, std::int64_t now_ns) {
  host_ = host;
  if (first_ns_ == 0) first_ns_ = now_ns;
  const double now = static_cast<double>(now_ns) * 1e-9;
  if (now - begun_seconds_ > kGapSeconds) undated_seconds_ = now + kTellSeconds;
  begun_seconds_ = now;
  survey_.update(states_, now_ns);
}

ContainerState& Judge::state_of(std::string_view name) {
  const auto found = states_.find(name);
  if (found != states_.end()) return *found->second;
  auto state = std::make_unique<ContainerState>();
  state->name = name;
  return *states_.emplace(state->name, std::move(state)).first->second;
}

const Judgement* Judge::find(std::string_view name) const {
  const auto found = states_.find(name);
  return found == states_.end() ? nullptr : &found->second->judgement;
}

void Judge::forget_old(double unix_seconds) {
  std::erase_if(states_,
                [&](const auto& item) { return unix_seconds - item.second->seen_unix > kForgetSeconds; });
}

const Judgement& Judge::tick(const Subject& subject, const Evidence& evidence) {
  ContainerState& state = state_of(subject.name);
  const double now = static_cast<double>(evidence.now_ns) * 1e-9;
  double dt = state.last_ns == 0 ? 0 : static_cast<double>(evidence.now_ns - state.last_ns) * 1e-9;
  if (dt < 0 || dt > kGapSeconds) dt = 0;
  Tick tick{subject, evidence, state, state.judgement, now, dt, false, kNoRate, kNoRate, {}, {}};
  state.live = evidence.has_cgroup;
  tick.measured = follow(state, evidence, dt, now);
  if (awaits_reason(state, evidence, now)) {
    state.last_ns = evidence.now_ns;
    state.seen_unix = evidence.unix_seconds;
    return state.judgement;
  }
  score(tick);
  choose(tick);
  count(tick);
  look_wider(tick);
  advise(tick);
  state.last_ns = evidence.now_ns;
  state.seen_unix = evidence.unix_seconds;
  return state.judgement;
}

/// Takes in what is followed over time. True when there is enough data for scores.
bool Judge::follow(ContainerState& state, const Evidence& evidence, double dt, double now) {
  const bool known = !state.kept && static_cast<double>(evidence.now_ns - first_ns_) * 1e-9 > kWarmSeconds;
  state.events.update(evidence.life, now, dt, known, parameters_.recommendation.restart_seconds,
                      !(now <= undated_seconds_));
  if (!evidence.has_cgroup) return false;
  const JudgementParameters& p = parameters_.judgement;
  const bool another = evidence.data_seconds + 1 < state.last_data_seconds;
  state.last_data_seconds = evidence.data_seconds;
  if (another) {
    state.fast_scores.clear();
    state.trend.restart();
  }
  const double started = evidence.unix_seconds - evidence.life.start_time;
  const double age = is_present(started) && started >= 0 ? started : evidence.data_seconds;
  state.trend.add(evidence.memory_unreclaimable, evidence.now_ns, p);
  follow_leaks(state, evidence, age, now);
  const bool enough = evidence.data_seconds >= p.score_least_seconds - 0.5 && evidence.score.seconds > 0;
  return enough && evidence.age_seconds <= kStaleSeconds;
}

/// It was held back, its cgroup has just gone, and nobody told how it ended: between "memory" and "killed for
/// lack of memory" it is not fine for a second. An end by SIGKILL may be told before whose kill it was.
bool Judge::awaits_reason(ContainerState& state, const Evidence& evidence, double now) const {
  const LifeEvidence& life = evidence.life;
  const double exits = life.exits - (is_present(life.exits_killed) ? life.exits_killed : 0);
  if (evidence.has_cgroup) {
    state.cgroup_seconds = now;
    state.exits_before = exits;
    return false;
  }
  const double gone = now - state.cgroup_seconds;
  const bool kill_told = static_cast<double>(state.events.facts().oom_age) <= gone;
  const bool end_told = exits > state.exits_before || (!life.running && life.exit_code != kKilledExit);
  if (!(gone <= kReasonSeconds) || kill_told || end_told || state.judgement.category == Category::kNone) {
    state.cgroup_seconds = kAbsent;
    return false;
  }
  return true;
}

void Judge::score(Tick& tick) {
  Judgement& judgement = tick.judgement;
  const Evidence& evidence = tick.evidence;
  judgement.memory_leak = tick.state.memory_leak.reading();
  judgement.file_leak = tick.state.file_leak.reading();
  judgement.thread_leak = tick.state.thread_leak.reading();
  if (tick.state.device != evidence.device.device) tick.state.device = evidence.device.device;
  tick.state.device_bytes = evidence.device.bytes;
  // Of what everybody moves there; of containers alone where the device counts less, or nothing.
  float moved = survey_.device_bytes(evidence.device.device);
  for (const DeviceEvidence& device : host_.devices) {
    if (device.device != evidence.device.device) continue;
    tick.device_busy = device.busy;
    moved = std::fmax(moved, device.bytes);
  }
  const float share = evidence.device.bytes / moved;
  tick.device_share = is_present(share) ? std::min(1.0F, share) : kNoRate;
  const SignalContext context{evidence,
                              host_,
                              parameters_.judgement,
                              tick.state.events.facts(),
                              judgement.memory_leak,
                              tick.device_busy,
                              tick.device_share};
  std::array<Signal, kResourceCount> dominant{};
  for (std::size_t i = 0; i < kResourceCount; ++i) dominant[i] = judgement.resources[i].dominant;
  evaluate_signals(context, evidence.score, tick.measured, judgement.signals);
  score_resources(judgement.signals, tick.scores, &dominant);
  evaluate_signals(context, evidence.fast, tick.measured, fast_signals_);
  score_resources(fast_signals_, tick.fast, nullptr);
  tick.state.fast_scores.add(evidence.now_ns, tick.dt, tick.fast);
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    judgement.resources[i].score = tick.scores[i];
    judgement.resources[i].fast_score = tick.fast[i];
    judgement.resources[i].dominant = dominant[i];
  }
}

void Judge::choose(Tick& tick) {
  Judgement& judgement = tick.judgement;
  const Evidence& evidence = tick.evidence;
  const JudgementParameters& p = parameters_.judgement;
  judgement.unix_seconds = evidence.unix_seconds;
  judgement.data_seconds = evidence.data_seconds;
  const bool event = std::any_of(tick.scores.begin(), tick.scores.end(),
                                 [&](float score) { return static_cast<double>(score) >= p.band_low; });
  judgement.judged = tick.measured || event;
  CategoryChoice choice;
  if (judgement.judged) {
    const SignalContext context{
        evidence,         host_, p, tick.state.events.facts(), judgement.memory_leak, tick.device_busy,
        tick.device_share};
    choice = choose_category({context, judgement.signals, tick.scores,
                              tick.state.trend.robust_z(evidence.memory_unreclaimable),
                              tick.state.trend.growth(evidence.memory_unreclaimable), judgement.category});
  }
  const bool same = judgement.category == choice.category && is_present(judgement.category_since);
  if (!judgement.judged) {
    judgement.category_since = kAbsent;
  } else if (!same) {
    judgement.category_since = evidence.unix_seconds;
  }
  judgement.category = choice.category;
  judgement.test = choice.test;
  judgement.deciding_signal = choice.signal;
  rate_resources(tick, choice);
}

void Judge::rate_resources(Tick& tick, const CategoryChoice& choice) {
  Judgement& judgement = tick.judgement;
  const JudgementParameters& p = parameters_.judgement;
  const SignalContext context{
      tick.evidence,    host_, p, tick.state.events.facts(), judgement.memory_leak, tick.device_busy,
      tick.device_share};
  const auto agreeing = corroborating_sources(context, judgement.signals);
  const float covered = tick.state.fast_scores.covered(tick.evidence.now_ns);
  const bool young = tick.measured && tick.evidence.data_seconds < p.young_seconds;
  const auto bounded = [&](float confidence) {
    return young ? std::min(confidence, static_cast<float>(p.young_confidence)) : confidence;
  };
  float weakest = 1;  // quality of "nothing is wrong": that of the worst measured of what everybody needs
  float overall = kNoRate;
  float second = 0;
  const Resource cause = resource_of(choice.category);
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    const auto resource = static_cast<Resource>(i);
    ResourceJudgement& out = judgement.resources[i];
    out.induced = (resource == Resource::kIo && choice.io_induced) ||
                  (resource == Resource::kMemory && choice.memory_induced);
    out.induced_by = out.induced ? choice.induced_by : std::string_view();
    out.corroborating = agreeing[i];
    // Memory stall that costs nothing makes no band and no overall score.
    const bool harmless = resource == Resource::kMemory && choice.memory_induced;
    const float weight = harmless ? 0 : out.score;
    out.band = tick.state.bands[i].update(weight, harmless ? 0 : out.fast_score, tick.dt, p);
    out.confidence = kNoRate;
    if (!is_present(out.score)) continue;
    const float quality = judgement.of(out.dominant).quality;
    const float held =
        static_cast<double>(out.score) >= p.band_low
            ? tick.state.fast_scores.share_at_least(resource, out.score / 2, tick.evidence.now_ns)
            : covered;
    out.confidence = bounded(quality * held);
    if (resource <= Resource::kIo) weakest = std::min(weakest, quality);
    if (!harmless && !(overall >= out.score)) overall = out.score;
    if (!out.induced && resource != cause) second = std::max(second, out.score);
  }
  judgement.overall = overall;
  judgement.confidence = kNoRate;
  const std::array<float, kResourceCount>& fast = tick.fast;
  const float fast_overall = *std::max_element(fast.begin(), fast.end(), [](float one, float other) {
    return (is_present(one) ? one : -1) < (is_present(other) ? other : -1);
  });
  judgement.band = tick.state.overall_band.update(overall, fast_overall, tick.dt, p);
  if (!judgement.judged) return;
  if (choice.category == Category::kNone) {
    judgement.confidence = bounded(weakest * covered);
    return;
  }
  const Resource evidence_of = choice.io_induced ? Resource::kIo : cause;
  if (is_event(choice.signal)) {
    judgement.confidence = category_confidence(1, 1, choice.score - second, p);
    return;
  }
  const float persistence =
      tick.state.fast_scores.share_at_least(evidence_of, choice.score / 2, tick.evidence.now_ns);
  float quality = judgement.of(choice.signal).quality;
  // What more memory would have kept is not counted, or not all of it.
  if (choice.io_induced && !(static_cast<double>(tick.evidence.score.activated_share) >= p.thrash_activated))
    quality = std::min(quality, 0.7F);
  judgement.confidence = bounded(category_confidence(quality, persistence, choice.score - second, p));
}

void Judge::count(Tick& tick) {
  Judgement& judgement = tick.judgement;
  const JudgementParameters& p = parameters_.judgement;
  if (tick.measured) judgement.observed_seconds += tick.dt;
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    ResourceJudgement& resource = judgement.resources[i];
    const bool harmless = static_cast<Resource>(i) == Resource::kMemory && resource.induced;
    if (static_cast<double>(resource.score) >= p.held_back_score && !harmless)
      resource.held_back_seconds += tick.dt;
  }
  update_budgets(tick.subject, tick.evidence, parameters_.budgets, tick.dt, judgement);
}

}  // namespace bottleneck
