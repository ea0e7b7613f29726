// Comparison of two periods, versions or containers: medians of blocks that do not depend on each other, a
// rank test, the size of the shift and of the effect. Raw seconds would give a false alarm every other time.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "exporter/config/judgement.h"
#include "exporter/model/judgement.h"

namespace bottleneck {

/// One metric of both sides: equally spaced values, NaN for none.
struct ComparedMetric {
  std::string_view name;
  std::vector<float> before;
  std::vector<float> after;
  float least = 0;  ///< a median below this is too small to compare
};

/// Verdicts in the order of `metrics`; false discovery rate over all of them. `load_before`, `load_after`:
/// median of a proxy for load, NaN unknown; verdicts are refused when they differ by more than
/// regression_load and one of them at least is a load.
std::vector<RegressionReading> compare_metrics(std::span<const ComparedMetric> metrics, float load_before,
                                               float load_after, const JudgementParameters& parameters);

/// The image that runs against the one before it, from the minutes of both.
std::vector<RegressionReading> compare_images(const Evidence& evidence,
                                              const JudgementParameters& parameters);

}  // namespace bottleneck
