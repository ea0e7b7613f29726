#include "exporter/hub.h"

#include <gtest/gtest.h>

#include <future>

namespace bottleneck {
namespace {

class HubTest : public testing::Test {
 protected:
  /// One round of the sampler; the snapshot that it filled.
  const Snapshot* publish(double unix_seconds) {
    std::shared_ptr<Snapshot> snapshot = hub_.reusable();
    snapshot->unix_seconds = unix_seconds;
    const Snapshot* const filled = snapshot.get();
    hub_.publish(std::move(snapshot));
    return filled;
  }
  SnapshotHub hub_{system_clock()};
};

TEST_F(HubTest, NothingBeforeTheFirst) { EXPECT_EQ(hub_.current(), nullptr); }

// A fleet's numbers are in memory once: a second copy is 2 kB a container.
TEST_F(HubTest, OneThatNobodyReadsIsFilledAnew) {
  const Snapshot* const first = publish(1);
  EXPECT_EQ(publish(2), first);
  EXPECT_EQ(hub_.current()->unix_seconds, 2);
}

TEST_F(HubTest, WhatIsReadStaysAsItIs) {
  publish(1);
  const std::shared_ptr<const Snapshot> read = hub_.current();
  EXPECT_NE(publish(2), read.get());
  EXPECT_EQ(read->unix_seconds, 1);
  EXPECT_EQ(hub_.current()->unix_seconds, 2);
}

TEST_F(HubTest, WhoAsksWhileItIsFilledGetsTheNewOne) {
  publish(1);
  std::shared_ptr<Snapshot> filling = hub_.reusable();
  auto asked = std::async(std::launch::async, [this] { return hub_.current(); });
  EXPECT_EQ(asked.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  filling->unix_seconds = 2;
  hub_.publish(std::move(filling));
  const std::shared_ptr<const Snapshot> got = asked.get();
  ASSERT_NE(got, nullptr);
  EXPECT_EQ(got->unix_seconds, 2);
}

}  // namespace
}  // namespace bottleneck
