#include <gmock/gmock.h>

#include <csignal>

#include "exporter/base/file.h"
#include "exporter/base/text.h"
#include "tests/unit/discover/engine_tracker_fixture.h"

namespace bottleneck {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(TrackerTest, ACreateEventNamesAContainerBeforeItStarts) {
  event(EngineAction::kCreate, 10);
  EXPECT_EQ(get().name, "web");
  EXPECT_EQ(get().image, "nginx:1");
  EXPECT_EQ(get().state, RunState::kCreated);
  EXPECT_THAT(wanted(), IsEmpty()) << "the event said all that is needed";
}

TEST_F(TrackerTest, AShortLifeIsToldWhole) {
  event(EngineAction::kCreate, 10);
  event(EngineAction::kStart, 10.1);
  event(EngineAction::kOom, 10.15);
  event(EngineAction::kDie, 10.2, 137);
  event(EngineAction::kDestroy, 10.3);
  const auto facts = tracker_.take_facts();
  ASSERT_EQ(facts.size(), 4U);
  EXPECT_EQ(facts[0].kind, Kind::kStarted);
  EXPECT_EQ(facts[0].name, "web");
  EXPECT_EQ(facts[1].kind, Kind::kOom);
  EXPECT_EQ(facts[2].kind, Kind::kEnded);
  EXPECT_EQ(facts[2].exit_code, 137);
  EXPECT_EQ(facts[2].expected, false);
  EXPECT_EQ(facts[3].kind, Kind::kRemoved);
  EXPECT_THAT(wanted(), IsEmpty());
}

TEST_F(TrackerTest, AnEndIsExpectedWhenItWasAskedFor) {
  event(EngineAction::kStart, 10);
  event(EngineAction::kKill, 20, SIGTERM);
  event(EngineAction::kDie, 21, 143);
  EXPECT_EQ(get().stop_expected, true);
  event(EngineAction::kStart, 30);
  event(EngineAction::kKill, 40, SIGHUP);  // "reload": ends nothing
  event(EngineAction::kDie, 50, 1);
  EXPECT_EQ(get().stop_expected, false);
}

TEST_F(TrackerTest, AStopThatFollowsTheEndExplainsIt) {
  event(EngineAction::kStart, 10);
  event(EngineAction::kKill, 20, SIGWINCH);  // httpd's stop signal
  event(EngineAction::kDie, 21, 0);
  event(EngineAction::kStop, 21.1);
  EXPECT_EQ(get().stop_expected, true);
  EXPECT_THAT(kinds(), ElementsAre(Kind::kStarted, Kind::kEnded, Kind::kExpected));
}

TEST_F(TrackerTest, PodmanTellsOfTheStopFirst) {
  event(EngineAction::kStart, 10);
  event(EngineAction::kStop, 20);
  event(EngineAction::kDie, 20.1, 137);
  EXPECT_EQ(get().stop_expected, true);
}

TEST_F(TrackerTest, AnInspectionRefinesARunAndDoesNotRepeatIt) {
  event(EngineAction::kStart, 10.02);
  inspect(running(10.0));
  EXPECT_EQ(get().started, 10.0);
  EXPECT_THAT(kinds(), ElementsAre(Kind::kStarted, Kind::kSeen));
}

TEST_F(TrackerTest, AnInspectionMayKnowARunBeforeItsEvent) {
  tracker_.apply_list({listed(running(0))}, tracker_.mark());
  inspect(running(10.0));
  event(EngineAction::kStart, 10.02);
  EXPECT_EQ(get().started, 10.0);
  EXPECT_THAT(kinds(), ElementsAre(Kind::kSeen)) << "the run was told of already";
}

TEST_F(TrackerTest, ALateEndOfTheRunBeforeDoesNotEndThisOne) {
  tracker_.apply_list({listed(running(0))}, tracker_.mark());
  inspect(running(30.0));
  event(EngineAction::kDie, 20, 1);
  EXPECT_EQ(get().state, RunState::kRunning);
  EXPECT_THAT(kinds(), ElementsAre(Kind::kSeen, Kind::kEnded));
}

TEST_F(TrackerTest, AnAnswerThatAnEventOvertookIsAskedForAgain) {
  event(EngineAction::kStart, 10);
  const auto asked = tracker_.take_wanted(10);
  ASSERT_EQ(asked.size(), 1U);
  event(EngineAction::kDie, 11, 3);
  tracker_.apply_inspect(asked[0], running(9.9));
  EXPECT_EQ(get().state, RunState::kExited);
  EXPECT_THAT(wanted(), ElementsAre(kA));
}

TEST_F(TrackerTest, ExpectednessOutlivesTheInspectionOfTheEnd) {
  event(EngineAction::kStart, 10);
  event(EngineAction::kKill, 20, SIGTERM);
  event(EngineAction::kDie, 21, 143);
  inspect(exited(9.9, 20.9, 143));
  EXPECT_EQ(get().stop_expected, true);
  EXPECT_EQ(get().finished, 20.9);
}

// An engine forgets the last exit code with the next start.
TEST_F(TrackerTest, TheLastExitCodeOutlivesTheNextStart) {
  event(EngineAction::kStart, 10);
  event(EngineAction::kDie, 21, 137);
  inspect(exited(9.9, 20.9, 137));
  event(EngineAction::kStart, 30);
  RuntimeInfo again = running(29.9);
  again.finished = 20.9;
  inspect(again);
  EXPECT_EQ(get().exit_code, 137);
  EXPECT_EQ(get().started, 29.9);
}

TEST_F(TrackerTest, AnUnseenEndSaysNothingOfExpectation) {
  tracker_.apply_list({listed(exited(0, 0, 0))}, tracker_.mark());
  inspect(exited(5, 9, 137));
  EXPECT_EQ(get().stop_expected, std::nullopt);
}

TEST_F(TrackerTest, TheFirstHealthyCheckIsKnownOfARunThatWasFollowed) {
  event(EngineAction::kStart, 10);
  event(EngineAction::kHealth, 13);
  event(EngineAction::kHealth, 30);  // well again later
  EXPECT_EQ(get().healthy, 13);
  inspect(running(9.9));
  EXPECT_EQ(get().healthy, 13) << "an inspection that cannot tell takes nothing away";
  EXPECT_EQ(get().health, Health::kNone) << "the state is the inspection's";
}

TEST_F(TrackerTest, OfARunThatBeganUnseenItIsNotKnown) {
  tracker_.apply_list({listed(running(0))}, tracker_.mark());
  inspect(running(5));
  event(EngineAction::kHealth, 13);
  EXPECT_EQ(get().health, Health::kHealthy);
  EXPECT_EQ(get().healthy, std::nullopt);
}

TEST_F(TrackerTest, RepeatedEventsAreSeenOnce) {
  event(EngineAction::kStart, 10);
  event(EngineAction::kDie, 11, 1);
  event(EngineAction::kStart, 10);
  event(EngineAction::kDie, 11, 1);
  EXPECT_THAT(kinds(), ElementsAre(Kind::kStarted, Kind::kEnded));
  EXPECT_EQ(tracker_.last_event_ns(), 11'000'000'000);
}

TEST_F(TrackerTest, AListBringsInAndTakesOut) {
  tracker_.apply_list({listed(running(0, kA)), listed(running(0, kB))}, tracker_.mark());
  EXPECT_EQ(tracker_.size(), 2U);
  EXPECT_EQ(wanted().size(), 2U);
  tracker_.apply_list({listed(running(0, kB))}, tracker_.mark());
  EXPECT_EQ(tracker_.size(), 1U);
  EXPECT_THAT(kinds(), ElementsAre(Kind::kRemoved));
}

TEST_F(TrackerTest, WhatHappenedWhileAListWasOnItsWayStays) {
  const auto mark = tracker_.mark();
  event(EngineAction::kCreate, 10);
  tracker_.apply_list({}, mark);
  EXPECT_EQ(get().name, "web");
}

TEST_F(TrackerTest, AListAsksAgainOnlyForWhatDiffers) {
  tracker_.apply_list({listed(running(0))}, tracker_.mark());
  inspect(running(5));
  tracker_.apply_list({listed(running(0))}, tracker_.mark());
  EXPECT_THAT(wanted(), IsEmpty());
  RuntimeInfo paused = running(0);
  paused.state = RunState::kPaused;
  tracker_.apply_list({listed(paused)}, tracker_.mark());
  EXPECT_THAT(wanted(), ElementsAre(kA));
  // That inspection was never answered.
  RuntimeInfo same = running(0);
  tracker_.apply_list({listed(same)}, tracker_.mark());
  EXPECT_THAT(wanted(), ElementsAre(kA));
}

TEST_F(TrackerTest, RunningOnesAreInspectedFirst) {
  RuntimeInfo stopped = running(0, kB);
  stopped.state = RunState::kExited;
  tracker_.apply_list({listed(stopped), listed(running(0, kA))}, tracker_.mark());
  EXPECT_THAT(wanted(), ElementsAre(kA, kB));
}

TEST_F(TrackerTest, GoneIsRemoved) {
  tracker_.apply_list({listed(running(0))}, tracker_.mark());
  for (const auto& one : tracker_.take_wanted(1)) tracker_.apply_gone(one);
  EXPECT_EQ(tracker_.size(), 0U);
}

TEST_F(TrackerTest, UnchangedContainersKeepTheirValue) {
  tracker_.apply_list({listed(running(0, kA)), listed(running(0, kB))}, tracker_.mark());
  const auto before = tracker_.containers();
  event(EngineAction::kPause, 10);
  const auto after = tracker_.containers();
  EXPECT_NE(before->at(kA), after->at(kA));
  EXPECT_EQ(before->at(kB), after->at(kB)) << "a map of thousands is made of shared values";
}

// The count makes the sampler look at the limits again; an inspection does not know it.
TEST_F(TrackerTest, UpdatesOfLimitsAreCountedAcrossInspections) {
  event(EngineAction::kStart, 10);
  event(EngineAction::kUpdate, 11);
  inspect(running(9.9));
  event(EngineAction::kUpdate, 12);
  EXPECT_EQ(get().limit_updates, 2U);
}

// The recorded story of an engine, through the whole way.
TEST_F(TrackerTest, EachImageIsAskedForOnce) {
  RuntimeInfo one = running(100);
  one.image_id = "sha256:1";
  RuntimeInfo other = running(100, kB);
  other.image_id = "sha256:1";
  tracker_.apply_list({listed(one), listed(other)}, tracker_.mark());
  EXPECT_EQ(tracker_.take_wanted_image(), "sha256:1");
  EXPECT_EQ(tracker_.take_wanted_image(), "");
  tracker_.apply_image("sha256:1", {2e9, 70});
  EXPECT_EQ(get(kA).image_bytes, 2e9);
  EXPECT_EQ(get(kB).image_layers, 70);
  inspect(one);  // knows nothing of sizes
  EXPECT_EQ(get(kA).image_bytes, 2e9);
  tracker_.apply_list({}, tracker_.mark());  // its containers went, and with them the image
  tracker_.apply_list({listed(one)}, tracker_.mark());
  EXPECT_EQ(tracker_.take_wanted_image(), "sha256:1");
}

TEST_F(TrackerTest, ARecordedStory) {
  const auto text = read_file(std::string(TEST_SOURCE_DIR) + "/fixtures/engine/docker_events.jsonl");
  ASSERT_TRUE(text);
  std::string_view rest = *text;
  std::string_view line;
  while (next_line(rest, line)) {
    const auto event = parse_engine_event(line, LabelOptions{});
    ASSERT_TRUE(event);
    tracker_.apply_event(*event);
  }
  EXPECT_EQ(tracker_.size(), 2U) << "all were removed, two of them by themselves after a failure";
  tracker_.forget_removed(4e9);
  EXPECT_EQ(tracker_.size(), 0U);
  int starts = 0;
  std::vector<std::optional<bool>> expected;
  for (const ContainerFact& fact : tracker_.take_facts()) {
    starts += fact.kind == Kind::kStarted ? 1 : 0;
    if (fact.kind == Kind::kEnded) expected.push_back(fact.expected);
  }
  EXPECT_EQ(starts, 4);
  EXPECT_THAT(expected, ElementsAre(true, true, false, false, false));
}

}  // namespace
}  // namespace bottleneck
