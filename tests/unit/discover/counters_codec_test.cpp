// Counters over restarts of the exporter.
#include "tests/unit/discover/counters_fixture.h"

namespace bottleneck {
namespace {

TEST_F(CountersTest, ARestartNeitherLosesNorRepeats) {
  {
    EventCounters counters = make(100);
    counters.observe_cgroups({}, 1, 100);
    counters.observe_cgroups(std::vector{ref_of(kA, 1), ref_of(kB, 2)}, 2, 110);
    counters.named(kA, "web", 110);
    counters.named(kB, "db", 110);
    counters.oom_counter(kA, 2, kAbsent, 115);
    ASSERT_TRUE(counters.save(120, true));
  }
  EventCounters counters = make(200);
  EXPECT_TRUE(counters.continued());
  EXPECT_EQ(counters.find("web")->starts, 1U);
  EXPECT_EQ(counters.find("web")->ooms, 2U);
  // web goes on, db was recreated while we were down.
  counters.observe_cgroups(std::vector{ref_of(kA, 1), ref_of(kB, 9)}, 1, 200);
  counters.named(kA, "web", 200);
  counters.named(kB, "db", 200);
  counters.oom_counter(kA, 2, kAbsent, 201);
  counters.settle(220);
  EXPECT_EQ(counters.find("web")->starts, 1U);
  EXPECT_EQ(counters.find("web")->ooms, 2U);
  EXPECT_EQ(counters.find("db")->starts, 2U);
  EXPECT_EQ(exits(*counters.find("db"), ExitReason::kUnknown), 1U);
}

TEST_F(CountersTest, ACrashLosesNoEndThatWaitedForItsReason) {
  {
    EventCounters counters = make(100);
    counters.observe_cgroups(std::vector{ref_of(kA, 1)}, 1, 100);
    counters.named(kA, "web", 100);
    ContainerFact end = fact_of(Kind::kEnded, kA, "web", 110);
    end.exit_code = 3;
    counters.apply(end, 110);
    counters.apply(fact_of(Kind::kStarted, kB, "db", 110), 110);  // whose name is not decided
    ASSERT_TRUE(counters.save(110.5));                            // and then it is killed
  }
  EventCounters counters = make(112);
  counters.observe_cgroups({}, 1, 112);
  counters.settle(112.5);
  EXPECT_EQ(exits(*counters.find("web"), ExitReason::kError), 0U);
  counters.named(kB, "db", 113);
  counters.settle(114);
  EXPECT_EQ(exits(*counters.find("web"), ExitReason::kError), 1U);
  EXPECT_EQ(counters.find("db")->starts, 1U);
  ASSERT_TRUE(counters.save(115));
  EventCounters again = make(120);
  again.observe_cgroups({}, 1, 120);
  again.settle(200);
  EXPECT_EQ(exits(*again.find("web"), ExitReason::kError), 1U);
  EXPECT_EQ(again.find("db")->starts, 1U);
}

TEST_F(CountersTest, AContainerThatWentWhileWeWereDownHasEnded) {
  {
    EventCounters counters = make(100);
    counters.observe_cgroups(std::vector{ref_of(kA, 1)}, 1, 100);
    counters.named(kA, "web", 100);
    ASSERT_TRUE(counters.save(120, true));
  }
  EventCounters counters = make(200);
  counters.observe_cgroups({}, 1, 200);
  counters.settle(211);
  EXPECT_EQ(exits(*counters.find("web"), ExitReason::kUnknown), 0U) << "a busy engine may still tell why";
  counters.settle(261);
  EXPECT_EQ(exits(*counters.find("web"), ExitReason::kUnknown), 1U);
}

TEST_F(CountersTest, AfterARebootEqualInodesAreOtherCgroups) {
  {
    EventCounters counters = make(100);
    counters.observe_cgroups(std::vector{ref_of(kA, 1)}, 1, 100);
    counters.named(kA, "web", 100);
    counters.set_kernel_position(5000);
    ASSERT_TRUE(counters.save(120, true));
  }
  EventCounters counters = make(200, false, "boot-2");
  EXPECT_EQ(counters.kernel_position().sequence, 0U) << "sequence numbers begin anew";
  counters.observe_cgroups(std::vector{ref_of(kA, 1)}, 1, 200);
  counters.settle(220);
  EXPECT_EQ(counters.find("web")->starts, 1U);
  EXPECT_EQ(exits(*counters.find("web"), ExitReason::kUnknown), 1U);
}

TEST_F(CountersTest, ADamagedStateIsSetAside) {
  files_.file("state/events.json", "{\"version\":1,");
  EventCounters counters = make(100);
  EXPECT_FALSE(counters.continued());
  EXPECT_TRUE(std::filesystem::exists(files_.at("state/events.json.damaged")));
  counters.named(kA, "web", 100);
  EXPECT_TRUE(counters.save(101));
}

TEST_F(CountersTest, OddStateIsHarmless) {
  files_.file(
      "state/events.json",
      R"({"version":1,"saved":"x","names":{"web":{"starts":-3,"exits":[1,"x",-2,4,5,6,7,8]},"odd":5},)"
      R"("containers":{"a":[],"b":{"start":1}},"kernel_log":7})");
  EventCounters counters = make(100);
  ASSERT_NE(counters.find("web"), nullptr);
  EXPECT_EQ(counters.find("web")->starts, 0U);
  EXPECT_EQ(counters.find("web")->exits[0], 1U);
  EXPECT_EQ(counters.find("web")->exits[1], 0U);
}

TEST_F(CountersTest, ChangedLimitsAreDatedAcrossARestart) {
  const std::uint64_t before = ~std::uint64_t{0};
  EventCounters counters = make(100);
  counters.limits("web", before, 100);
  ASSERT_TRUE(counters.save(101));
  EventCounters again = make(110);
  again.limits("web", before, 120);
  EXPECT_EQ(again.find("web")->limits_changed, std::nullopt);
  again.limits("web", 7, 130);
  EXPECT_EQ(again.find("web")->limits_changed, 130);
}

}  // namespace
}  // namespace bottleneck
