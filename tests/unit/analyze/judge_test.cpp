// The judge over time: young and short-lived containers, clocks, gaps, restarts of the exporter.
#include <gtest/gtest.h>

#include "tests/unit/analyze/world.h"

namespace bottleneck {
namespace {

TEST(Judge, SaysNothingBeforeTenSecondsAndLittleInTheFirstMinute) {
  World world;
  world.add_throttled("web", 0.5, 0.4);
  world.run(9);
  EXPECT_FALSE(world.judgement("web").judged);
  EXPECT_FALSE(is_present(world.judgement("web").overall));
  EXPECT_FALSE(is_present(world.judgement("web").confidence));
  world.run(3);
  EXPECT_TRUE(world.judgement("web").judged);
  EXPECT_EQ(world.judgement("web").category, Category::kCpuQuota);
  EXPECT_LE(world.judgement("web").confidence, 0.3F);
  world.run(120);
  EXPECT_NEAR(world.judgement("web").confidence, 1, 0.05);
  EXPECT_EQ(world.judgement("web").band, Band::kCritical);
}

TEST(Judge, CountsHeldBackAndObservedTime) {
  World world;
  world.add_throttled("web", 0.5, 0.4);
  world.run(131);
  const Judgement& held = world.judgement("web");
  EXPECT_NEAR(held.observed_seconds, 121, 1.5);
  EXPECT_NEAR(held.of(Resource::kCpu).held_back_seconds, held.observed_seconds, 1e-6);
  EXPECT_EQ(held.of(Resource::kMemory).held_back_seconds, 0);
}

TEST(Judge, AHealthyContainerIsNone) {
  World world;
  world.add("web");
  world.run(200);
  const Judgement& fine = world.judgement("web");
  EXPECT_EQ(fine.category, Category::kNone);
  EXPECT_EQ(fine.test, CategoryTest::kAllLow);
  EXPECT_NEAR(fine.confidence, 0.5, 0.51);  // present, and at most 1
  EXPECT_GT(fine.confidence, 0.4F);
  EXPECT_TRUE(fine.findings.empty());
  EXPECT_FALSE(is_present(fine.of(Resource::kNetwork).score));  // nothing of it was read
}

// Bad input: it is gone before there is a window, and what happened to it is still told.
TEST(Judge, AContainerThatLivesTwoSeconds) {
  World world;
  world.add("other");
  world.run(60);
  world.add("job");
  world.set("job", Field::memory_limit, 64e6);
  world.set("job", Field::memory_effective_limit, 64e6);
  world.tell("job", Field::oom_events, 1);
  world.tell("job", Field::starts, 1);
  world.run(2);
  EXPECT_TRUE(world.given("job", AdviceId::kMemOomKilled));
  EXPECT_EQ(world.judgement("job").category, Category::kMemoryLimit);
  EXPECT_FALSE(is_present(world.judgement("job").of(Resource::kCpu).score));
  EXPECT_EQ(world.judgement("job").confidence, 1);  // it happened
  world.members["job"].live = false;
  world.run(120);
  EXPECT_TRUE(world.given("job", AdviceId::kMemOomKilled));
  EXPECT_FALSE(world.given("job", AdviceId::kRestartLoop));
}

// Between "the host is short of memory" and "killed by the host" it is not fine for a second.
TEST(Judge, ACgroupThatWentKeepsItsCauseUntilItIsToldWhy) {
  World world;
  world.add("hog");
  world.tell("hog", Field::oom_events, 0);
  world.tell("hog", Field::exits_completed, 0);
  world.tell("hog", Field::exits_killed, 0);
  world.grow("hog", Field::pressure_memory_full, 0.3);
  world.run(90);
  ASSERT_EQ(world.judgement("hog").category, Category::kMemoryHost);
  world.members["hog"].live = false;
  world.tell("hog", Field::exits_killed, 1);  // by a signal: whose is told later
  world.run(3);
  EXPECT_EQ(world.judgement("hog").category, Category::kMemoryHost);
  EXPECT_EQ(world.judgement("hog").band, Band::kCritical);
  world.members["hog"].extras.oom_scope = OomScope::kHost;
  world.tell("hog", Field::oom_events, 1);
  world.run(1);
  EXPECT_EQ(world.judgement("hog").test, CategoryTest::kOutOfMemory);
  EXPECT_EQ(world.judgement("hog").category, Category::kMemoryHost);
}

TEST(Judge, ACgroupThatEndedOrIsNotToldOfIsNoLongerHeldBack) {
  for (const bool told : {true, false}) {
    World world;
    world.add("job");
    world.tell("job", Field::exits_completed, 0);
    world.throttle("job", 0.5, 0.4);
    world.run(90);
    world.members["job"].live = false;
    if (told) world.tell("job", Field::exits_completed, 1);
    world.run(told ? 1 : 7);
    EXPECT_EQ(world.judgement("job").category, Category::kNone) << told;
  }
}

TEST(Judge, KillsOfBeforeTheExporterAreOld) {
  World world;
  world.add("job");
  world.tell("job", Field::oom_events, 7);
  world.run(60);
  EXPECT_FALSE(world.given("job", AdviceId::kMemOomKilled));
  world.tell("job", Field::oom_events, 8);
  world.run(1);
  EXPECT_TRUE(world.given("job", AdviceId::kMemOomKilled));
}

// The calendar jumps by a day, back and forth: holds, bands and events go by the monotonic clock.
TEST(Judge, AClockThatIsSetMovesNothing) {
  World world;
  world.add_throttled("web", 0.5, 0.4);
  world.run(200);
  world.unix_seconds += 86400;
  world.run(50);
  EXPECT_FALSE(world.given("web", AdviceId::kCpuLimitRaise));
  world.unix_seconds -= 2 * 86400;
  world.run(100);
  EXPECT_TRUE(world.given("web", AdviceId::kCpuLimitRaise));
  EXPECT_NEAR(world.judgement("web").observed_seconds, 340, 3);
}

// A suspended host: nothing was seen meanwhile, so nothing has lasted.
TEST(Judge, AGapBeginsAnew) {
  World world;
  world.add_throttled("web", 0.5, 0.4);
  world.run(280);
  world.now += 3600;
  world.unix_seconds += 3600;
  world.run(5);
  EXPECT_FALSE(world.judgement("web").judged);
  EXPECT_FALSE(world.given("web", AdviceId::kCpuLimitRaise));
  world.run(60);
  EXPECT_TRUE(world.judgement("web").judged);
}

TEST(Judge, ACategoryIsSinceItBegan) {
  World world;
  world.add("web");
  world.run(3);
  EXPECT_FALSE(is_present(world.judgement("web").category_since));  // not judged yet
  world.run(100);
  const double calm = world.judgement("web").category_since;
  EXPECT_EQ(world.judgement("web").category, Category::kNone);
  EXPECT_LT(calm, world.unix_seconds - 80);
  world.throttle("web", 0.5, 0.4);
  world.run(100);
  ASSERT_EQ(world.judgement("web").category, Category::kCpuQuota);
  const double held = world.judgement("web").category_since;
  EXPECT_GT(held, world.unix_seconds - 100);
  world.run(50);
  EXPECT_EQ(world.judgement("web").category_since, held);
}

TEST(Judge, NumbersThatNobodyReadsAnyMoreAreNoJudgement) {
  World world;
  world.add_throttled("web", 0.5, 0.4);
  world.run(120);
  ASSERT_TRUE(world.judgement("web").judged);
  // The sampler stands still for this container while time goes on.
  const std::int64_t stuck = world.members["web"].sample.pulse_ns;
  for (int i = 0; i < 90; ++i) {
    world.now += 1;
    world.unix_seconds += 1;
    world.members["web"].sample.pulse_ns = stuck;
    world.pipeline.tick(world.now_ns(), world.unix_seconds, world.host, world.devices, world.members);
  }
  EXPECT_FALSE(world.judgement("web").judged);
}

TEST(Judge, HostileLimits) {
  World world;
  for (const char* name : {"zero", "below", "none", "nan"}) world.add(name);
  world.set("zero", Field::cpu_limit, 0);
  world.set("zero", Field::cpu_effective_limit, 0);
  world.set("zero", Field::memory_limit, 0);
  world.set("zero", Field::memory_effective_limit, 0);
  world.set("zero", Field::pids_limit, 0);
  world.set("zero", Field::pids, 0);
  world.set("zero", Field::open_files_limit, 0);
  world.set("zero", Field::open_files, 3);
  world.grow("zero", Field::cpu_periods, 10);
  world.grow("zero", Field::cpu_throttled_periods, 10);
  world.grow("zero", Field::cpu_throttled, 50);
  world.set("below", Field::memory_limit, 1e6);
  world.set("below", Field::memory_effective_limit, 1e6);
  world.members["nan"].sample.values.clear();
  world.rates["nan"].clear();
  world.run(1500);
  EXPECT_NEAR(world.judgement("below").of(Signal::kMemSpace).value, 0.7, 1e-5);
  EXPECT_FALSE(is_present(world.judgement("none").of(Signal::kMemSpace).value));
  EXPECT_FALSE(is_present(world.judgement("none").of(Signal::kCpuQuota).value));
  EXPECT_EQ(world.judgement("nan").category, Category::kNone);
  for (const char* name : {"zero", "below", "none", "nan"}) {
    const Judgement& judgement = world.judgement(name);
    for (const ResourceJudgement& resource : judgement.resources) {
      if (is_present(resource.score)) {
        EXPECT_GE(resource.score, 0) << name;
        EXPECT_LE(resource.score, 1) << name;
      }
    }
    for (const Finding& finding : judgement.findings) {
      if (finding.text == nullptr) continue;
      EXPECT_EQ(finding.text->change.find("nan"), std::string::npos) << finding.text->change;
      EXPECT_EQ(finding.text->change.find("inf"), std::string::npos) << finding.text->change;
    }
  }
}

TEST(Judge, ARestartOfTheExporterLosesNothing) {
  World world;
  world.add_throttled("web", 0.5, 0.4);
  world.tell("web", Field::oom_events, 1);
  world.run(60);
  world.tell("web", Field::oom_events, 2);
  world.run(340);
  ASSERT_TRUE(world.given("web", AdviceId::kCpuLimitRaise));
  const Judgement before = world.judgement("web");
  const std::string bytes = world.pipeline.judge().serialise(world.unix_seconds, world.now_ns());

  World again;
  again.now = 100;  // another boot: the monotonic clock is another one
  again.unix_seconds = world.unix_seconds + 30;
  ASSERT_TRUE(again.pipeline.judge().parse(bytes, again.unix_seconds, again.now_ns()));
  again.add("web");
  again.throttle("web", 0.5, 0.4);
  again.tell("web", Field::oom_events, 2);
  again.run(3);
  const Judgement& after = again.judgement("web");
  EXPECT_EQ(after.observed_seconds, before.observed_seconds);
  EXPECT_EQ(after.of(Resource::kCpu).held_back_seconds, before.of(Resource::kCpu).held_back_seconds);
  ASSERT_TRUE(again.given("web", AdviceId::kCpuLimitRaise));
  EXPECT_EQ(after.find(AdviceId::kCpuLimitRaise)->since_unix,
            before.find(AdviceId::kCpuLimitRaise)->since_unix);
  ASSERT_TRUE(again.given("web", AdviceId::kMemOomKilled));
  EXPECT_NEAR(after.of(Signal::kMemOom).inputs[0], 340 + 33, 3);
  again.run(60);
  EXPECT_NE(after.find(AdviceId::kCpuLimitRaise)->text, nullptr);
}

TEST(Judge, KillsWhileTheExporterWasAwayAreNoticed) {
  World world;
  world.add("web");
  world.tell("web", Field::oom_events, 1);
  world.run(60);
  const std::string bytes = world.pipeline.judge().serialise(world.unix_seconds, world.now_ns());
  World again;
  ASSERT_TRUE(again.pipeline.judge().parse(bytes, world.unix_seconds + 100, again.now_ns()));
  again.add("web");
  again.tell("web", Field::oom_events, 2);
  again.run(2);
  EXPECT_TRUE(again.given("web", AdviceId::kMemOomKilled));
}

TEST(Judge, DamagedStateDoesNoHarm) {
  World world;
  world.add_throttled("web", 0.5, 0.4);
  world.tell("web", Field::oom_events, 0);
  world.run(400);
  const std::string bytes = world.pipeline.judge().serialise(world.unix_seconds, world.now_ns());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string bad = bytes;
    bad[i] = static_cast<char>(bad[i] ^ 0xff);
    World other;
    static_cast<void>(other.pipeline.judge().parse(bad, world.unix_seconds, other.now_ns()));
    other.add("web");
    other.run(2);
  }
  World cut;
  EXPECT_FALSE(cut.pipeline.judge().parse(std::string_view(bytes).substr(0, bytes.size() - 1), 1, 1));
  EXPECT_EQ(cut.pipeline.judge().size(), 0U);
}

TEST(Judge, ForgetsWhatIsGoneForADay) {
  World world;
  world.add("web");
  world.run(20);
  world.pipeline.judge().forget_old(world.unix_seconds + 86000);
  EXPECT_EQ(world.pipeline.judge().size(), 1U);
  world.pipeline.judge().forget_old(world.unix_seconds + 86500);
  EXPECT_EQ(world.pipeline.judge().size(), 0U);
}

TEST(Judge, AThrottledParentIsNamed) {
  World world;
  world.add("web");
  world.members["web"].subject.cgroup.cpu = "/slice/web";
  for (int i = 0; i < 400; ++i) {
    world.run(1);
    const double t = world.now;
    world.pipeline.quotas().add("/slice", world.now_ns(), {0.5, 10 * t, 9 * t, t, t});
  }
  EXPECT_EQ(world.judgement("web").category, Category::kCpuQuota);
  ASSERT_TRUE(world.given("web", AdviceId::kCpuLimitRaise));
  const FindingText& text = *world.judgement("web").find(AdviceId::kCpuLimitRaise)->text;
  EXPECT_NE(text.description.find("parent cgroup '/slice'"), std::string::npos) << text.description;
  EXPECT_EQ(text.change, "");  // its own limit has nothing to do with it
}

TEST(Judge, ForecastsALimitOfSteadyGrowth) {
  World world;
  world.add("web");
  world.set("web", Field::memory_limit, 1e9);
  world.set("web", Field::memory_effective_limit, 1e9);
  world.set("web", Field::memory_unreclaimable, 200e6);
  world.grow("web", Field::memory_unreclaimable, 0.2e6);
  world.run(300);
  EXPECT_FALSE(is_present(world.judgement("web").memory_growth));
  world.run(400);
  EXPECT_NEAR(world.judgement("web").memory_growth, 0.2e6, 1e4);
  EXPECT_NEAR(world.judgement("web").memory_forecast_unix - world.unix_seconds, (1e9 - 340e6) / 0.2e6, 200);
  world.grow("web", Field::memory_unreclaimable, 0);
  world.run(300);
  EXPECT_FALSE(is_present(world.judgement("web").memory_growth));
}

}  // namespace
}  // namespace bottleneck
