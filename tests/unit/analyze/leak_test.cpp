#include "exporter/analyze/leak.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

namespace bottleneck {
namespace {

constexpr double kMiB = 1048576;

JudgementParameters short_windows() {
  JudgementParameters p;
  p.leak_window_seconds = 360;
  p.leak_long_window_seconds = 2160;
  p.leak_warmup_seconds = 60;
  return p;
}

/// Runs a series of `hours` scaled to windows of six minutes: ten seconds here are a hundred there.
LeakReading run(const std::function<double(double)>& memory, double seconds, double limit = kAbsent,
                JudgementParameters p = short_windows()) {
  LeakDetector detector(static_cast<float>(kMiB));
  for (double t = 0; t < seconds; t += 1) detector.add(memory(t), 1, t, limit, p);
  return detector.reading();
}

TEST(Leak, SteadyGrowthIsSuspectedAfterTwoWindows) {
  const auto grow = [](double t) { return 200 * kMiB + 0.05 * kMiB * t; };
  EXPECT_EQ(run(grow, 300).state, LeakState::kTooEarly);
  EXPECT_EQ(run(grow, 60 + 365).state, LeakState::kNone);  // one window is not two
  const LeakReading reading = run(grow, 60 + 725);
  EXPECT_EQ(reading.state, LeakState::kSuspected);
  EXPECT_NEAR(reading.slope, 0.05 * kMiB, 0.002 * kMiB);
  EXPECT_GT(reading.tau, 0.99);
}

// Blocks of 3.3 s and ticks of 1 s: two windows of 2 min are over after 4 min, not after 5.
TEST(Leak, AWindowIsAsLongAsItSays) {
  const auto grow = [](double t) { return 200 * kMiB + 0.2 * kMiB * t; };
  JudgementParameters p = short_windows();
  p.leak_window_seconds = 120;
  EXPECT_EQ(run(grow, 60 + 235, kAbsent, p).state, LeakState::kNone);
  EXPECT_EQ(run(grow, 60 + 250, kAbsent, p).state, LeakState::kSuspected);
}

TEST(Leak, ANearLimitConfirmsIt) {
  const auto grow = [](double t) { return 200 * kMiB + 0.05 * kMiB * t; };
  const LeakReading reading = run(grow, 60 + 725, 600 * kMiB);
  EXPECT_EQ(reading.state, LeakState::kConfirmed);
  EXPECT_NEAR(reading.limit_seconds, (600 - 239) / 0.05, 100);
  EXPECT_EQ(run(grow, 60 + 725, 1e15).state, LeakState::kSuspected);
}

// One read that fails is not a limit that is reached.
TEST(Leak, AValueThatIsAbsentConfirmsNothing) {
  const JudgementParameters p = short_windows();
  const auto grow = [](double t) { return 200 * kMiB + 0.05 * kMiB * t; };
  for (const double limit : {1e15, 600 * kMiB}) {
    LeakDetector detector(static_cast<float>(kMiB));
    double t = 0;
    for (; t < 800; ++t) detector.add(grow(t), 1, t, limit, p);
    const LeakReading before = detector.reading();
    detector.add(kAbsent, 1, t, limit, p);
    EXPECT_EQ(detector.reading().state, before.state) << limit;
    EXPECT_EQ(detector.reading().limit_seconds, before.limit_seconds) << limit;
  }
  LeakDetector detector(static_cast<float>(kMiB));
  double t = 0;
  for (; t < 800; ++t) detector.add(grow(t), 1, t, kAbsent, p);  // no limit was known so far
  detector.add(kAbsent, 1, t, 600 * kMiB, p);
  EXPECT_EQ(detector.reading().state, LeakState::kSuspected);
  EXPECT_FALSE(is_present(detector.reading().limit_seconds));
}

// A collector's sawtooth over a growing floor: what is left after each collection is what counts.
TEST(Leak, TheFloorOfASawtoothIsSeen) {
  const auto saw = [](double t) { return 200 * kMiB + 0.05 * kMiB * t + 60 * kMiB * std::fmod(t, 7) / 7; };
  EXPECT_EQ(run(saw, 800).state, LeakState::kSuspected);
}

// The healthy shapes that a plain trend test calls leaks.
TEST(Leak, HealthyShapesAreNot) {
  const auto plateau = [](double t) { return 500 * kMiB - 300 * kMiB * std::exp(-t / 300); };
  const auto log_growth = [](double t) { return 300 * kMiB + 50 * kMiB * std::log(1 + t / 50); };
  const auto slow_saw = [](double t) { return 200 * kMiB + 200 * kMiB * std::fmod(t, 500) / 500; };
  const auto steps = [](double t) { return 200 * kMiB + 60 * kMiB * std::floor(t / 900); };
  const auto flat = [](double) { return 300 * kMiB; };
  const auto shrinking = [](double t) { return 900 * kMiB - 0.1 * kMiB * t; };
  for (const auto& shape :
       std::vector<std::function<double(double)>>{plateau, log_growth, slow_saw, steps, flat, shrinking}) {
    for (double seconds = 500; seconds < 5000; seconds += 250) {
      EXPECT_LT(run(shape, seconds).state, LeakState::kSuspected) << seconds;
    }
  }
}

// What makes it worth shipping: random walks, which a Mann-Kendall test calls a trend in a third of the
// cases.
TEST(Leak, RandomWalksAreRarelyCalledLeaks) {
  std::mt19937 random(11);
  std::normal_distribution<double> step(0, 0.4 * kMiB);
  const JudgementParameters p;
  int fired = 0;
  int windows = 0;
  for (int i = 0; i < 400; ++i) {
    std::vector<float> minima;
    double level = 300 * kMiB;
    for (std::size_t j = 0; j < kLeakBlocks; ++j)
      minima.push_back(static_cast<float>(level += 5 * step(random)));
    ++windows;
    fired += judge_leak_window(minima, p, static_cast<float>(kMiB)).holds ? 1 : 0;
  }
  EXPECT_LT(fired, 0.06 * windows);
}

TEST(Leak, IsOverWhenMemoryIsLetGo) {
  LeakDetector detector(1);
  const JudgementParameters p = short_windows();
  double t = 0;
  for (; t < 800; ++t) detector.add(200 * kMiB + 0.05 * kMiB * t, 1, t, kAbsent, p);
  ASSERT_EQ(detector.reading().state, LeakState::kSuspected);
  for (int i = 0; i < 15; ++i) detector.add(60 * kMiB, 1, ++t, kAbsent, p);
  EXPECT_EQ(detector.reading().state, LeakState::kNone);
}

TEST(Leak, IsOverWhenAWindowHasNoTrend) {
  LeakDetector detector(1);
  const JudgementParameters p = short_windows();
  double t = 0;
  for (; t < 800; ++t) detector.add(200 * kMiB + 0.05 * kMiB * t, 1, t, kAbsent, p);
  ASSERT_EQ(detector.reading().state, LeakState::kSuspected);
  for (int i = 0; i < 800; ++i) detector.add(240 * kMiB, 1, ++t, kAbsent, p);
  EXPECT_EQ(detector.reading().state, LeakState::kNone);
}

TEST(Leak, AnotherContainerBeginsAnew) {
  LeakDetector detector(1);
  const JudgementParameters p = short_windows();
  double t = 0;
  for (; t < 800; ++t) detector.add(200 * kMiB + 0.05 * kMiB * t, 1, t, kAbsent, p);
  ASSERT_EQ(detector.reading().state, LeakState::kSuspected);
  detector.add(20 * kMiB, 1, 3, kAbsent, p);
  EXPECT_EQ(detector.reading().state, LeakState::kTooEarly);
}

TEST(Leak, GapsMakeAWindowWorthless) {
  LeakDetector detector(1);
  const JudgementParameters p = short_windows();
  for (int round = 0; round < 12; ++round) {
    for (int i = 0; i < 200; ++i) {
      const double t = 60 + round * 260.0 + i;
      detector.add(200 * kMiB + 0.05 * kMiB * t, 1, t, kAbsent, p);
    }
    detector.add(200 * kMiB, 61, 60 + round * 260.0 + 260, kAbsent, p);  // a minute in which nothing was read
  }
  EXPECT_EQ(detector.reading().state, LeakState::kTooEarly);
}

TEST(Leak, NothingReadIsNothingSaid) {
  EXPECT_EQ(run([](double) { return kAbsent; }, 2000).state, LeakState::kTooEarly);
}

TEST(Leak, SurvivesARestartOfTheExporter) {
  LeakDetector detector(1);
  const JudgementParameters p = short_windows();
  double t = 0;
  for (; t < 700; ++t) detector.add(200 * kMiB + 0.05 * kMiB * t, 1, t, kAbsent, p);
  StateWriter writer;
  detector.write(writer);
  const std::string bytes = writer.take();
  StateReader reader(bytes);
  LeakDetector again(1);
  again.read(reader);
  EXPECT_FALSE(reader.failed());
  EXPECT_TRUE(reader.at_end());
  for (; t < 800; ++t) again.add(200 * kMiB + 0.05 * kMiB * t, 1, t, kAbsent, p);
  EXPECT_EQ(again.reading().state, LeakState::kSuspected);
}

}  // namespace
}  // namespace bottleneck
