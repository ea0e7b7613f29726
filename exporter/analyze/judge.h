// The judge: evidence in, judgement out, tick by tick. Owns what is remembered of each name. Belongs to one
// thread; has no clock, no files and no idea where the numbers come from, so that a recorded series runs
// through the same code.
#pragma once

#include <string>
#include <string_view>

#include "exporter/analyze/fleet_survey.h"
#include "exporter/base/saved_state.h"
#include "exporter/config/config.h"

namespace bottleneck {

class Judge {
 public:
  static constexpr StateKind kKind{"judgement", 1};

  explicit Judge(const AllParameters& parameters);
  explicit Judge(const ValidConfig& config)
      : Judge(AllParameters{config.judgement, config.recommendation, config.budgets}) {}

  /// Before the ticks of an interval: the host as it is now. What `host` points to must stay until the next
  /// one.
  void begin(const HostEvidence& host, std::int64_t now_ns);
  /// One container at one moment; for a stopped one `evidence.has_cgroup` is false. The result is valid until
  /// the next tick of this name, or forget_old().
  const Judgement& tick(const Subject& subject, const Evidence& evidence);
  /// Null when the name was never judged.
  [[nodiscard]] const Judgement* find(std::string_view name) const;
  /// Forgets names that were not seen for a day (a cleared recommendation is shown as long).
  void forget_old(double unix_seconds);
  /// Of one name, whenever it was seen.
  void forget(std::string_view name) {
    const auto found = states_.find(name);
    if (found != states_.end()) states_.erase(found);
  }
  [[nodiscard]] std::size_t size() const { return states_.size(); }
  [[nodiscard]] const Outcomes& outcomes() const { return outcomes_; }

  /// Counters, what is given and since when, events, leak windows: what a restart must not lose. Fast; the
  /// bytes are for write_saved_state(path, kKind, ...).
  [[nodiscard]] std::string serialise(double unix_seconds, std::int64_t now_ns) const;
  /// Before the first tick.
  Status parse(std::string_view bytes, double unix_seconds, std::int64_t now_ns);

 private:
  struct Tick;
  ContainerState& state_of(std::string_view name);
  bool follow(ContainerState& state, const Evidence& evidence, double dt, double now_seconds);
  void follow_leaks(ContainerState& state, const Evidence& evidence, double age, double now_seconds);
  bool awaits_reason(ContainerState& state, const Evidence& evidence, double now_seconds) const;
  void score(Tick& tick);
  void choose(Tick& tick);
  void rate_resources(Tick& tick, const struct CategoryChoice& choice);
  void count(Tick& tick);
  void look_wider(Tick& tick);
  void compare(Tick& tick);
  void find_suspects(Tick& tick);
  void advise(Tick& tick);

  AllParameters parameters_;
  HostEvidence host_;
  ContainerStates states_;
  FleetSurvey survey_;
  Outcomes outcomes_{};
  Signals fast_signals_;  ///< scratch
  std::int64_t first_ns_ = 0;
  double begun_seconds_ = kAbsent;    ///< last interval, be it of a run before
  double undated_seconds_ = kAbsent;  ///< until then counters tell of a time in which nobody watched, too
};

}  // namespace bottleneck
