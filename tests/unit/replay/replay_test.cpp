// A recorded series: what its text may be, and that it is judged as the service would have judged it.
#include "exporter/replay/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

#include "exporter/base/text.h"
#include "exporter/replay/series.h"
#include "tests/unit/analyze/world.h"

namespace bottleneck {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Outcome {
  int code = -1;
  std::vector<std::string> out;
  std::vector<std::string> complaints;
};

FileDescriptor file_of(const std::string& text) {
  std::FILE* file = std::tmpfile();
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
  std::rewind(file);
  const int fd = dup(fileno(file));
  std::fclose(file);
  lseek(fd, 0, SEEK_SET);
  return FileDescriptor(fd);
}

Outcome run(const std::string& text, ReplayOptions options = {}) {
  Outcome outcome;
  options.file = "f.csv";
  LineReader lines(file_of(text));
  outcome.code = replay(
      lines, ValidConfig(), options, [&](std::string_view line) { outcome.out.emplace_back(line); },
      [&](const std::string& line) { outcome.complaints.push_back(line); });
  return outcome;
}

std::string number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.9g", value);
  return text;
}

/// A container held by a quota: `d` of what it wants is taken.
std::string held_rows(double from, double to, double step, const std::string& name = "web") {
  std::string text;
  for (double t = from; t < to; t += step) {
    text += number(t) + "," + name + "," + number(0.5 * t) + "," + number(10 * t) + "," + number(8 * t) +
            "," + number(t / 3) + ",0.5,0\n";
  }
  return text;
}
constexpr const char* kHeldHeader =
    "time,container,cpu_usage,cpu_periods,cpu_throttled_periods,cpu_throttled,cpu_limit,pressure_cpu_some\n";

TEST(Replay, JudgesAsTheServiceWouldHave) {
  const Outcome outcome = run(kHeldHeader + held_rows(0, 420, 1));
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
    const Outcome outcome = run(kHeldHeader + held_rows(1'700'000'000, 1'700'000'600, step));
    EXPECT_THAT(outcome.out.back(), HasSubstr(",critical,cpu_quota,")) << step;
  }
}

TEST(Replay, AResetCounterGivesNoValueForThatInterval) {
  const Outcome outcome =
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
  const Outcome outcome = run(text, options);
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

TEST(Replay, RefusesMoreContainersThanItHoldsAtOneMoment) {
  std::string text = "time,container,cpu_usage\n";
  for (std::size_t i = 0; i <= ReplaySeries::kMostContainers; ++i) text += "0,c" + std::to_string(i) + ",0\n";
  text += "1,another,0\n";
  EXPECT_THAT(run(text).complaints,
              ElementsAre("f.csv:10002:1: more than 10000 containers at once", HasSubstr("1 of 10002 rows")));
}

TEST(Replay, BeginsAnewAfterALongGap) {
  const Outcome outcome = run(kHeldHeader + held_rows(0, 200, 1) + held_rows(900, 905, 1));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out.back(), HasSubstr("not enough data yet"));
}

TEST(Replay, TellsBadRowsByLineAndColumnAndSkipsThem) {
  const std::string text = std::string("time,container,cpu_usage\n") + "0,a,1\n" + "1,a\n" + "1,a,abc\n" +
                           "1,a,1,5\n" + "x,a,1\n" + "1,,1\n" + "1,\"a,1\n" + "1,a,-1\n" + "1,a,2\n" +
                           "0.5,a,2\n" + "1,a,2\n" + "1e13,a,2\n" + "\n" + "2,a,inf\n" + "2,a,\n";
  const Outcome outcome = run(text);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.complaints,
              ElementsAre("f.csv:3:4: the row has 2 of 3 cells", "f.csv:4:5: 'abc' is no number",
                          "f.csv:5:7: the row has more than 3 cells", "f.csv:6:1: 'x' is no number",
                          "f.csv:7:3: a row needs the name of a container, of at most 1000 bytes",
                          "f.csv:8:3: a quote is not closed before the next comma",
                          "f.csv:9:5: a counter is never negative",
                          "f.csv:11:1: time goes back: sort the rows by time",
                          "f.csv:12:1: a second row of 'a' for this time",
                          "f.csv:13:1: time is counted in seconds; this looks like less",
                          "f.csv:15:5: 'inf' is no number", "f.csv: 11 of 14 rows were skipped"));
  EXPECT_EQ(outcome.out.size(), 4U);  // header, 0, 1, 2
}

