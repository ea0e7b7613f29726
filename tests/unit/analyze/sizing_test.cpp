#include "exporter/analyze/sizing.h"

#include <gtest/gtest.h>

#include <limits>

namespace bottleneck {
namespace {

struct Sizing {
  Evidence evidence;
  HostEvidence host;
  EventFacts events;
  Judgement judgement;
  AllParameters parameters;
  DemandSummary demand;
  Sizer sizer;
  double now = 1000;

  Sizing() {
    host.cpus = 8;
    host.memory_total = 16e9;
    evidence.demand = &demand;
    evidence.cpu_limit = 2;
    evidence.memory_limit = 1024 * kMiB;
    demand = {200, 0.2, 0.3, 0.4, 0.6, 100 * kMiB, 150 * kMiB, 200 * kMiB, 50 * kMiB, kAbsent, kAbsent};
    events.oom_age = std::numeric_limits<float>::infinity();
  }
  const RightSize& cpu() {
    sizer.update({evidence, host, events, judgement, parameters}, now, judgement);
    return judgement.cpu_size;
  }
  const RightSize& memory() {
    cpu();
    return judgement.memory_size;
  }
};

TEST(RightSize, Rounding) {
  EXPECT_DOUBLE_EQ(round_cores(0.01), 0.05);
  EXPECT_DOUBLE_EQ(round_cores(0.05), 0.05);
  EXPECT_DOUBLE_EQ(round_cores(0.3), 0.3);
  EXPECT_DOUBLE_EQ(round_cores(0.301), 0.35);
  EXPECT_DOUBLE_EQ(round_memory(1), 16 * kMiB);
  EXPECT_DOUBLE_EQ(round_memory(64 * kMiB), 64 * kMiB);
  EXPECT_DOUBLE_EQ(round_memory(64 * kMiB + 1), 80 * kMiB);
}

TEST(RightSize, IsTheFormula) {
  Sizing one;
  EXPECT_DOUBLE_EQ(one.cpu().recommended, 0.5);  // max(1.15 x 0.4, 1.5 x 0.3) = 0.46, up to 0.05
  EXPECT_EQ(one.cpu().status, SizeStatus::kLower);
  EXPECT_EQ(one.cpu().confidence, SizeConfidence::kHigh);
  EXPECT_DOUBLE_EQ(one.cpu().saving, 1.5);
  EXPECT_DOUBLE_EQ(one.memory().recommended, 304 * kMiB);  // 1.2 x 250
  EXPECT_EQ(one.memory().status, SizeStatus::kLower);
}

TEST(RightSize, NotEnoughDataIsAnAnswer) {
  Sizing one;
  one.demand.hours = 20;
  EXPECT_EQ(one.cpu().status, SizeStatus::kNotEnoughData);
  EXPECT_FALSE(is_present(one.cpu().saving));
  one.demand.hours = 24;
  EXPECT_EQ(one.cpu().status, SizeStatus::kLower);
  EXPECT_EQ(one.cpu().confidence, SizeConfidence::kLow);
  one.demand.hours = 72;
  EXPECT_EQ(one.cpu().confidence, SizeConfidence::kMedium);
  one.evidence.demand = nullptr;
  EXPECT_EQ(one.cpu().status, SizeStatus::kNotEnoughData);
  EXPECT_FALSE(is_present(one.cpu().recommended));
}

TEST(RightSize, TroubleBlocksLess) {
  Sizing one;
  one.demand.cpu_trouble_age = 3600;
  EXPECT_EQ(one.cpu().status, SizeStatus::kBlocked);
  one.demand.cpu_trouble_age = 30 * 3600;
  EXPECT_EQ(one.cpu().confidence, SizeConfidence::kLow);
  EXPECT_EQ(one.cpu().status, SizeStatus::kLower);
  one.judgement.memory_leak.state = LeakState::kSuspected;
  EXPECT_EQ(one.memory().status, SizeStatus::kBlocked);
}

TEST(RightSize, SmallSavingsAreNotWorthAWord) {
  Sizing one;
  one.evidence.cpu_limit = 0.7;  // less than 1.5 times
  EXPECT_EQ(one.cpu().status, SizeStatus::kFits);
  one.evidence.memory_limit = 360 * kMiB;
  EXPECT_EQ(one.memory().status, SizeStatus::kFits);
  one.evidence.cpu_limit = kAbsent;
  EXPECT_EQ(one.cpu().status, SizeStatus::kNoLimit);
}

TEST(RightSize, ARaiseIsAtLeastAQuarterAndGrowsWithWhatIsSeen) {
  Sizing one;
  one.evidence.cpu_limit = 0.5;
  one.evidence.score.cpu_cores = 0.5F;
  one.evidence.score.throttled_periods = 0.5F;
  one.evidence.score.throttled_share = 0.12F;
  one.demand.cpu_p98 = 0.5;
  EXPECT_EQ(one.cpu().status, SizeStatus::kRaise);
  const double first = one.cpu().recommended;
  EXPECT_GE(first, 0.625);
  // The window held the quiet past: a minute later it is known what is wanted.
  one.evidence.score.throttled_share = 0.6F;
  one.now += 60;
  const double whole = one.cpu().recommended;
  EXPECT_DOUBLE_EQ(whole, 1.45);  // 1.15 x 0.5 / 0.4
  one.evidence.score.throttled_share = 0.2F;
  one.now += 600;
  EXPECT_DOUBLE_EQ(one.cpu().recommended, whole);  // a quiet moment makes it no smaller
  one.now += 400;
  EXPECT_LT(one.cpu().recommended, whole);
}

TEST(RightSize, TheNextStepOfCpuIsKnownUnderTheNewLimitAndThatOfMemoryLater) {
  Sizing one;
  one.evidence.demand = nullptr;  // nothing is kept yet
  one.host.cpus = 8;
  one.evidence.cpu_limit = 0.1;
  one.evidence.score.cpu_cores = 0.1F;
  one.evidence.score.throttled_periods = 1;
  one.evidence.score.throttled_share = 0.95F;
  EXPECT_DOUBLE_EQ(one.cpu().recommended, 0.4);  // four times at most
  one.evidence.cpu_limit = 0.4;
  one.evidence.score.cpu_cores = 0.4F;
  one.evidence.score.throttled_share = 0.7F;
  one.now += 60;
  EXPECT_DOUBLE_EQ(one.cpu().recommended, 1.55);  // 1.15 x 0.4 / 0.3
  one.evidence.memory_limit = 256 * kMiB;
  one.events.oom_age = 10;
  EXPECT_DOUBLE_EQ(one.memory().recommended, 368 * kMiB);
  one.evidence.memory_limit = 368 * kMiB;
  one.now += 60;
  EXPECT_DOUBLE_EQ(one.memory().recommended, 368 * kMiB);
  one.now += 900;
  EXPECT_GT(one.memory().recommended, 368 * kMiB);
}

TEST(RightSize, ARaiseEndsAtTheHost) {
  Sizing one;
  one.host.cpus = 2;
  one.evidence.cpu_limit = 1.9;
  one.evidence.score.cpu_cores = 1.9F;
  one.evidence.score.throttled_periods = 0.5F;
  one.evidence.score.throttled_share = 0.3F;
  EXPECT_DOUBLE_EQ(one.cpu().recommended, 2);
}

TEST(RightSize, AfterAKillMemoryIsRaised) {
  Sizing one;
  one.evidence.memory_limit = 256 * kMiB;
  one.events.oom_age = 10;
  EXPECT_EQ(one.memory().status, SizeStatus::kRaise);
  EXPECT_DOUBLE_EQ(one.memory().recommended, 368 * kMiB);  // 256 + 100, up to 16
  one.demand.memory_peak = 800 * kMiB;
  one.now += 1000;
  EXPECT_DOUBLE_EQ(one.memory().recommended, 1024 * kMiB);
  one.judgement.memory_leak.state = LeakState::kSuspected;  // one step, no more
  one.now += 1000;
  EXPECT_DOUBLE_EQ(one.memory().recommended, 368 * kMiB);
}

}  // namespace
}  // namespace bottleneck
