// The kernel killed a process of it for lack of memory. At once, and for an hour.
#include <algorithm>

#include "exporter/analyze/advice/memory.h"

namespace bottleneck::advice {
namespace mem_oom_killed {
namespace {

bool by_host(const AdviceContext& context) {
  return context.events.oom_scope == OomScope::kHost || context.category(Category::kMemoryHost);
}

bool by_parent(const AdviceContext& context) { return context.events.oom_scope == OomScope::kAncestor; }

Condition check(const AdviceContext& context) {
  Condition condition;
  const bool recent = wide(context.events.oom_age) < context.p().oom_clean_seconds;
  condition.severity = recent ? Severity::kCritical : Severity::kCleared;
  condition.over = !recent;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  const Evidence& evidence = context.evidence;
  text.description = "The kernel killed processes of it for lack of memory " +
                     times(wide(std::max(1.0F, context.events.oom_kills))) +
                     " in the last hour, the last time " + duration(wide(context.events.oom_age)) + " ago";
  if (is_present(evidence.memory_limit)) text.description += "; its limit is " + bytes(evidence.memory_limit);
  text.description += ".";
  if (context.judgement.memory_leak.state >= LeakState::kSuspected) {
    text.suggestion =
        "Its memory only grows: find the leak. A higher limit puts the next kill off, no more; one step is "
        "offered.";
  } else if (by_host(context)) {
    text.suggestion =
        "The host ran out, not its own limit: free memory on the host, or set limits on what grows there.";
  } else if (by_parent(context)) {
    text.suggestion =
        "The limit of a parent cgroup (pod, slice) was hit, not its own: raise that one, or make what shares "
        "it "
        "need less.";
  } else if (!killed_at_this_limit(evidence, context.events, context.p())) {
    text.suggestion = "Its limits were changed since: nothing to do unless it is killed again.";
  } else if (is_present(evidence.memory_limit)) {
    text.suggestion = "Raise the memory limit to " + bytes(raised_memory_limit(context)) +
                      ", or make it need less (heap size, caches).";
  } else {
    text.suggestion = "Find which limit was hit: its own, that of a parent cgroup, or the host's memory.";
  }
  text.clears = "No kill for " + duration(context.p().oom_clean_seconds) + ".";
}

std::vector<Change> change(const AdviceContext& context) {
  if (by_host(context) || !killed_at_this_limit(context.evidence, context.events, context.p())) return {};
  return change_own_memory_limit(context, raised_memory_limit(context));
}

}  // namespace
}  // namespace mem_oom_killed

const Advice kMemOomKilled = {
    .id = AdviceId::kMemOomKilled,
    .resource = Resource::kMemory,
    .enter = nullptr,
    .leave = nullptr,
    .early = true,
    .check = mem_oom_killed::check,
    .gauge = [](const AdviceContext& context) { return wide(context.events.oom_age); },
    .describe = mem_oom_killed::describe,
    .change = mem_oom_killed::change,
};

}  // namespace bottleneck::advice