TEST(Replay, RefusesNumbersThatNoKernelGives) {
  const auto complaint = [](const std::string& column, const std::string& cell) {
    const Outcome outcome = run("time,container," + column + "\n0,a," + cell + "\n");
    return outcome.complaints.empty() ? std::string() : outcome.complaints.front();
  };
  for (const char* gauge : {"pids", "memory_limit", "cpu_limit", "host_cpus", "busiest_thread"})
    EXPECT_EQ(complaint(gauge, "-1"), "f.csv:2:5: it is never negative") << gauge;
  EXPECT_EQ(complaint("memory_anon", "1e300"), "f.csv:2:5: more than 64 bits hold");
  EXPECT_EQ(complaint("cpu_usage", "1e20"), "f.csv:2:5: more than 64 bits hold");
  EXPECT_THAT(complaint("memory_limit", "0"), HasSubstr("f.csv:2:5: 0 is no size of a limit"));
  EXPECT_EQ(complaint("memory_limit", "9223372036854771712"), "");  // cgroup v1 without a limit
  EXPECT_EQ(complaint("cpu_limit", "0"), "");
  EXPECT_EQ(complaint("memory_swap_limit", "0"), "");
}

TEST(Replay, RefusesBadRowsWhenAskedTo) {
  ReplayOptions options;
  options.strict = true;
  const Outcome outcome = run("time,container,cpu_usage\n0,a,x\n1,a,1\n", options);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.complaints, ElementsAre("f.csv:2:5: 'x' is no number"));
}

TEST(Replay, OneDamagedTimeDoesNotSilenceTheRest) {
  const Outcome outcome = run("time,container,cpu_usage\n0,a,1\n90000000000,a,1\n1,a,2\n");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.complaints.size(), 2U);
  EXPECT_EQ(outcome.out.size(), 3U);
}

TEST(Replay, ReadsHeadersAsPeopleWriteThem) {
  EXPECT_EQ(run("\xef\xbb\xbf"
                "container, time ,\"cpu_usage\"\r\na,0,1\r\n")
                .code,
            0);
  const auto complaint = [](const std::string& header) { return run(header).complaints.front(); };
  EXPECT_THAT(complaint("time,container,cpu_usge\n"),
              HasSubstr("f.csv:1: column 3: unknown column 'cpu_usge', did you mean \"cpu_usage\"?"));
  EXPECT_THAT(complaint("time,cpu_usage\n"), HasSubstr("no column 'container'"));
  EXPECT_THAT(complaint("time,container,cpu_usage,cpu_usage\n"), HasSubstr("there twice"));
  EXPECT_THAT(complaint("time,container,cpu_usage:sda\n"), HasSubstr("has no devices"));
  EXPECT_THAT(complaint("time,container,\"cpu\n"), HasSubstr("quote"));
  EXPECT_EQ(complaint(""), "f.csv:1: the file is empty");
  for (const char* text : {"time,container,cpu_usge\n", "", "time,container\n"}) EXPECT_EQ(run(text).code, 2);
}

TEST(Replay, HasAColumnForEveryRowOfTheCatalogue) {
  std::string header = "time,container,image";
  for (const FieldInfo& info : catalogue()) header += "," + std::string(info.id);
  EXPECT_TRUE(parse_replay_header(header));
  const std::string text = replay_help();
  for (const FieldInfo& info : catalogue()) EXPECT_THAT(text, HasSubstr("\n  " + std::string(info.id) + " "));
}

