// Runs over restarts of the exporter.
#include "tests/unit/discover/runs_fixture.h"

namespace bottleneck {
namespace {

TEST_F(SubjectTest, AStateOfAnEarlierLifeGoesOn) {
  started(200);
  subject_.cgroup_appeared(7, true, at(200));
  subject_.oom(OomSource::kKernelLog, 205, at(205));
  subject_.oom_counter(1, at(206));
  seen_running(206, 199.9, 0);
  expect(1, 1, {});
  subject_ = ContainerRuns::from_json(subject_.to_json());
  context_.since = 300;
  subject_.cgroup_appeared(7, true, at(301));
  seen_running(301, 199.9, 0);
  subject_.oom_counter(1, at(302));
  expect(0, 0, {});
  subject_.oom_counter(2, at(303));
  ended(310, 0, false);
  settle(312);
  expect(0, 1, {{ExitReason::kCompleted, 1}});
}

TEST_F(SubjectTest, WhatHappenedWhileWeWereDownIsFound) {
  started(200);
  seen_running(201, 199.9, 0);
  expect(1, 0, {});
  subject_ = ContainerRuns::from_json(subject_.to_json());
  context_.since = 300;
  seen_ended(400, 350, 360, 137, 1, true);  // the first run ended, a second came and ended
  settle(402);
  expect(1, 1, {{ExitReason::kUnknown, 1}, {ExitReason::kOom, 1}});
}

TEST_F(SubjectTest, EndsThatWaitForTheirReasonGoOnInTheNextLife) {
  subject_.cgroup_appeared(7, true, at(200));
  subject_.oom(OomSource::kKernelLog, 205, at(205));
  ended(205.1, 137, false);
  subject_.cgroup_appeared(8, true, at(205.5));
  subject_.cgroup_vanished(8, at(206));  // of which nobody tells
  expect(2, 1, {});
  subject_ = ContainerRuns::from_json(subject_.to_json());
  context_.end_wait_seconds = 60;
  subject_.resume(at(300));
  settle(300.5);
  expect(0, 0, {});
  settle(301);
  expect(0, 0, {{ExitReason::kOom, 1}});
  settle(360);
  expect(0, 0, {{ExitReason::kUnknown, 1}});
}

TEST_F(SubjectTest, AKillJustBeforeACrashIsStillTheReasonOfTheEnd) {
  subject_.cgroup_appeared(7, true, at(200));
  subject_.oom(OomSource::kKernelLog, 205, at(205));
  expect(1, 1, {});
  subject_ = ContainerRuns::from_json(subject_.to_json());
  ended(206, 137, false);
  settle(208);
  expect(0, 0, {{ExitReason::kOom, 1}});
}

TEST_F(SubjectTest, WhatNobodyTookIsInTheState) {
  subject_.cgroup_appeared(7, true, at(200));
  subject_ = ContainerRuns::from_json(subject_.to_json());
  expect(1, 0, {});
}

TEST_F(SubjectTest, AnEndWhileWeWereDownIsExplainedByTheRuntime) {
  subject_.cgroup_appeared(7, true, at(200));
  seen_running(201, 199.9);
  expect(1, 0, {});
  subject_ = ContainerRuns::from_json(subject_.to_json());
  subject_.cgroup_vanished(7, at(900));  // seen now, and long ago
  seen_ended(901, 199.9, 350, 3);
  settle(903);
  expect(0, 0, {{ExitReason::kError, 1}});
}

TEST_F(SubjectTest, DamagedStateIsHarmless) {
  for (const char* text :
       {"{}", "[]", R"({"start":"x","inode":-5,"open":7,"oom_base":null})",
        R"({"open":true,"settled":false,"ending":[7,{"settled":false,"end":"x"}],"untaken":[1]})",
        R"({"untaken":{"starts":-1,"exits":["x",1.5]},"ending":{}})"}) {
    const auto json = parse_json(text);
    ASSERT_TRUE(json);
    subject_ = ContainerRuns::from_json(*json);
    started(500);
    expect(1, 0, {});
  }
}

}  // namespace
}  // namespace bottleneck
