// The text of a recorded series: what it may be, how a mistake is told, and that its names cannot break what
// is printed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/base/text.h"
#include "exporter/replay/series.h"
#include "tests/unit/replay/replay_run.h"

namespace bottleneck {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Replay, RefusesMoreContainersThanItHoldsAtOneMoment) {
  std::string text = "time,container,cpu_usage\n";
  for (std::size_t i = 0; i <= ReplaySeries::kMostContainers; ++i) text += "0,c" + std::to_string(i) + ",0\n";
  text += "1,another,0\n";
  EXPECT_THAT(run(text).complaints,
              ElementsAre("f.csv:10002:1: more than 10000 containers at once", HasSubstr("1 of 10002 rows")));
}

TEST(Replay, TellsBadRowsByLineAndColumnAndSkipsThem) {
  const std::string text = std::string("time,container,cpu_usage\n") + "0,a,1\n" + "1,a\n" + "1,a,abc\n" +
                           "1,a,1,5\n" + "x,a,1\n" + "1,,1\n" + "1,\"a,1\n" + "1,a,-1\n" + "1,a,2\n" +
                           "0.5,a,2\n" + "1,a,2\n" + "1e13,a,2\n" + "\n" + "2,a,inf\n" + "2,a,\n";
  const Replayed outcome = run(text);
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
    const Replayed outcome = run("time,container," + column + "\n0,a," + cell + "\n");
    return outcome.complaints.empty() ? std::string() : outcome.complaints.front();
  };
  for (const char* gauge : {"pids", "memory_limit", "cpu_limit", "host_cpus", "busiest_thread"})
    EXPECT_EQ(complaint(gauge, "-1"), "f.csv:2:5: it is never negative") << gauge;
  EXPECT_EQ(complaint("memory_anon", "1e300"), "f.csv:2:5: more than 64 bits hold");
  EXPECT_EQ(complaint("cpu_usage", "1e20"), "f.csv:2:5: more than 64 bits hold");
  for (const char* size : {"memory_limit", "host_cpus"})
    EXPECT_THAT(complaint(size, "0"), HasSubstr("f.csv:2:5: 0 is no size")) << size;
  EXPECT_EQ(complaint("memory_limit", "9223372036854771712"), "");  // cgroup v1 without a limit
  EXPECT_EQ(complaint("cpu_limit", "0"), "");
  EXPECT_EQ(complaint("memory_swap_limit", "0"), "");
}

TEST(Replay, RefusesBadRowsWhenAskedTo) {
  ReplayOptions options;
  options.strict = true;
  const Replayed outcome = run("time,container,cpu_usage\n0,a,x\n1,a,1\n", options);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.complaints, ElementsAre("f.csv:2:5: 'x' is no number"));
}

TEST(Replay, OneDamagedTimeDoesNotSilenceTheRest) {
  const Replayed outcome = run("time,container,cpu_usage\n0,a,1\n90000000000,a,1\n1,a,2\n");
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

TEST(Replay, NamesCannotBreakItsOutput) {
  const Replayed outcome = run("time,container,cpu_usage\n0,\"=a,\"\"b\",1\n");
  EXPECT_THAT(outcome.out.back(), testing::StartsWith("0,\"'=a,\"\"b\","));
  const Replayed raw = run(std::string("time,container,cpu_usage\n0,a\x1b[31m\xff\0b,1\n", 40));
  EXPECT_THAT(raw.out.back(), testing::StartsWith("0,a\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd"
                                                  "b,"));
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
