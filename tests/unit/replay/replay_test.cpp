// A recorded series is judged as the service would have judged it.
#include "exporter/replay/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/replay/series.h"
#include "tests/unit/analyze/world.h"
#include "tests/unit/replay/replay_run.h"

namespace bottleneck {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Replay, JudgesAsTheServiceWouldHave) {
  const Replayed outcome = run(kHeldHeader + held_rows(0, 420, 1));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_TRUE(outcome.complaints.empty());
  ASSERT_EQ(outcome.out.size(), 421U);  // and the header
  World world;
  world.add_throttled("web", 0.5, 0.4);
  world.run(420);
  const Judgement& live = world.judgement("web");
  EXPECT_THAT(outcome.out.back(), HasSubstr(",cpu_quota,"));
  EXPECT_THAT(
      outcome.out.back(),
      HasSubstr("CPU_LIMIT_RAISE=" + std::string(name_of(live.find(AdviceId::kCpuLimitRaise)->severity))));
  EXPECT_THAT(outcome.out.back(), HasSubstr("critical"));
  EXPECT_THAT(outcome.out[5], HasSubstr("not enough data yet"));
}

TEST(Replay, TakesSeriesOfOtherIntervals) {
  for (const double step : {0.2, 5.0, 15.0, 30.0, 60.0}) {
    const Replayed outcome = run(kHeldHeader + held_rows(1'700'000'000, 1'700'000'600, step));
    EXPECT_THAT(outcome.out.back(), HasSubstr(",critical,cpu_quota,")) << step;
  }
}

TEST(Replay, AResetCounterGivesNoValueForThatInterval) {
  const Replayed outcome =
      run(kHeldHeader + held_rows(0, 200, 1) + "200,web,0,0,0,0,0.5,0\n" + "201,web,0.5,10,8,0.333,0.5,0\n");
  EXPECT_THAT(outcome.out.back(), HasSubstr(",critical,cpu_quota,"));
}

TEST(Replay, MakesRoomByForgettingWhoWasSilentForLongest) {
  ReplayOptions options;
  options.every_seconds = 1e6;
  std::string text = "time,container,cpu_usage\n0,keep,0\n0,gone,0\n1,gone,1\n";
  const int names = static_cast<int>(ReplaySeries::kMostContainers) + 5;
  for (int t = 2; t < names; ++t)
    text += std::to_string(t) + ",keep," + std::to_string(t) + "\n" + std::to_string(t) + ",job" +
            std::to_string(t) + ",1\n";
  const Replayed outcome = run(text, options);
  EXPECT_TRUE(outcome.complaints.empty());
  const auto lines_of = [&](const std::string& name) {
    std::vector<std::string> times;
    for (const std::string& line : outcome.out) {
      if (line.find("," + name + ",") != std::string::npos) times.push_back(line.substr(0, line.find(',')));
    }
    return times;
  };
  EXPECT_THAT(lines_of("gone"), ElementsAre("0", "1"));  // the last one when it had to go
  EXPECT_THAT(lines_of("keep"), ElementsAre("0", std::to_string(names - 1)));
  EXPECT_THAT(outcome.out.back(), HasSubstr(",keep,"));
}

TEST(Replay, BeginsAnewAfterALongGap) {
  const Replayed outcome = run(kHeldHeader + held_rows(0, 200, 1) + held_rows(900, 905, 1));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out.back(), HasSubstr("not enough data yet"));
}

TEST(Replay, SumsDevicesAndJudgesTheirLimit) {
  std::string text =
      "time,container,cpu_usage,io_written_bytes:sda,io_written_bytes:sdb,io_written_bytes_limit:sda\n";
  for (int t = 0; t < 120; t += 10)
    text += std::to_string(t) + ",a,0," + std::to_string(t * 1'000'000) + ",0,1000000\n";
  EXPECT_THAT(run(text).out.back(), HasSubstr(",io_limit,"));
}

TEST(Replay, NoneTakesALimitAway) {
  std::string text = "time,container,cpu_usage,cpu_limit,host_cpus\n";
  for (int t = 0; t < 100; ++t) text += std::to_string(t) + ",a," + std::to_string(0.5 * t) + ",0.5,4\n";
  EXPECT_THAT(run(text).out.back(), HasSubstr("cpu_demand"));
  text += "100,a,50,none,4\n101,a,50.5,,4\n";
  EXPECT_THAT(run(text).out.back(), HasSubstr("nothing holds it back"));
}

TEST(Replay, WritesOneLineEachSoManySecondsAndTheLast) {
  ReplayOptions options;
  options.every_seconds = 60;
  const Replayed outcome = run(kHeldHeader + held_rows(0, 150, 1), options);
  ASSERT_EQ(outcome.out.size(), 5U);
  EXPECT_THAT(outcome.out[1], testing::StartsWith("0,web,"));
  EXPECT_THAT(outcome.out[2], testing::StartsWith("60,web,"));
  EXPECT_THAT(outcome.out[3], testing::StartsWith("120,web,"));
  EXPECT_THAT(outcome.out[4], testing::StartsWith("149,web,"));
}

TEST(Replay, JsonHasTheChangesOfTheRuntime) {
  ReplayOptions options;
  options.format = ReplayFormat::kJson;
  options.every_seconds = 1e9;
  std::string text = kHeldHeader + held_rows(0, 420, 1);
  EXPECT_THAT(run(text, options).out.back(), HasSubstr("\"changes\":[]"));
  text.insert(text.find('\n'), ",runtime");
  const std::size_t first_row = text.find('\n') + 1;
  text.insert(text.find('\n', first_row), ",docker");
  for (std::size_t end = text.find('\n', text.find('\n', first_row) + 1); end != std::string::npos;
       end = text.find('\n', end + 2)) {
    text.insert(end, ",");
  }
  const Replayed outcome = run(text, options);
  EXPECT_TRUE(outcome.complaints.empty());
  EXPECT_THAT(outcome.out.back(), HasSubstr("\"category\":\"cpu_quota\""));
  EXPECT_THAT(outcome.out.back(), HasSubstr("\"undo\":\"docker update --cpus 0.5 web\""));
}

TEST(Replay, AStoppedContainerIsNotJudgedByItsLastNumbers) {
  std::string text = "time,container,cpu_usage,cpu_limit,state_running,state_exited\n";
  for (int t = 0; t < 100; ++t) text += std::to_string(t) + ",a," + std::to_string(0.5 * t) + ",0.5,1,0\n";
  text += "100,a,,,0,1\n";
  EXPECT_THAT(run(text).out.back(), testing::Not(HasSubstr("cpu_demand")));
  EXPECT_THAT(run(text).out.back(), HasSubstr(",it is not running\n"));
}

}  // namespace
}  // namespace bottleneck
