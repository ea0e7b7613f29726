// The image that runs needs more than the one before it, by a test that noise does not pass.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace regression {
namespace {

const RegressionReading* worst(const AdviceContext& context) {
  const RegressionReading* found = nullptr;
  for (const RegressionReading& reading : context.judgement.regressions) {
    if (reading.verdict == Verdict::kRegressed && (found == nullptr || reading.ratio > found->ratio))
      found = &reading;
  }
  return found;
}

double shift(const AdviceContext& context) {
  const RegressionReading* reading = worst(context);
  return reading == nullptr ? kAbsent : wide(reading->ratio);
}

Condition check(const AdviceContext& context) {
  Condition condition;
  const double ratio = shift(context);
  // Not compared yet, after a restart of the exporter, is no end.
  const bool pending = context.judgement.regressions.empty() && !context.evidence.minutes_before.empty();
  condition.over = !is_present(ratio) && !pending;
  if (!is_present(ratio)) return condition;
  condition.severity = Severity::kMedium;
  if (ratio >= context.p().regression_high) condition.severity = Severity::kHigh;
  if (ratio >= context.p().regression_critical) condition.severity = Severity::kCritical;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  const RegressionReading* reading = worst(context);
  text.description = "Since the image changed it needs " + percent(shift(context)) + " more " +
                     (reading == nullptr ? std::string("than before") : std::string(reading->metric));
  if (reading != nullptr) {
    text.description += " (" + percent(wide(reading->low)) + " to " + percent(wide(reading->high)) +
                        ", medians of blocks, p " +
                        (reading->p < 0.001F ? "below 0.001" : number(wide(reading->p))) + ", effect " +
                        number(wide(reading->delta)) + ")";
    text.description += reading->same_load
                            ? ", at about the same load"
                            : "; the load is not known: no packets are counted, or fewer than one a second";
  }
  text.description += ".";
  text.suggestion = "Compare the two versions under the same load, or roll back to the image before.";
  text.clears = "A comparison that no longer shows it, or another image.";
}

}  // namespace
}  // namespace regression

const Advice kRegression = {
    .id = AdviceId::kRegression,
    .resource = Resource::kCpu,
    .enter = nullptr,  // the comparison needs its minutes already
    .leave = nullptr,
    .check = regression::check,
    .gauge = regression::shift,
    .describe = regression::describe,
};

}  // namespace bottleneck::advice
