// One recommendation is one file: a condition with its end, its words, its change. This is what such a file
// fills.
#pragma once

#include <algorithm>
#include <string>

#include "exporter/analyze/advice/change.h"
#include "exporter/analyze/advice/text.h"
#include "exporter/analyze/events.h"
#include "exporter/analyze/signals.h"
#include "exporter/config/judgement.h"
#include "exporter/model/judgement.h"
#include "exporter/model/subject.h"

namespace bottleneck {

/// What is known of the other containers that matters for this one.
struct FleetFacts {
  bool accused = false;                     ///< a victim names this container for CPU
  const std::string* accused_by = nullptr;  ///< the last one that did
  float accused_correlation = kNoRate;
  const std::string* io_victim =
      nullptr;  ///< another container that waits for the device this one keeps busy
  float io_victim_stall = kNoRate;
  const std::string* growers = nullptr;  ///< those whose memory grew most in the last ten minutes, for a text
};

struct AdviceContext {
  const Evidence& evidence;
  const HostEvidence& host;
  const Subject& subject;
  const Judgement& judgement;
  const EventFacts& events;
  const FleetFacts& fleet;
  const AllParameters& all;
  bool measured = false;  ///< there is enough data for what comes from windows
  float device_busy = kNoRate;
  float device_share = kNoRate;
  std::array<double, kResourceCount> since_limits_changed;  ///< seconds, of each resource; absent: never

  [[nodiscard]] const RecommendationParameters& p() const { return all.recommendation; }
  [[nodiscard]] const WindowEvidence& score() const { return evidence.score; }
  [[nodiscard]] float signal(Signal signal) const { return judgement.of(signal).value; }
  [[nodiscard]] bool category(Category category) const { return judgement.category == category; }
};

/// `severity` above kCleared: the condition holds, this badly. `over`: it has ended. Between the two
/// thresholds neither is the case. `asks`: there too what is shown asks for a change, made from the numbers
/// of now; else what was changed has to show its effect first.
struct Condition {
  Severity severity = Severity::kCleared;
  bool over = true;
  bool asks = false;
};

/// The larger of two scores; one that is absent does not count.
inline double larger(double one, double other) {
  if (!is_present(one)) return other;
  return is_present(other) ? std::max(one, other) : one;
}

/// How long a condition has to last; a member of the parameters, nullptr: not at all.
using Hold = double RecommendationParameters::*;

struct Advice {
  AdviceId id;
  Resource resource;
  Hold enter = &RecommendationParameters::enter_seconds;
  Hold leave = &RecommendationParameters::leave_seconds;
  /// How long kCritical has to last before it is more than kHigh.
  Hold critical = nullptr;
  /// May fire in the first seconds of a container, and without one: lifecycle and out-of-memory.
  bool early = false;
  Condition (*check)(const AdviceContext& context) = nullptr;
  /// The number that the text is about: it is written anew when this has moved by a tenth.
  double (*gauge)(const AdviceContext& context) = nullptr;
  /// Fills description, suggestion and clears.
  void (*describe)(const AdviceContext& context, FindingText& text) = nullptr;
  /// The changes; null: there is none to paste.
  std::vector<Change> (*change)(const AdviceContext& context) = nullptr;
};

/// All recommendations, in the order of AdviceId.
const std::array<const Advice*, kAdviceCount>& advice_catalogue();

namespace advice {

/// "value >= in" with severities by further thresholds; over below `out`.
inline Condition at_least(double value, double in, double out, Severity severity) {
  Condition condition;
  condition.severity = value >= in ? severity : Severity::kCleared;
  condition.over = !(value >= out);
  return condition;
}
inline Condition at_least(double value, double in, double out, Severity severity, double more,
                          Severity severe) {
  Condition condition = at_least(value, in, out, severity);
  if (condition.severity != Severity::kCleared && value >= more) condition.severity = severe;
  return condition;
}

constexpr double wide(float value) { return static_cast<double>(value); }

#define ADVICE(id, name, type, title) extern const Advice id;
#include "exporter/model/advice.def"
#undef ADVICE

}  // namespace advice
}  // namespace bottleneck
