// Every recommendation has a series that makes it fire and one that must not: its classic false alarm.
#include <gtest/gtest.h>

#include <filesystem>

#include "exporter/model/finding.h"
#include "tests/unit/analyze/timeline.h"

namespace bottleneck {
namespace {

namespace fs = std::filesystem;

fs::path folder() { return fs::path(TEST_SOURCE_DIR) / "golden/timelines"; }

class Timelines : public testing::TestWithParam<std::string> {};

TEST_P(Timelines, AreAsExpected) {
  for (const std::string& failure : run_timeline((folder() / GetParam()).string())) ADD_FAILURE() << failure;
}

std::vector<std::string> all() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder())) {
    if (entry.path().extension() == ".txt") names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.substr(0, info.param.size() - 4);
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Golden, Timelines, testing::ValuesIn(all()), test_name);

TEST(TimelineFiles, EveryRecommendationHasBoth) {
  for (std::size_t i = 0; i < kAdviceCount; ++i) {
    const std::string name(info_of(static_cast<AdviceId>(i)).name);
    EXPECT_TRUE(fs::exists(folder() / (name + ".fires.txt"))) << name;
    EXPECT_TRUE(fs::exists(folder() / (name + ".silent.txt"))) << name;
  }
}

// A runner that passes whatever it is told to expect would make all of the above worthless.
TEST(TimelineFiles, TheRunnerFindsWhatIsWrong) {
  EXPECT_FALSE(run_timeline((folder() / "no such file").string()).empty());
  const std::string path = testing::TempDir() + "bad_timeline.txt";
  FILE* file = fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  fputs(
      "container web\nset nonsense=1\nset io_reads=1\nrun 70s\nexpect CPU_LIMIT_RAISE high\nsilent "
      "CPU_BURSTY\nexpect "
      "cpu>=0.5\n",
      file);
  fclose(file);
  EXPECT_EQ(run_timeline(path).size(), 4U);
}

}  // namespace
}  // namespace bottleneck
