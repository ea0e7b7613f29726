// Memory use that swings: a limit has to hold the peaks, most of the time for nothing.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace mem_volatile {
namespace {

double volatility(const AdviceContext& context) { return wide(context.judgement.memory_volatility); }

Condition check(const AdviceContext& context) {
  return at_least(volatility(context), context.p().memory_volatile_in, context.p().memory_volatile_out,
                  Severity::kLow);
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "Over the last hour its memory that cannot be freed deviated from its median by " +
                     percent(volatility(context)) + " (robust).";
  text.suggestion =
      "Look at the pattern of allocation: large batches, caches that are dropped as a whole, a garbage "
      "collector that "
      "runs rarely.";
  text.clears =
      lasting("Volatility below " + percent(context.p().memory_volatile_out), context.p().leave_seconds);
}

}  // namespace
}  // namespace mem_volatile

const Advice kMemVolatile = {
    .id = AdviceId::kMemVolatile,
    .resource = Resource::kMemory,
    .check = mem_volatile::check,
    .gauge = mem_volatile::volatility,
    .describe = mem_volatile::describe,
};

}  // namespace bottleneck::advice
