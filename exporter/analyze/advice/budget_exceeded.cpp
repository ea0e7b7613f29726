// A performance budget that somebody set is exceeded.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace budget_exceeded {
namespace {

constexpr double kOut = 0.95;

const BudgetReading* worst(const AdviceContext& context) {
  const BudgetReading* found = nullptr;
  for (const BudgetReading& budget : context.judgement.budgets) {
    if (is_present(budget.used) && (found == nullptr || budget.used > found->used)) found = &budget;
  }
  return found;
}

double used(const AdviceContext& context) {
  const BudgetReading* budget = worst(context);
  return budget == nullptr ? kAbsent : budget->used;
}

Condition check(const AdviceContext& context) {
  Condition condition =
      at_least(used(context), 1, kOut, static_cast<Severity>(static_cast<int>(context.all.budgets.severity)));
  if (!(used(context) > 1)) condition.severity = Severity::kCleared;  // a budget that is just kept is kept
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  const BudgetReading* budget = worst(context);
  if (budget == nullptr) return;
  const bool time = budget->name == "start";
  const auto show = [&](double value) { return time ? duration(value) : percent(value); };
  text.description = "Its budget " + in_quotes(budget->name) + " is " + show(budget->objective) +
                     ", and it is at " + show(budget->value) + ".";
  if (budget->observed_seconds > 0) {
    text.description += " It was exceeded for " +
                        percent(budget->violation_seconds / budget->observed_seconds) +
                        " of the time since it is watched; the objective is to keep it " +
                        percent(context.all.budgets.objective_ratio) + " of the time.";
  }
  text.suggestion =
      "See which resource it is and what its score says; or set a budget that fits what it is for.";
  text.clears = lasting("At most " + percent(kOut) + " of the budget", context.p().leave_seconds);
}

}  // namespace
}  // namespace budget_exceeded

const Advice kBudgetExceeded = {
    .id = AdviceId::kBudgetExceeded,
    .resource = Resource::kCpu,
    .check = budget_exceeded::check,
    .gauge = budget_exceeded::used,
    .describe = budget_exceeded::describe,
};

}  // namespace bottleneck::advice
