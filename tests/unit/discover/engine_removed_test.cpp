// Containers that their engine removed when they ended.
#include <gmock/gmock.h>

#include "tests/unit/discover/engine_tracker_fixture.h"

namespace bottleneck {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// `docker run --rm`: the engine removes it in the moment it ends, and with it every trace of a failure.
TEST_F(TrackerTest, AJobThatFailsAndIsRemovedShowsItsEndForAWhile) {
  event(EngineAction::kStart, 10);
  event(EngineAction::kDie, 20, 3);
  event(EngineAction::kDestroy, 20.1);
  EXPECT_THAT(kinds(), ElementsAre(Kind::kStarted, Kind::kEnded, Kind::kRemoved));
  EXPECT_THAT(wanted(), IsEmpty());  // nothing is left to be asked about
  EXPECT_EQ(get().state, RunState::kExited);
  EXPECT_EQ(get().exit_code, 3);
  tracker_.apply_list({}, tracker_.mark());
  tracker_.forget_removed(310);
  EXPECT_EQ(get().exit_code, 3);
  EXPECT_THAT(kinds(), IsEmpty());
  tracker_.forget_removed(330);
  EXPECT_EQ(tracker_.size(), 0U);
}

TEST_F(TrackerTest, WhateverTellsFirstThatItIsGone) {
  for (const bool by_list : {true, false}) {
    RuntimeInfo info = begin_anew(true);
    event(EngineAction::kDie, 20, 3);
    info.state = RunState::kDead;  // while it is removed
    info.finished = 20;
    info.exit_code = 3;
    inspect(info);
    if (by_list) tracker_.apply_list({}, tracker_.mark());
    for (const auto& asked : tracker_.take_wanted(1)) tracker_.apply_gone(asked);
    event(EngineAction::kDestroy, 29);
    EXPECT_EQ(get().exit_code, 3) << by_list;
    EXPECT_EQ(get().state, RunState::kExited) << by_list;
  }
}

TEST_F(TrackerTest, WhatEndedWellOrWasRemovedBySomebodyIsGone) {
  const auto removed_after = [&](int code, std::optional<int> signal, std::optional<bool> auto_remove,
                                 double end) {
    begin_anew(auto_remove);
    if (signal) event(EngineAction::kKill, 19.9, signal);
    event(EngineAction::kDie, 20, code);
    event(EngineAction::kDestroy, end);
    return tracker_.size() == 0;
  };
  EXPECT_TRUE(removed_after(0, {}, true, 20.1));
  EXPECT_TRUE(removed_after(137, SIGKILL, true, 20.1));  // docker rm -f
  EXPECT_TRUE(removed_after(3, {}, false, 20.1));
  EXPECT_TRUE(removed_after(3, {}, {}, 60));
  EXPECT_FALSE(removed_after(3, {}, {}, 20.1));
  EXPECT_FALSE(removed_after(137, {}, true, 20.1));  // killed by somebody else
}

TEST_F(TrackerTest, NotMoreThanAFewEndsAreKept) {
  for (int i = 0; i < 80; ++i) {
    const std::string id = std::to_string(1000 + i) + std::string(60, 'c');
    event(EngineAction::kStart, 10 + i, {}, id);
    event(EngineAction::kDie, 10 + i, 1, id);
    event(EngineAction::kDestroy, 10.1 + i, {}, id);
  }
  tracker_.forget_removed(100);
  EXPECT_EQ(tracker_.size(), 50U);
  EXPECT_EQ(get(std::to_string(1000) + std::string(60, 'c')).exit_code, std::nullopt);
  EXPECT_EQ(get(std::to_string(1079) + std::string(60, 'c')).exit_code, 1);
}

}  // namespace
}  // namespace bottleneck
