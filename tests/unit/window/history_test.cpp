#include "exporter/window/history.h"

#include <gtest/gtest.h>

#include "exporter/base/clock.h"

namespace bottleneck {
namespace {

Sample sample_at(double seconds, double cpu_usage, double throttled = 0) {
  Sample sample;
  sample.pulse_ns = static_cast<std::int64_t>(seconds * 1e9);
  sample.values.set(Field::cpu_usage, cpu_usage);
  sample.values.set(Field::cpu_throttled, throttled);
  sample.values.set(Field::memory_usage, 1000 * seconds);
  return sample;
}

double peak(const History& history, double now_seconds, Field field) {
  ContainerValues values;
  history.write_peaks(static_cast<std::int64_t>(now_seconds * 1e9), values);
  return values.get(field);
}

TEST(History, HasNoPeakBeforeTwoReadings) {
  History history;
  EXPECT_FALSE(is_present(peak(history, 1, Field::cpu_usage_peak)));
  history.add(sample_at(1, 5));
  EXPECT_FALSE(is_present(peak(history, 1, Field::cpu_usage_peak)));
}

TEST(History, KeepsTheLargestSecondForAMinute) {
  History history;
  double used = 0;
  for (int second = 1; second <= 100; ++second) {
    used += second == 30 ? 1.5 : 0.1;
    history.add(sample_at(second, used));
    if (second == 80) {
      EXPECT_NEAR(peak(history, second, Field::cpu_usage_peak), 1.5, 1e-6);
    }
  }
  EXPECT_NEAR(peak(history, 100, Field::cpu_usage_peak), 0.1, 1e-6);
  EXPECT_EQ(peak(history, 100, Field::memory_usage_peak), 100'000);
}

TEST(History, UsesMeasuredIntervals) {
  History history;
  history.add(sample_at(1, 0));
  history.add(sample_at(3.5, 1));
  EXPECT_NEAR(peak(history, 4, Field::cpu_usage_peak), 0.4, 1e-6);
}

TEST(History, ACounterThatWentBackwardsGivesNoValue) {
  History history;
  history.add(sample_at(1, 100));
  history.add(sample_at(2, 3));
  EXPECT_FALSE(is_present(peak(history, 2, Field::cpu_usage_peak)));
  history.add(sample_at(3, 3.25));
  EXPECT_NEAR(peak(history, 3, Field::cpu_usage_peak), 0.25, 1e-6);
}

TEST(History, ThrottledShareIsOfWantedTime) {
  History history;
  history.add(sample_at(1, 0, 0));
  history.add(sample_at(2, 0.3, 0.9));
  EXPECT_NEAR(peak(history, 2, Field::cpu_throttled_peak), 0.75, 1e-6);
}

TEST(History, TheSameReadingTwiceChangesNothing) {
  History history;
  history.add(sample_at(1, 0));
  history.add(sample_at(2, 1));
  history.add(sample_at(2, 1));
  history.add(sample_at(3, 1.5));
  EXPECT_NEAR(peak(history, 3, Field::cpu_usage_peak), 1, 1e-6);
}

}  // namespace
}  // namespace bottleneck
