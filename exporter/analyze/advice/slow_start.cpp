// From the start to the first healthy check it took longer than the five starts before.
#include <algorithm>

#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace slow_start {
namespace {

double startup(const AdviceContext& context) { return wide(context.events.startup); }
double usual(const AdviceContext& context) { return wide(context.events.startup_median); }

Condition check(const AdviceContext& context) {
  const RecommendationParameters& p = context.p();
  const double bound = std::max(p.slow_start_ratio * usual(context), usual(context) + p.slow_start_seconds);
  Condition condition;
  condition.over = !(startup(context) > bound);
  if (condition.over) return condition;
  const bool critical = startup(context) > p.slow_start_critical * usual(context);
  condition.severity = critical ? Severity::kCritical : Severity::kHigh;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "Its last start took " + duration(startup(context)) +
                     " until it was healthy; the starts before took " + duration(usual(context)) +
                     " (median).";
  text.suggestion =
      "See what changed: the image, the host's load at that time, a peer it waits for, a cache that was "
      "empty.";
  text.clears = "A start that is no slower than usual.";
}

}  // namespace
}  // namespace slow_start

const Advice kSlowStart = {
    .id = AdviceId::kSlowStart,
    .resource = Resource::kLifecycle,
    .enter = nullptr,
    .leave = nullptr,
    .early = true,
    .check = slow_start::check,
    .gauge = slow_start::startup,
    .describe = slow_start::describe,
};

}  // namespace bottleneck::advice
