#include "exporter/expose/connections.h"

#include <gtest/gtest.h>

#include "tests/unit/set_clock.h"

namespace bottleneck {
namespace {

class ConnectionsTest : public testing::Test {
 protected:
  ConnectionsTest() {
    for (int i = 0; i < 4; ++i) workers_.push_back(connections_.add_worker());
  }
  void wait(std::size_t worker) {
    clock_.now_ns += kSecondNs / 10;
    connections_.waiting(workers_[worker]);
  }

  SetClock clock_;
  int interrupted_ = 0;
  std::vector<TcpConnection> shut_down_;
  Connections connections_{4,
                           clock_,
                           {[this](pthread_t) { ++interrupted_; },
                            [this](const TcpConnection& connection) { shut_down_.push_back(connection); }}};
  std::vector<Connections::Worker*> workers_;
};

TEST_F(ConnectionsTest, TwoWorkersAreKeptFree) {
  wait(0);
  wait(1);
  EXPECT_EQ(connections_.evicted(), 0U);
  wait(2);
  EXPECT_EQ(connections_.evicted(), 1U);  // the oldest: worker 0
  EXPECT_EQ(interrupted_, 1);
  connections_.closing(workers_[0]);
  wait(0);
  EXPECT_EQ(connections_.evicted(), 2U);  // now worker 1
}

TEST_F(ConnectionsTest, AYoungConnectionIsGivenAMoment) {
  for (Connections::Worker* worker : workers_)
    connections_.waiting(worker);  // all at once: honest clients, perhaps
  EXPECT_EQ(connections_.evicted(), 0U);
  EXPECT_TRUE(connections_.wait_for_eviction());  // the reminder looks again
  connections_.remind();
  EXPECT_EQ(connections_.evicted(), 0U);
  clock_.now_ns += kSecondNs / 10;
  connections_.remind();
  EXPECT_EQ(connections_.evicted(), 2U);
}

TEST_F(ConnectionsTest, AnEvictionThatWasMissedIsRepeatedUntilItIsHeeded) {
  wait(0);
  wait(1);
  wait(2);
  EXPECT_EQ(interrupted_, 1);
  EXPECT_TRUE(connections_.wait_for_eviction());
  connections_.remind();
  connections_.remind();
  EXPECT_EQ(interrupted_, 3);
  connections_.closing(workers_[0]);
  connections_.remind();
  EXPECT_EQ(interrupted_, 3);
  connections_.quit();
  EXPECT_FALSE(connections_.wait_for_eviction());
}

TEST_F(ConnectionsTest, AnAnswerUnderWayIsNotCutShort) {
  for (std::size_t i = 0; i < 3; ++i) {
    wait(i);
    connections_.serving(workers_[i], {});
  }
  wait(3);
  EXPECT_EQ(connections_.evicted(), 0U);
  EXPECT_EQ(connections_.being_served(), 3U);
}

TEST_F(ConnectionsTest, AnAnswerThatNobodyReadsIs) {
  for (std::size_t i = 0; i < 3; ++i)
    connections_.serving(workers_[i], {{"10.0.0.1", static_cast<std::uint16_t>(i)}, 1});
  clock_.now_ns += 21 * kSecondNs;
  wait(3);
  EXPECT_EQ(connections_.evicted(), 2U);
  ASSERT_EQ(shut_down_.size(), 2U);
  EXPECT_EQ(shut_down_.front().peer.port, 0);
}

TEST_F(ConnectionsTest, AHandshakeAndItsRequestAreOneWait) {
  wait(0);
  wait(1);
  wait(0);  // goes on waiting, does not become the youngest
  wait(2);
  connections_.closing(workers_[0]);
  wait(0);
  EXPECT_EQ(connections_.evicted(), 2U);
}

TEST_F(ConnectionsTest, EndInterruptsThoseThatWait) {
  wait(0);
  connections_.serving(workers_[1], {{"10.0.0.1", 7}, 1});
  connections_.end(false);
  EXPECT_EQ(interrupted_, 1);
  EXPECT_TRUE(shut_down_.empty());
  connections_.end(true);
  EXPECT_EQ(shut_down_.size(), 1U);
}

}  // namespace
}  // namespace bottleneck
