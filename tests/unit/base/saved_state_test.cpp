#include "exporter/base/saved_state.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "exporter/base/background_writer.h"
#include "exporter/base/codec.h"
#include "exporter/base/file.h"

namespace bottleneck {
namespace {

namespace fs = std::filesystem;
constexpr StateKind kKind{"things", 2};

class SavedState : public testing::Test {
 protected:
  SavedState() { fs::create_directories(root_); }
  ~SavedState() override { fs::remove_all(root_); }
  void put(const std::string& text) { ASSERT_TRUE(write_file_atomically(path_, text)); }
  ErrorCode code() {
    const auto loaded = load_saved_state(path_, kKind, 1000);
    return loaded ? ErrorCode::kInvalid : loaded.error().code;
  }

  fs::path root_ = fs::temp_directory_path() / ("saved_state." + std::to_string(getpid()));
  std::string path_ = root_ / "deep/state.bin";
};

TEST_F(SavedState, ComesBackAsItWas) {
  const std::string bytes("a\0b\n", 4);
  ASSERT_TRUE(write_saved_state(path_, kKind, bytes));
  EXPECT_EQ(load_saved_state(path_, kKind, 1000).value_or(""), bytes);
}

TEST_F(SavedState, AMissingFileIsAbsentAndNothingIsMoved) {
  EXPECT_EQ(code(), ErrorCode::kAbsent);
  EXPECT_FALSE(path_exists(path_ + ".damaged"));
}

// Each kind of damage: the caller starts anew, the file is kept for a look.
TEST_F(SavedState, DamageIsSetAside) {
  ASSERT_TRUE(write_saved_state(path_, kKind, "hello"));
  const std::string good = *read_file(path_);
  std::string flipped = good;
  flipped.back() = 'x';
  for (const std::string& text :
       {flipped, good.substr(0, good.size() - 1), good + "y", std::string(), std::string("\n"),
        std::string("bottleneck other 2 5 907060870\nhello"), std::string(3000, 'z')}) {
    put(text);
    EXPECT_EQ(code(), ErrorCode::kMalformed) << text.substr(0, 60);
    EXPECT_FALSE(path_exists(path_));
    EXPECT_EQ(read_file(path_ + ".damaged").value_or("?"), text);
  }
}

TEST_F(SavedState, AnotherVersionIsNotRead) {
  ASSERT_TRUE(write_saved_state(path_, {"things", 1}, "hello"));
  EXPECT_EQ(code(), ErrorCode::kMalformed);
}

TEST(Crc32, IsTheUsualOne) { EXPECT_EQ(crc32_of("123456789"), 0xcbf43926U); }

TEST(Codec, ReadsWhatWasWrittenAndNeverPastTheEnd) {
  StateWriter writer;
  writer.put(std::uint32_t{7});
  writer.put(1.5F);
  writer.put_text("name");
  const std::string bytes = writer.take();
  StateReader reader(bytes);
  EXPECT_EQ(reader.get<std::uint32_t>(), 7U);
  EXPECT_EQ(reader.get<float>(), 1.5F);
  EXPECT_EQ(reader.get_text(), "name");
  EXPECT_TRUE(reader.at_end());
  EXPECT_EQ(reader.get<double>(), 0);
  EXPECT_TRUE(reader.failed());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    StateReader cut(std::string_view(bytes).substr(0, size));
    static_cast<void>(cut.get<std::uint32_t>());
    static_cast<void>(cut.get<float>());
    static_cast<void>(cut.get_text());
    EXPECT_TRUE(cut.failed()) << size;
  }
}

TEST(BackgroundWriter, WritesTheLastOfEachKeyBeforeItEnds) {
  std::string seen;
  {
    BackgroundWriter writer;
    writer.submit("a", [&] { seen += "1"; });
    writer.drain();
    writer.submit("a", [&] { seen += "2"; });
  }
  EXPECT_EQ(seen, "12");
}

}  // namespace
}  // namespace bottleneck
