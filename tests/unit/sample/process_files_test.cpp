#include "exporter/sample/parsers/process_files.h"

#include <gtest/gtest.h>

namespace bottleneck {
namespace {

TEST(NextNetDevLine, ReadsEveryInterface) {
  std::string_view text =
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo "
      "colls carrier compressed\n"
      "    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     "
      "0       0          0\n"
      "  eth0:736       8    1    2    0     0          0         0        99      7    3    4    0     0    "
      "   0          0\n";
  NetDevLine line;
  bool malformed = false;
  ASSERT_TRUE(next_net_dev_line(text, line, malformed));
  EXPECT_EQ(line.interface, "lo");
  ASSERT_TRUE(next_net_dev_line(text, line, malformed));
  EXPECT_EQ(line.interface, "eth0");
  const double expected[] = {736, 8, 1, 2, 99, 7, 3, 4};
  for (int i = 0; i < 8; ++i) EXPECT_EQ(line.numbers[i], expected[i]) << i;
  EXPECT_FALSE(next_net_dev_line(text, line, malformed));
  EXPECT_FALSE(malformed);
}

TEST(NextNetDevLine, ATruncatedLineIsSkippedAndTold) {
  std::string_view text = "eth0: 1 2 3\nno colon at all\n";
  NetDevLine line;
  bool malformed = false;
  EXPECT_FALSE(next_net_dev_line(text, line, malformed));
  EXPECT_TRUE(malformed);
}

TEST(ParseNetSnmp, FindsNamesByTheirColumn) {
  const char* text =
      "Ip: Forwarding DefaultTTL\nIp: 1 64\n"
      "Tcp: RtoAlgorithm MaxConn OutSegs RetransSegs\nTcp: 1 -1 40 17\n";
  EXPECT_EQ(parse_net_snmp(text, "Tcp", "RetransSegs"), 17);
  EXPECT_EQ(parse_net_snmp(text, "Ip", "Forwarding"), 1);
  EXPECT_FALSE(is_present(parse_net_snmp(text, "Tcp", "MaxConn")));  // -1: no number of ours
  EXPECT_FALSE(is_present(parse_net_snmp(text, "Udp", "InErrors")));
  EXPECT_FALSE(is_present(parse_net_snmp("Tcp: OutSegs", "Tcp", "OutSegs")));
}

TEST(ParsePidStat, SurvivesAnyProcessName) {
  const PidStat stat =
      parse_pid_stat("77 (a) b (c\n) S 1 77 77 0 -1 4194560 1 0 0 0 9 8 0 0 20 0 12 0 4321 0 0");
  EXPECT_EQ(stat.threads, 12);
  EXPECT_DOUBLE_EQ(stat.start_seconds, 43.21);
  EXPECT_EQ(stat.state, 'S');
  EXPECT_FALSE(is_present(stat.io_delay_seconds));  // a line that ends before field 42
  const PidStat waiting = parse_pid_stat(
      "77 (dd) D 1 77 77 0 -1 4194560 1 0 0 0 9 8 0 0 20 0 12 0 4321 0 0 18446744073709551615 0 0 0 0 0 0 0 "
      "0 0 0 0 0 0 0 0 0 250 0 0\n");
  EXPECT_EQ(waiting.state, 'D');
  EXPECT_DOUBLE_EQ(waiting.io_delay_seconds, 2.5);
  EXPECT_FALSE(is_present(parse_pid_stat("77 (a").threads));
  EXPECT_FALSE(is_present(parse_pid_stat("77 (a) S 1").threads));
}

TEST(ParsePidIo, TakesBytesThatReachedTheStorageLayer) {
  const PidIo io =
      parse_pid_io("rchar: 1\nwchar: 2\nread_bytes: 3\nwrite_bytes: 4\ncancelled_write_bytes: 5\n");
  EXPECT_EQ(io.read_bytes, 3);
  EXPECT_EQ(io.written_bytes, 4);
  EXPECT_FALSE(is_present(parse_pid_io("").read_bytes));
}

TEST(ParsePidLimits, GivesTheSoftLimitOnOpenFiles) {
  const char* text =
      "Limit                     Soft Limit           Hard Limit           Units     \n"
      "Max processes             95865                95865                processes \n"
      "Max open files            1024                 524288               files     \n";
  EXPECT_EQ(parse_pid_limits_open_files(text), 1024);
  EXPECT_FALSE(
      is_present(parse_pid_limits_open_files("Max open files            unlimited unlimited files\n")));
  EXPECT_FALSE(is_present(parse_pid_limits_open_files("")));
}

TEST(ParseSchedstatDelay, IsTheSecondNumber) {
  EXPECT_DOUBLE_EQ(parse_schedstat("125000000 2500000000 17\n").delay_seconds, 2.5);
  EXPECT_DOUBLE_EQ(parse_schedstat("125000000 2500000000 17\n").run_seconds, 0.125);
  for (const char* cut : {"123456", "", "1 x 3", "-1 2 3"}) {
    EXPECT_FALSE(is_present(parse_schedstat(cut).delay_seconds)) << cut;
    EXPECT_FALSE(is_present(parse_schedstat(cut).run_seconds)) << cut;
  }
}

}  // namespace
}  // namespace bottleneck
