// Windows of 10, 60 and 300 s: what counts, over which time, after which accidents.
#include <gtest/gtest.h>

#include <cmath>

#include "exporter/window/ancestor_quotas.h"
#include "exporter/window/history.h"
#include "exporter/window/life.h"
#include "exporter/window/readings.h"
#include "tests/unit/window/series.h"

namespace bottleneck {
namespace {

TEST(Windows, RatesAreOverMeasuredTime) {
  Series series;
  History history;
  series.grow(Field::cpu_usage, 0.5).grow(Field::pressure_cpu_some, 0.2);
  series.run(history, 400);
  Evidence evidence = series.evidence(history);
  for (const WindowEvidence* window : {&evidence.fast, &evidence.score, &evidence.slow}) {
    EXPECT_NEAR(window->cpu_cores, 0.5, 1e-3);
    EXPECT_NEAR(window->cpu_some, 0.2, 1e-3);
  }
  EXPECT_NEAR(evidence.fast.seconds, 10, 0.01);
  EXPECT_NEAR(evidence.score.seconds, 60, 0.01);
  EXPECT_GE(evidence.slow.seconds, 289);
  EXPECT_LE(evidence.slow.seconds, 300.01);
  EXPECT_NEAR(evidence.data_seconds, 399, 1e-6);
}

// The three windows see a change one after the other.
TEST(Windows, HaveTheirLengths) {
  Series series;
  History history;
  series.grow(Field::cpu_usage, 0);
  series.run(history, 400);
  series.grow(Field::cpu_usage, 1);
  series.run(history, 10);
  const Evidence evidence = series.evidence(history);
  EXPECT_NEAR(evidence.fast.cpu_cores, 1, 1e-3);
  EXPECT_NEAR(evidence.score.cpu_cores, 10 / 60.0, 1e-3);
  EXPECT_NEAR(evidence.slow.cpu_cores, 10 / 300.0, 2e-3);
}

// A pulse slowed by the budget, or a recorded series with another interval, gives the same ratios.
TEST(Windows, DoNotDependOnThePulse) {
  for (const double interval : {0.1, 0.25, 2.0, 5.0, 7.0, 15.0, 60.0}) {
    Series series;
    History history;
    series.grow(Field::cpu_usage, 0.5).grow(Field::cpu_throttled, 0.25);
    series.grow(Field::cpu_periods, 10).grow(Field::cpu_throttled_periods, 4);
    series.run(history, 420, interval);
    const Evidence evidence = series.evidence(history);
    EXPECT_NEAR(evidence.fast.cpu_cores, 0.5, 1e-3) << interval;
    EXPECT_NEAR(evidence.score.throttled_share, 1 / 3.0, 1e-3) << interval;
    EXPECT_NEAR(evidence.slow.throttled_periods, 0.4, 1e-3) << interval;
    EXPECT_NEAR(evidence.score.seconds, 60, interval < 1 ? 1 : 0.01) << interval;
  }
}

TEST(Windows, AReadingThatBeganBeforeTheWindowCountsByItsPart) {
  Series series;
  History history;
  series.grow(Field::cpu_usage, 1);
  history.add(series.sample);
  series.pass(30);
  series.stamp();
  history.add(series.sample);
  series.grow(Field::cpu_usage, 0);
  series.run(history, 5);
  // Of the last 10 s five were the end of the long reading.
  EXPECT_NEAR(series.evidence(history).fast.cpu_cores, 0.5, 1e-3);
}

// Absent is not zero: no pressure file, no pressure.
TEST(Windows, WhatWasNeverReadIsAbsent) {
  Series series;
  History history;
  series.grow(Field::cpu_usage, 1);
  series.run(history, 60);
  const WindowEvidence window = series.evidence(history).score;
  EXPECT_FALSE(is_present(window.cpu_some));
  EXPECT_FALSE(is_present(window.throttled_share));
  EXPECT_FALSE(is_present(window.throttled_periods));
  EXPECT_FALSE(is_present(window.refault_bytes));
  EXPECT_FALSE(is_present(window.activated_share));
  EXPECT_FALSE(is_present(window.io_limit));
  EXPECT_FALSE(is_present(window.packets));
}

TEST(Windows, AShareOfWhatIsNotKnownIsNotKnown) {
  EXPECT_EQ(share_of(0, 0), 0);
  EXPECT_EQ(share_of(3, 2), 1);
  EXPECT_TRUE(std::isnan(share_of(0, kNoRate)));
  EXPECT_TRUE(std::isnan(share_of(kNoRate, 5)));
}

// A ratio whose denominator did not move is 0: idle, not unknown.
TEST(Windows, AnIdleContainerWithAQuotaIsNotThrottled) {
  Series series;
  History history;
  for (const Field field :
       {Field::cpu_usage, Field::cpu_periods, Field::cpu_throttled_periods, Field::cpu_throttled}) {
    series.grow(field, 0);
  }
  series.run(history, 60);
  EXPECT_EQ(series.evidence(history).score.throttled_periods, 0);
  EXPECT_EQ(series.evidence(history).score.throttled_share, 0);
}

TEST(Windows, ACounterThatWasResetCostsOneInterval) {
  Series series;
  History history;
  series.grow(Field::cpu_usage, 0.5).grow(Field::pressure_cpu_some, 0.1);
  series.run(history, 30);
  series.set(Field::cpu_usage, 0);
  series.run(history, 30);
  const WindowEvidence window = series.evidence(history).score;
  EXPECT_NEAR(window.cpu_cores, 0.5, 1e-3);
  EXPECT_NEAR(window.cpu_some, 0.1, 1e-3);
}

TEST(Windows, PressureIsAtMostAllOfTheTime) {
  Series series;
  History history;
  series.grow(Field::pressure_io_some, 1.05);  // a reading that came late has more of it
  series.run(history, 60);
  EXPECT_EQ(series.evidence(history).score.io_some, 1);
}

TEST(Windows, AfterALongGapAllBeginsAnew) {
  Series series;
  History history;
  series.grow(Field::cpu_usage, 1);
  series.run(history, 120);
  series.pass(3600);  // a suspended host whose monotonic clock went on, a hole in a recording
  series.run(history, 5);
  const Evidence evidence = series.evidence(history);
  EXPECT_NEAR(evidence.data_seconds, 4, 1e-6);
  EXPECT_NEAR(evidence.score.seconds, 4, 1e-3);
}

TEST(Windows, AShortGapIsALongInterval) {
  Series series;
  History history;
  series.grow(Field::cpu_usage, 0.25);
  series.run(history, 120);
  series.pass(40);
  series.run(history, 5);
  const Evidence evidence = series.evidence(history);
  EXPECT_NEAR(evidence.score.cpu_cores, 0.25, 1e-3);
  EXPECT_NEAR(evidence.score.seconds, 60, 0.01);
}

// In a recording the clock can be set back; waiting until it catches up would lose an hour.
TEST(Windows, AClockSetBackBeginsAnew) {
  History history;
  Series series(10'000);
  series.grow(Field::cpu_usage, 1);
  series.run(history, 60);
  Series again(5'000);
  again.grow(Field::cpu_usage, 0.5);
  again.run(history, 30);
  EXPECT_NEAR(again.evidence(history).score.cpu_cores, 0.5, 1e-3);
  EXPECT_NEAR(again.evidence(history).data_seconds, 29, 1e-6);
}

TEST(Windows, DetailRatesAndRatios) {
  Series series;
  History history;
  series.grow(Field::memory_refaults, 100).grow(Field::memory_workingset_activations, 40);
  series.grow(Field::memory_limit_hits, 12).grow(Field::network_tcp_segments_sent, 50);
  series.grow(Field::network_tcp_retransmits, 1).grow(Field::memory_swap_in, 4096);
  series.run(history, 120);
  const WindowEvidence window = series.evidence(history).score;
  EXPECT_NEAR(window.refault_bytes, 100.0 * 4096, 4096);
  EXPECT_NEAR(window.activated_share, 0.4, 1e-3);
  EXPECT_NEAR(window.limit_hits, 12, 0.1);
  EXPECT_NEAR(window.segments, 3000, 30);
  EXPECT_NEAR(window.retransmits, 60, 1);
  EXPECT_NEAR(window.swap_in_bytes, 4096, 10);
}

TEST(Windows, UsageAtTheLimitIsTimed) {
  Series series;
  History history;
  series.set(Field::memory_effective_limit, 100e6).set(Field::memory_usage, 95e6);
  series.run(history, 40);
  series.set(Field::memory_usage, 50e6);
  series.run(history, 20);
  EXPECT_NEAR(series.evidence(history).score.near_limit, 40 / 60.0, 0.02);
}

DeviceSample device(const char* name, double read, double written, double limit = kAbsent) {
  DeviceSample out;
  out.device = name;
  out.values.set(Field::io_read_bytes, read);
  out.values.set(Field::io_written_bytes, written);
  out.values.set(Field::io_reads, read / 4096);
  out.values.set(Field::io_writes, written / 4096);
  out.values.set(Field::io_written_bytes_limit, limit);
  return out;
}

TEST(Windows, DevicesAreSummedAndTheBusiestIsNamed) {
  Series series;
  History history;
  for (int i = 0; i < 120; ++i) {
    series.sample.devices = {device("sda", i * 1e6, 0), device("sdb", 0, i * 5e6, 10e6)};
    series.run(history, 1);
  }
  const Evidence evidence = series.evidence(history);
  EXPECT_NEAR(evidence.score.read_bytes, 1e6, 2e4);
  EXPECT_NEAR(evidence.score.written_bytes, 5e6, 1e5);
  EXPECT_NEAR(evidence.score.writes, 5e6 / 4096, 30);
  EXPECT_EQ(evidence.device.device, "sdb");
  EXPECT_NEAR(evidence.device.bytes, 5e6, 5e5);
  EXPECT_NEAR(evidence.score.io_limit, 0.5, 0.01);
  EXPECT_EQ(evidence.limited.device, "sdb");
  EXPECT_EQ(evidence.io_limit_rate, 10e6);
  EXPECT_TRUE(evidence.io_limit_is_writes);
}

// io.stat lists a device from its first request on: what it shows then was done since the last reading.
TEST(Windows, ADeviceThatAppearsBeganAtZero) {
  Series series;
  History history;
  series.run(history, 60);
  series.sample.devices = {device("sda", 60e6, 0)};
  series.run(history, 60);
  EXPECT_NEAR(series.evidence(history).score.read_bytes, 1e6, 2e4);
}

TEST(Windows, AContainerSeenForTheFirstTimeDidNotDoItAllNow) {
  Series series;
  History history;
  series.sample.devices = {device("sda", 1e12, 0)};
  series.run(history, 60);
  EXPECT_EQ(series.evidence(history).score.read_bytes, 0);
}

// Processes come and go; their sum takes over where the kernel counts nothing, and starts anew.
TEST(Windows, AnotherSourceOfIoStartsAnew) {
  Series series;
  History history;
  series.sample.devices = {device("", 5e9, 0)};
  series.sample.io_source = IoSource::kProcesses;
  series.run(history, 60);
  series.sample.io_source = IoSource::kKernel;
  series.sample.devices = {device("sda", 9e9, 0)};
  series.run(history, 60);
  EXPECT_EQ(series.evidence(history).score.read_bytes, 0);
  EXPECT_FALSE(series.evidence(history).io_of_processes);
}

TEST(Windows, ASteadyReadingIsSmall) { EXPECT_LE(sizeof(History), 10'000U); }

TEST(AncestorQuotas, TheWorstCountsAndIsNamed) {
  AncestorQuotas quotas;
  for (int second = 1; second <= 100; ++second) {
    const double t = second;
    quotas.add("/a", second * kSecondNs, {2, t * 10, t * 1, t * 0.1, t * 2});
    quotas.add("/a/b", second * kSecondNs, {1, t * 10, t * 9, t * 1.0, t * 1});
    quotas.add("/other", second * kSecondNs, {1, t * 10, t * 10, t * 9, t * 1});
  }
  Evidence evidence;
  quotas.fill("/a/b/c", evidence);
  EXPECT_EQ(evidence.above_name, "/a/b");
  EXPECT_EQ(evidence.above_limit, 1);
  EXPECT_NEAR(evidence.score.above_share, 0.5, 1e-3);
  EXPECT_NEAR(evidence.score.above_periods, 0.9, 1e-3);
  EXPECT_NEAR(evidence.slow.above_share, 0.5, 1e-2);
  quotas.add("/a/b", 200 * kSecondNs, {});
  quotas.fill("/a/b/c", evidence);
  EXPECT_EQ(evidence.above_name, "/a");
  quotas.fill("/elsewhere/c", evidence);
  EXPECT_FALSE(is_present(evidence.above_limit));
  EXPECT_FALSE(is_present(evidence.score.above_share));
}

TEST(LifeEvidence, ComesFromRuntimeAndCounters) {
  ContainerValues told;
  ContainerValues own;
  own.set(Field::memory_oom_kills, 2);
  own.set(Field::start_time, 50);
  EXPECT_TRUE(life_evidence(told, own, {}).running);
  EXPECT_EQ(life_evidence(told, own, {}).start_time, 50);
  EXPECT_FALSE(is_present(life_evidence(told, own, {}).exits));
  told.set(Field::state_exited, 1);
  told.set(Field::exits_error, 3);
  told.set(Field::exits_stopped, 1);
  told.set(Field::health_unhealthy, 1);
  const LifeEvidence life = life_evidence(told, own, {});
  EXPECT_FALSE(life.running);
  EXPECT_EQ(life.exits, 4);
  EXPECT_EQ(life.oom_kills, 2);
  EXPECT_EQ(life.unhealthy, 1);
}

}  // namespace
}  // namespace bottleneck
