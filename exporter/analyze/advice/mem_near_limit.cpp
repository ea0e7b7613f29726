// Little room between what cannot be freed and the limit. Judged on that, never on usage: cache fills any
// limit.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace mem_near_limit {
namespace {

double use(const AdviceContext& context) { return wide(context.judgement.of(Signal::kMemSpace).inputs[0]); }

Condition check(const AdviceContext& context) {
  const RecommendationParameters& p = context.p();
  return at_least(use(context), p.near_limit_in, p.near_limit_out, Severity::kLow, p.near_limit_medium,
                  Severity::kMedium);
}

void describe(const AdviceContext& context, FindingText& text) {
  const Evidence& evidence = context.evidence;
  text.description = percent(use(context)) + " of its limit of " + bytes(evidence.memory_effective_limit) +
                     " is memory that cannot be freed" +
                     (context.host.swap_total > 0 ? " without swapping" : "") + ": " +
                     bytes(evidence.memory_effective_limit - evidence.memory_unreclaimable) + " are left.";
  if (is_present(context.judgement.memory_growth)) {
    text.description += " It grows by " + bytes(context.judgement.memory_growth * 3600) + " an hour.";
  }
  text.suggestion =
      "Know what it may grow to; raise the limit before the next peak, or bound its heap and caches.";
  text.clears =
      lasting("Below " + percent(context.p().near_limit_out) + " of the limit", context.p().leave_seconds);
}

}  // namespace
}  // namespace mem_near_limit

const Advice kMemNearLimit = {
    .id = AdviceId::kMemNearLimit,
    .resource = Resource::kMemory,
    .check = mem_near_limit::check,
    .gauge = mem_near_limit::use,
    .describe = mem_near_limit::describe,
};

}  // namespace bottleneck::advice
