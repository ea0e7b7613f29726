// Memory that cannot be freed is near the limit, or work waits for memory at the limit. Never limit hits
// alone: page cache always fills to the limit.
#include <algorithm>

#include "exporter/analyze/advice/advice.h"
#include "exporter/analyze/sizing.h"

namespace bottleneck::advice {
namespace mem_limit_raise {
namespace {

constexpr float kTwice = 2;

bool stalls_at_limit(const AdviceContext& context) {
  const bool hit = context.score().limit_hits > 0 ||
                   wide(context.score().near_limit) >= context.all.judgement.near_limit_ticks;
  return hit && !context.judgement.of(Resource::kMemory).induced && !context.category(Category::kMemoryHost);
}

double pressure(const AdviceContext& context) {
  const double space = wide(context.signal(Signal::kMemSpace));
  const double stall = stalls_at_limit(context) ? wide(context.signal(Signal::kMemStall)) : kAbsent;
  if (!is_present(stall)) return space;
  return is_present(space) ? std::max(space, stall) : stall;
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

double target(const AdviceContext& context) {
  return raised_memory_limit(context.evidence.memory_limit, context.judgement.memory_size.recommended,
                             context.all.judgement);
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
      own ? "Raise the memory limit to " + bytes(target(context)) +
                ", or make it need less (heap size, caches)."
          : "Raise the memory limit of its parent cgroup, or make it need less (heap size, caches).";
  text.clears = lasting("Scores mem.space and mem.stall below " + number(context.p().memory_limit_raise_out),
                        context.p().leave_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  if (!is_present(context.evidence.memory_limit)) return {};
  return change_memory_limit(context.subject, context.evidence.memory_limit, target(context),
                             context.evidence.memory_swap_limit);
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
