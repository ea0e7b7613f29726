// Ends and is started again, and nobody asked for it.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace restart_loop {
namespace {

Condition check(const AdviceContext& context) {
  const RecommendationParameters& p = context.p();
  // Over when none was seen for as long as they are counted in.
  return at_least(wide(context.events.restarts_recent), p.restart_high, 0.5, Severity::kHigh,
                  p.restart_critical, Severity::kCritical);
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "It was restarted " + times(wide(context.events.restarts_recent)) + " in " +
                     duration(context.p().restart_seconds);
  if (is_present(context.evidence.life.exit_code)) {
    text.description += "; the last exit code was " + number(context.evidence.life.exit_code);
  }
  text.description += ".";
  if (context.events.killed_from_outside) {
    text.description +=
        " 137 without an out-of-memory kill: something killed it from outside (a probe, a person, an "
        "orchestrator).";
  }
  if (wide(context.events.oom_age) < context.p().oom_clean_seconds) {
    text.suggestion = "It runs out of memory: see MEM_OOM_KILLED.";
  } else {
    text.suggestion =
        "Read the end of its log; a missing file, variable or peer at the start is the usual reason.";
  }
  text.clears = "No restart for " + duration(context.p().restart_seconds) + ".";
}

}  // namespace
}  // namespace restart_loop

const Advice kRestartLoop = {
    .id = AdviceId::kRestartLoop,
    .resource = Resource::kLifecycle,
    .enter = nullptr,
    .leave = nullptr,
    .early = true,
    .check = restart_loop::check,
    .gauge = [](const AdviceContext& context) { return wide(context.events.restarts_recent); },
    .describe = restart_loop::describe,
};

}  // namespace bottleneck::advice
