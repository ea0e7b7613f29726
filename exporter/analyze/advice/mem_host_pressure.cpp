// Work waits for memory although no limit of its own is reached: the host is short.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace mem_host_pressure {
namespace {

double score(const AdviceContext& context) { return wide(context.judgement.of(Resource::kMemory).score); }

Condition check(const AdviceContext& context) {
  Condition condition =
      at_least(score(context), context.all.judgement.band_medium, context.p().memory_host_out,
               Severity::kMedium, context.all.judgement.band_high, Severity::kHigh);
  if (!context.category(Category::kMemoryHost)) condition.severity = Severity::kCleared;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  const double waiting = wide(context.judgement.of(Signal::kMemStall).inputs[0]);
  text.description = is_present(waiting)
                         ? "Its tasks waited for memory " + percent(waiting) + " of the last minute"
                         : std::string("It reads back what was evicted");
  text.description += ", and no limit of its own is reached. The host has " +
                      bytes(context.host.memory_available) + " of " + bytes(context.host.memory_total) +
                      " available.";
  if (context.fleet.growers != nullptr && !context.fleet.growers->empty()) {
    text.description += " What grew most: " + *context.fleet.growers + ".";
  }
  text.suggestion = "Free memory on the host, move work away, add memory, or set limits on what grows.";
  text.clears =
      lasting("Memory score below " + number(context.p().memory_host_out), context.p().leave_seconds);
}

}  // namespace
}  // namespace mem_host_pressure

const Advice kMemHostPressure = {
    .id = AdviceId::kMemHostPressure,
    .resource = Resource::kMemory,
    .check = mem_host_pressure::check,
    .gauge = mem_host_pressure::score,
    .describe = mem_host_pressure::describe,
};

}  // namespace bottleneck::advice
