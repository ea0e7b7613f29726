// Robust statistics on short series. Nothing here allocates but where a result says so; NaN must be left out
// by the caller.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace bottleneck {

/// Reorders `values`. NaN when empty.
float median(std::span<float> values);
/// Median of |x - median|, not scaled. Reorders and changes `values`. NaN when empty.
float median_deviation(std::span<float> values, float median);
/// The q-quantile by linear interpolation. Reorders `values`. NaN when empty.
float quantile(std::span<float> values, float q);

/// Kendall's tau-a of a series against its order: (rising - falling pairs) / pairs. 0 for fewer than 2
/// values.
float kendall_tau(std::span<const float> values);

/// Slopes between all pairs of an equally spaced series, per step.
struct Slopes {
  float median = 0;
  float low = 0;   ///< 10th percentile
  float high = 0;  ///< 90th percentile
};
/// Theil-Sen. At most 64 values; 0 for fewer than 2.
Slopes theil_sen(std::span<const float> values);

/// The smallest lag at which the autocorrelation is below `bound`; the length of the series when there is
/// none. 1 for a constant series.
std::size_t decorrelation_lag(std::span<const float> values, double bound);

/// Two-sided p of the Mann-Whitney test: exact for up to 20 values a side without ties, else normal with the
/// correction for ties and continuity. 1 when a side is empty or all are equal. Allocates.
double mann_whitney_p(std::span<const float> one, std::span<const float> other);
/// Cliff's delta: P(other > one) - P(other < one).
double cliffs_delta(std::span<const float> one, std::span<const float> other);

struct Shift {
  double median = 0;  ///< Hodges-Lehmann: median of other - one over all pairs
  double low = 0;     ///< 95 % confidence interval
  double high = 0;
};
/// Allocates.
Shift hodges_lehmann(std::span<const float> one, std::span<const float> other);

/// Which of the hypotheses are rejected at this false discovery rate. Allocates.
std::vector<bool> benjamini_hochberg(std::span<const double> p, double rate);

}  // namespace bottleneck
