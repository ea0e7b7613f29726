// What is said of a recommendation while the limit that it asks for was just changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/analyze/world.h"

namespace bottleneck {
namespace {

using ::testing::Not;
using ::testing::StartsWith;

// What was seen under the old limit is not told of the new one, and asks for no more.
TEST(JudgeLimits, TheWordsOfBeforeAChangeSaySo) {
  World world;
  world.add_throttled("web", 0.5, 0.4);
  world.run(400);
  const auto text = [&] { return *world.judgement("web").find(AdviceId::kCpuLimitRaise)->text; };
  const std::string before = text().description;
  ASSERT_THAT(text().suggestion, StartsWith("Raise the CPU limit"));
  world.throttle("web", 2, 0);
  world.run(300);
  ASSERT_TRUE(world.given("web", AdviceId::kCpuLimitRaise));
  EXPECT_EQ(text().description, "Before its limits were changed: " + before);
  EXPECT_THAT(text().suggestion, StartsWith("Nothing more for now"));
  EXPECT_TRUE(text().changes.empty());
  world.throttle("web", 2, 0.4);
  world.run(300);
  EXPECT_THAT(text().description, StartsWith("Its quota of 2 CPUs"));
}

// A limit of another resource says nothing of it.
TEST(JudgeLimits, AnotherLimitChangesNoWords) {
  World world;
  world.add_throttled("web", 0.5, 0.4);
  world.run(320);
  ASSERT_TRUE(world.given("web", AdviceId::kCpuLimitRaise));
  const auto text = world.judgement("web").find(AdviceId::kCpuLimitRaise)->text;
  world.set("web", Field::memory_limit, 1e9);
  world.run(10);
  world.set("web", Field::memory_limit, 2e9);
  world.run(30);
  EXPECT_EQ(world.judgement("web").find(AdviceId::kCpuLimitRaise)->text, text);
}

// Its device's limit is the same one with another number.
TEST(JudgeLimits, AnIoLimitThatWasRaisedIsWatched) {
  World world;
  world.add("disk").subject.cgroup.io = "/cg/disk";
  world.members["disk"].sample.devices.emplace_back().device = "sda";
  double written = 0;
  const auto write = [&](double limit, int seconds) {
    DeviceValues& values = world.members["disk"].sample.devices[0].values;
    values.set(Field::io_written_bytes_limit, limit);
    for (int i = 0; i < seconds; ++i) {
      values.set(Field::io_written_bytes, written += limit);
      world.step(1);
    }
  };
  world.grow("disk", Field::pressure_io_some, 0.8);
  world.grow("disk", Field::pressure_io_full, 0.8);
  write(1e6, 400);
  ASSERT_TRUE(world.given("disk", AdviceId::kIoLimitHit));
  EXPECT_NE(world.change_of("disk", AdviceId::kIoLimitHit), "");
  write(2e6, 60);
  EXPECT_EQ(world.change_of("disk", AdviceId::kIoLimitHit), "");
  write(2e6, 60);
  EXPECT_NE(world.change_of("disk", AdviceId::kIoLimitHit), "");
}

// Killed again soon after its change: without a cgroup nothing is watched.
TEST(JudgeLimits, AKillSoonAfterAChangeIsNoTimeToWatch) {
  World world;
  world.add_limited("job");
  world.run(100);
  world.tell("job", Field::oom_events, 1);
  world.run(5);
  ASSERT_TRUE(world.given("job", AdviceId::kMemOomKilled));
  world.set("job", Field::memory_limit, 128e6);
  world.run(10);
  const auto suggestion = [&] {
    return world.judgement("job").find(AdviceId::kMemOomKilled)->text->suggestion;
  };
  EXPECT_THAT(suggestion(), StartsWith("Nothing more for now"));
  world.tell("job", Field::oom_events, 2);
  world.members["job"].live = false;
  world.run(300);
  EXPECT_THAT(suggestion(), Not(StartsWith("Nothing more for now")));
}

}  // namespace
}  // namespace bottleneck
