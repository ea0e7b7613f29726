// Right sizes, comparison of images, neighbours, events, budgets.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "exporter/analyze/budgets.h"
#include "exporter/analyze/events.h"
#include "exporter/analyze/neighbours.h"
#include "exporter/analyze/regression.h"
#include "exporter/analyze/sizing.h"

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

Evidence at(double second, float cpu) {
  Evidence evidence;
  evidence.now_ns = static_cast<std::int64_t>(second * 1e9);
  evidence.fast.cpu_cores = cpu;
  return evidence;
}

TEST(Neighbours, WhoseUseGoesWithTheWaiting) {
  NeighbourBins victim;
  NeighbourBins guilty;
  NeighbourBins innocent;
  NeighbourBins steady;
  for (int i = 0; i < 70; ++i) {
    const bool bad = i / 6 % 2 == 0;
    const double t = 10.0 * i + 5;
    victim.add(at(t, 0.3F), bad ? 0.6F : 0.02F, kNoRate);
    guilty.add(at(t, bad ? 2.0F : 0.1F), 0, kNoRate);
    innocent.add(at(t, bad ? 0.1F : 2.0F), 0, kNoRate);
    steady.add(at(t, 1.0F), 0, kNoRate);
  }
  EXPECT_GT(neighbour_correlation(victim, guilty, Resource::kCpu, 0.1F), 0.6F);
  EXPECT_LT(neighbour_correlation(victim, innocent, Resource::kCpu, 0.1F), -0.5F);
  EXPECT_LT(neighbour_correlation(victim, steady, Resource::kCpu, 0.1F), 0.35F);
  EXPECT_FALSE(is_present(neighbour_correlation(victim, guilty, Resource::kIo, 0.1F)));
}

TEST(Neighbours, BinsOfAPauseAreUnknown) {
  NeighbourBins bins;
  for (int i = 0; i < 60; ++i) bins.add(at(10.0 * i, 1), 0, 0);
  EXPECT_NEAR(bins.mean_use(Resource::kCpu), 1, 1e-6);
  bins.add(at(10.0 * 60 + 5000, 3), 0, 0);
  EXPECT_NEAR(bins.mean_use(Resource::kCpu), 3, 1e-6);
}

TEST(Neighbours, AreNamedAfterThreeOfFiveMinutesAndAtMostThree) {
  Suspicions suspicions;
  std::vector<NeighbourReading> named;
  for (int minute = 0; minute < 2; ++minute) {
    suspicions.begin_minute();
    suspicions.accuse("a", Resource::kCpu, 0.5F, 1);
  }
  suspicions.name_worst(3, named);
  EXPECT_TRUE(named.empty());
  suspicions.begin_minute();  // one without
  suspicions.begin_minute();
  for (const char* name : {"a", "b", "c", "d", "e"})
    suspicions.accuse(name, Resource::kCpu, 0.5F, name[0] == 'a' ? 2 : 1);
  suspicions.name_worst(3, named);
  ASSERT_EQ(named.size(), 1U);
  EXPECT_EQ(named[0].name, "a");
  suspicions.name_worst(1, named);
  EXPECT_EQ(named.size(), 3U);
  for (int i = 0; i < 5; ++i) suspicions.begin_minute();
  EXPECT_TRUE(suspicions.empty());
}

TEST(Events, AskedForStopsAreNoRestarts) {
  Events events;
  LifeEvidence life;
  double now = 1000;
  const auto tick = [&](double starts, double stopped) {
    life.starts = starts;
    life.exits_stopped = stopped;
    events.update(life, now += 10, 10, false, 600);
    return events.facts().restarts_recent;
  };
  tick(5, 2);
  EXPECT_EQ(tick(6, 3), 0);
  EXPECT_EQ(tick(7, 3), 1);
  EXPECT_EQ(tick(7, 4), 1);  // stopped now,
  EXPECT_EQ(tick(8, 4), 1);  // and started again later
  EXPECT_EQ(tick(12, 4), 5);
  now += 700;
  EXPECT_EQ(tick(12, 4), 0);
  EXPECT_EQ(events.facts().restarts, 5);
}

TEST(Events, ACounterThatBeginsAnewWithItsCgroupIsFollowed) {
  Events events;
  LifeEvidence life;
  life.oom_kills = 3;
  events.update(life, 1000, 1, false, 600);
  EXPECT_TRUE(std::isinf(events.facts().oom_age));
  life.oom_kills = 1;  // a new cgroup, and a kill in it
  events.update(life, 1010, 1, false, 600);
  EXPECT_EQ(events.facts().oom_age, 0);
  EXPECT_EQ(events.facts().oom_kills, 1);
}

TEST(Events, WithoutASourceTheyAreAbsent) {
  Events events;
  events.update({}, 1000, 1, true, 600);
  EXPECT_FALSE(is_present(events.facts().oom_age));
  EXPECT_FALSE(is_present(events.facts().restarts));
  EXPECT_FALSE(is_present(events.facts().unhealthy_seconds));
}

TEST(Events, Exit137WithoutAnOomKillIsFromOutside) {
  Events events;
  LifeEvidence life;
  life.exit_code = 137;
  life.oom_events = 0;
  life.oom_killed = 0;
  events.update(life, 1000, 1, false, 600);
  EXPECT_TRUE(events.facts().killed_from_outside);
  life.oom_events = 1;
  events.update(life, 1001, 1, false, 600);
  EXPECT_FALSE(events.facts().killed_from_outside);
}

TEST(Budgets, AreParsedAndCounted) {
  EXPECT_NEAR(parse_budget("70%"), 0.7, 1e-9);
  EXPECT_NEAR(parse_budget(" 1.5 "), 1.5, 1e-9);
  EXPECT_NEAR(parse_budget("500ms"), 0.5, 1e-9);
  EXPECT_NEAR(parse_budget("30s"), 30, 1e-9);
  for (const char* bad : {"", "x", "0", "-1", "1e99", "5 kg", "nan", "inf", "%"}) {
    EXPECT_FALSE(is_present(parse_budget(bad))) << bad;
  }
  Subject subject;
  Evidence evidence;
  Judgement judgement;
  BudgetParameters parameters;
  evidence.slow.cpu_cores = 0.9F;
  evidence.cpu_effective_limit = 1;
  update_budgets(subject, evidence, parameters, 10, judgement);
  EXPECT_TRUE(judgement.budgets.empty());
  parameters.enabled = true;
  for (int i = 0; i < 3; ++i) update_budgets(subject, evidence, parameters, 10, judgement);
  ASSERT_EQ(judgement.budgets.size(), 3U);
  EXPECT_NEAR(judgement.budgets[0].used, 0.9 / 0.7, 1e-5);
  EXPECT_EQ(judgement.budgets[0].violation_seconds, 30);
  EXPECT_EQ(judgement.budgets[0].kept_share, parameters.objective_ratio);  // and not the 0.7 that it allows
  EXPECT_FALSE(is_present(judgement.budgets[2].kept_share));               // a start is no share of time
  EXPECT_FALSE(is_present(judgement.budgets[2].used));  // no health check, no start that could be timed
  EXPECT_EQ(judgement.budgets[2].observed_seconds, 0);
}

}  // namespace
}  // namespace bottleneck
