// A profile, no fault: CPU is what limits it, memory is nearly unused.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace cpu_bound {
namespace {

double memory_use(const AdviceContext& context) {
  return wide(context.judgement.of(Signal::kMemSpace).inputs[0]);
}
double cpu_use(const AdviceContext& context) {
  return wide(context.score().cpu_peak) / context.evidence.cpu_effective_limit;
}

Condition check(const AdviceContext& context) {
  const RecommendationParameters& p = context.p();
  Condition condition = at_least(cpu_use(context), p.bound_high, 0.9 * p.bound_high, Severity::kLow);
  if (!(memory_use(context) < p.bound_low)) condition.severity = Severity::kCleared;
  if (!(memory_use(context) < 1.3 * p.bound_low)) condition.over = true;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "Its CPU peak of the last minute is " + percent(cpu_use(context)) +
                     " of what it may use, and it holds only " + percent(memory_use(context)) +
                     " of its memory.";
  text.suggestion =
      "Place it by CPU: a host or node type with more CPUs for each GiB; its memory limit can be smaller.";
  text.clears = lasting("Another profile", context.p().leave_seconds);
}

}  // namespace
}  // namespace cpu_bound

const Advice kCpuBound = {
    .id = AdviceId::kCpuBound,
    .resource = Resource::kCpu,
    .enter = &RecommendationParameters::long_seconds,
    .check = cpu_bound::check,
    .gauge = cpu_bound::cpu_use,
    .describe = cpu_bound::describe,
};

}  // namespace bottleneck::advice
