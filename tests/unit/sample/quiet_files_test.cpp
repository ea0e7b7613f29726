// Files without news are left alone, and read again as soon as they may have some.
#include <gtest/gtest.h>

#include "exporter/sample/sampler.h"
#include "tests/unit/discover/temp_tree.h"

namespace bottleneck {
namespace {

/// A host of cgroup v1 with one container, whose only process is 10.
class QuietFiles : public ::testing::Test {
 protected:
  QuietFiles() {
    config_.paths.cgroupfs = tree_.root() + "/cgroup";
    config_.paths.procfs = tree_.root() + "/proc";
    layout_.version = CgroupVersion::kV1;
    for (const auto& [controller, name] : {std::pair{Controller::kCpu, "cpu"},
                                           {Controller::kCpuacct, "cpuacct"},
                                           {Controller::kPids, "pids"},
                                           {Controller::kFreezer, "freezer"}}) {
      layout_.roots[static_cast<std::size_t>(controller)] = config_.paths.cgroupfs + "/" + name;
    }
    uses(1);
    quota(0);
    tree_.file("cgroup/cpu/web/cpu.cfs_quota_us", "-1\n");
    tree_.file("cgroup/cpu/web/cpu.cfs_period_us", "100000\n");
    tree_.file("cgroup/pids/web/cgroup.procs", "10\n");
    tree_.file("cgroup/pids/web/pids.current", "1\n");
    tree_.file("cgroup/freezer/web/freezer.state", "THAWED\n");
    tree_.file("proc/1/net/dev", "");
    tree_.file("proc/10/stat", "10 (a) S 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 4 0 100 0 0\n");
    tree_.file("proc/10/fd/0", "");
    packets(5);
    retransmits(7);
  }

  void uses(int seconds) const {
    tree_.file("cgroup/cpuacct/web/cpuacct.usage", std::to_string(seconds) + "000000000\n");
  }
  void quota(int periods) const {
    tree_.file("cgroup/cpu/web/cpu.stat",
               "nr_periods " + std::to_string(periods) + "\nnr_throttled 0\nthrottled_time 0\n");
  }
  void packets(int count) const {
    tree_.file("proc/10/net/dev", "Inter-| Receive | Transmit\n face |bytes\n  eth0: 100 " +
                                      std::to_string(count) + " 0 0 0 0 0 0 200 3 0 0 0 0 0 0\n");
  }
  void retransmits(int count) const {
    tree_.file("proc/10/net/snmp", "Tcp: OutSegs RetransSegs\nTcp: 50 " + std::to_string(count) + "\n");
    tree_.file("proc/10/net/netstat", "TcpExt: ListenOverflows ListenDrops\nTcpExt: 1 2\n");
  }

  double get(Field field) const { return reader_.sample.values.get(field); }
  /// One second in which it used a CPU.
  void pulse() {
    uses(++used_);
    sampler_->pulse(batch_);
  }

  testing::TempTree tree_;
  ValidConfig config_;
  CgroupLayout layout_;
  std::unique_ptr<Sampler> sampler_;
  ContainerReader reader_;
  ContainerReader* const alone_ = &reader_;
  const Batch batch_{&alone_, 1};
  int used_ = 1;

  void SetUp() override {
    sampler_ = std::make_unique<Sampler>(config_, layout_, system_clock());
    sampler_->watch(reader_, {Runtime::kCgroup, "/web", "/web", 0, 0, {}});
    reader_.young_pulses = 0;
  }
};

TEST_F(QuietFiles, PeriodsOfNoQuotaAreReadWithTheDetails) {
  EXPECT_EQ(get(Field::cpu_periods), 0);
  pulse();
  quota(10);  // set by hand: nobody told of it
  pulse();
  EXPECT_EQ(get(Field::cpu_periods), 0);
  sampler_->detail(batch_, /*slow=*/true);
  pulse();
  EXPECT_EQ(get(Field::cpu_periods), 10);
  quota(20);  // from now on each second
  pulse();
  EXPECT_EQ(get(Field::cpu_periods), 20);
}

TEST_F(QuietFiles, PeriodsOfAKnownQuotaAreReadEachSecond) {
  tree_.file("cgroup/cpu/web/cpu.cfs_quota_us", "50000\n");
  sampler_->limits(reader_);
  pulse();
  pulse();
  quota(1);
  pulse();
  EXPECT_EQ(get(Field::cpu_periods), 1);
}

TEST_F(QuietFiles, TcpCountersFollowThePackets) {
  EXPECT_EQ(get(Field::network_tcp_retransmits), 7);
  retransmits(9);
  sampler_->detail(batch_, /*slow=*/true);
  EXPECT_EQ(get(Field::network_tcp_retransmits), 7);  // no interface moved a packet
  packets(6);
  sampler_->detail(batch_, /*slow=*/false);  // of a scrape: sees the packet, leaves TCP to the slow pass
  sampler_->detail(batch_, /*slow=*/true);
  EXPECT_EQ(get(Field::network_tcp_retransmits), 9);
  EXPECT_EQ(reader_.sample.interfaces.at(0).values.get(Field::network_receive_packets), 6);
}

TEST_F(QuietFiles, WhatNoInterfaceSawShowsWithTheLimits) {
  retransmits(9);
  sampler_->limits(reader_);
  sampler_->detail(batch_, /*slow=*/true);
  EXPECT_EQ(get(Field::network_tcp_retransmits), 9);
}

TEST_F(QuietFiles, WhatIsFoundFrozenIsToldAtOnce) {
  tree_.file("cgroup/freezer/web/freezer.state", "FROZEN\n");
  ContainerReader found;
  sampler_->watch(found, {Runtime::kCgroup, "/web", "/web", 0, 0, {}});
  EXPECT_TRUE(found.frozen);  // no second reading of its CPU use can say so yet
}

TEST_F(QuietFiles, OnlyWhatUsesNoCpuMayBeFrozen) {
  tree_.file("cgroup/freezer/web/freezer.state", "FROZEN\n");
  pulse();
  sampler_->detail(batch_, /*slow=*/true);
  EXPECT_FALSE(reader_.frozen);
  sampler_->pulse(batch_);  // nothing ran
  sampler_->detail(batch_, /*slow=*/true);
  EXPECT_TRUE(reader_.frozen);
  tree_.file("cgroup/freezer/web/freezer.state", "THAWED\n");
  pulse();
  sampler_->detail(batch_, /*slow=*/true);
  EXPECT_FALSE(reader_.frozen);
}

TEST_F(QuietFiles, ThreadsAreAskedForWhereThereAreMoreTasksThanProcesses) {
  EXPECT_EQ(get(Field::threads), 1);  // its stat says 4, and is not asked
  tree_.file("cgroup/pids/web/pids.current", "4\n");
  sampler_->detail(batch_, /*slow=*/true);
  EXPECT_EQ(get(Field::threads), 4);
}

}  // namespace
}  // namespace bottleneck
