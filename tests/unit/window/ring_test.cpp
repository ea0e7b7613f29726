#include "exporter/window/ring.h"

#include <gtest/gtest.h>

#include "exporter/base/clock.h"

namespace bottleneck {
namespace {

using Ring = DeltaRing<3, 1, 10, kSecondNs>;

void add(Ring& ring, std::int64_t second, const Ring::Deltas& deltas, float gauge) {
  ring.add((second - 1) * kSecondNs, second * kSecondNs, deltas, {gauge});
}

// A channel that never moved costs one number, but is measured all the same; one that was absent is not.
TEST(DeltaRing, WhatNeverMovedIsMeasured) {
  Ring ring;
  for (int second = 1; second <= 5; ++second) add(ring, second, {0, 2, kNoRate}, 7);
  RingSums<3> sums;
  ring.sum(5 * kSecondNs, 4 * kSecondNs, sums);
  EXPECT_EQ(sums.rate(0), 0);
  EXPECT_EQ(sums.rate(1), 2);
  EXPECT_FALSE(sums.has(2));
}

// The first move takes memory: the slots before it keep what they had, absent ones too.
TEST(DeltaRing, TheFirstMoveKeepsThePast) {
  Ring ring;
  for (int second = 1; second <= 3; ++second) add(ring, second, {0, 2, kNoRate}, 7);
  add(ring, 4, {1, kNoRate, 3}, 9);
  RingSums<3> sums;
  ring.sum(4 * kSecondNs, 4 * kSecondNs, sums);
  EXPECT_EQ(sums.amount, (std::array<float, 3>{1, 6, 3}));
  EXPECT_EQ(sums.seconds, (std::array<float, 3>{4, 3, 1}));
  float least = 100;
  float most = 0;
  ring.for_each(4 * kSecondNs, 4 * kSecondNs, [&](const auto& slot) {
    least = std::min(least, slot.gauge(0));
    most = std::max(most, slot.gauge(0));
  });
  EXPECT_EQ(least, 7);
  EXPECT_EQ(most, 9);
}

TEST(DeltaRing, NothingOfBeforeIsLeftAfterClear) {
  Ring ring;
  for (int second = 1; second <= 5; ++second) add(ring, second, {static_cast<float>(second), 1, 1}, 1);
  ring.clear();
  RingSums<3> none;
  ring.sum(5 * kSecondNs, 10 * kSecondNs, none);
  EXPECT_EQ(none.covered, 0);
  for (int second = 6; second <= 7; ++second) add(ring, second, {4, kNoRate, 0}, 2);
  RingSums<3> sums;
  ring.sum(7 * kSecondNs, 10 * kSecondNs, sums);
  EXPECT_EQ(sums.amount, (std::array<float, 3>{8, 0, 0}));
  EXPECT_EQ(sums.seconds, (std::array<float, 3>{2, 0, 2}));
}

// Two readings that end in one slot.
TEST(DeltaRing, ReadingsOfOneSlotAreAdded) {
  Ring ring;
  ring.add(0, kSecondNs, {1, 1, kNoRate}, {5});
  ring.add(kSecondNs, kSecondNs + kSecondNs / 2, {1, kNoRate, 1}, {3});
  RingSums<3> sums;
  ring.sum(kSecondNs + kSecondNs / 2, 10 * kSecondNs, sums);
  EXPECT_EQ(sums.amount, (std::array<float, 3>{2, 1.5F, 3}));
  EXPECT_EQ(sums.covered, 1.5F);
}

}  // namespace
}  // namespace bottleneck
