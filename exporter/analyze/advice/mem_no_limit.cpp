// A quarter of the memory of a host that is nearly full, and nothing that would stop it at all of it.
#include <algorithm>

#include "exporter/analyze/advice/advice.h"
#include "exporter/analyze/sizing.h"

namespace bottleneck::advice {
namespace mem_no_limit {
namespace {

double share(const AdviceContext& context) {
  return context.evidence.memory_unreclaimable / context.host.memory_total;
}

Condition check(const AdviceContext& context) {
  Condition condition = at_least(share(context), context.p().no_limit_memory_share,
                                 0.8 * context.p().no_limit_memory_share, Severity::kLow);
  const bool limited = has_memory_limit(context.evidence, context.host);
  const double available = context.host.memory_available / context.host.memory_total;
  if (!(available < context.p().no_limit_memory_available) || limited)
    condition.severity = Severity::kCleared;
  if (limited) condition.over = true;
  return condition;
}

double target(const AdviceContext& context) {
  const double size = context.judgement.memory_size.recommended;
  const double now = round_memory(context.all.judgement.size_memory * context.evidence.memory_unreclaimable);
  return std::min(is_present(size) ? std::max(size, now) : now, context.host.memory_total);
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "It holds " + bytes(context.evidence.memory_unreclaimable) + " that cannot be freed, " +
                     percent(share(context)) + " of the host's memory, of which " +
                     bytes(context.host.memory_available) + " is available, and has no memory limit.";
  text.suggestion =
      "Set a limit: without one the kernel chooses whom to kill when the host runs out, and it may be "
      "another "
      "container.";
  text.clears =
      lasting("A limit, or less than " + percent(0.8 * context.p().no_limit_memory_share) + " of the memory",
              context.p().leave_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  return change_memory_limit(context.subject, kAbsent, target(context), kAbsent);
}

}  // namespace
}  // namespace mem_no_limit

const Advice kMemNoLimit = {
    .id = AdviceId::kMemNoLimit,
    .resource = Resource::kMemory,
    .check = mem_no_limit::check,
    .gauge = mem_no_limit::share,
    .describe = mem_no_limit::describe,
    .change = mem_no_limit::change,
};

}  // namespace bottleneck::advice
