#include "exporter/base/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <filesystem>
#include <vector>

namespace bottleneck {
namespace {

namespace fs = std::filesystem;

class Watch : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "watch_test.XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override { fs::remove_all(root_); }

  struct Seen {
    WatchEventKind kind;
    int watch;
    std::string name;
    bool operator==(const Seen&) const = default;
  };
  static std::vector<Seen> drain(DirectoryWatcher& watcher) {
    std::vector<Seen> seen;
    watcher.drain([&](const WatchEvent& e) { seen.push_back({e.kind, e.watch, std::string(e.name)}); });
    return seen;
  }

  std::string root_;
};

TEST_F(Watch, TellsOfDirectoriesAndNotOfFiles) {
  auto watcher = DirectoryWatcher::create();
  ASSERT_TRUE(watcher) << watcher.error().message;
  const int watch = watcher->add(root_).value_or(-1);
  ASSERT_GE(watch, 0);
  EXPECT_TRUE(drain(*watcher).empty());
  fs::create_directory(root_ + "/a");
  fclose(fopen((root_ + "/file").c_str(), "w"));
  fs::remove(root_ + "/a");
  pollfd poll_fd{watcher->fd(), POLLIN, 0};
  EXPECT_EQ(poll(&poll_fd, 1, 0), 1);
  EXPECT_EQ(drain(*watcher), (std::vector<Seen>{{WatchEventKind::kCreated, watch, "a"},
                                                {WatchEventKind::kRemoved, watch, "a"}}));
}

TEST_F(Watch, EndsWithItsDirectory) {
  auto watcher = DirectoryWatcher::create();
  ASSERT_TRUE(watcher);
  fs::create_directory(root_ + "/a");
  const int watch = watcher->add(root_ + "/a").value_or(-1);
  fs::remove(root_ + "/a");
  EXPECT_EQ(drain(*watcher), (std::vector<Seen>{{WatchEventKind::kEnded, watch, ""}}));
}

TEST_F(Watch, AMissingDirectoryIsAbsent) {
  auto watcher = DirectoryWatcher::create();
  ASSERT_TRUE(watcher);
  const auto added = watcher->add(root_ + "/missing");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::kAbsent);
}

TEST(Wake, IsReadableUntilCleared) {
  const WakeEvent wake;
  pollfd poll_fd{wake.fd(), POLLIN, 0};
  EXPECT_EQ(poll(&poll_fd, 1, 0), 0);
  EXPECT_FALSE(wake.clear());
  wake.signal();
  wake.signal();
  EXPECT_EQ(poll(&poll_fd, 1, 0), 1);
  EXPECT_TRUE(wake.clear());
  EXPECT_FALSE(wake.clear());
}

}  // namespace
}  // namespace bottleneck
