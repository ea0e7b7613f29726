#include "exporter/analyze/stats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace bottleneck {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kMostSlopes = 64;
constexpr std::size_t kMostExact = 20;

/// P(N(0,1) > z), doubled.
double two_sided(double z) { return std::erfc(std::abs(z) / std::sqrt(2.0)); }

struct Ranked {
  double rank_sum = 0;  ///< of the first side, ties by their mean
  double tie_term = 0;  ///< sum of t^3 - t
};

Ranked rank(std::span<const float> one, std::span<const float> other) {
  std::vector<std::pair<float, bool>> all;
  all.reserve(one.size() + other.size());
  for (const float value : one) all.emplace_back(value, true);
  for (const float value : other) all.emplace_back(value, false);
  std::sort(all.begin(), all.end());
  Ranked out;
  for (std::size_t begin = 0; begin < all.size();) {
    std::size_t end = begin;
    while (end < all.size() && all[end].first == all[begin].first) ++end;
    const auto ties = static_cast<double>(end - begin);
    const double mean_rank = (static_cast<double>(begin) + 1 + static_cast<double>(end)) / 2;
    for (std::size_t i = begin; i < end; ++i) out.rank_sum += all[i].second ? mean_rank : 0;
    out.tie_term += ties * ties * ties - ties;
    begin = end;
  }
  return out;
}

/// P(U <= u) under the null hypothesis, by counting arrangements.
double exact_cumulative(std::size_t n, std::size_t m, double u) {
  // counts[j][k]: arrangements of i and j values with U = k, built up one value of the first side at a time.
  const std::size_t most = n * m;
  std::vector<std::vector<double>> counts(m + 1, std::vector<double>(most + 1, 0));
  for (std::size_t j = 0; j <= m; ++j) counts[j][0] = 1;
  for (std::size_t i = 1; i <= n; ++i) {
    std::vector<std::vector<double>> next(m + 1, std::vector<double>(most + 1, 0));
    next[0][0] = 1;
    for (std::size_t j = 1; j <= m; ++j) {
      for (std::size_t k = 0; k <= most; ++k) {
        next[j][k] = next[j - 1][k] + (k >= j ? counts[j][k - j] : 0);
      }
    }
    counts = std::move(next);
  }
  double below = 0;
  double all = 0;
  for (std::size_t k = 0; k <= most; ++k) {
    all += counts[m][k];
    if (static_cast<double>(k) <= u) below += counts[m][k];
  }
  return below / all;
}

}  // namespace

float median(std::span<float> values) {
  if (values.empty()) return kNan;
  const std::size_t middle = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle), values.end());
  const float upper = values[middle];
  if (values.size() % 2 != 0) return upper;
  return (upper + *std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(middle))) /
         2;
}

float median_deviation(std::span<float> values, float middle) {
  for (float& value : values) value = std::abs(value - middle);
  return median(values);
}

float quantile(std::span<float> values, float q) {
  if (values.empty()) return kNan;
  const float at = std::clamp(q, 0.0F, 1.0F) * static_cast<float>(values.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(low);
  std::nth_element(values.begin(), nth, values.end());
  const float below = *nth;
  if (low + 1 >= values.size()) return below;
  const float above = *std::min_element(nth + 1, values.end());
  return below + (above - below) * (at - static_cast<float>(low));
}

float kendall_tau(std::span<const float> values) {
  if (values.size() < 2) return 0;
  int balance = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i + 1; j < values.size(); ++j) {
      balance += (values[j] > values[i] ? 1 : 0) - (values[j] < values[i] ? 1 : 0);
    }
  }
  const auto n = static_cast<float>(values.size());
  return static_cast<float>(balance) / (n * (n - 1) / 2);
}

Slopes theil_sen(std::span<const float> values) {
  values = values.subspan(0, std::min(values.size(), kMostSlopes));
  if (values.size() < 2) return {};
  std::array<float, kMostSlopes*(kMostSlopes - 1) / 2> slopes;
  std::size_t count = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i + 1; j < values.size(); ++j) {
      slopes[count++] = (values[j] - values[i]) / static_cast<float>(j - i);
    }
  }
  const std::span<float> all(slopes.data(), count);
  return {quantile(all, 0.5F), quantile(all, 0.1F), quantile(all, 0.9F)};
}

std::size_t decorrelation_lag(std::span<const float> values, double bound) {
  if (values.empty()) return 1;
  const double n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double variance = 0;
  for (const float value : values)
    variance += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean);
  if (variance <= 0) return 1;
  for (std::size_t lag = 1; lag < values.size(); ++lag) {
    double sum = 0;
    for (std::size_t i = lag; i < values.size(); ++i) {
      sum += (static_cast<double>(values[i]) - mean) * (static_cast<double>(values[i - lag]) - mean);
    }
    if (sum / variance < bound) return lag;
  }
  return values.size();
}

double mann_whitney_p(std::span<const float> one, std::span<const float> other) {
  if (one.empty() || other.empty()) return 1;
  const auto n = static_cast<double>(one.size());
  const auto m = static_cast<double>(other.size());
  const Ranked ranked = rank(one, other);
  const double u = ranked.rank_sum - n * (n + 1) / 2;
  const double mean = n * m / 2;
  if (ranked.tie_term == 0 && one.size() <= kMostExact && other.size() <= kMostExact) {
    const double lesser = std::min(u, n * m - u);
    return std::min(1.0, 2 * exact_cumulative(one.size(), other.size(), lesser));
  }
  const double all = n + m;
  const double variance = n * m / 12 * ((all + 1) - ranked.tie_term / (all * (all - 1)));
  if (variance <= 0) return 1;
  const double distance = std::max(0.0, std::abs(u - mean) - 0.5);
  return two_sided(distance / std::sqrt(variance));
}

double cliffs_delta(std::span<const float> one, std::span<const float> other) {
  if (one.empty() || other.empty()) return 0;
  double balance = 0;
  for (const float a : one) {
    for (const float b : other) balance += (b > a ? 1 : 0) - (b < a ? 1 : 0);
  }
  return balance / (static_cast<double>(one.size()) * static_cast<double>(other.size()));
}

Shift hodges_lehmann(std::span<const float> one, std::span<const float> other) {
  if (one.empty() || other.empty()) return {};
  std::vector<float> differences;
  differences.reserve(one.size() * other.size());
  for (const float a : one) {
    for (const float b : other) differences.push_back(b - a);
  }
  std::sort(differences.begin(), differences.end());
  const auto n = static_cast<double>(one.size());
  const auto m = static_cast<double>(other.size());
  // Moses' interval: the k-th smallest and largest difference, k from the normal approximation of U.
  const double k = std::floor(n * m / 2 - 1.96 * std::sqrt(n * m * (n + m + 1) / 12));
  const auto cut = static_cast<std::size_t>(std::max(0.0, k));
  Shift shift;
  shift.median = static_cast<double>(median(std::span<float>(differences)));
  std::sort(differences.begin(), differences.end());
  shift.low = static_cast<double>(differences[std::min(cut, differences.size() - 1)]);
  shift.high =
      static_cast<double>(differences[differences.size() - 1 - std::min(cut, differences.size() - 1)]);
  return shift;
}

std::vector<bool> benjamini_hochberg(std::span<const double> p, double rate) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::size_t rejected = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (p[order[i]] <= rate * static_cast<double>(i + 1) / static_cast<double>(p.size())) rejected = i + 1;
  }
  std::vector<bool> out(p.size(), false);
  for (std::size_t i = 0; i < rejected; ++i) out[order[i]] = true;
  return out;
}

}  // namespace bottleneck
