#include "exporter/base/kernel_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

namespace bottleneck {
namespace {

TEST(KernelRecordText, HeadAndText) {
  const auto record = parse_kernel_record("6,41598,4649236301,-;oom-kill:constraint=CONSTRAINT_MEMCG;x");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->priority, 6U);
  EXPECT_EQ(record->sequence, 41598U);
  EXPECT_EQ(record->time_us, 4649236301);
  EXPECT_EQ(record->text, "oom-kill:constraint=CONSTRAINT_MEMCG;x");
  EXPECT_EQ(parse_kernel_record("12,1,2,c,caller=T1;text")->text, "text") << "later kernels add fields";
}

TEST(KernelRecordText, GarbageIsNothing) {
  for (const char* line : {"", " SUBSYSTEM=acpi", "text", ";", "6,1;x", "6,1,x,-;y", "-1,1,1,-;y",
                           "6,1,99999999999999999999,-;y", "99999,1,1,-;y"}) {
    EXPECT_FALSE(parse_kernel_record(line)) << line;
  }
}

TEST(KernelLogTest, HandsOnWhatComesAndNeverWaits) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("kernel_log_test." + std::to_string(getpid()));
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  auto log = KernelLog::open(false, path);
  ASSERT_TRUE(log) << log.error().message;
  std::vector<std::string> seen;
  const auto visit = [&](const KernelRecord& record) { seen.emplace_back(record.text); };
  EXPECT_TRUE(log->drain(visit));
  std::ofstream writer(path);
  writer << "6,1,2,-;one\n SUBSYSTEM=x\n6,2,3,-;two\n" << std::flush;
  EXPECT_TRUE(log->drain(visit));
  EXPECT_THAT(seen, ::testing::ElementsAre("one", "two"));
  std::filesystem::remove(path);
}

TEST(KernelLogTest, AMissingDeviceIsAbsent) {
  EXPECT_EQ(KernelLog::open(false, "/no/such/kmsg").error().code, ErrorCode::kAbsent);
}

}  // namespace
}  // namespace bottleneck
