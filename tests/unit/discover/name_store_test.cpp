#include "exporter/discover/name_store.h"

#include <gtest/gtest.h>

#include "tests/unit/discover/temp_tree.h"

namespace bottleneck {
namespace {

using bottleneck::testing::TempTree;

TEST(NameStoreTest, ADamagedFileIsSetAside) {
  const TempTree files;
  const std::string path = files.file("names.json", "{\"version\":1,\"names\":");
  NameStore store(path);
  EXPECT_EQ(store.size(), 0U);
  EXPECT_TRUE(std::filesystem::exists(path + ".damaged"));
  store.remember("id", "name", 10);
  ASSERT_TRUE(store.save(10));
  const NameStore again(path);
  ASSERT_NE(again.find("id"), nullptr);
  EXPECT_EQ(*again.find("id"), "name");
}

TEST(NameStoreTest, ForgetsWhatWasNotSeenForAWeek) {
  const TempTree files;
  NameStore store(files.at("names.json"));
  store.remember("old", "a", 0);
  store.remember("kept", "b", 0);
  store.touch("kept", 6 * 86400.0);
  ASSERT_TRUE(store.save(8 * 86400.0));
  EXPECT_EQ(store.find("old"), nullptr);
  EXPECT_NE(store.find("kept"), nullptr);
}

TEST(NameStoreTest, AFailedWriteIsKeptForTheNextTry) {
  const TempTree files;
  files.file("blocked", "a file where the directory should be");
  NameStore store(files.at("blocked/names.json"));
  store.remember("id", "name", 10);
  EXPECT_FALSE(store.save(10));
  EXPECT_TRUE(store.dirty());
}

}  // namespace
}  // namespace bottleneck
