#include "exporter/analyze/stats.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace bottleneck {
namespace {

float median_of(std::vector<float> values) { return median(std::span<float>(values)); }

TEST(Stats, Medians) {
  EXPECT_EQ(median_of({3, 1, 2}), 2);
  EXPECT_EQ(median_of({4, 1, 2, 3}), 2.5F);
  EXPECT_TRUE(std::isnan(median_of({})));
  std::vector<float> values = {1, 1, 2, 2, 4, 6, 9};
  EXPECT_EQ(median_deviation(std::span<float>(values), 2), 1);
  std::vector<float> five = {10, 20, 30, 40, 50};
  EXPECT_NEAR(quantile(std::span<float>(five), 0.1F), 14, 1e-4);
  EXPECT_EQ(quantile(std::span<float>(five), 1), 50);
}

TEST(Stats, KendallAndTheilSen) {
  EXPECT_EQ(kendall_tau(std::vector<float>{1, 2, 3, 4}), 1);
  EXPECT_EQ(kendall_tau(std::vector<float>{4, 3, 2, 1}), -1);
  EXPECT_EQ(kendall_tau(std::vector<float>{5, 5, 5, 5}), 0);
  EXPECT_NEAR(kendall_tau(std::vector<float>{1, 3, 2, 4}), 4 / 6.0, 1e-6);
  std::vector<float> line;
  for (int i = 0; i < 36; ++i) line.push_back(static_cast<float>(10 + 2.5 * i));
  line[7] = 1000;  // one outlier
  EXPECT_NEAR(theil_sen(line).median, 2.5, 1e-4);
  EXPECT_EQ(theil_sen(std::vector<float>{}).median, 0);
}

TEST(Stats, DecorrelationLag) {
  std::mt19937 random(1);
  std::normal_distribution<float> noise(0, 1);
  std::vector<float> white;
  std::vector<float> slow;
  float state = 0;
  for (int i = 0; i < 500; ++i) {
    white.push_back(noise(random));
    state = 0.9F * state + noise(random);
    slow.push_back(state);
  }
  EXPECT_EQ(decorrelation_lag(white, 0.2), 1U);
  EXPECT_GT(decorrelation_lag(slow, 0.2), 5U);
  EXPECT_EQ(decorrelation_lag(std::vector<float>(20, 3.0F), 0.2), 1U);
  EXPECT_EQ(decorrelation_lag(std::vector<float>{}, 0.2), 1U);
}

// Against counting all arrangements by hand.
TEST(Stats, MannWhitney) {
  const std::vector<float> one = {1, 2, 3, 4, 5};
  const std::vector<float> other = {6, 7, 8, 9, 10};
  EXPECT_NEAR(mann_whitney_p(one, other), 0.007936508, 1e-6);
  EXPECT_NEAR(mann_whitney_p(other, one), 0.007936508, 1e-6);
  const std::vector<float> a = {1.1F, 2.2F, 3.3F, 4.4F};
  const std::vector<float> b = {2.5F, 3.5F, 0.5F, 6.5F, 7.5F};
  EXPECT_NEAR(mann_whitney_p(a, b), 0.5555556, 1e-6);
  EXPECT_NEAR(mann_whitney_p(std::vector<float>{1, 1, 2, 2, 3}, std::vector<float>{2, 3, 3, 4, 4}), 0.0509,
              0.002);
  EXPECT_EQ(mann_whitney_p(std::vector<float>{1, 1}, std::vector<float>{1, 1}), 1);
  EXPECT_EQ(mann_whitney_p(std::vector<float>{}, one), 1);
  // Normal approximation and exact value agree where both can be had.
  std::vector<float> x;
  std::vector<float> y;
  for (int i = 0; i < 21; ++i) {
    x.push_back(static_cast<float>(i));
    y.push_back(static_cast<float>(i) + 6.5F);
  }
  const double normal = mann_whitney_p(x, y);
  x.pop_back();
  y.pop_back();
  EXPECT_NEAR(mann_whitney_p(x, y), normal, 0.01);
}

TEST(Stats, CliffAndHodgesLehmann) {
  const std::vector<float> one = {1, 2, 3};
  const std::vector<float> other = {4, 5, 6};
  EXPECT_EQ(cliffs_delta(one, other), 1);
  EXPECT_EQ(cliffs_delta(other, one), -1);
  EXPECT_EQ(cliffs_delta(one, one), 0);
  EXPECT_EQ(hodges_lehmann(one, other).median, 3);
  std::vector<float> before;
  std::vector<float> after;
  std::mt19937 random(3);
  std::normal_distribution<float> noise(100, 5);
  for (int i = 0; i < 40; ++i) {
    before.push_back(noise(random));
    after.push_back(noise(random) + 20);
  }
  const Shift shift = hodges_lehmann(before, after);
  EXPECT_NEAR(shift.median, 20, 4);
  EXPECT_LT(shift.low, 20);
  EXPECT_GT(shift.high, 20);
  EXPECT_LT(shift.high - shift.low, 10);
}

TEST(Stats, BenjaminiHochberg) {
  const std::vector<double> p = {0.001, 0.04, 0.03, 0.2};
  const std::vector<bool> rejected = benjamini_hochberg(p, 0.05);
  EXPECT_TRUE(rejected[0]);
  EXPECT_FALSE(rejected[1]);
  EXPECT_FALSE(rejected[2]);
  EXPECT_FALSE(rejected[3]);
  EXPECT_TRUE(benjamini_hochberg({}, 0.05).empty());
}

}  // namespace
}  // namespace bottleneck
