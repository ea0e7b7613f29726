// The limit is far above what days of history wanted.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace cpu_rightsize_down {
namespace {

Condition check(const AdviceContext& context) {
  Condition condition;
  condition.over = context.judgement.cpu_size.status != SizeStatus::kLower;
  condition.severity = condition.over ? Severity::kCleared : Severity::kLow;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  const RightSize& size = context.judgement.cpu_size;
  text.description = "Its limit is " + cores(context.evidence.cpu_limit) + "; " + cores(size.recommended) +
                     " would do (" + cores(size.lower) + " to " + cores(size.upper) + ").";
  if (const DemandSummary* demand = context.evidence.demand; demand != nullptr) {
    text.description += " Over " + duration(demand->hours * 3600) + " it wanted " + cores(demand->cpu_p90) +
                        " or less in 90 % and " + cores(demand->cpu_p98) +
                        " or less in 98 % of the time, and was not held back.";
  }
  text.suggestion =
      "Lower the limit to " + cores(size.recommended) + ": it saves " + cores(size.saving) + ".";
  text.clears =
      lasting("The limit within " + number(context.all.judgement.size_down_cpu) + " times the right size",
              context.p().leave_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  return change_cpu_limit(context.subject, context.evidence.cpu_limit,
                          context.judgement.cpu_size.recommended);
}

}  // namespace
}  // namespace cpu_rightsize_down

const Advice kCpuRightsizeDown = {
    .id = AdviceId::kCpuRightsizeDown,
    .resource = Resource::kCpu,
    .check = cpu_rightsize_down::check,
    .gauge = [](const AdviceContext& context) { return context.judgement.cpu_size.recommended; },
    .describe = cpu_rightsize_down::describe,
    .change = cpu_rightsize_down::change,
};

}  // namespace bottleneck::advice
