// The quota takes a tenth of the wanted CPU time or more. Not "a quarter of the periods are throttled": that
// rule ignores how long a throttle lasts.
#include <algorithm>

#include "exporter/analyze/advice/advice.h"
#include "exporter/analyze/sizing.h"

namespace bottleneck::advice {
namespace cpu_limit_raise {
namespace {

bool is_ancestor(const AdviceContext& context) {
  return is_present(context.evidence.above_limit) &&
         !(context.score().throttled_share > context.score().above_share);
}

Condition check(const AdviceContext& context) {
  const SignalReading& quota = context.judgement.of(Signal::kCpuQuota);
  const double d = wide(quota.inputs[0]);
  const double p = wide(quota.inputs[1]);
  const RecommendationParameters& limits = context.p();
  Condition condition = at_least(d, limits.cpu_limit_raise_in, limits.cpu_limit_raise_out, Severity::kMedium,
                                 limits.cpu_limit_raise_high, Severity::kHigh);
  if (d >= limits.cpu_limit_raise_critical) condition.severity = Severity::kCritical;
  if (!is_present(quota.value) || !(p >= limits.cpu_limit_raise_periods)) {
    condition.severity = Severity::kCleared;
    return condition;
  }
  // How much is wanted shows under any quota: a rest that a raise has left is no effect to be waited for.
  condition.asks = !condition.over;
  return condition;
}

double target(const AdviceContext& context) {
  const double limit = context.evidence.cpu_limit;
  const double least = round_cores(context.all.judgement.size_cpu_raise * limit);
  const double size = context.judgement.cpu_size.recommended;
  return std::min(size > limit ? std::max(size, least) : least,
                  most_useful_cores(limit, context.evidence, context.host));
}

void describe(const AdviceContext& context, FindingText& text) {
  const SignalReading& quota = context.judgement.of(Signal::kCpuQuota);
  const double d = wide(quota.inputs[0]);
  const double used = wide(quota.inputs[3]);
  const std::string whose = is_ancestor(context)
                                ? "The quota of its parent cgroup " + in_quotes(context.evidence.above_name) +
                                      ", " + cores(wide(quota.inputs[2])) + ","
                                : "Its quota of " + cores(wide(quota.inputs[2]));
  text.description = whose + " took " + percent(d) + " of the CPU time that was wanted in the last minute; " +
                     percent(wide(quota.inputs[1])) + " of the periods were throttled. It used " +
                     cores(used);
  if (!is_ancestor(context) && d < 0.95) text.description += " and wanted about " + cores(used / (1 - d));
  text.description += ".";
  if (is_ancestor(context)) {
    text.suggestion =
        "Raise the quota of the parent cgroup, or move work out of it: raising the container's own limit "
        "changes nothing.";
  } else if (target(context) > context.evidence.cpu_limit) {
    text.suggestion = "Raise the CPU limit to " + cores(target(context)) +
                      ", or let fewer threads run at once where the load comes in bursts.";
  } else {
    text.suggestion = "Let fewer threads run at once: its limit is as large as the CPUs that it may use.";
  }
  text.clears =
      lasting("Throttled time below " + percent(context.p().cpu_limit_raise_out) + " of the wanted time",
              context.p().leave_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  if (is_ancestor(context) || !(target(context) > context.evidence.cpu_limit)) return {};
  return change_cpu_limit(context.subject, context.evidence.cpu_limit, target(context));
}

}  // namespace
}  // namespace cpu_limit_raise

const Advice kCpuLimitRaise = {
    .id = AdviceId::kCpuLimitRaise,
    .resource = Resource::kCpu,
    .critical = &RecommendationParameters::long_seconds,
    .check = cpu_limit_raise::check,
    .gauge =
        [](const AdviceContext& context) { return wide(context.judgement.of(Signal::kCpuQuota).inputs[0]); },
    .describe = cpu_limit_raise::describe,
    .change = cpu_limit_raise::change,
};

}  // namespace bottleneck::advice
