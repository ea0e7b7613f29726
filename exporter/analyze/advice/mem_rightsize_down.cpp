// The limit is far above what days of history held.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace mem_rightsize_down {
namespace {

Condition check(const AdviceContext& context) {
  Condition condition;
  condition.over = context.judgement.memory_size.status != SizeStatus::kLower;
  condition.severity = condition.over ? Severity::kCleared : Severity::kLow;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  const RightSize& size = context.judgement.memory_size;
  text.description = "Its limit is " + bytes(context.evidence.memory_limit) + "; " + bytes(size.recommended) +
                     " would do (" + bytes(size.lower) + " to " + bytes(size.upper) + ").";
  if (const DemandSummary* demand = context.evidence.demand; demand != nullptr) {
    text.description += " Over " + duration(demand->hours * 3600) +
                        " the peak of memory that cannot be freed was " + bytes(demand->memory_peak) +
                        ", and cache in use " + bytes(demand->active_file) +
                        "; nothing was killed and nothing waited.";
  }
  text.suggestion =
      "Lower the limit to " + bytes(size.recommended) + ": it saves " + bytes(size.saving) + ".";
  text.clears =
      lasting("The limit within " + number(context.all.judgement.size_down_memory) + " times the right size",
              context.p().leave_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  return change_memory_limit(context.subject, context.evidence.memory_limit,
                             context.judgement.memory_size.recommended, context.evidence.memory_swap_limit);
}

}  // namespace
}  // namespace mem_rightsize_down

const Advice kMemRightsizeDown = {
    .id = AdviceId::kMemRightsizeDown,
    .resource = Resource::kMemory,
    .check = mem_rightsize_down::check,
    .gauge = [](const AdviceContext& context) { return context.judgement.memory_size.recommended; },
    .describe = mem_rightsize_down::describe,
    .change = mem_rightsize_down::change,
};

}  // namespace bottleneck::advice
