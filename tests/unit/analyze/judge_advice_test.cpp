// What the judge advises over time: changes between lives and limits, outcomes, silence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/analyze/world.h"

namespace bottleneck {
namespace {

using ::testing::StartsWith;

// What is printed after a change of limits is made from numbers under the new one, whoever tells of the
// change.
TEST(Judge, TheNextChangeIsPrintedWhenTheNewLimitIsMeasured) {
  World world;
  world.add_throttled("web", 0.1, 0.95);
  world.run(400);
  const auto change = [&] { return world.change_of("web", AdviceId::kCpuLimitRaise); };
  ASSERT_TRUE(world.given("web", AdviceId::kCpuLimitRaise));
  EXPECT_EQ(change(), "docker update --cpus 0.4 web");
  world.throttle("web", 0.4, 0.8);
  world.run(55);
  EXPECT_EQ(change(), "");
  world.run(70);
  EXPECT_EQ(change(), "docker update --cpus 1.6 web");
}

// Engines refuse more than the host has.
TEST(Judge, ACpuLimitIsRaisedToAllCpusAtMost) {
  const auto change_at = [](double limit, double d) {
    World world;  // of 4 CPUs
    world.add_throttled("web", limit, d);
    world.run(400);
    EXPECT_TRUE(world.given("web", AdviceId::kCpuLimitRaise));
    return world.change_of("web", AdviceId::kCpuLimitRaise);
  };
  EXPECT_EQ(change_at(3.6, 0.12), "docker update --cpus 4 web");
  EXPECT_EQ(change_at(0.9, 0.78), "docker update --cpus 3.6 web") << "at most four times at once";
  EXPECT_EQ(change_at(4, 0.2), "");
}

// Between its two thresholds, where it neither holds nor is over: what a raise has left is asked for.
TEST(Judge, ARestThatAQuotaStillTakesHasAFurtherChange) {
  World world;
  world.add_throttled("web", 0.9, 0.78);
  world.run(400);
  world.throttle("web", 3.6, 0.08);
  world.run(55);
  const auto change = [&] { return world.change_of("web", AdviceId::kCpuLimitRaise); };
  EXPECT_EQ(change(), "");
  world.run(400);
  ASSERT_TRUE(world.given("web", AdviceId::kCpuLimitRaise));
  EXPECT_EQ(change(), "docker update --cpus 4 web");
}

// Restarted again and again: between two lives neither its limit nor its size is known.
TEST(Judge, AChangeStaysWhileItsContainerIsBetweenTwoLives) {
  World world;
  world.add_limited("job");
  world.run(90);
  world.tell("job", Field::oom_events, 1);
  world.run(20);
  const auto change = [&] { return world.change_of("job", AdviceId::kMemOomKilled); };
  ASSERT_TRUE(world.given("job", AdviceId::kMemOomKilled));
  const std::string before = change();
  ASSERT_NE(before, "");
  world.members["job"].live = false;
  world.run(120);
  EXPECT_EQ(change(), before);
}

// Killed with its first process, it was told of between two lives: the next one shows what to change.
TEST(Judge, AChangeIsMadeInTheFirstLifeThatShowsTheLimit) {
  World world;
  world.add_limited("job");
  world.run(60);
  world.members["job"].live = false;
  world.tell("job", Field::oom_events, 1);
  world.run(2);
  const auto change = [&] { return world.change_of("job", AdviceId::kMemOomKilled); };
  EXPECT_EQ(change(), "");
  world.members["job"].live = true;
  world.run(1);
  EXPECT_NE(change(), "");
}

TEST(Judge, AFollowedChangeIsShownAndCounted) {
  World world;
  world.add_throttled("web", 0.5, 0.4);
  world.run(400);
  ASSERT_TRUE(world.given("web", AdviceId::kCpuLimitRaise));
  EXPECT_EQ(world.judgement("web").find(AdviceId::kCpuLimitRaise)->text->undo,
            "docker update --cpus 0.5 web");
  world.throttle("web", 1, 0.15);  // raised, and not enough
  world.run(80);
  EXPECT_EQ(world.judgement("web").find(AdviceId::kCpuLimitRaise)->text->undo, "docker update --cpus 1 web");
  world.throttle("web", 1.5, 0);
  world.run(1000);
  EXPECT_FALSE(world.given("web", AdviceId::kCpuLimitRaise));
  const auto& counts = world.pipeline.judge().outcomes()[static_cast<std::size_t>(AdviceId::kCpuLimitRaise)];
  EXPECT_EQ(counts[static_cast<std::size_t>(Outcome::kHelped)], 1U);
  EXPECT_EQ(counts[static_cast<std::size_t>(Outcome::kNoEffect)], 0U);
}

// A limit of all CPUs is none, and one below what it uses throttles it.
TEST(Judge, WhoTakesTheWholeHostIsGivenASmallerWeight) {
  const auto given = [](double weight, bool kubernetes = false) {
    World world;
    Member& web = world.add("web");
    web.subject.cgroup.is_v2 = false;
    if (kubernetes) web.subject.k8s_container = "web";
    world.set("web", Field::cpu_weight, weight);
    world.grow("web", Field::cpu_usage, 3.9);
    for (int i = 1; i <= 400; ++i) {
      world.host.set(Field::host_cpu_busy, 3.95 * i);
      world.step(1);
    }
    const Finding* finding = world.judgement("web").find(AdviceId::kCpuNoLimit);
    return finding == nullptr ? FindingText{"-", "", "", "", "", {}} : *finding->text;
  };
  EXPECT_EQ(given(100).change, "docker update --cpu-shares 512 web");
  EXPECT_THAT(given(100).suggestion, StartsWith("Give it a smaller CPU weight"));
  EXPECT_EQ(given(kAbsent).change, "");
  EXPECT_EQ(given(59).description, "-") << "half of the shares of v1";
  EXPECT_NE(given(1, true).description, "-") << "weights are those of requests there";
}

// Nothing in it moves by a tenth, and yet the time that is left does.
TEST(Judge, AnOldTextIsWrittenAnew) {
  World world;
  world.add_throttled("web", 0.5, 0.4);
  world.run(400);
  const auto text = [&] { return world.judgement("web").find(AdviceId::kCpuLimitRaise)->text; };
  const auto first = text();
  world.run(300);
  EXPECT_EQ(text(), first);
  world.run(400);
  EXPECT_NE(text(), first);
}

TEST(Judge, AChangeThatDoesNotHelpIsCountedSo) {
  World world;
  world.add_throttled("web", 0.5, 0.4);
  world.run(400);
  world.throttle("web", 0.6, 0.4);
  world.run(1000);
  const auto& counts = world.pipeline.judge().outcomes()[static_cast<std::size_t>(AdviceId::kCpuLimitRaise)];
  EXPECT_EQ(counts[static_cast<std::size_t>(Outcome::kNoEffect)], 1U);
}

TEST(Judge, TheChangeLineStaysTheSameWhileNumbersWobble) {
  World world;
  world.add("web");
  std::string line;
  int lines = 0;
  for (int i = 0; i < 1800; ++i) {
    world.throttle("web", 0.5, 0.40 + 0.03 * std::sin(i / 50.0));
    world.run(1);
    const Finding* finding = world.judgement("web").find(AdviceId::kCpuLimitRaise);
    if (finding == nullptr || finding->text == nullptr || finding->text->change == line) continue;
    line = finding->text->change;
    ++lines;
  }
  EXPECT_EQ(lines, 1) << line;
}

// A kill says that the memory was too small, with or without pressure to be read: no smaller limit until the
// history is free of it.
TEST(Judge, AKillForbidsASmallerMemoryLimitForADay) {
  World world;
  world.add("web");
  for (const Field field : {Field::pressure_memory_some, Field::pressure_memory_full})
    world.members["web"].sample.values.unset(field);
  world.set("web", Field::memory_limit, 1e9);
  world.set("web", Field::memory_effective_limit, 1e9);
  world.tell("web", Field::oom_events, 0);
  world.run(25 * 3600, 10);
  EXPECT_EQ(world.judgement("web").memory_size.status, SizeStatus::kLower);
  world.members["web"].live = false;  // it was its first process
  world.tell("web", Field::oom_events, 1);
  world.run(30, 10);
  world.members["web"].live = true;
  world.run(2 * 3600, 10);
  EXPECT_EQ(world.judgement("web").memory_size.status, SizeStatus::kBlocked);
  world.run(21 * 3600, 10);
  EXPECT_EQ(world.judgement("web").memory_size.status, SizeStatus::kBlocked);
  world.run(2 * 3600, 10);
  EXPECT_EQ(world.judgement("web").memory_size.status, SizeStatus::kLower);
}

/// Two hours and more of an image; with packets: 100 a second.
void run_image(World& world, const std::string& image_id, double cores, bool packets) {
  Member& web = world.members["web"];
  web.subject.image_id = image_id;
  world.grow("web", Field::cpu_usage, cores);
  for (int i = 0; i < 780; ++i) {
    if (packets) {
      if (web.sample.interfaces.empty()) web.sample.interfaces.emplace_back();
      InterfaceValues& eth0 = web.sample.interfaces[0].values;
      eth0.set(Field::network_receive_packets, eth0.get_or(Field::network_receive_packets, 0) + 1000);
    }
    world.step(10);
  }
}

TEST(Judge, ARegressionSaysWhetherTheLoadIsKnown) {
  for (const bool known : {true, false}) {
    World world;
    world.add("web");
    run_image(world, "sha256:a", 0.1, known);
    run_image(world, "sha256:b", 0.4, known);
    ASSERT_TRUE(world.given("web", AdviceId::kRegression));
    const std::string& text = world.judgement("web").find(AdviceId::kRegression)->text->description;
    EXPECT_EQ(text.find("at about the same load") != std::string::npos, known) << text;
    EXPECT_EQ(text.find("load is not known") == std::string::npos, known) << text;
  }
}

TEST(Judge, ALabelSilences) {
  World world;
  world.add("web");
  world.members["web"].subject.ignored.set(static_cast<std::size_t>(AdviceId::kCpuLimitRaise));
  world.throttle("web", 0.5, 0.4);
  world.run(600);
  EXPECT_EQ(world.judgement("web").find(AdviceId::kCpuLimitRaise), nullptr);
  EXPECT_EQ(world.judgement("web").category, Category::kCpuQuota);
}

TEST(Judge, WhatIsClearedIsShownForADay) {
  World world;
  world.add("web");
  world.tell("web", Field::health_unhealthy, 1);
  world.run(90);
  ASSERT_TRUE(world.given("web", AdviceId::kUnhealthy));
  world.members["web"].told.unset(Field::health_unhealthy);
  world.tell("web", Field::health_healthy, 1);
  world.run(10);
  const Finding* cleared = world.judgement("web").find(AdviceId::kUnhealthy);
  ASSERT_NE(cleared, nullptr);
  EXPECT_FALSE(cleared->active());
  EXPECT_EQ(cleared->text, nullptr);
  world.run(86400, 60);
  EXPECT_EQ(world.judgement("web").find(AdviceId::kUnhealthy), nullptr);
}

}  // namespace
}  // namespace bottleneck
