// A profile, no fault: CPU is what limits it, memory is nearly unused.
#include "exporter/analyze/advice/bound.h"

namespace bottleneck::advice {
namespace cpu_bound {
namespace {

Condition check(const AdviceContext& context) {
  return bound_by(cpu_use(context), memory_use(context), context.p());
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
    .gauge = cpu_use,
    .describe = cpu_bound::describe,
};

}  // namespace bottleneck::advice
