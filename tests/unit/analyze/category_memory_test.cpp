// Memory against I/O and against the host: which of them a stall is told as.
#include <gtest/gtest.h>

#include "tests/unit/analyze/category_case.h"

namespace bottleneck {
namespace {

using Case = CategoryCase;

/// Waits for the disk more than for memory, hits its limit so many times a second, and this share of its
/// refaults is activated.
Case thrashing(float hits, float activated) {
  Case one;
  one.with(Signal::kIoStall, 0.9).with(Signal::kMemStall, 0.5);
  one.evidence.score.limit_hits = hits;
  one.evidence.score.activated_share = activated;
  return one;
}

/// And all that it reads, `bytes` a second, was evicted before; it writes nothing.
Case reader(float hits, float activated, float bytes) {
  Case one = thrashing(hits, activated);
  one.evidence.score.read_bytes = one.evidence.score.refault_bytes = bytes;
  one.evidence.score.written_bytes = one.evidence.score.writes = 0;
  return one;
}

TEST(Category, ThrashingIsMemoryAndItsIoIsInduced) {
  Case one = thrashing(50, 0.4F);
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
  Case one = reader(3, 0.9F, 4e5F);
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
  Case one = reader(8, 0.1F, 1.6e6F);
  one.evidence.score.reads = 400;
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

}  // namespace
}  // namespace bottleneck
