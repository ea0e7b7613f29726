#include "exporter/analyze/neighbours.h"

#include <gtest/gtest.h>

namespace bottleneck {
namespace {

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

}  // namespace
}  // namespace bottleneck
