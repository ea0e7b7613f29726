// Two whole windows in which memory only grew. The text gives the range that the slopes allow.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace mem_leak_suspected {
namespace {

Condition check(const AdviceContext& context) {
  const LeakReading& leak = context.judgement.memory_leak;
  Condition condition;
  condition.over = leak.state < LeakState::kSuspected;
  if (condition.over) return condition;
  condition.severity = Severity::kMedium;
  if (leak.limit_seconds < context.p().leak_high_hours * 3600) condition.severity = Severity::kHigh;
  if (leak.limit_seconds < context.p().leak_critical_hours * 3600) condition.severity = Severity::kCritical;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  const LeakReading& leak = context.judgement.memory_leak;
  text.description = "Memory that cannot be freed grew by " + percent(wide(leak.growth)) + " in " +
                     duration(wide(leak.window_seconds)) +
                     ", in every quarter of it and in the window before as well (Kendall's tau " +
                     number(wide(leak.tau)) + "): " + bytes(leak.slope * 3600) + " an hour, " +
                     bytes(leak.slope_low * 3600) + " to " + bytes(leak.slope_high * 3600) + ".";
  if (is_present(leak.limit_seconds)) {
    text.description += " At this pace it reaches the limit of " +
                        bytes(context.evidence.memory_effective_limit) + " in " +
                        duration(leak.limit_seconds) + ".";
  }
  text.suggestion =
      "Find what is kept: a heap profile now and one in an hour, unbounded caches, sessions, listeners that "
      "are never "
      "removed. Until then restart it at a quiet hour; a higher limit only puts the end off.";
  text.clears = "A whole window with tau below " + number(context.all.judgement.leak_leave_tau) +
                ", or memory that is let go.";
}

}  // namespace
}  // namespace mem_leak_suspected

const Advice kMemLeakSuspected = {
    .id = AdviceId::kMemLeakSuspected,
    .resource = Resource::kMemory,
    .enter = nullptr,  // the rule looked at two windows already
    .leave = nullptr,
    .check = mem_leak_suspected::check,
    .gauge = [](const AdviceContext& context) { return context.judgement.memory_leak.slope; },
    .describe = mem_leak_suspected::describe,
};

}  // namespace bottleneck::advice
