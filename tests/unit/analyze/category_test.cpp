// The ordered tests of the category, each with the case it is for and its edge.
#include <gtest/gtest.h>

#include "tests/unit/analyze/category_case.h"

namespace bottleneck {
namespace {

using Case = CategoryCase;

TEST(Category, NoneWhenAllAreLow) {
  Case one;
  EXPECT_EQ(one.category(), Category::kNone);
  one.with(Signal::kCpuQuota, 0.24).with(Signal::kMemStall, 0.1);
  EXPECT_EQ(one.choose().test, CategoryTest::kAllLow);
}

TEST(Category, AKillComesFirst) {
  Case one;
  one.with(Signal::kCpuQuota, 1).with(Signal::kMemOom, 1);
  one.events.oom_age = 10;
  EXPECT_EQ(one.category(), Category::kMemoryLimit);
  one.leak.state = LeakState::kSuspected;
  EXPECT_EQ(one.category(), Category::kMemoryLeak);
  one.leak.state = LeakState::kNone;
  one.events.oom_scope = OomScope::kHost;
  EXPECT_EQ(one.category(), Category::kMemoryHost);
  one.events.oom_scope = OomScope::kUnknown;
  one.evidence.memory_limit = kAbsent;
  one.evidence.memory_effective_limit = 8e9;
  EXPECT_EQ(one.category(), Category::kMemoryHost);  // nothing of its own that it could have hit
  one.events.oom_age = 301;
  EXPECT_EQ(one.category(), Category::kCpuQuota);
}

// A container that was killed and has no cgroup: its limit is not known, and "the host" would be a guess.
TEST(Category, AKillOfAStoppedContainerIsItsLimit) {
  Case one;
  one.evidence = Evidence();
  one.events.oom_age = 1;
  one.with(Signal::kMemOom, 1);
  EXPECT_EQ(one.category(), Category::kMemoryLimit);
}

// A memory hog also saturates the CPU: what grew first is the cause.
TEST(Category, MemoryBeforeCpu) {
  Case one;
  one.with(Signal::kCpuStarve, 0.8).with(Signal::kMemSpace, 0.4);
  one.z = 6;
  one.growth = 0.3F;
  EXPECT_EQ(one.choose().test, CategoryTest::kMemoryBeforeCpu);
  EXPECT_EQ(one.category(), Category::kMemoryLimit);
  one.z = 4.9F;
  EXPECT_NE(one.choose().test, CategoryTest::kMemoryBeforeCpu);
  one.z = 6;
  one.growth = 0.2F;
  EXPECT_NE(one.choose().test, CategoryTest::kMemoryBeforeCpu);
  one.growth = 0.3F;
  one.with(Signal::kCpuStarve, 0.95);
  EXPECT_NE(one.choose().test, CategoryTest::kMemoryBeforeCpu);  // more than 0.5 ahead
  one.with(Signal::kCpuStarve, 0.3).with(Signal::kMemSpace, 0.2);
  EXPECT_NE(one.choose().test, CategoryTest::kMemoryBeforeCpu);  // memory is no cause
}

TEST(Category, TiesGoToTheCause) {
  Case one;
  one.host.busy_cores = 4;
  one.with(Signal::kCpuStarve, 0.7).with(Signal::kIoStall, 0.56);
  EXPECT_EQ(one.category(), Category::kIo);
  one.with(Signal::kIoStall, 0.5);
  EXPECT_EQ(one.category(), Category::kCpuContention);
  one.with(Signal::kCpuQuota, 0.6);
  EXPECT_EQ(one.category(), Category::kCpuQuota);
  one.with(Signal::kCpuQuota, 0.5);
  EXPECT_EQ(one.category(), Category::kCpuContention);
}

TEST(Category, StaysWhenTheLeadIsSmall) {
  Case one;
  one.with(Signal::kIoStall, 0.6).with(Signal::kNetDrops, 0.64);
  EXPECT_EQ(one.category(), Category::kNetwork);
  one.previous = Category::kIo;
  EXPECT_EQ(one.category(), Category::kIo);
  EXPECT_EQ(one.choose().test, CategoryTest::kStayed);
  one.with(Signal::kNetDrops, 0.7);
  EXPECT_EQ(one.category(), Category::kNetwork);
}

TEST(Category, StarvationIsContentionOnlyWhereOthersTakeTheCpu) {
  Case one;
  one.with(Signal::kCpuStarve, 0.8);
  one.evidence.score.cpu_cores = 1;
  one.host.busy_cores = 2.5F;  // others use 1.5 of 4
  EXPECT_EQ(one.category(), Category::kCpuContention);
  one.host.busy_cores = 1.5F;  // others use an eighth
  EXPECT_EQ(one.category(), Category::kCpuDemand);
  one.host.steal = 0.06F;
  EXPECT_EQ(one.category(), Category::kCpuContention);
  one.evidence.score.cpu_cores = 3.5F;  // it has nearly all of them: demand, whatever else
  EXPECT_EQ(one.category(), Category::kCpuDemand);
  one.evidence.cpuset_cpus = 1;
  one.evidence.cpu_effective_limit = 1;
  one.evidence.score.cpu_cores = 0.99F;
  one.host.busy_cores = 4;
  EXPECT_EQ(one.category(), Category::kCpuDemand);
}

TEST(Category, WhoTakesTheCpuIsAskedOfTheTimeInWhichItWaits) {
  Case one;
  one.with(Signal::kCpuStarve, 0.8);
  one.evidence.score.cpu_cores = 1;
  one.evidence.score.cpu_some = 0.4F;
  one.host.busy_cores = 3.5F;
  one.evidence.fast.cpu_cores = 2.5F;
  one.evidence.fast.cpu_some = 1;  // for 24 s only
  EXPECT_EQ(one.category(), Category::kCpuContention) << "the host's last seconds are not known";
  one.host.fast_busy_cores = 3;  // others have stopped before
  EXPECT_EQ(one.category(), Category::kCpuDemand);
  one.host.fast_steal = 0.06F;
  EXPECT_EQ(one.category(), Category::kCpuContention);
  one.host.fast_steal = 0;
  one.evidence.fast.cpu_some = 0.2F;  // it waits less than it did: the minute tells
  EXPECT_EQ(one.category(), Category::kCpuContention);
}

TEST(Category, UseAloneAndOneThreadAreDemand) {
  Case one;
  one.host.busy_cores = 4;
  one.with(Signal::kCpuUtil, 0.5);
  EXPECT_EQ(one.category(), Category::kCpuDemand);
  one.with(Signal::kCpuThread, 0.6);
  EXPECT_EQ(one.category(), Category::kCpuDemand);
}

TEST(Category, AnIoLimitIsTheCauseOfItsStall) {
  Case one;
  one.with(Signal::kIoStall, 1).with(Signal::kIoLimit, 0.6);
  EXPECT_EQ(one.category(), Category::kIoLimit);
  one.with(Signal::kIoLimit, 0.2);
  EXPECT_EQ(one.category(), Category::kIo);
}

TEST(Category, AnIoLimitIsTheCauseWhileItWaits) {
  Case one;
  one.with(Signal::kIoStall, 1).with(Signal::kIoLimit, 0);
  one.signals[static_cast<std::size_t>(Signal::kIoStall)].inputs[0] = 0.68F;
  EXPECT_EQ(one.category(), Category::kIo);  // no limit is set
  one.evidence.score.io_limit = 0.70F;       // for 68 % of the minute, at 1.03 of the limit
  EXPECT_EQ(one.category(), Category::kIoLimit);
  EXPECT_EQ(one.choose().signal, Signal::kIoStall);  // the one with a number to show
  one.evidence.score.io_limit = 0.30F;               // a disk that is slower than the limit
  EXPECT_EQ(one.category(), Category::kIo);
}

TEST(Category, TheOthers) {
  EXPECT_EQ(Case().with(Signal::kPidsTasks, 0.95).category(), Category::kPids);
  EXPECT_EQ(Case().with(Signal::kPidsFiles, 0.5).category(), Category::kPids);
  EXPECT_EQ(Case().with(Signal::kLifeRestarts, 0.8).category(), Category::kLifecycle);
  EXPECT_EQ(Case().with(Signal::kLifeUnhealthy, 0.6).category(), Category::kLifecycle);
  EXPECT_EQ(Case().with(Signal::kNetConntrack, 0.7).category(), Category::kNetwork);
  Case leak;
  leak.leak.state = LeakState::kSuspected;
  EXPECT_EQ(leak.with(Signal::kMemLeak, 0.35).category(), Category::kMemoryLeak);
}

}  // namespace
}  // namespace bottleneck
