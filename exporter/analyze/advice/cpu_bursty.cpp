// Throttled although it uses less than half of the limit: short bursts of many threads empty the quota of a
// period.
#include <algorithm>

#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace cpu_bursty {
namespace {

double use_of_limit(const AdviceContext& context) {
  return wide(context.score().cpu_cores) / context.evidence.cpu_limit;
}

Condition check(const AdviceContext& context) {
  Condition condition = at_least(wide(context.score().throttled_periods), context.p().cpu_limit_raise_periods,
                                 context.p().cpu_bursty_out, Severity::kLow);
  if (!(use_of_limit(context) < context.p().cpu_bursty_use)) condition.severity = Severity::kCleared;
  if (!is_present(context.evidence.cpu_limit)) condition = {};
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "In the last minute " + percent(wide(context.score().throttled_periods)) +
                     " of the periods were throttled, although it used only " +
                     percent(use_of_limit(context)) + " of its limit of " +
                     cores(context.evidence.cpu_limit) + ".";
  text.suggestion =
      "Let fewer workers run at once (GOMAXPROCS, a thread pool, worker processes), or allow bursts: what is "
      "saved "
      "in quiet periods may then be used in a busy one. The written file lasts until the container is made "
      "anew.";
  text.clears =
      lasting("Throttled periods below " + percent(context.p().cpu_bursty_out), context.p().leave_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  return change_cpu_burst(context.subject, context.evidence.cpu_limit);
}

}  // namespace
}  // namespace cpu_bursty

const Advice kCpuBursty = {
    .id = AdviceId::kCpuBursty,
    .resource = Resource::kCpu,
    .check = cpu_bursty::check,
    .gauge = [](const AdviceContext& context) { return wide(context.score().throttled_periods); },
    .describe = cpu_bursty::describe,
    .change = cpu_bursty::change,
};

}  // namespace bottleneck::advice
