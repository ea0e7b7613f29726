// A profile, no fault: memory is what limits it, CPU is nearly unused.
#include "exporter/analyze/advice/bound.h"

namespace bottleneck::advice {
namespace memory_bound {
namespace {

Condition check(const AdviceContext& context) {
  return bound_by(memory_use(context), cpu_use(context), context.p());
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
    .gauge = memory_use,
    .describe = memory_bound::describe,
};

}  // namespace bottleneck::advice
