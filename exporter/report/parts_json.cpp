#include "exporter/report/parts_json.h"

#include <utility>

namespace bottleneck {
namespace {

std::string_view name_of(SizeConfidence confidence) {
  static constexpr std::array<std::string_view, 4> kNames = {"none", "low", "medium", "high"};
  return kNames[static_cast<std::size_t>(confidence)];
}

OrderedJson size_json(const RightSize& size, std::string_view unit) {
  OrderedJson out = {
      {"status", name_of(size.status)}, {"confidence", name_of(size.confidence)}, {"unit", unit}};
  put(out, "recommended", size.recommended);
  put(out, "lower", size.lower);
  put(out, "upper", size.upper);
  put(out, "saving", size.saving);
  return out;
}

OrderedJson leak_json(const LeakReading& leak, std::string_view unit) {
  OrderedJson out = {{"state", name_of(leak.state)}, {"unit", unit}};
  put(out, "tau", leak.tau);
  put(out, "growth_ratio", leak.growth);
  put(out, "window_seconds", leak.window_seconds);
  put(out, "slope_per_second", leak.slope);
  put(out, "slope_low_per_second", leak.slope_low);
  put(out, "slope_high_per_second", leak.slope_high);
  put(out, "seconds_to_limit", leak.limit_seconds);
  return out;
}

OrderedJson workload_json(const Judgement& judgement) {
  OrderedJson out = {{"profile", name_of(judgement.profile)}};
  put(out, "cpu_efficiency", judgement.cpu_efficiency);
  put(out, "memory_efficiency", judgement.memory_efficiency);
  put(out, "cpu_volatility", judgement.cpu_volatility);
  put(out, "memory_volatility", judgement.memory_volatility);
  put(out, "cpu_mean_use", judgement.cpu_mean_use);
  return out;
}

OrderedJson regression_json(const RegressionReading& reading) {
  OrderedJson out = {{"metric", reading.metric}, {"verdict", name_of(reading.verdict)}};
  put(out, "shift_ratio", reading.ratio);
  put(out, "shift_low", reading.low);
  put(out, "shift_high", reading.high);
  put(out, "p", reading.p);
  put(out, "cliffs_delta", reading.delta);
  put(out, "reason", reading.reason);
  return out;
}

OrderedJson budget_json(const BudgetReading& budget) {
  OrderedJson out = {{"budget", budget.name}};
  put(out, "value", budget.value);
  put(out, "objective", budget.objective);
  put(out, "used_ratio", budget.used);
  out["violation_seconds"] = budget.violation_seconds;
  out["observed_seconds"] = budget.observed_seconds;
  return out;
}

}  // namespace

void add_parts(const Judgement& judgement, OrderedJson& out) {
  out["right_sizes"] = {{"cpu", size_json(judgement.cpu_size, "cores")},
                        {"memory", size_json(judgement.memory_size, "bytes")}};
  out["leaks"] = {{"memory", leak_json(judgement.memory_leak, "bytes")},
                  {"open_files", leak_json(judgement.file_leak, "files")},
                  {"threads", leak_json(judgement.thread_leak, "threads")}};
  put(out, "memory_growth_bytes_per_second", judgement.memory_growth);
  put(out, "memory_limit_forecast", judgement.memory_forecast_unix);
  out["workload"] = workload_json(judgement);
  out["neighbours"] = OrderedJson::array();
  for (const NeighbourReading& neighbour : judgement.neighbours) {
    OrderedJson row = {{"suspect", neighbour.name}, {"resource", name_of(neighbour.resource)}};
    put(row, "correlation", neighbour.correlation);
    out["neighbours"].push_back(std::move(row));
  }
  out["regressions"] = OrderedJson::array();
  for (const RegressionReading& reading : judgement.regressions)
    out["regressions"].push_back(regression_json(reading));
  out["budgets"] = OrderedJson::array();
  for (const BudgetReading& budget : judgement.budgets) out["budgets"].push_back(budget_json(budget));
}

}  // namespace bottleneck
