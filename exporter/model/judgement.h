// The judgement of one container at one moment: a plain value, kept by analyze/, shown by the exposition, the
// JSON API, the page and the reports.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/model/finding.h"
#include "exporter/model/score.h"

namespace bottleneck {

/// One resource. `score` NaN: nothing of it is measured, or not long enough.
struct ResourceJudgement {
  float score = kNoRate;                ///< over 60 s
  float fast_score = kNoRate;           ///< over 10 s
  float confidence = kNoRate;           ///< Q x P
  Band band = Band::kNone;              ///< with hysteresis
  Signal dominant = Signal::kCpuQuota;  ///< whose value the score is
  std::uint8_t corroborating = 0;       ///< independent kinds of evidence that agree
  bool induced = false;                 ///< a consequence of the cause, or harmless: it is not one itself
  std::string_view induced_by;          ///< of what, in words
  double held_back_seconds = 0;         ///< counter: time with a score of at least held_back_score
};

/// Which of the ordered tests decided the category.
enum class CategoryTest : std::uint8_t {
  kNotJudged,
  kAllLow,
  kOutOfMemory,
  kMemoryBeforeCpu,
  kMemoryBeforeIo,
  kWriterBeforeMemory,
  kRecyclesCache,
  kTie,
  kLargest,
  kStayed,
};
std::string_view text_of(CategoryTest test);

enum class WorkloadProfile : std::uint8_t {
  kIdle,
  kBalanced,
  kCpuBound,
  kMemoryBound,
  kIoReadHeavy,
  kIoWriteHeavy
};
std::string_view name_of(WorkloadProfile profile);

enum class LeakState : std::uint8_t { kTooEarly, kNone, kSuspected, kConfirmed };
std::string_view name_of(LeakState state);

/// The leak rule on one series.
struct LeakReading {
  LeakState state = LeakState::kTooEarly;
  float tau = kNoRate;             ///< of the last whole window
  float growth = kNoRate;          ///< over it, relative
  float window_seconds = kNoRate;  ///< the window that speaks
  double slope = kAbsent;          ///< Theil-Sen, units a second
  double slope_low = kAbsent;      ///< 10th percentile of the slopes
  double slope_high = kAbsent;
  double limit_seconds = kAbsent;  ///< time until the limit is reached
};

enum class SizeStatus : std::uint8_t { kNotEnoughData, kFits, kRaise, kLower, kNoLimit, kBlocked };
std::string_view name_of(SizeStatus status);
enum class SizeConfidence : std::uint8_t { kNone, kLow, kMedium, kHigh };

/// The right size of one limit: cores or bytes.
struct RightSize {
  SizeStatus status = SizeStatus::kNotEnoughData;
  SizeConfidence confidence = SizeConfidence::kNone;
  double recommended = kAbsent;
  double lower = kAbsent;
  double upper = kAbsent;
  double saving = kAbsent;  ///< only with an own limit and status kLower
};
/// As a number for a metric: 0, 1/3, 2/3, 1.
double value_of(SizeConfidence confidence);

struct NeighbourReading {
  std::string name;  ///< of the suspect
  Resource resource = Resource::kCpu;
  float correlation = 0;
};

enum class Verdict : std::uint8_t { kInconclusive, kUnchanged, kImproved, kRegressed, kRefused };
std::string_view name_of(Verdict verdict);

/// A comparison of one metric of two images.
struct RegressionReading {
  std::string_view metric;  ///< "cpu", "memory"
  Verdict verdict = Verdict::kInconclusive;
  float ratio = kNoRate;  ///< relative shift: 0.25 is a quarter more
  float low = kNoRate;    ///< confidence interval of the shift
  float high = kNoRate;
  float p = kNoRate;
  float delta = kNoRate;    ///< Cliff's
  std::string_view reason;  ///< of a refusal
  bool same_load = false;   ///< the load of both sides is known, and about the same
};

struct BudgetReading {
  std::string name;
  double value = kAbsent;        ///< ratio or seconds
  double objective = kAbsent;    ///< the same
  double used = kAbsent;         ///< value / objective: above 1 it is exceeded
  double kept_share = kAbsent;   ///< share of the time in which it is to be kept; absent for start
  double violation_seconds = 0;  ///< counters
  double observed_seconds = 0;
};

struct Judgement {
  bool judged = false;  ///< there is enough data for scores
  double unix_seconds = 0;
  double data_seconds = 0;
  std::array<ResourceJudgement, kResourceCount> resources;
  Signals signals;  ///< over 60 s
  float overall = kNoRate;
  Band band = Band::kNone;
  Category category = Category::kNone;
  CategoryTest test = CategoryTest::kNotJudged;
  Signal deciding_signal =
      Signal::kCpuQuota;  ///< the signal that the category was chosen by; of none: nothing
  double category_since =
      kAbsent;                  ///< seconds since the epoch: when it became this one; absent when not judged
  float confidence = kNoRate;   ///< of the category; absent where nothing was measured
  double observed_seconds = 0;  ///< counter: time judged at all

  WorkloadProfile profile = WorkloadProfile::kIdle;
  float cpu_efficiency = kNoRate;  ///< used share of what its own limit, else the effective one, gives
  float memory_efficiency = kNoRate;
  float cpu_volatility = kNoRate;  ///< robust, over an hour: quartile spread / 1.349 / median
  float memory_volatility = kNoRate;
  float cpu_mean_use = kNoRate;  ///< of the effective limit, over that hour

  LeakReading memory_leak;
  LeakReading file_leak;
  LeakReading thread_leak;
  double memory_growth = kAbsent;         ///< bytes a second, while it grows steadily
  double memory_forecast_unix = kAbsent;  ///< when the limit is reached

  RightSize cpu_size;
  RightSize memory_size;

  std::vector<NeighbourReading> neighbours;  ///< who holds it back
  std::vector<RegressionReading> regressions;
  std::vector<BudgetReading> budgets;
  std::vector<Finding> findings;  ///< given ones first, worst first

  [[nodiscard]] const ResourceJudgement& of(Resource resource) const {
    return resources[static_cast<std::size_t>(resource)];
  }
  ResourceJudgement& of(Resource resource) { return resources[static_cast<std::size_t>(resource)]; }
  [[nodiscard]] const SignalReading& of(Signal signal) const {
    return signals[static_cast<std::size_t>(signal)];
  }
  /// Null when it is not given and was not within the last day.
  [[nodiscard]] const Finding* find(AdviceId id) const {
    for (const Finding& finding : findings) {
      if (finding.id == id) return &finding;
    }
    return nullptr;
  }
};

}  // namespace bottleneck
