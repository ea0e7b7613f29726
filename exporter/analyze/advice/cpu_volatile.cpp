// CPU use that swings: limits are then either too large or too small most of the time.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace cpu_volatile {
namespace {

double volatility(const AdviceContext& context) { return wide(context.judgement.cpu_volatility); }

Condition check(const AdviceContext& context) {
  Condition condition = at_least(volatility(context), context.p().cpu_volatile_in,
                                 context.p().cpu_volatile_out, Severity::kLow);
  if (!(wide(context.judgement.cpu_mean_use) >= context.p().cpu_volatile_use))
    condition.severity = Severity::kCleared;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "Over the last hour its CPU use by minute deviated from its median by " +
                     percent(volatility(context)) + " (robust), at a mean of " +
                     percent(wide(context.judgement.cpu_mean_use)) + " of what it may use.";
  text.suggestion =
      "Spread periodic work (jitter on timers, smaller batches), or scale replicas with the load instead of "
      "sizing for "
      "the peak.";
  text.clears =
      lasting("Volatility below " + percent(context.p().cpu_volatile_out), context.p().leave_seconds);
}

}  // namespace
}  // namespace cpu_volatile

const Advice kCpuVolatile = {
    .id = AdviceId::kCpuVolatile,
    .resource = Resource::kCpu,
    .check = cpu_volatile::check,
    .gauge = cpu_volatile::volatility,
    .describe = cpu_volatile::describe,
};

}  // namespace bottleneck::advice
