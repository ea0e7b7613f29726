#include "exporter/sample/parsers/cgroup_files.h"

#include <gtest/gtest.h>

namespace bottleneck {
namespace {

TEST(ParseSingleNumber, NoLimitIsAbsentNotZeroAndNotHuge) {
  EXPECT_EQ(parse_single_number("67108864\n", Unit::kLimit).value, 67108864);
  EXPECT_EQ(parse_single_number("0\n", Unit::kLimit).value, 0);  // a limit of 0 is a limit
  for (const char* none :
       {"max\n", "9223372036854771712\n", "9223372036854710272\n", "18446744073709551615"}) {
    const SingleNumber number = parse_single_number(none, Unit::kLimit);
    EXPECT_FALSE(is_present(number.value)) << none;
    EXPECT_FALSE(number.malformed) << none;
  }
  EXPECT_FALSE(is_present(parse_single_number("0\n", Unit::kReservation).value));
}

TEST(ParseSingleNumber, OtherTextIsMalformed) {
  for (const char* bad : {"", "\n", "-1", "12 34", "0x10", "1e3", "99999999999999999999999", "\x01\xff"}) {
    const SingleNumber number = parse_single_number(bad, Unit::kOne);
    EXPECT_TRUE(number.malformed) << bad;
    EXPECT_FALSE(is_present(number.value)) << bad;
  }
}

TEST(ToBaseUnit, ScalesToSecondsAndBytes) {
  EXPECT_DOUBLE_EQ(to_base_unit(2'500'000, Unit::kMicroseconds), 2.5);
  EXPECT_DOUBLE_EQ(to_base_unit(2'500'000'000, Unit::kNanoseconds), 2.5);
  EXPECT_DOUBLE_EQ(to_base_unit(93, Unit::kTicks), 0.93);
  EXPECT_GE(to_base_unit(1, Unit::kPages), 4096);
}

TEST(ParsePressure, TakesTheTotalsInSeconds) {
  const Pressure pressure = parse_pressure(
      "some avg10=11.59 avg60=2.09 avg300=0.43 total=2090742\n"
      "full avg10=11.59 avg60=2.09 avg300=0.43 total=2086353\n");
  EXPECT_DOUBLE_EQ(pressure.some, 2.090742);
  EXPECT_DOUBLE_EQ(pressure.full, 2.086353);
  EXPECT_FALSE(pressure.malformed);
}

TEST(ParsePressure, IrqHasNoSomeAndOldKernelsNoFull) {
  const Pressure irq = parse_pressure("full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n");
  EXPECT_FALSE(is_present(irq.some));
  EXPECT_DOUBLE_EQ(irq.full, 7e-6);
  EXPECT_FALSE(irq.malformed);
  const Pressure old = parse_pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n");
  EXPECT_DOUBLE_EQ(old.some, 7e-6);
  EXPECT_FALSE(old.malformed);
}

TEST(ParsePressure, DamagedTextIsMalformedAndGivesNoNumber) {
  for (const char* bad :
       {"", "some avg10=0.00 total=\n", "some avg10=0.00", "garbage\n", "some total=-5\n"}) {
    const Pressure pressure = parse_pressure(bad);
    EXPECT_TRUE(pressure.malformed) << bad;
    EXPECT_FALSE(is_present(pressure.some)) << bad;
  }
}

TEST(ParseCpuMax, GivesCores) {
  EXPECT_DOUBLE_EQ(parse_cpu_max("30000 100000\n").value, 0.3);
  EXPECT_FALSE(is_present(parse_cpu_max("max 100000\n").value));
  EXPECT_FALSE(parse_cpu_max("max 100000\n").malformed);
  for (const char* bad : {"", "30000", "30000 0", "x 100000", "-1 100000"})
    EXPECT_TRUE(parse_cpu_max(bad).malformed);
}

TEST(ParseCfsQuota, MinusOneIsNoQuota) {
  EXPECT_FALSE(is_present(parse_cfs_quota("-1\n", "100000\n").value));
  EXPECT_FALSE(parse_cfs_quota("-1\n", "100000\n").malformed);
  EXPECT_DOUBLE_EQ(parse_cfs_quota("150000\n", "100000\n").value, 1.5);
  EXPECT_TRUE(parse_cfs_quota("150000\n", "0\n").malformed);
  EXPECT_TRUE(parse_cfs_quota("", "100000").malformed);
}

TEST(ParseCpuList, CountsRanges) {
  EXPECT_EQ(parse_cpu_list("0-3,8\n").value, 5);
  EXPECT_EQ(parse_cpu_list("0\n").value, 1);
  EXPECT_FALSE(is_present(parse_cpu_list("\n").value));
  EXPECT_FALSE(parse_cpu_list("\n").malformed);
  for (const char* bad : {"3-1", "0-", "a", "0,,1", "0-99999999999"})
    EXPECT_TRUE(parse_cpu_list(bad).malformed) << bad;
}

TEST(NextIoLine, ReadsIoStat) {
  std::string_view text =
      "8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0 cost.usage=5\n"
      "7:1 7:0 8:0 rbytes=1 wbytes=2 rios=3 wios=4\n"
      "8:32 rbytes=1459";
  DeviceLine line;
  bool malformed = false;
  ASSERT_TRUE(next_io_line(text, line, malformed));
  EXPECT_EQ(line.device, "8:16");
  EXPECT_EQ(line.numbers[1], 314773504);
  ASSERT_TRUE(next_io_line(text, line, malformed));
  EXPECT_EQ(line.device, "8:0");  // devices without numbers stand in front on the same line
  EXPECT_EQ(line.numbers[3], 4);
  ASSERT_TRUE(next_io_line(text, line, malformed));  // cut at the page: what is missing is absent
  EXPECT_EQ(line.device, "8:32");
  EXPECT_FALSE(is_present(line.numbers[1]));
  EXPECT_FALSE(next_io_line(text, line, malformed));
  EXPECT_FALSE(malformed);
}

TEST(NextIoLine, ReadsIoMaxAndSkipsWhatIsNoDevice) {
  std::string_view text = "garbage here\n\n8:16 rbps=2097152 wbps=max riops=max wiops=120\n";
  DeviceLine line;
  bool malformed = false;
  ASSERT_TRUE(next_io_line(text, line, malformed));
  EXPECT_TRUE(malformed);
  EXPECT_EQ(line.numbers[0], 2097152);
  EXPECT_FALSE(is_present(line.numbers[1]));
  EXPECT_EQ(line.numbers[3], 120);
}

TEST(NextBlkioLine, GivesReadsAndWritesOfEachDevice) {
  std::string_view text =
      "8:0 Read 1024\n8:0 Write 20971520\n8:0 Sync 1\n8:0 Total 20972544\nTotal 20972544\n";
  BlkioLine line;
  bool malformed = false;
  ASSERT_TRUE(next_blkio_line(text, line, malformed));
  EXPECT_FALSE(line.is_write);
  EXPECT_EQ(line.number, 1024);
  ASSERT_TRUE(next_blkio_line(text, line, malformed));
  EXPECT_TRUE(line.is_write);
  EXPECT_EQ(line.number, 20971520);
  EXPECT_FALSE(next_blkio_line(text, line, malformed));
  EXPECT_FALSE(malformed);
}

TEST(NextBlkioLine, TotalAloneIsNoNumber) {
  // What Linux 6.10 and newer print until a throttle is set.
  std::string_view text = "Total 0\n";
  BlkioLine line;
  bool malformed = false;
  EXPECT_FALSE(next_blkio_line(text, line, malformed));
  EXPECT_FALSE(malformed);
}

TEST(NextThrottleLine, ReadsDeviceAndLimit) {
  std::string_view text = "254:0 1048576\nx 1\n";
  ThrottleLine line;
  bool malformed = false;
  ASSERT_TRUE(next_throttle_line(text, line, malformed));
  EXPECT_EQ(line.device, "254:0");
  EXPECT_EQ(line.number, 1048576);
  EXPECT_FALSE(next_throttle_line(text, line, malformed));
  EXPECT_TRUE(malformed);
}

TEST(ParseMemoryStatKernel, PrefersTheSumOfTheKernel) {
  EXPECT_EQ(parse_memory_stat_kernel("anon 5\nkernel 700\nkernel_stack 16\nslab 9\n"), 700);
  EXPECT_EQ(parse_memory_stat_kernel("anon 5\nkernel_stack 16\npagetables 8\npercpu 4\nslab 2\n"), 30);
  EXPECT_FALSE(is_present(parse_memory_stat_kernel("anon 5\n")));
}

TEST(FirstProcess, SkipsProcessesOutsideOurNamespace) {
  EXPECT_EQ(first_process("0\n0\n4711\n4712\n"), 4711);
  EXPECT_EQ(first_process("0\n"), std::nullopt);
  EXPECT_EQ(first_process(""), std::nullopt);
}

}  // namespace
}  // namespace bottleneck
