// The lists of /api/v1/: pure functions from what was published to JSON, described by deploy/openapi.yaml.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/report/judgement_json.h"

namespace bottleneck {

/// Everything that the answers are made of, at one moment. What it points to outlives the call.
struct FleetView {
  double unix_seconds = 0;
  std::vector<ContainerView> containers;
  JudgementParameters parameters;
  /// Requests to the engine, mean duration by endpoint; empty where no engine is asked.
  struct EngineCall {
    std::string endpoint;
    double seconds = kAbsent;
  };
  std::vector<EngineCall> engine_calls;
};

/// An hour or a day of one name, from the kept distributions.
struct TrendPeriod {
  double unix_seconds = 0;  ///< its beginning
  double seconds = 0;       ///< its length
  double observed_seconds = 0;
  double cpu_p50 = kAbsent;  ///< cores
  double cpu_p98 = kAbsent;
  double memory_p50 = kAbsent;  ///< unreclaimable, bytes
  double memory_peak = kAbsent;
};
struct TrendView {
  std::string name;
  std::vector<TrendPeriod> hours;  ///< of the last day, oldest first
  std::vector<TrendPeriod> days;   ///< before, oldest first
};
inline constexpr int kMostTrendDays = 8;

struct BottleneckFilter {
  double threshold = 0.5;  ///< least score
  std::size_t limit = 100;
  std::optional<Resource> resource;
};
struct RecommendationFilter {
  std::string container;  ///< empty: all
  Severity least = Severity::kLow;
};

/// Worst first.
std::string containers_answer(const FleetView& fleet);
std::string container_answer(const FleetView& fleet, const ContainerView& container);
/// Resources with a score at or above the threshold, worst first.
std::string bottlenecks_answer(const FleetView& fleet, const BottleneckFilter& filter);
/// Given ones, worst first.
std::string recommendations_answer(const FleetView& fleet, const RecommendationFilter& filter);
/// Periods of the last `days` days: days, then the hours of the last one.
std::string trends_answer(const std::vector<TrendView>& trends, int days, double unix_seconds);
/// Counts by cause and severity, the worst, time held back, savings.
std::string summary_answer(const FleetView& fleet);
/// Slowest start-ups, longest held back, slowest engine calls.
std::string worst_answer(const FleetView& fleet, std::size_t limit);

/// Null when there is none of that name.
const ContainerView* find_container(const FleetView& fleet, std::string_view name);
std::optional<Resource> resource_named(std::string_view name);
std::optional<Severity> severity_named(std::string_view name);

}  // namespace bottleneck
