// The host over a minute and over ten seconds, and its disks.
#include "exporter/window/host_history.h"

#include <gtest/gtest.h>

namespace bottleneck {
namespace {

TEST(HostHistory, BusyStealAndDevices) {
  HostHistory history;
  HostValues values;
  std::vector<HostDeviceSample> devices(1);
  devices[0].device = "sda";
  for (int second = 0; second <= 120; ++second) {
    values.set(Field::host_cpus, 4);
    values.set(Field::host_cpu_busy, second * 3.0);
    values.set(Field::host_cpu_steal, second * 0.4);
    values.set(Field::host_conntrack_entries, 90);
    values.set(Field::host_conntrack_limit, 100);
    if (second % 10 == 0) devices[0].values.set(Field::host_device_busy, second * 0.8);
    history.add(second * kSecondNs + 1, values, devices);
  }
  HostEvidence evidence;
  history.fill(evidence);
  EXPECT_NEAR(evidence.busy_cores, 3, 1e-3);
  EXPECT_NEAR(evidence.steal, 0.1, 1e-3);
  EXPECT_NEAR(evidence.conntrack, 0.9, 1e-6);
  ASSERT_EQ(evidence.devices.size(), 1U);
  EXPECT_EQ(evidence.devices[0].device, "sda");
  EXPECT_NEAR(evidence.devices[0].busy, 0.8, 0.01);
  EXPECT_FALSE(is_present(evidence.memory_total));
}

TEST(HostHistory, ItsLastSecondsAreKnownApart) {
  HostHistory history;
  HostValues values;
  for (int second = 0; second <= 100; ++second) {
    values.set(Field::host_cpus, 4);
    values.set(Field::host_cpu_busy, second <= 90 ? second * 4.0 : 360 + (second - 90) * 1.0);
    values.set(Field::host_cpu_steal, second <= 90 ? 0 : (second - 90) * 0.4);
    history.add(second * kSecondNs + 1, values, {});
  }
  HostEvidence evidence;
  history.fill(evidence);
  EXPECT_NEAR(evidence.busy_cores, 3.5, 1e-3);
  EXPECT_NEAR(evidence.fast_busy_cores, 1, 1e-3);
  EXPECT_NEAR(evidence.fast_steal, 0.1, 1e-3);
}

TEST(HostHistory, AnIdleDeviceIsIdle) {
  HostHistory history;
  std::vector<HostDeviceSample> devices(1);
  devices[0].device = "sda";
  devices[0].values.set(Field::host_device_busy, 77);
  for (int second = 0; second <= 60; ++second) history.add(second * kSecondNs + 1, {}, devices);
  HostEvidence evidence;
  history.fill(evidence);
  EXPECT_EQ(evidence.devices[0].busy, 0);
}

}  // namespace
}  // namespace bottleneck