TEST(Replay, ADeviceIsAPartOfTheName) {
  const auto columns = parse_replay_header("time,container,io_reads:sda,io_reads,network_receive_bytes:eth0");
  ASSERT_TRUE(columns);
  EXPECT_EQ((*columns)[2].part, "sda");
  EXPECT_EQ((*columns)[3].part, "");
  EXPECT_EQ((*columns)[4].part, "eth0");
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
  const Outcome outcome = run(kHeldHeader + held_rows(0, 150, 1), options);
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
  const Outcome outcome = run(text, options);
  EXPECT_TRUE(outcome.complaints.empty());
  EXPECT_THAT(outcome.out.back(), HasSubstr("\"category\":\"cpu_quota\""));
  EXPECT_THAT(outcome.out.back(), HasSubstr("\"undo\":\"docker update --cpus 0.5 web\""));
}

TEST(Replay, NamesCannotBreakItsOutput) {
  const Outcome outcome = run("time,container,cpu_usage\n0,\"=a,\"\"b\",1\n");
  EXPECT_THAT(outcome.out.back(), testing::StartsWith("0,\"'=a,\"\"b\","));
  const Outcome raw = run(std::string("time,container,cpu_usage\n0,a\x1b[31m\xff\0b,1\n", 40));
  EXPECT_THAT(raw.out.back(), testing::StartsWith("0,a\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd"
                                                  "b,"));
}

TEST(Replay, AStoppedContainerIsNotJudgedByItsLastNumbers) {
  std::string text = "time,container,cpu_usage,cpu_limit,state_running,state_exited\n";
  for (int t = 0; t < 100; ++t) text += std::to_string(t) + ",a," + std::to_string(0.5 * t) + ",0.5,1,0\n";
  text += "100,a,,,0,1\n";
  EXPECT_THAT(run(text).out.back(), testing::Not(HasSubstr("cpu_demand")));
  EXPECT_THAT(run(text).out.back(), HasSubstr(",it is not running\n"));
}

TEST(LineReader, GivesLinesOfAnyLength) {
  const std::string full(LineReader::kLongestLine, 'x');
  LineReader lines(file_of("a\r\n\n" + full + "\n" + full + "yy" + full + full + "\nlast"));
  std::vector<std::pair<std::size_t, bool>> seen;
  std::string_view line;
  while (*lines.next(line)) seen.emplace_back(line.size(), lines.cut());
  EXPECT_THAT(seen, ElementsAre(std::pair(1U, false), std::pair(0U, false), std::pair(full.size(), false),
                                std::pair(0U, true), std::pair(4U, false)));
  EXPECT_FALSE(LineReader::open("/nonexistent/file"));
}

TEST(CsvCells, FollowTheRfc) {
  const auto cells_of = [](std::string_view text) {
    std::optional<std::string_view> rest = text;
    std::vector<std::string> cells;
    std::string cell;
    bool broken = false;
    while (next_csv_cell(rest, cell, broken)) cells.push_back(broken ? "BROKEN" : cell);
    return cells;
  };
  EXPECT_THAT(cells_of("a,b,,"), ElementsAre("a", "b", "", ""));
  EXPECT_THAT(cells_of("\"a,\"\"b\"\"\",\"\",c"), ElementsAre("a,\"b\"", "", "c"));
  EXPECT_THAT(cells_of("\"a\"b,c"), ElementsAre("BROKEN", "c"));
  EXPECT_THAT(cells_of("\"\"x,c"), ElementsAre("BROKEN", "c"));
  EXPECT_THAT(cells_of("\"a"), ElementsAre("BROKEN"));
  EXPECT_THAT(cells_of(""), ElementsAre(""));
}

}  // namespace
}  // namespace bottleneck
