// The leak rule over times in which nobody looked: what was before and after them is not one window.
#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "tests/unit/analyze/world.h"

namespace bottleneck {
namespace {

// Two windows of an hour are needed; what is missing of them after `grow` is less than kRest.
constexpr double kGrown = 7000;
constexpr double kRest = 400;
constexpr double kRate = 20e3;

void grow(World& world, double from, double seconds) {
  world.add("web");
  world.tell("web", Field::start_time, 1'699'990'000);
  world.set("web", Field::memory_unreclaimable, from);
  world.grow("web", Field::memory_unreclaimable, kRate);
  world.run(seconds, 10);
}

LeakState leak_of(World& world) { return world.judgement("web").memory_leak.state; }

LeakState after_restart(double away) {
  World world;
  grow(world, 200e6, kGrown);
  World again;
  const std::string bytes = world.pipeline.judge().serialise(world.unix_seconds, world.now_ns());
  again.unix_seconds = world.unix_seconds + away;
  EXPECT_TRUE(again.pipeline.judge().parse(bytes, again.unix_seconds, again.now_ns()));
  grow(again, 200e6 + kRate * (kGrown + away), kRest);
  return leak_of(again);
}

TEST(JudgeGaps, TwoWholeWindowsOfGrowthAreSuspected) {
  World world;
  grow(world, 200e6, kGrown);
  EXPECT_EQ(leak_of(world), LeakState::kNone);
  world.run(kRest, 10);
  EXPECT_EQ(leak_of(world), LeakState::kSuspected);
}

TEST(JudgeGaps, ALongPauseBreaksALeakWindow) {
  World world;
  grow(world, 200e6, kGrown);
  world.step(400);  // longer than what any hold survives
  world.run(kRest, 10);
  EXPECT_EQ(leak_of(world), LeakState::kNone);
}

TEST(JudgeGaps, TimeWithoutACgroupBreaksALeakWindow) {
  World world;
  grow(world, 200e6, kGrown);
  world.members["web"].live = false;
  world.run(400, 10);
  world.members["web"].live = true;
  world.run(kRest, 10);
  EXPECT_EQ(leak_of(world), LeakState::kNone);
}

TEST(JudgeGaps, TheExportersAbsenceBreaksALeakWindowWhenItWasLong) {
  EXPECT_EQ(after_restart(30), LeakState::kSuspected);
  EXPECT_EQ(after_restart(400), LeakState::kNone);
  EXPECT_EQ(after_restart(3600), LeakState::kNone);
}

double kills_after(World& world, const std::function<void()>& away) {
  world.add("other");
  world.add("job");
  world.tell("job", Field::oom_events, 0);
  world.run(60);
  away();
  world.tell("job", Field::oom_events, 3);
  world.run(5);
  return static_cast<double>(world.judgement("job").of(Signal::kMemOom).inputs[1]);
}

// What happened while nobody watched has no time. A name that was not there was watched all the same.
TEST(JudgeGaps, OnlyTheExportersAbsenceTakesTheTimeOfAKill) {
  World world;
  EXPECT_EQ(kills_after(world, [&] { world.step(400); }), 0);
  World of_a_job;
  EXPECT_EQ(kills_after(of_a_job,
                        [&] {
                          auto job = of_a_job.members.extract("job");
                          const auto rates = of_a_job.rates.extract("job");
                          of_a_job.run(3600, 10);
                          of_a_job.members.insert(std::move(job));
                        }),
            3);
}

}  // namespace
}  // namespace bottleneck
