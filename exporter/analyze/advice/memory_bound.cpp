// A profile, no fault: memory is what limits it, CPU is nearly unused.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace memory_bound {
namespace {

double memory_use(const AdviceContext& context) {
  return wide(context.judgement.of(Signal::kMemSpace).inputs[0]);
}
double cpu_use(const AdviceContext& context) {
  return wide(context.score().cpu_peak) / context.evidence.cpu_effective_limit;
}

Condition check(const AdviceContext& context) {
  const RecommendationParameters& p = context.p();
  Condition condition = at_least(memory_use(context), p.bound_high, 0.9 * p.bound_high, Severity::kLow);
  if (!(cpu_use(context) < p.bound_low)) condition.severity = Severity::kCleared;
  if (!(cpu_use(context) < 1.3 * p.bound_low)) condition.over = true;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "It holds " + percent(memory_use(context)) +
                     " of its memory, and its CPU peak of the last minute is " + percent(cpu_use(context)) +
                     " of what it may use.";
  text.suggestion =
      "Place it by memory: a host or node type with more memory for each CPU; its CPU limit can be small.";
  text.clears = lasting("Another profile", context.p().leave_seconds);
}

}  // namespace
}  // namespace memory_bound

const Advice kMemoryBound = {
    .id = AdviceId::kMemoryBound,
    .resource = Resource::kMemory,
    .enter = &RecommendationParameters::long_seconds,
    .check = memory_bound::check,
    .gauge = memory_bound::memory_use,
    .describe = memory_bound::describe,
};

}  // namespace bottleneck::advice
