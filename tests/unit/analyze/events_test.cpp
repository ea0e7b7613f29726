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

/// A name whose kills and starts are counted from none on.
struct Watched {
  Events events;
  LifeEvidence life;
  double now = 1000;

  Watched() {
    life.oom_events = life.starts = 0;
    happen(1, 0);
  }
  /// Ticks each ten seconds, so many kills and restarts in each.
  void happen(int ticks, double each) {
    for (int i = 0; i < ticks; ++i) {
      life.oom_events += each;
      life.starts += each;
      events.update(life, now += 10, 10, false, 600);
    }
  }
  [[nodiscard]] const EventFacts& facts() const { return events.facts(); }
};

TEST(Events, AllAreCounted) {
  Watched name;
  name.happen(180, 2);
  EXPECT_EQ(name.facts().oom_kills, 360);
  EXPECT_EQ(name.facts().restarts, 360);
  EXPECT_EQ(name.facts().starts_of_day, 360);
  EXPECT_NEAR(name.facts().restarts_recent, 120, 4);
  name.happen(300, 0);
  EXPECT_NEAR(name.facts().oom_kills, 120, 4);
  name.happen(100, 0);
  EXPECT_EQ(name.facts().restarts, 0);
  EXPECT_EQ(name.facts().starts_of_day, 360);
  EXPECT_EQ(name.facts().oom_age, 4000);
}

TEST(Events, ALongLoopIsCountedInBoundedMemory) {
  Watched name;
  name.happen(20'000, 3);
  EXPECT_NEAR(name.facts().restarts_recent, 180, 9);
  EXPECT_NEAR(name.facts().oom_kills, 1080, 54);
  EXPECT_NEAR(name.facts().starts_of_day, 25920, 1300);
  StateWriter writer;
  name.events.write(writer, name.now);
  EXPECT_LT(writer.size(), 7000U);
}

TEST(Events, HaveNoTimeWhenNobodyWatched) {
  Watched name;
  name.life.oom_events = name.life.starts = 5;
  name.events.update(name.life, name.now += 10, 10, false, 600, false);
  EXPECT_TRUE(std::isinf(name.facts().oom_age));
  EXPECT_EQ(name.facts().oom_kills, 0);
  EXPECT_EQ(name.facts().restarts, 0);
  EXPECT_EQ(name.facts().starts_of_day, 0);
  name.happen(1, 1);
  EXPECT_EQ(name.facts().oom_kills, 1);
  EXPECT_EQ(name.facts().restarts, 1);
}

TEST(Events, AreKeptOverARestart) {
  Watched name;
  name.happen(20, 3);
  StateWriter writer;
  name.events.write(writer, name.now);
  const std::string bytes = writer.take();
  const auto after = [&](double passed) {
    Watched again;
    StateReader reader(bytes);
    again.events = Events();
    again.now = 50;
    again.events.read(reader, again.now, passed);
    EXPECT_TRUE(reader.at_end() && !reader.failed());
    again.life = name.life;
    again.happen(1, 1);
    return again.facts();
  };
  EXPECT_EQ(after(100).oom_kills, 61);
  EXPECT_EQ(after(100).restarts, 61);
  EXPECT_EQ(after(100).oom_age, 0);
  EXPECT_EQ(after(4000).oom_kills, 1) << "the others are older than an hour";
}

TEST(Events, OfOlderVersionsAreTimesOfOneEach) {
  StateWriter writer;
  for (int list = 0; list < 3; ++list) {
    writer.put(std::uint8_t{2});
    for (const float age : {500.0F, 20.0F}) writer.put(age);
  }
  for (int i = 0; i < 8; ++i) writer.put(4.0);
  for (int i = 0; i < 6; ++i) writer.put(kNoRate);
  writer.put(0.0F);
  writer.put(std::uint8_t{0});
  writer.put(std::uint8_t{3});
  const std::string bytes = writer.take();
  Events events;
  StateReader reader(bytes);
  events.read(reader, 1000, 30);
  EXPECT_TRUE(reader.at_end() && !reader.failed());
  LifeEvidence life;
  life.oom_events = life.starts = 4;
  events.update(life, 1010, 10, false, 600);
  EXPECT_EQ(events.facts().oom_kills, 2);
  EXPECT_EQ(events.facts().restarts_recent, 2);
  EXPECT_EQ(events.facts().oom_age, 60);
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
