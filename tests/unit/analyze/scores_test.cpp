// Numbers of the scoring document, word by word: ramps, signals, absent values.
#include <gtest/gtest.h>

#include <cmath>

#include "exporter/analyze/signals.h"

namespace bottleneck {
namespace {

/// A container with numbers put in directly.
struct Case {
  Evidence evidence;
  HostEvidence host;
  JudgementParameters parameters;
  EventFacts events;
  LeakReading leak;
  float busy = kNoRate;
  float share = kNoRate;
  bool measured = true;

  Case() {
    host.cpus = 4;
    host.memory_total = 8e9;
    evidence.has_cgroup = true;
    evidence.cpu_effective_limit = 4;
    evidence.memory_effective_limit = 8e9;
  }
  WindowEvidence& window() { return evidence.score; }
  Signals signals(const WindowEvidence& over) {
    Signals out;
    evaluate_signals({evidence, host, parameters, events, leak, busy, share}, over, measured, out);
    return out;
  }
  SignalReading of(Signal signal) { return signals(evidence.score)[static_cast<std::size_t>(signal)]; }
  float value(Signal signal) { return of(signal).value; }
  float fast_value(Signal signal) { return signals(evidence.fast)[static_cast<std::size_t>(signal)].value; }
};

TEST(Ramps, AreTheFormulas) {
  EXPECT_EQ(log_ramp(0, 0.01F, 0.5F), 0);
  EXPECT_EQ(log_ramp(-1, 0.01F, 0.5F), 0);
  EXPECT_EQ(log_ramp(0.01F, 0.01F, 0.5F), 0);
  EXPECT_EQ(log_ramp(0.5F, 0.01F, 0.5F), 1);
  EXPECT_EQ(log_ramp(7, 0.01F, 0.5F), 1);
  EXPECT_NEAR(linear_ramp(0.89F, 0.8F, 0.98F), 0.5, 1e-5);
  EXPECT_EQ(linear_ramp(0.5F, 0.8F, 0.98F), 0);
  EXPECT_TRUE(std::isnan(log_ramp(kNoRate, 0.01F, 0.5F)));
  EXPECT_TRUE(std::isnan(linear_ramp(kNoRate, 0.8F, 0.98F)));
}

TEST(Ramps, WhatWouldClearItIsTheirInverse) {
  for (const float wanted : {0.15F, 0.4F, 0.65F}) {
    for (const Shape shape : {Shape::kLog, Shape::kLinear, Shape::kFade}) {
      Term term{0, 0.05F, 0.8F, shape == Shape::kFade ? 0.1F : 0.9F, shape, 0};
      term.x = x_for(term, wanted);
      EXPECT_NEAR(value_of(term), wanted, 1e-4) << static_cast<int>(shape);
    }
  }
}

// "Checks to keep".
TEST(ChecksToKeep, CpuQuota) {
  Case one;
  one.evidence.cpu_limit = 1;
  one.window().throttled_periods = 0.5F;
  for (const auto& [d, wanted] : {std::pair{0.05, 0.41}, {0.10, 0.59}, {0.25, 0.82}}) {
    one.window().throttled_share = static_cast<float>(d);
    EXPECT_NEAR(one.value(Signal::kCpuQuota), wanted, 0.005);
  }
}

TEST(ChecksToKeep, Memory) {
  Case one;
  for (const auto& [some, wanted] : {std::pair{0.02, 0.57}, {0.05, 0.74}}) {
    one.window().memory_some = static_cast<float>(some);
    one.window().memory_full = 0;
    EXPECT_NEAR(one.value(Signal::kMemStall), wanted, 0.005);
  }
  one.window().memory_full = 0.05F;
  EXPECT_NEAR(one.value(Signal::kMemStall), 0.87, 0.005);
}

TEST(ChecksToKeep, Io) {
  Case one;
  one.window().io_some = 0;
  for (const auto& [full, wanted] : {std::pair{0.10, 0.56}, {0.30, 0.83}}) {
    one.window().io_full = static_cast<float>(full);
    EXPECT_NEAR(one.value(Signal::kIoStall), wanted, 0.005);
  }
}

TEST(CpuQuota, IsAbsentWithoutOneAndZeroWhenIdle) {
  Case one;
  one.window().throttled_periods = 0.9F;
  one.window().throttled_share = 0.5F;
  EXPECT_FALSE(is_present(one.value(Signal::kCpuQuota)));  // the question does not arise
  one.evidence.cpu_limit = 1;
  EXPECT_EQ(one.value(Signal::kCpuQuota), 1);
  one.window().throttled_periods = 0.009F;
  EXPECT_EQ(one.value(Signal::kCpuQuota), 0);
  one.window().throttled_periods = 0;
  one.window().throttled_share = 0;
  EXPECT_EQ(one.value(Signal::kCpuQuota), 0);
  one.window().throttled_periods = one.window().throttled_share = kNoRate;
  EXPECT_FALSE(is_present(one.value(Signal::kCpuQuota)));  // not readable is not 0
}

TEST(CpuQuota, TheWorstAncestorCounts) {
  Case one;
  one.evidence.cpu_limit = 2;
  one.window().throttled_periods = 0.1F;
  one.window().throttled_share = 0.02F;
  one.evidence.above_limit = 0.5;
  one.window().above_periods = 0.9F;
  one.window().above_share = 0.25F;
  EXPECT_NEAR(one.value(Signal::kCpuQuota), 0.82, 0.005);
  EXPECT_EQ(one.of(Signal::kCpuQuota).inputs[2], 0.5F);
  one.window().throttled_share = 0.5F;
  EXPECT_EQ(one.of(Signal::kCpuQuota).inputs[2], 2);
}

TEST(CpuStarve, OwnThrottlingIsTakenOff) {
  Case one;
  one.evidence.cpu_limit = 1;
  one.window().cpu_some = 0.6F;
  one.window().throttled_periods = 0.04F;
  one.window().throttled_share = 0.55F;
  EXPECT_NEAR(one.value(Signal::kCpuStarve), log_ramp(0.6F, 0.05F, 0.8F), 1e-5);
  one.window().throttled_periods = 0.05F;
  EXPECT_NEAR(one.value(Signal::kCpuStarve), 0, 1e-5);  // 0.6 - 0.55 is at the lower end
  one.window().throttled_share = 0.7F;
  EXPECT_EQ(one.value(Signal::kCpuStarve), 0);
}

// An idle daemon beside a busy host: 40 % of its little time is waiting, and that is fine.
TEST(CpuStarve, WithoutPressureItIsRunDelayASecond) {
  Case one;
  one.window().run_delay = 0.004F;
  one.window().cpu_cores = 0.006F;
  EXPECT_EQ(one.value(Signal::kCpuStarve), 0);
  one.window().run_delay = 3.7F;  // many tasks wait at once
  EXPECT_EQ(one.value(Signal::kCpuStarve), 1);
  EXPECT_NEAR(one.of(Signal::kCpuStarve).quality, 0.6, 1e-6);
  one.window().cpu_some = 0;
  EXPECT_EQ(one.value(Signal::kCpuStarve), 0);
  EXPECT_EQ(one.of(Signal::kCpuStarve).quality, 1);
}

TEST(CpuUtil, CountsHalf) {
  Case one;
  one.window().cpu_cores = 3.6F;
  EXPECT_NEAR(one.value(Signal::kCpuUtil), 0.25, 1e-5);
  one.window().cpu_cores = 4.1F;
  EXPECT_NEAR(one.value(Signal::kCpuUtil), 0.5, 1e-5);
  one.evidence.cpu_effective_limit = kAbsent;
  EXPECT_FALSE(is_present(one.value(Signal::kCpuUtil)));
}

TEST(CpuThread, OnlyOfAContainerThatMayUseMore) {
  Case one;
  one.evidence.busiest_thread = 0.99;
  one.window().cpu_cores = 1.1F;
  EXPECT_NEAR(one.value(Signal::kCpuThread), 0.54, 1e-3);
  one.window().cpu_cores = 2.5F;
  EXPECT_EQ(one.value(Signal::kCpuThread), 0);
  one.evidence.busiest_thread = kAbsent;
  EXPECT_FALSE(is_present(one.value(Signal::kCpuThread)));
}

TEST(MemStall, FallsBackToDelaysThenRefaults) {
  Case one;
  one.evidence.memory_effective_limit = 100e6;
  one.window().refault_bytes = 5e6F;
  EXPECT_NEAR(one.value(Signal::kMemStall), 0.8 * std::log(50) / std::log(100), 1e-4);
  EXPECT_EQ(one.of(Signal::kMemStall).kind, EvidenceKind::kRefaults);
  EXPECT_NEAR(one.of(Signal::kMemStall).quality, 0.7, 1e-6);
  one.window().memory_delay = 0.02F;
  EXPECT_NEAR(one.value(Signal::kMemStall), 0.57, 0.005);
  EXPECT_EQ(one.of(Signal::kMemStall).kind, EvidenceKind::kDelayAccounting);
  one.window().memory_some = 0;
  one.window().memory_full = 0;
  EXPECT_EQ(one.value(Signal::kMemStall), 0);  // pressure says that nobody waits
  EXPECT_EQ(one.of(Signal::kMemStall).kind, EvidenceKind::kPressure);
}

TEST(MemSpace, IsJudgedOnWhatCannotBeFreedAndNeedsALimit) {
  Case one;
  one.evidence.memory_unreclaimable = 7.9e9;
  EXPECT_FALSE(is_present(one.value(Signal::kMemSpace)));  // only the host's memory
  one.evidence.memory_effective_limit = 1e9;               // of an ancestor
  one.evidence.memory_unreclaimable = 0.89e9;
  EXPECT_NEAR(one.value(Signal::kMemSpace), 0.35, 1e-3);
  one.evidence.memory_unreclaimable = 2e9;  // a limit below current use
  EXPECT_NEAR(one.value(Signal::kMemSpace), 0.7, 1e-5);
}

TEST(MemOom, FadesWithinTheHour) {
  Case one;
  EXPECT_FALSE(is_present(one.value(Signal::kMemOom)));
  one.events.oom_age = std::numeric_limits<float>::infinity();
  EXPECT_EQ(one.value(Signal::kMemOom), 0);
  for (const auto& [age, wanted] :
       {std::pair{0.0, 1.0}, {300.0, 1.0}, {1950.0, 0.75}, {3599.0, 0.5}, {3601.0, 0.0}}) {
    one.events.oom_age = static_cast<float>(age);
    EXPECT_NEAR(one.value(Signal::kMemOom), wanted, 0.001) << age;
  }
}

TEST(MemLeak, ConfirmedIsBetweenAHalfAndOne) {
  Case one;
  EXPECT_FALSE(is_present(one.value(Signal::kMemLeak)));
  one.leak.state = LeakState::kNone;
  one.leak.tau = 0.1F;
  EXPECT_EQ(one.value(Signal::kMemLeak), 0);
  one.leak.state = LeakState::kSuspected;
  one.leak.tau = 0.9F;
  EXPECT_NEAR(one.value(Signal::kMemLeak), 0.35, 1e-6);
  one.leak.state = LeakState::kConfirmed;
  one.leak.limit_seconds = 24 * 3600;
  EXPECT_NEAR(one.value(Signal::kMemLeak), 0.75, 1e-4);
  one.leak.limit_seconds = 0;
  EXPECT_NEAR(one.value(Signal::kMemLeak), 1, 1e-4);
}

TEST(IoStall, FallsBackToDelaysThenBlockedTasks) {
  Case one;
  one.window().blocked = 0.4F;
  EXPECT_NEAR(one.value(Signal::kIoStall), std::log(20.0) / std::log(40.0), 1e-4);
  EXPECT_NEAR(one.of(Signal::kIoStall).quality, 0.7, 1e-6);
  one.evidence.life.paused = true;  // frozen tasks are no waiting ones
  EXPECT_FALSE(is_present(one.value(Signal::kIoStall)));
  one.window().io_delay = 0.1F;
  EXPECT_EQ(one.of(Signal::kIoStall).kind, EvidenceKind::kDelayAccounting);
  one.window().io_some = 0.01F;
  EXPECT_EQ(one.value(Signal::kIoStall), 0);
}

TEST(IoLimitAndDevice, AreShares) {
  Case one;
  EXPECT_FALSE(is_present(one.value(Signal::kIoLimit)));
  one.window().io_limit = 1.02F;
  EXPECT_NEAR(one.value(Signal::kIoLimit), 0.7, 1e-5);
  one.busy = 0.98F;
  EXPECT_FALSE(is_present(one.value(Signal::kIoDevice)));
  one.share = 0.5F;
  EXPECT_NEAR(one.value(Signal::kIoDevice), 0.25, 1e-5);
}

TEST(Network, NeedsEnoughEvents) {
  Case one;
  EXPECT_FALSE(is_present(one.value(Signal::kNetDrops)));
  one.window().packets = 900;
  one.window().drops = 90;
  EXPECT_EQ(one.value(Signal::kNetDrops), 0);
  one.window().packets = 1000;
  one.window().drops = 2;
  EXPECT_NEAR(one.value(Signal::kNetDrops), std::log(20) / std::log(200), 1e-4);
  one.window().segments = 199;
  one.window().retransmits = 40;
  EXPECT_EQ(one.value(Signal::kNetRetransmits), 0);
  one.window().segments = 200;
  EXPECT_EQ(one.value(Signal::kNetRetransmits), 1);
  one.window().listen_overflows = 5;
  EXPECT_EQ(one.value(Signal::kNetListen), 1);
  one.host.conntrack = 0.98F;
  EXPECT_NEAR(one.value(Signal::kNetConntrack), 0.8, 1e-5);
}

// A band wants the 10 s to agree with the minute: what counts over a minute counts over a part of it.
TEST(Network, TheLeastCountIsThatOfTheWindow) {
  Case one;
  one.window().detail_seconds = 60;
  one.window().segments = 240;
  one.evidence.fast.detail_seconds = 10;
  one.evidence.fast.segments = 40;
  one.evidence.fast.retransmits = 4;
  EXPECT_EQ(one.fast_value(Signal::kNetRetransmits), 1);
  one.evidence.fast.segments = 33;
  EXPECT_EQ(one.fast_value(Signal::kNetRetransmits), 0);
  one.window().detail_seconds = 10;  // of a container of 10 s: as many as in a minute
  one.evidence.fast.segments = 40;
  EXPECT_EQ(one.fast_value(Signal::kNetRetransmits), 0);
}

TEST(Pids, ARefusedForkSaysIt) {
  Case one;
  one.evidence.pids = 50;
  EXPECT_FALSE(is_present(one.value(Signal::kPidsTasks)));
  one.evidence.pids_limit = 100;
  EXPECT_EQ(one.value(Signal::kPidsTasks), 0);
  one.window().pids_refused = 1;
  EXPECT_NEAR(one.value(Signal::kPidsTasks), 0.95, 1e-5);
  one.evidence.open_files = 95;
  one.evidence.open_files_limit = 100;
  EXPECT_NEAR(one.value(Signal::kPidsFiles), 0.75, 1e-4);
}

TEST(Life, RestartsAndHealth) {
  Case one;
  EXPECT_FALSE(is_present(one.value(Signal::kLifeRestarts)));
  one.events.restarts = 12;
  EXPECT_EQ(one.value(Signal::kLifeRestarts), 1);
  one.events.unhealthy_seconds = 59;
  EXPECT_EQ(one.value(Signal::kLifeUnhealthy), 0);
  one.events.unhealthy_seconds = 60;
  EXPECT_NEAR(one.value(Signal::kLifeUnhealthy), 0.6, 1e-5);
}

TEST(Scores, EventsSpeakBeforeThereIsEnoughData) {
  Case one;
  one.measured = false;
  one.evidence.cpu_limit = 1;
  one.window().throttled_periods = one.window().throttled_share = 0.9F;
  one.events.oom_age = 3;
  EXPECT_FALSE(is_present(one.value(Signal::kCpuQuota)));
  EXPECT_EQ(one.value(Signal::kMemOom), 1);
}

TEST(Scores, AResourceIsItsLargestSignalAndAbsentWithoutAny) {
  Signals signals;
  signals[static_cast<std::size_t>(Signal::kCpuUtil)].value = 0.3F;
  signals[static_cast<std::size_t>(Signal::kCpuStarve)].value = 0.6F;
  std::array<float, kResourceCount> scores{};
  std::array<Signal, kResourceCount> dominant{};
  score_resources(signals, scores, &dominant);
  EXPECT_EQ(scores[0], 0.6F);
  EXPECT_EQ(dominant[0], Signal::kCpuStarve);
  EXPECT_TRUE(std::isnan(scores[1]));
}

// Parameters are knobs: a changed constant changes the score.
TEST(Scores, FollowTheParameters) {
  Case one;
  one.evidence.cpu_limit = 1;
  one.window().throttled_periods = 0.5F;
  one.window().throttled_share = 0.1F;
  one.parameters.cpu_quota_high = 0.1;
  EXPECT_EQ(one.value(Signal::kCpuQuota), 1);
}

}  // namespace
}  // namespace bottleneck
