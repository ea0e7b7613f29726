#include "exporter/analyze/regression.h"

#include <algorithm>
#include <cmath>

#include "exporter/analyze/stats.h"

namespace bottleneck {
namespace {

// Minutes of a new image that are warm-up: caches fill, code is compiled.
constexpr std::size_t kWarmUpMinutes = 10;
constexpr std::size_t kFullMinutes = 120;

std::vector<float> present_only(std::span<const float> values) {
  std::vector<float> out;
  for (const float value : values) {
    if (is_present(value)) out.push_back(value);
  }
  return out;
}

std::vector<float> block_medians(std::vector<float> values, std::size_t block) {
  std::vector<float> out;
  for (std::size_t begin = 0; begin + block <= values.size(); begin += block) {
    out.push_back(median(std::span<float>(values.data() + begin, block)));
  }
  return out;
}

struct Blocks {
  std::vector<float> before;
  std::vector<float> after;
};

Blocks blocks_of(const ComparedMetric& metric, const JudgementParameters& parameters) {
  const std::vector<float> before = present_only(metric.before);
  const std::vector<float> after = present_only(metric.after);
  const std::size_t lag = std::max(decorrelation_lag(before, parameters.regression_autocorrelation),
                                   decorrelation_lag(after, parameters.regression_autocorrelation));
  return {block_medians(before, lag), block_medians(after, lag)};
}

void judge(RegressionReading& reading, bool significant, const JudgementParameters& p) {
  const auto ratio = static_cast<double>(reading.ratio);
  const bool large = std::abs(ratio) >= p.regression_shift &&
                     std::abs(static_cast<double>(reading.delta)) >= p.regression_delta;
  if (significant && static_cast<double>(reading.p) < p.regression_p && large) {
    reading.verdict = ratio > 0 ? Verdict::kRegressed : Verdict::kImproved;
    return;
  }
  const auto low = static_cast<double>(reading.low);
  const auto high = static_cast<double>(reading.high);
  const bool holds_zero = low <= 0 && high >= 0;
  const bool holds_bound = high >= p.regression_shift || low <= -p.regression_shift;
  reading.verdict = holds_zero && holds_bound ? Verdict::kInconclusive : Verdict::kUnchanged;
  if (reading.verdict == Verdict::kInconclusive)
    reading.reason = "the interval holds both no change and the bound";
}

float median_packets(std::span<const MinuteEvidence> minutes) {
  std::vector<float> packets;
  for (const MinuteEvidence& minute : minutes) {
    if (is_present(minute.packets)) packets.push_back(minute.packets);
  }
  return median(std::span<float>(packets));
}

}  // namespace

std::vector<RegressionReading> compare_metrics(std::span<const ComparedMetric> metrics, float load_before,
                                               float load_after, const JudgementParameters& parameters) {
  std::vector<RegressionReading> readings;
  std::vector<double> p;
  std::vector<std::size_t> tested;
  // Fewer than one packet a second on both sides is no load that anything could follow.
  const bool load_known =
      is_present(load_before) && is_present(load_after) && std::max(load_before, load_after) >= 1;
  const bool load_differs =
      load_known && std::abs(static_cast<double>(load_after / load_before) - 1) > parameters.regression_load;
  for (const ComparedMetric& metric : metrics) {
    RegressionReading& reading = readings.emplace_back();
    reading.metric = metric.name;
    reading.same_load = load_known && !load_differs;
    if (load_differs) {
      reading.verdict = Verdict::kRefused;
      reading.reason = "the load differs by more than the bound";
      continue;
    }
    const Blocks blocks = blocks_of(metric, parameters);
    const auto least = static_cast<std::size_t>(parameters.regression_blocks);
    if (blocks.before.size() < least || blocks.after.size() < least) {
      reading.reason = "not enough independent blocks";
      continue;
    }
    std::vector<float> sorted = blocks.before;
    const float base = median(std::span<float>(sorted));
    if (!(base >= metric.least) || !(base > 0)) {
      reading.reason = "too small to compare";
      continue;
    }
    const Shift shift = hodges_lehmann(blocks.before, blocks.after);
    const auto relative = [&](double value) { return static_cast<float>(value / static_cast<double>(base)); };
    reading.ratio = relative(shift.median);
    reading.low = relative(shift.low);
    reading.high = relative(shift.high);
    reading.p = static_cast<float>(mann_whitney_p(blocks.before, blocks.after));
    reading.delta = static_cast<float>(cliffs_delta(blocks.before, blocks.after));
    p.push_back(static_cast<double>(reading.p));
    tested.push_back(readings.size() - 1);
  }
  const std::vector<bool> significant = benjamini_hochberg(p, parameters.regression_fdr);
  for (std::size_t i = 0; i < tested.size(); ++i) judge(readings[tested[i]], significant[i], parameters);
  return readings;
}

std::vector<RegressionReading> compare_images(const Evidence& evidence,
                                              const JudgementParameters& parameters) {
  if (evidence.minutes_before.empty()) return {};
  std::span<const MinuteEvidence> after = evidence.minutes;
  if (after.size() < kFullMinutes) after = after.subspan(std::min(after.size(), kWarmUpMinutes));
  std::vector<ComparedMetric> metrics(2);
  metrics[0] = {"cpu", {}, {}, 0.01F};
  metrics[1] = {"memory", {}, {}, 1048576};
  for (const MinuteEvidence& minute : evidence.minutes_before) {
    metrics[0].before.push_back(minute.cpu_cores);
    metrics[1].before.push_back(minute.unreclaimable);
  }
  for (const MinuteEvidence& minute : after) {
    metrics[0].after.push_back(minute.cpu_cores);
    metrics[1].after.push_back(minute.unreclaimable);
  }
  return compare_metrics(metrics, median_packets(evidence.minutes_before), median_packets(after), parameters);
}

}  // namespace bottleneck
