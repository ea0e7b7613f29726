#include "exporter/base/file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace bottleneck {
namespace {

class FileTest : public testing::Test {
 protected:
  FileTest() { std::filesystem::create_directories(root_); }
  ~FileTest() override { std::filesystem::remove_all(root_); }
  [[nodiscard]] std::string path(const std::string& name) const { return root_ / name; }
  std::filesystem::path root_ =
      std::filesystem::temp_directory_path() / ("file_test." + std::to_string(getpid()));
};

TEST_F(FileTest, ReadBufferGrowsToTheFile) {
  const std::string text(100'000, 'x');
  std::ofstream(path("big")) << text;
  const auto directory = open_directory(root_);
  ASSERT_TRUE(directory);
  ReadBuffer buffer;
  const auto read = buffer.read_at(directory->get(), "big");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, text);
}

TEST_F(FileTest, AMissingFileIsAbsentAndADirectoryIsAnError) {
  const auto directory = open_directory(root_);
  ReadBuffer buffer;
  EXPECT_EQ(buffer.read_at(directory->get(), "none").error().code, ErrorCode::kAbsent);
  EXPECT_FALSE(buffer.read_at(directory->get(), "."));
  EXPECT_EQ(read_file(path("none")).error().code, ErrorCode::kAbsent);
}

TEST_F(FileTest, ReadFileRefusesWhatIsTooLarge) {
  std::ofstream(path("large")) << std::string(2000, 'x');
  EXPECT_EQ(read_file(path("large"), 1000).error().code, ErrorCode::kMalformed);
  EXPECT_EQ(read_file(path("large"), 2000)->size(), 2000U);
}

TEST_F(FileTest, AtomicWriteReplacesAndLeavesNothingBehind) {
  ASSERT_TRUE(write_file_atomically(path("state"), "one"));
  ASSERT_TRUE(write_file_atomically(path("state"), "two"));
  EXPECT_EQ(*read_file(path("state")), "two");
  EXPECT_EQ(list_directory(root_)->size(), 1U);
}

TEST_F(FileTest, AFailedWriteKeepsTheOldFile) {
  ASSERT_TRUE(write_file_atomically(path("state"), "old"));
  std::filesystem::create_directory(path("state.tmp"));  // the temporary file cannot be made
  EXPECT_FALSE(write_file_atomically(path("state"), "new"));
  EXPECT_EQ(*read_file(path("state")), "old");
}

TEST(JoinPath, HasExactlyOneSlash) {
  EXPECT_EQ(join_path("/", "proc"), "/proc");
  EXPECT_EQ(join_path("/a/", "/b"), "/a/b");
  EXPECT_EQ(join_path("/a", ""), "/a");
}

}  // namespace
}  // namespace bottleneck
