#include "exporter/analyze/budgets.h"

#include <algorithm>
#include <charconv>

#include "exporter/base/text.h"

namespace bottleneck {
namespace {

constexpr std::size_t kMostBudgets = 8;
constexpr std::string_view kNames[] = {"cpu", "memory", "start"};

double value_of(std::string_view name, const Evidence& evidence) {
  if (name == "cpu") return static_cast<double>(evidence.slow.cpu_cores) / evidence.cpu_effective_limit;
  if (name == "memory") return evidence.memory_unreclaimable / evidence.memory_effective_limit;
  if (name == "start") return evidence.life.startup_seconds;
  return kAbsent;
}

double objective_of(std::string_view name, const Subject& subject, const BudgetParameters& parameters) {
  for (const Budget& budget : subject.budgets) {
    if (budget.name == name) return budget.objective;
  }
  if (!parameters.enabled) return kAbsent;
  if (name == "cpu") return parameters.cpu_ratio;
  return name == "memory" ? parameters.memory_ratio : parameters.start_seconds;
}

}  // namespace

double parse_budget(std::string_view text) {
  text = trim(text);
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc()) return kAbsent;
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  if (unit == "%") value /= 100;
  if (unit == "ms") value /= 1000;
  const bool known = unit.empty() || unit == "%" || unit == "ms" || unit == "s";
  return known && value > 0 && value < 1e9 ? value : kAbsent;
}

void update_budgets(const Subject& subject, const Evidence& evidence, const BudgetParameters& parameters,
                    double dt, Judgement& judgement) {
  for (const std::string_view name : kNames) {
    const double objective = objective_of(name, subject, parameters);
    auto known = std::find_if(judgement.budgets.begin(), judgement.budgets.end(),
                              [&](const BudgetReading& budget) { return budget.name == name; });
    if (!is_present(objective)) {
      if (known != judgement.budgets.end()) judgement.budgets.erase(known);
      continue;
    }
    if (known == judgement.budgets.end()) {
      if (judgement.budgets.size() >= kMostBudgets) continue;
      judgement.budgets.push_back({.name = std::string(name)});
      known = judgement.budgets.end() - 1;
    }
    known->objective = objective;
    known->value = value_of(name, evidence);
    known->used = known->value / objective;
    // A start is one event: the time since a slow one says nothing about a rate.
    known->kept_share = name == "start" ? kAbsent : parameters.objective_ratio;
    if (!is_present(known->used)) continue;
    known->observed_seconds += dt;
    if (known->used > 1) known->violation_seconds += dt;
  }
}

}  // namespace bottleneck
