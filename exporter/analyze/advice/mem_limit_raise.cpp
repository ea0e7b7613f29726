// Memory that cannot be freed is near the limit, or work waits for memory at the limit. Never limit hits
// alone: page cache always fills to the limit.
#include <algorithm>

#include "exporter/analyze/advice/memory.h"

namespace bottleneck::advice {
namespace mem_limit_raise {
namespace {

constexpr float kTwice = 2;

bool stalls_at_limit(const AdviceContext& context) {
  return at_memory_limit(context) && !context.judgement.of(Resource::kMemory).induced &&
         !context.category(Category::kMemoryHost);
}

double pressure(const AdviceContext& context) {
  return larger(wide(context.signal(Signal::kMemSpace)),
                stalls_at_limit(context) ? wide(context.signal(Signal::kMemStall)) : kAbsent);
}

Condition check(const AdviceContext& context) {
  Condition condition = at_least(pressure(context), context.p().memory_limit_raise_in,
                                 context.p().memory_limit_raise_out, Severity::kHigh);
  if (condition.severity != Severity::kCleared && context.events.oom_kills >= kTwice) {
    condition.severity = Severity::kCritical;
  }
  const bool leaks = context.judgement.memory_leak.state >= LeakState::kSuspected;
  if (leaks || !has_memory_limit(context.evidence, context.host)) condition = {};
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  const Evidence& evidence = context.evidence;
  text.description = bytes(evidence.memory_unreclaimable) + " of its memory cannot be freed, " +
                     percent(evidence.memory_unreclaimable / evidence.memory_effective_limit) +
                     " of the limit of " + bytes(evidence.memory_effective_limit);
  const SignalReading& stall = context.judgement.of(Signal::kMemStall);
  if (is_present(stall.inputs[0])) {
    text.description +=
        "; in the last minute its tasks waited for memory " + percent(wide(stall.inputs[0])) + " of the time";
  }
  if (context.score().limit_hits > 0) {
    text.description +=
        " and the limit was hit " + number(wide(context.score().limit_hits)) + " times a second";
  }
  text.description += ".";
  const bool own = is_present(evidence.memory_limit);
  text.suggestion =
      own ? "Raise the memory limit to " + bytes(raised_memory_limit(context)) +
                ", or make it need less (heap size, caches)."
          : "Raise the memory limit of its parent cgroup, or make it need less (heap size, caches).";
  text.clears = lasting("Scores mem.space and mem.stall below " + number(context.p().memory_limit_raise_out),
                        context.p().leave_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  return change_own_memory_limit(context, raised_memory_limit(context));
}

}  // namespace
}  // namespace mem_limit_raise

const Advice kMemLimitRaise = {
    .id = AdviceId::kMemLimitRaise,
    .resource = Resource::kMemory,
    .check = mem_limit_raise::check,
    .gauge = mem_limit_raise::pressure,
    .describe = mem_limit_raise::describe,
    .change = mem_limit_raise::change,
};

}  // namespace bottleneck::advice
