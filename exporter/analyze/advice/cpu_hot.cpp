// Nearly all the CPU it may use, for a quarter of an hour, without being throttled: no room for more.
#include "exporter/analyze/advice/advice.h"
#include "exporter/analyze/sizing.h"

namespace bottleneck::advice {
namespace cpu_hot {
namespace {

double use(const AdviceContext& context) { return wide(context.judgement.of(Signal::kCpuUtil).inputs[0]); }

Condition check(const AdviceContext& context) {
  Condition condition =
      at_least(use(context), context.p().cpu_hot_in, context.p().cpu_hot_out, Severity::kLow);
  const double throttled = wide(context.judgement.of(Signal::kCpuQuota).inputs[1]);
  if (throttled >= context.all.judgement.cpu_quota_periods) condition.severity = Severity::kCleared;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "It uses " + percent(use(context)) + " of the " +
                     cores(context.evidence.cpu_effective_limit) + " it may use, and is not throttled yet.";
  text.suggestion = "Give it more room before the load grows: a higher limit, more replicas, or less work.";
  text.clears = lasting("Use below " + percent(context.p().cpu_hot_out), context.p().leave_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  const double limit = context.evidence.cpu_limit;
  if (!is_present(limit) || limit > context.evidence.cpu_effective_limit) return {};
  const double to = round_cores(context.all.judgement.size_cpu_raise * limit);
  if (to > usable_cpus(context.evidence, context.host)) return {};
  return change_cpu_limit(context.subject, limit, to);
}

}  // namespace
}  // namespace cpu_hot

const Advice kCpuHot = {
    .id = AdviceId::kCpuHot,
    .resource = Resource::kCpu,
    .enter = &RecommendationParameters::long_seconds,
    .check = cpu_hot::check,
    .gauge = cpu_hot::use,
    .describe = cpu_hot::describe,
    .change = cpu_hot::change,
};

}  // namespace bottleneck::advice
