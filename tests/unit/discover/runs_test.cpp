#include "tests/unit/discover/runs_fixture.h"

namespace bottleneck {
namespace {

TEST_F(SubjectTest, ReasonsOfAnEnd) {
  const auto reason = [&](std::optional<int> code, std::optional<bool> expected, bool oom) {
    subject_ = ContainerRuns{};
    started(200);
    if (oom) subject_.oom(OomSource::kKernelLog, 209.9, at(209.9));
    ended(210, code, expected);
    settle(212);
    const EventDelta delta = subject_.take();
    for (std::size_t i = 0; i < kExitReasonCount; ++i) {
      if (delta.exits[i] == 1) return std::string(name_of(static_cast<ExitReason>(i)));
    }
    return std::string("none");
  };
  EXPECT_EQ(reason(0, false, false), "completed");
  EXPECT_EQ(reason(3, false, false), "error");
  EXPECT_EQ(reason(137, false, false), "killed");
  EXPECT_EQ(reason(137, false, true), "oom");
  EXPECT_EQ(reason(137, true, false), "stopped");
  EXPECT_EQ(reason(143, true, false), "stopped");
  EXPECT_EQ(reason(0, false, true), "completed") << "a child of it was killed, it went on and ended well";
  EXPECT_EQ(reason(std::nullopt, std::nullopt, false), "unknown");
  EXPECT_EQ(reason(std::nullopt, std::nullopt, true), "oom");
}

TEST_F(SubjectTest, AShortLifeThatEverySourceSaw) {
  subject_.cgroup_appeared(7, true, at(200));
  subject_.oom(OomSource::kKernelLog, 200.4, at(200.5));
  started(200.3);
  apply(Kind::kOom, 200.4);
  ended(200.5, 137, false);
  seen_ended(200.6, 200.2, 200.45, 137, 0, true);
  subject_.cgroup_vanished(7, at(200.7));
  settle(202);
  expect(1, 1, {{ExitReason::kOom, 1}});
}

TEST_F(SubjectTest, TheSameFromTheEngineAlone) {
  started(200.3);
  apply(Kind::kOom, 200.4);
  ended(200.5, 137, false);
  settle(202);
  expect(1, 1, {{ExitReason::kOom, 1}});
}

TEST_F(SubjectTest, TheSameFromTheCgroupAlone) {
  subject_.cgroup_appeared(7, true, at(200));
  subject_.oom_counter(1, at(200.4));
  subject_.cgroup_vanished(7, at(200.5));
  settle(205);
  expect(1, 1, {});
  settle(211);
  expect(0, 0, {{ExitReason::kOom, 1}});
}

TEST_F(SubjectTest, TheSameFromAnInspectionAlone) {
  seen_ended(201, 200.2, 200.45, 137, 0, true);
  settle(203);
  expect(1, 1, {{ExitReason::kOom, 1}});
}

// The engine hangs while the container lives and dies, and tells all of it much later.
TEST_F(SubjectTest, ALateRuntimeExplainsAnEndThatTheCgroupShowed) {
  subject_.cgroup_appeared(7, true, at(200));
  subject_.cgroup_vanished(7, at(203));
  started(200.3);
  subject_.apply(
      [&] {
        ContainerFact fact = fact_of(Kind::kEnded, 202.9);
        fact.exit_code = 3;
        return fact;
      }(),
      at(208));
  settle(209.5);
  expect(1, 0, {{ExitReason::kError, 1}});
}

TEST_F(SubjectTest, AnEndThatNobodyExplainsIsUnknown) {
  subject_.cgroup_appeared(7, true, at(200));
  subject_.cgroup_vanished(7, at(203));
  settle(212);
  expect(1, 0, {});
  settle(213);
  expect(0, 0, {{ExitReason::kUnknown, 1}});
}

TEST_F(SubjectTest, ACrashLoopCountsEveryRun) {
  double time = 200;
  for (int i = 0; i < 5; ++i) {
    started(time);
    ended(time + 0.02, 1, false);
    time += 0.15;
  }
  settle(time + 2);
  expect(5, 0, {{ExitReason::kError, 5}});
}

TEST_F(SubjectTest, AnInspectionThatIsAheadOfItsEventsCountsNothingTwice) {
  started(200);
  seen_running(200.1, 199.9);
  ended(205, 1, false);
  seen_ended(205.1, 199.9, 204.9, 1);
  seen_running(206, 205.5, 1);  // before its event
  started(205.6);
  ended(206, 1, false);
  settle(208);
  expect(2, 0, {{ExitReason::kError, 2}});
}

TEST_F(SubjectTest, TheEventOfABusyEngineMayBeDatedLate) {
  subject_.cgroup_appeared(7, true, at(200));
  seen_running(200.2, 200.1);
  started(213);
  expect(1, 0, {});
  ended(220, 0);
  started(221);
  settle(230);
  expect(1, 0, {{ExitReason::kCompleted, 1}});
}

TEST_F(SubjectTest, AnAnswerMayTellOfAWholeRunBeforeItsEvents) {
  seen_ended(200.5, 200.0, 200.2, 3);
  started(200.1);
  ended(200.3, 3, false);
  started(200.4);  // and a next one
  settle(205);
  expect(2, 0, {{ExitReason::kError, 1}});
}

TEST_F(SubjectTest, RestartsThatWereMissedAreInTheEnginesCount) {
  started(200);
  seen_running(200.1, 199.9, 0);
  seen_running(300, 290, 4);  // the event stream was down
  settle(302);
  expect(5, 0, {{ExitReason::kUnknown, 4}});
}

TEST_F(SubjectTest, RestartsThatWereSeenAreNotMissed) {
  started(200);
  seen_running(200.1, 199.9, 0);
  for (double time = 210; time < 240; time += 10) {
    ended(time, 1, false);
    started(time + 1);
  }
  seen_running(232, 230.9, 3);
  settle(240);
  expect(4, 0, {{ExitReason::kError, 3}});
}

TEST_F(SubjectTest, WhatBeganBeforeOurTimeIsNotCounted) {
  seen_running(150, 50, 3);
  subject_.cgroup_appeared(7, false, at(150));
  expect(0, 0, {});
  ended(160, 0, false);
  settle(162);
  expect(0, 0, {{ExitReason::kCompleted, 1}});
}

TEST_F(SubjectTest, WhatEndedBeforeOurTimeIsNotCounted) {
  seen_ended(150, 50, 60, 137);
  settle(160);
  expect(0, 0, {});
  started(170);
  expect(1, 0, {});
}

TEST_F(SubjectTest, AnEndOfAnUnseenRunCounts) {
  ended(200, 2, false);
  settle(202);
  expect(0, 0, {{ExitReason::kError, 1}});
}

TEST_F(SubjectTest, AStopThatIsToldAfterTheEnd) {
  started(200);
  ended(210, 137, false);
  apply(Kind::kExpected, 210.1);
  settle(212);
  expect(1, 0, {{ExitReason::kStopped, 1}});
}

TEST_F(SubjectTest, AKillThatIsLoggedAfterTheEndIsOfTheRunThatEnded) {
  started(200);
  ended(210, 137, false);
  started(210.2);
  subject_.oom(OomSource::kKernelLog, 209.99, at(210.3));
  settle(212);
  expect(2, 1, {{ExitReason::kOom, 1}});
}

TEST_F(SubjectTest, SeveralSourcesOfTheSameKillsCountAsManyAsOneSaw) {
  context_.kernel_log = true;
  started(200);
  subject_.cgroup_appeared(7, true, at(200));
  for (int i = 1; i <= 3; ++i) {
    subject_.oom(OomSource::kKernelLog, 200 + i, at(200 + i));
    apply(Kind::kOom, 200 + i);
    apply(Kind::kOom, 200 + i);  // an engine notices more often than there are kills
    subject_.oom_counter(static_cast<std::uint64_t>(i), at(200.5 + i));
  }
  expect(1, 3, {});
  subject_.oom_counter(5, at(210));  // a group kill: one line, several processes
  expect(0, 2, {});
}

TEST_F(SubjectTest, TheKernelsCounterIsTakenAsItIsFound) {
  subject_.cgroup_appeared(7, false, at(150));
  subject_.oom_counter(4, at(151));
  expect(0, 0, {});
  subject_.oom_counter(5, at(152));
  subject_.oom_counter(5, at(153));
  expect(0, 1, {});
}

TEST_F(SubjectTest, ARecreatedCgroupIsANewRun) {
  subject_.cgroup_appeared(7, true, at(200));
  subject_.oom_counter(2, at(201));
  subject_.cgroup_appeared(8, true, at(210));  // its end went by between two looks
  subject_.oom_counter(1, at(211));
  settle(230);
  expect(2, 3, {{ExitReason::kUnknown, 1}});
}

}  // namespace
}  // namespace bottleneck
