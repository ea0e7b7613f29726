#include "exporter/analyze/events.h"

#include <gtest/gtest.h>

namespace bottleneck {
namespace {

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

}  // namespace
}  // namespace bottleneck
