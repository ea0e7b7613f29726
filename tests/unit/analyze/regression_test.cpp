#include "exporter/analyze/regression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace bottleneck {
namespace {

/// Values that depend on the one before, as those of a service do.
std::vector<float> service(std::mt19937& random, int count, double mean, double spread, double memory = 0.5) {
  std::normal_distribution<double> noise(0, 1);
  std::vector<float> values;
  double state = 0;
  for (int i = 0; i < count; ++i) {
    state = memory * state + std::sqrt(1 - memory * memory) * noise(random);
    values.push_back(static_cast<float>(mean + spread * state));
  }
  return values;
}

Verdict compare(std::vector<float> before, std::vector<float> after, float load_before = 100,
                float load_after = 100) {
  const std::vector<ComparedMetric> metrics = {{"cpu", std::move(before), std::move(after), 0}};
  return compare_metrics(metrics, load_before, load_after, {})[0].verdict;
}

// The number that makes the rule worth having: raw seconds give a false alarm every other time.
TEST(Regression, EqualHalvesAreRarelyCalledDifferent) {
  std::mt19937 random(5);
  int alarms = 0;
  for (int i = 0; i < 300; ++i) {
    const Verdict verdict = compare(service(random, 120, 1, 0.2), service(random, 120, 1, 0.2));
    alarms += verdict == Verdict::kRegressed || verdict == Verdict::kImproved ? 1 : 0;
  }
  EXPECT_LE(alarms, 9);  // 3 %
}

TEST(Regression, ADifferenceIsFound) {
  std::mt19937 random(6);
  int found = 0;
  for (int i = 0; i < 50; ++i) {
    found +=
        compare(service(random, 120, 1, 0.1), service(random, 120, 1.3, 0.1)) == Verdict::kRegressed ? 1 : 0;
  }
  EXPECT_GE(found, 45);
  EXPECT_EQ(compare(service(random, 120, 1, 0.1), service(random, 120, 0.7, 0.1)), Verdict::kImproved);
}

TEST(Regression, SmallDifferencesAreUnchangedAndFewBlocksInconclusive) {
  std::mt19937 random(7);
  EXPECT_EQ(compare(service(random, 120, 1, 0.02, 0), service(random, 120, 1.04, 0.02, 0)),
            Verdict::kUnchanged);
  EXPECT_EQ(compare(service(random, 10, 1, 0.1), service(random, 120, 2, 0.1)), Verdict::kInconclusive);
  EXPECT_EQ(compare(service(random, 120, 1, 0.3, 0.99), service(random, 120, 1, 0.3, 0.99)),
            Verdict::kInconclusive);
  EXPECT_EQ(compare({}, {}), Verdict::kInconclusive);
}

TEST(Regression, AnotherLoadIsAnotherQuestion) {
  std::mt19937 random(8);
  const auto before = service(random, 120, 1, 0.1);
  const auto after = service(random, 120, 1.5, 0.1);
  EXPECT_EQ(compare(before, after, 100, 150), Verdict::kRefused);
  EXPECT_EQ(compare(before, after, 100, 115), Verdict::kRegressed);
  EXPECT_EQ(compare(before, after, kNoRate, kNoRate), Verdict::kRegressed);  // no network to measure load by
}

// An idle image and one in service are not compared; two that hardly hear anything are, and it is said.
TEST(Regression, ALoadThatIsKnownOnBothSidesIsComparedWhereOneIsALoad) {
  std::mt19937 random(9);
  const auto before = service(random, 120, 0.02, 0.002);
  const auto after = service(random, 120, 0.4, 0.04);
  const auto same_load = [&](float load_before, float load_after) {
    const std::vector<ComparedMetric> metrics = {{"cpu", before, after, 0}};
    return compare_metrics(metrics, load_before, load_after, {})[0].same_load;
  };
  EXPECT_EQ(compare(before, after, 0.5F, 100), Verdict::kRefused);
  EXPECT_EQ(compare(before, after, 100, 0.5F), Verdict::kRefused);
  EXPECT_EQ(compare(before, after, 0, 5), Verdict::kRefused);
  EXPECT_EQ(compare(before, after, 0.95F, 1.05F), Verdict::kRegressed);
  EXPECT_TRUE(same_load(0.95F, 1.05F));
  EXPECT_EQ(compare(before, after, 0, 0.5F), Verdict::kRegressed);
  EXPECT_FALSE(same_load(0, 0.5F));
  EXPECT_EQ(compare(before, after, 100, kNoRate), Verdict::kRegressed);
  EXPECT_FALSE(same_load(100, kNoRate));
}

}  // namespace
}  // namespace bottleneck
