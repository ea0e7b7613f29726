// A container without a cgroup, still listed: it holds nobody back and grows no more.
#include <gtest/gtest.h>

#include "tests/unit/analyze/world.h"

namespace bottleneck {
namespace {

/// A busy host on which "web" waits for the CPU in every other half minute, when "hog" uses it.
void strain(World& world, int seconds) {
  for (int i = 0; i < seconds; ++i) {
    const bool bad = static_cast<int>(world.now) / 30 % 2 == 0;
    world.grow("web", Field::pressure_cpu_some, bad ? 0.6 : 0.02);
    world.grow("hog", Field::cpu_usage, bad ? 2.5 : 0.1);
    world.host.set(Field::host_cpu_busy, world.host.get(Field::host_cpu_busy) + 3.9);
    world.step(1);
  }
}

TEST(JudgeStopped, AStoppedNeighbourIsNoLongerNamed) {
  World world;
  world.add("web");
  world.add("hog");
  strain(world, 900);
  ASSERT_FALSE(world.judgement("web").neighbours.empty());
  ASSERT_TRUE(world.given("hog", AdviceId::kCpuNoisyNeighbour));
  world.members["hog"].live = false;
  strain(world, 300);  // it still waits: for somebody else
  EXPECT_TRUE(world.judgement("web").neighbours.empty());
  strain(world, 1200);
  EXPECT_FALSE(world.given("hog", AdviceId::kCpuNoisyNeighbour));
}

TEST(JudgeStopped, AStoppedContainerDoesNotGrow) {
  for (const bool stopped : {false, true}) {
    World world;
    world.add("web");
    world.add("hog");
    world.grow("hog", Field::memory_unreclaimable, 1e6);
    world.run(720);
    world.members["hog"].live = !stopped;
    world.grow("web", Field::pressure_memory_full, 0.3);
    world.run(420);
    ASSERT_TRUE(world.given("web", AdviceId::kMemHostPressure));
    const std::string& text = world.judgement("web").find(AdviceId::kMemHostPressure)->text->description;
    EXPECT_EQ(text.find("'hog'") == std::string::npos, stopped) << text;
  }
}

}  // namespace
}  // namespace bottleneck
