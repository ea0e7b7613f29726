#include "exporter/analyze/trend.h"

#include <algorithm>

#include "exporter/analyze/stats.h"

namespace bottleneck {
namespace {

constexpr std::size_t kNowBins = 6;  // the last minute is what is compared, not what it is compared with
constexpr std::size_t kLeastBaseline = 12;  // 2 min
constexpr float kNoiseBytes = 1048576;      // less than a MiB says nothing
constexpr float kToDeviation = 1.4826F;     // MAD of a normal distribution to its standard deviation
constexpr std::size_t kPoints = 10;
constexpr float kSteadyTau = 0.7F;
constexpr float kLeastGrowth = 0.01F;
constexpr float kLeastHalf = 0.2F;

}  // namespace

void MemoryTrend::add(double value, std::int64_t now_ns, const JudgementParameters& parameters) {
  const std::int64_t bin = now_ns / kBinNs;
  if (bin < bin_ || bin > bin_ + static_cast<std::int64_t>(kBins)) {
    const bool began = bin_ >= 0;
    if (began) restart();
  } else if (bin != bin_) {
    close_bin(parameters);
  }
  bin_ = bin;
  const auto now = static_cast<float>(value);
  if (is_present(now) && !(least_ <= now)) least_ = now;
}

void MemoryTrend::close_bin(const JudgementParameters& parameters) {
  if (!is_present(least_)) return;
  bins_[count_++ % kBins] = least_;
  least_ = kNoRate;
  update_baseline();
  update_slope(parameters);
}

void MemoryTrend::update_baseline() {
  const std::size_t known = std::min<std::size_t>(count_, kBins);
  if (known < kNowBins + kLeastBaseline) return;
  std::array<float, kBins> values;
  const std::size_t size = known - kNowBins;
  for (std::size_t i = 0; i < size; ++i) values[i] = bins_[(count_ - known + i) % kBins];
  const std::span<float> baseline(values.data(), size);
  median_ = median(baseline);
  deviation_ = std::max({median_deviation(baseline, median_), 0.01F * median_, kNoiseBytes});
}

void MemoryTrend::update_slope(const JudgementParameters& parameters) {
  slope_ = kAbsent;
  const auto wanted =
      std::clamp<std::size_t>(static_cast<std::size_t>(parameters.growth_seconds / 10), 4, 60);
  if (count_ < wanted) return;
  const std::size_t block = std::max<std::size_t>(1, wanted / kPoints);
  std::array<float, kPoints> minima;
  std::size_t points = 0;
  for (std::size_t begin = 0; begin + block <= wanted && points < kPoints; begin += block) {
    float least = kNoRate;
    for (std::size_t i = begin; i < begin + block; ++i) {
      const float value = bins_[(count_ - wanted + i) % kBins];
      if (!(least <= value)) least = value;
    }
    minima[points++] = least;
  }
  const std::span<const float> series(minima.data(), points);
  const float grown = series.back() - series.front();
  if (kendall_tau(series) < kSteadyTau || grown < kNoiseBytes || grown < kLeastGrowth * series.front())
    return;
  // Growth that has ended is no growth, however large it was.
  const float first_half = series[points / 2] - series.front();
  if (std::min(first_half, grown - first_half) < kLeastHalf * grown) return;
  const float slope = theil_sen(series).median / static_cast<float>(block * 10);
  if (slope > 0) slope_ = static_cast<double>(slope);
}

float MemoryTrend::robust_z(double value) const {
  return (static_cast<float>(value) - median_) / (kToDeviation * deviation_);
}

float MemoryTrend::growth(double value) const {
  return median_ > 0 ? static_cast<float>(value) / median_ - 1 : kNoRate;
}

}  // namespace bottleneck
