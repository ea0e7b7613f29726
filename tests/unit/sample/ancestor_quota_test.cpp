// The quota of a parent cgroup is read each second, its setting only when a container's limits are: six times
// more rarely than the passes that the host's details begin.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "exporter/base/clock.h"
#include "exporter/sample/sampler.h"

namespace bottleneck {
namespace {

namespace fs = std::filesystem;

class QuotaAbove : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("ancestor-quota-" + std::to_string(::getpid()));
    write("cgroup.controllers", "cpu memory io pids\n");
    write("shop/cpu.max", "25000 100000\n");
    write("shop/cpu.stat", "usage_usec 1000000\nnr_periods 10\nnr_throttled 9\nthrottled_usec 500000\n");
    write("shop/web/cpu.max", "max 100000\n");
    write("shop/web/cpu.stat", "usage_usec 1000000\n");
    write("shop/web/memory.current", "4096\n");
    write("shop/web/cgroup.procs", "");
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& text) const {
    const fs::path path = root_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }

  fs::path root_;
};

TEST_F(QuotaAbove, IsReadAsLongAsContainersBelowAre) {
  ValidConfig config;
  config.paths.cgroupfs = root_;
  CgroupLayout layout{CgroupVersion::kV2, {}};
  layout.roots.fill(root_);

  Sampler sampler(config, layout, system_clock());
  ContainerReader reader;
  sampler.watch(reader, {Runtime::kCgroup, "/shop/web", "/shop/web", 0, 0, {}});
  const int passes = static_cast<int>(config.sampling.limits_seconds / config.sampling.detail_seconds);
  for (int i = 0; i <= passes; ++i) {
    ASSERT_EQ(sampler.ancestor_quotas().size(), 1U) << "after " << i << " passes";
    EXPECT_EQ(sampler.ancestor_quotas()[0].reading.limit_cores, 0.25);
    sampler.begin_limits_pass();
  }
  sampler.limits(reader);
  EXPECT_EQ(sampler.ancestor_quotas().size(), 1U);
  for (int i = 0; i <= 2 * passes; ++i) sampler.begin_limits_pass();
  EXPECT_TRUE(sampler.ancestor_quotas().empty());  // nothing below it is read any more
}

}  // namespace
}  // namespace bottleneck
