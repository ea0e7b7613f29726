// The ordered tests of the category, each with the case it is for and its edge.
#include "exporter/analyze/category.h"

#include <gtest/gtest.h>

namespace bottleneck {
namespace {

struct Case {
  Evidence evidence;
  HostEvidence host;
  JudgementParameters parameters;
  EventFacts events;
  LeakReading leak;
  Signals signals;
  float z = kNoRate;
  float growth = kNoRate;
  Category previous = Category::kNone;

  Case() {
    host.cpus = 4;
    host.busy_cores = 1;
    host.memory_total = 8e9;
    evidence.has_cgroup = true;
    evidence.cpu_effective_limit = 4;
    evidence.memory_limit = evidence.memory_effective_limit = 1e9;
    evidence.memory_usage = 0.95e9;
    evidence.score.cpu_cores = 0.5F;
    events.oom_age = std::numeric_limits<float>::infinity();
  }
  Case& with(Signal signal, double value) {
    signals[static_cast<std::size_t>(signal)].value = static_cast<float>(value);
    return *this;
  }
  CategoryChoice choose() {
    std::array<float, kResourceCount> scores{};
    score_resources(signals, scores, nullptr);
    const SignalContext context{evidence, host, parameters, events, leak, kNoRate, kNoRate};
    return choose_category({context, signals, scores, z, growth, previous});
  }
  Category category() { return choose().category; }
};

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

TEST(Category, ThrashingIsMemoryAndItsIoIsInduced) {
  Case one;
  one.with(Signal::kIoStall, 0.9).with(Signal::kMemStall, 0.5);
  one.evidence.score.limit_hits = 50;
  one.evidence.score.activated_share = 0.4F;
  CategoryChoice choice = one.choose();
  EXPECT_EQ(choice.category, Category::kMemoryLimit);
  EXPECT_TRUE(choice.io_induced);
  one.evidence.score.activated_share = 0.1F;  // one pass over a huge file
  EXPECT_EQ(one.category(), Category::kIo);
  EXPECT_FALSE(one.choose().io_induced);
  one.evidence.score.activated_share = 0.4F;
  one.evidence.score.limit_hits = 5;
  EXPECT_EQ(one.category(), Category::kIo);
}

// 100 reads of 4 kB a second from a slow disk are 3 hits a second; nothing else is read or written.
TEST(Category, ThrashingOnASlowDiskHasFewHits) {
  Case one;
  one.with(Signal::kIoStall, 0.9).with(Signal::kMemStall, 0.5);
  one.evidence.score.limit_hits = 3;
  one.evidence.score.activated_share = 0.9F;
  one.evidence.score.read_bytes = 4e5F;
  one.evidence.score.written_bytes = 0;
  one.evidence.score.refault_bytes = 3.9e5F;
  EXPECT_EQ(one.category(), Category::kMemoryLimit);
  one.evidence.score.written_bytes = 4e6F;  // what it waits for is what it writes
  EXPECT_EQ(one.category(), Category::kIo);
  one.evidence.score.written_bytes = 0;
  one.evidence.score.activated_share = 0.1F;
  EXPECT_EQ(one.category(), Category::kIo);
  one.evidence.score.activated_share = 0.9F;
  one.evidence.score.limit_hits = 0.2F;  // the limit has room
  EXPECT_EQ(one.category(), Category::kIo);
}

// The kernel activates few refaults of a set of more than twice the limit. Requests are those of random
// reads.
TEST(Category, ThrashingAllOverAWideSetHasFewActivations) {
  Case one;
  one.with(Signal::kIoStall, 0.8).with(Signal::kMemStall, 0.7);
  one.evidence.score.limit_hits = 8;
  one.evidence.score.activated_share = 0.1F;
  one.evidence.score.read_bytes = 1.6e6F;
  one.evidence.score.written_bytes = one.evidence.score.writes = 0;
  one.evidence.score.reads = 400;
  one.evidence.score.refault_bytes = 1.6e6F;
  EXPECT_EQ(one.category(), Category::kMemoryLimit);
  one.evidence.score.reads = 12;  // one pass over a file, read ahead
  EXPECT_EQ(one.category(), Category::kIo);
  one.evidence.score.reads = 400;
  one.evidence.score.refault_bytes = 0.4e6F;  // most is read for the first time
  EXPECT_EQ(one.category(), Category::kIo);
  one.evidence.score.refault_bytes = 1.6e6F;
  one.evidence.score.activated_share = kNoRate;
  EXPECT_EQ(one.category(), Category::kIo) << "what is not known does not hold";
}

// v1 does not count activations, and not even limit hits where swap and memory share one limit.
TEST(Category, ThrashingOnV1IsTheSpeedOfRefaults) {
  Case one;
  one.host.is_v2 = false;
  one.with(Signal::kIoStall, 0.9).with(Signal::kMemStall, 0.5);
  one.evidence.score.limit_hits = 0;
  one.evidence.memory_swap_limit = 0;
  one.evidence.score.near_limit = 0.9F;
  one.evidence.score.refault_bytes = 0.06e9F;
  EXPECT_EQ(one.category(), Category::kMemoryLimit);
  one.evidence.score.near_limit = 0.7F;
  EXPECT_EQ(one.category(), Category::kIo);
  one.evidence.fast.near_limit = 1;  // it used less before it began to read
  EXPECT_EQ(one.category(), Category::kMemoryLimit);
  one.evidence.fast.near_limit = 0.5F;
  one.evidence.score.near_limit = 0.9F;
  one.evidence.score.refault_bytes = 0.04e9F;
  EXPECT_EQ(one.category(), Category::kIo);
  one.evidence.score.refault_bytes = 0.06e9F;
  one.evidence.memory_swap_limit = 1e9;  // hits are counted there, and there are none
  EXPECT_EQ(one.category(), Category::kIo);
}

TEST(Category, MemoryStallWithoutALimitIsTheHost) {
  Case one;
  one.with(Signal::kMemStall, 0.8);
  EXPECT_EQ(one.category(), Category::kMemoryLimit);
  one.evidence.memory_limit = kAbsent;
  EXPECT_EQ(one.category(), Category::kMemoryLimit);  // an ancestor's
  one.evidence.memory_effective_limit = 8e9;
  EXPECT_EQ(one.category(), Category::kMemoryHost);
  one.evidence.memory_limit = one.evidence.memory_effective_limit = 4e9;
  one.evidence.memory_usage = 1e9;  // a limit that is far away
  EXPECT_EQ(one.category(), Category::kMemoryHost);
  one.host.memory_available = 1e9;
  EXPECT_EQ(one.category(), Category::kMemoryHost);
  one.host.memory_available =
      6e9;  // the host has plenty: what is read back was evicted under a smaller limit
  EXPECT_EQ(one.category(), Category::kMemoryLimit);
}

// v1: a buffered writer stalls in reclaim of its own dirty pages, and writes no slower for it.
TEST(Category, ABufferedWriterOnV1IsIo) {
  Case one;
  one.host.is_v2 = false;
  one.with(Signal::kMemStall, 1).with(Signal::kIoStall, 0.6);
  one.evidence.score.refault_bytes = 0;
  one.evidence.score.written_bytes = 80e6F;
  one.evidence.score.read_bytes = 1e6F;
  EXPECT_EQ(one.category(), Category::kIo);
  EXPECT_TRUE(one.choose().memory_induced);
  one.evidence.score.refault_bytes = 0.02e9F;
  EXPECT_EQ(one.category(), Category::kMemoryLimit);
  one.evidence.score.refault_bytes = 0;
  one.host.is_v2 = true;
  EXPECT_EQ(one.category(), Category::kMemoryLimit);
}

// v2: a pass over a file of many times the limit stalls in reclaim, and no larger limit would help it.
Case pass_over_a_file() {
  Case one;
  one.with(Signal::kMemStall, 0.6).with(Signal::kIoStall, 0.1);
  one.evidence.memory_unreclaimable = 0.1e9;
  one.evidence.score.limit_hits = 50;
  one.evidence.score.read_bytes = 20e6F;
  one.evidence.score.refault_bytes = 0;
  one.evidence.score.activated_share = 0;
  one.evidence.score.swap_in_bytes = 0;
  return one;
}

TEST(Category, CacheThatIsRecycledIsNoMemoryProblem) {
  Case one = pass_over_a_file();
  EXPECT_EQ(one.category(), Category::kNone);
  EXPECT_TRUE(one.choose().memory_induced);
  EXPECT_EQ(one.choose().test, CategoryTest::kRecyclesCache);
  one.with(Signal::kIoStall, 0.7);  // a slow disk is one
  EXPECT_EQ(one.category(), Category::kIo);
  one.evidence.score.activated_share = 1;  // of a handful of refaults
  one.evidence.score.refault_bytes = 1e3F;
  EXPECT_EQ(one.category(), Category::kIo);
}

TEST(Category, EachSignOfMemoryThatIsMissedIsAMemoryProblem) {
  const auto category_with = [](auto change) {
    Case one = pass_over_a_file();
    change(one);
    EXPECT_FALSE(one.choose().memory_induced);
    return one.category();
  };
  const auto refaults = [](float bytes) {
    return [=](Case& one) { one.evidence.score.refault_bytes = bytes; };
  };
  EXPECT_EQ(category_with(refaults(0.5e6F)), Category::kMemoryLimit);  // 2.5 % of what is read
  EXPECT_EQ(category_with(refaults(kNoRate)), Category::kMemoryLimit);
  EXPECT_EQ(category_with([](Case& one) {
              one.evidence.score.read_bytes = 1e9F;
              one.evidence.score.refault_bytes = 6e6F;  // a small share, and much of the limit
            }),
            Category::kMemoryLimit);
  EXPECT_EQ(category_with([](Case& one) { one.evidence.score.read_bytes = kNoRate; }),
            Category::kMemoryLimit);
  EXPECT_EQ(category_with([](Case& one) { one.evidence.score.swap_in_bytes = 40e3F; }),
            Category::kMemoryLimit);
  EXPECT_EQ(category_with([](Case& one) { one.evidence.score.swap_in_bytes = kNoRate; }),
            Category::kMemoryLimit);
  EXPECT_EQ(category_with([](Case& one) { one.evidence.memory_unreclaimable = 0.85e9; }),
            Category::kMemoryLimit);
  EXPECT_EQ(category_with([](Case& one) { one.evidence.memory_unreclaimable = kAbsent; }),
            Category::kMemoryLimit);
  EXPECT_EQ(category_with([](Case& one) {
              one.evidence.memory_limit = kAbsent;
              one.evidence.memory_effective_limit = 8e9;
            }),
            Category::kMemoryHost);
  EXPECT_EQ(category_with([](Case& one) { one.with(Signal::kMemSpace, 0.7); }), Category::kMemoryLimit);
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
