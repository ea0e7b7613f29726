#include "exporter/sample/parsers/host_files.h"

#include <gtest/gtest.h>

namespace bottleneck {
namespace {

TEST(ParseProcStat, CountsBusyTimeWithoutIdleIowaitAndSteal) {
  const ProcStat stat = parse_proc_stat(
      "cpu  100 20 30 9000 500 1 2 40 50 0\ncpu0 50 10 15 4500 250 0 1 20 25 0\ncpu1 50 10 15 4500 250 1 1 "
      "20 25 0\n"
      "intr 5\nbtime 1789000000\n");
  EXPECT_DOUBLE_EQ(stat.busy_seconds, 1.53);
  EXPECT_DOUBLE_EQ(stat.steal_seconds, 0.4);
  EXPECT_EQ(stat.cpus, 2);
  EXPECT_EQ(stat.boot_time, 1789000000);
}

TEST(ParseProcStat, DamagedTextGivesNothing) {
  const ProcStat stat = parse_proc_stat("cpu  1 2\nbtime x\n");
  EXPECT_FALSE(is_present(stat.busy_seconds));
  EXPECT_FALSE(is_present(stat.cpus));
  EXPECT_FALSE(is_present(stat.boot_time));
}

TEST(ParseMeminfo, GivesBytes) {
  const Meminfo meminfo =
      parse_meminfo("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 700 kB\nSwapTotal: 0 kB\n");
  EXPECT_EQ(meminfo.total, 1024000);
  EXPECT_EQ(meminfo.available, 716800);
  EXPECT_EQ(meminfo.swap_total, 0);
  EXPECT_FALSE(is_present(parse_meminfo("MemTotal: lots\n").total));
}

TEST(NextDiskstatsLine, GivesTheTimeWithIoInFlight) {
  std::string_view text =
      " 254       0 vda 10244 3301 1012306 5403 9 8 7 6 0 7012 9873 0 0 0 0 1 2\n"
      " 254 broken\n";
  DiskstatsLine line;
  bool malformed = false;
  ASSERT_TRUE(next_diskstats_line(text, line, malformed));
  EXPECT_EQ(line.name, "vda");
  EXPECT_DOUBLE_EQ(line.busy_seconds, 7.012);
  EXPECT_DOUBLE_EQ(line.moved_bytes, (1012306 + 7) * 512.0);
  EXPECT_FALSE(next_diskstats_line(text, line, malformed));
  EXPECT_TRUE(malformed);
}

}  // namespace
}  // namespace bottleneck
