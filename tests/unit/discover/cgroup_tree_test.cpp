#include "exporter/discover/cgroup_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exporter/base/clock.h"
#include "exporter/base/file.h"
#include "tests/unit/discover/temp_tree.h"

namespace bottleneck {
namespace {

using bottleneck::testing::TempTree;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string id_of(unsigned n) {
  std::string digits = std::to_string(n);
  return std::string(64 - digits.size(), 'a') + digits;
}

class CgroupTreeTest : public ::testing::Test {
 protected:
  std::unique_ptr<CgroupTree> v2_tree(CgroupTreeOptions options = {}) {
    CgroupLayout layout;
    layout.version = CgroupVersion::kV2;
    layout.roots.fill(files_.root());
    auto tree = CgroupTree::create(layout, options);
    EXPECT_TRUE(tree);
    return std::move(*tree);
  }
  static std::vector<std::string> paths(const CgroupTree& tree) {
    std::vector<std::string> out;
    for (const CgroupRef& ref : tree.containers()) out.push_back(ref.path);
    return out;
  }
  static bool readable(const CgroupTree& tree) {
    pollfd fd{tree.fd(), POLLIN, 0};
    return poll(&fd, 1, 0) == 1;
  }

  TempTree files_;
  const std::string a_ = id_of(1);
  const std::string b_ = id_of(2);
};

TEST_F(CgroupTreeTest, FindsWhatIsThere) {
  files_.directory("docker/" + a_);
  files_.directory("system.slice/docker-" + b_ + ".scope");
  files_.directory("system.slice/nginx.service");
  files_.file("docker/cgroup.procs");
  auto tree = v2_tree();
  tree->scan();
  EXPECT_THAT(paths(*tree), ElementsAre("/docker/" + a_, "/system.slice/docker-" + b_ + ".scope"));
  const CgroupRef& first = tree->containers()[0];
  EXPECT_EQ(first.runtime, Runtime::kDocker);
  EXPECT_EQ(first.id, a_);
  EXPECT_NE(first.inode, 0U);
  EXPECT_TRUE(tree->fully_watched());
}

// The parent may be made with the first container: both are seen through the watch of the root.
TEST_F(CgroupTreeTest, ANewContainerMakesTheDescriptorReadable) {
  auto tree = v2_tree();
  tree->scan();
  EXPECT_FALSE(readable(*tree));
  EXPECT_FALSE(tree->drain());
  files_.directory("docker/" + a_);
  EXPECT_TRUE(readable(*tree));
  EXPECT_TRUE(tree->drain());
  EXPECT_THAT(paths(*tree), ElementsAre("/docker/" + a_));
  files_.directory("docker/" + b_);
  EXPECT_TRUE(tree->drain());
  EXPECT_THAT(paths(*tree), ElementsAre("/docker/" + a_, "/docker/" + b_));
}

TEST_F(CgroupTreeTest, ARemovedContainerIsGone) {
  files_.directory("docker/" + a_);
  auto tree = v2_tree();
  tree->scan();
  files_.remove("docker/" + a_);
  EXPECT_TRUE(tree->drain());
  EXPECT_THAT(paths(*tree), IsEmpty());
  files_.remove("docker");
  tree->drain();
  files_.directory("docker/" + a_);  // the parent is another directory now and must be watched anew
  tree->drain();
  files_.directory("docker/" + b_);
  EXPECT_TRUE(tree->drain());
  EXPECT_EQ(tree->containers().size(), 2U);
}

TEST_F(CgroupTreeTest, ARecreatedCgroupHasAnotherInode) {
  files_.directory("docker/" + a_);
  auto tree = v2_tree();
  tree->scan();
  const auto before = tree->containers()[0].inode;
  std::filesystem::rename(files_.at("docker/" + a_), files_.at("kept"));  // keeps the old inode number in use
  files_.directory("docker/" + a_);
  EXPECT_TRUE(tree->drain());
  ASSERT_EQ(tree->containers().size(), 1U);
  EXPECT_NE(tree->containers()[0].inode, before);
}

// The net below the watches: the same must be found by a scan alone.
TEST_F(CgroupTreeTest, AScanFindsWhatNoWatchTold) {
  auto tree = v2_tree(CgroupTreeOptions{.cgroups = {}, .systemd_units = {}, .max_watches = 0});
  files_.directory("docker/" + a_);
  tree->scan();
  EXPECT_FALSE(tree->fully_watched());
  EXPECT_EQ(tree->watch_count(), 0U);
  EXPECT_THAT(paths(*tree), ElementsAre("/docker/" + a_));
  files_.remove("docker/" + a_);
  files_.directory("docker/" + b_);
  tree->scan();
  EXPECT_THAT(paths(*tree), ElementsAre("/docker/" + b_));
}

TEST_F(CgroupTreeTest, AChildContainerOfCrunIsTheDirectoryToRead) {
  const std::string scope = "machine.slice/libpod-" + a_ + ".scope";
  files_.directory("machine.slice");
  auto tree = v2_tree();
  tree->scan();
  files_.directory(scope);
  EXPECT_TRUE(tree->drain());
  ASSERT_THAT(paths(*tree), ElementsAre("/" + scope));
  const auto inode = tree->containers()[0].inode;
  files_.directory(scope + "/container");
  EXPECT_TRUE(tree->drain());
  ASSERT_THAT(paths(*tree), ElementsAre("/" + scope + "/container"));
  EXPECT_EQ(tree->containers()[0].inode, inode) << "it is still the same container";
  tree->scan();
  EXPECT_THAT(paths(*tree), ElementsAre("/" + scope + "/container"));
  files_.remove(scope);
  EXPECT_TRUE(tree->drain());
  EXPECT_THAT(paths(*tree), IsEmpty());
}

TEST_F(CgroupTreeTest, ADirectoryCalledContainerElsewhereIsNothing) {
  files_.directory("docker/" + a_ + "/container");
  auto tree = v2_tree(CgroupTreeOptions{.cgroups = "/plain", .systemd_units = {}});
  files_.directory("plain");
  tree->scan();
  files_.directory("plain/container");
  tree->drain();
  EXPECT_THAT(paths(*tree), ElementsAre("/docker/" + a_, "/plain"));
}

TEST_F(CgroupTreeTest, NestedContainersAreFound) {
  files_.directory("docker/" + a_ + "/kubelet/kubepods/besteffort/pod0123456789abcdef0123456789abcdef/" + b_);
  auto tree = v2_tree();
  tree->scan();
  ASSERT_EQ(tree->containers().size(), 2U);
  EXPECT_EQ(tree->containers()[1].id, b_);
  EXPECT_EQ(tree->containers()[1].runtime, Runtime::kContainerd);
}

// A leaf container is not watched: 5,000 of them would be 5,000 watches for nothing.
TEST_F(CgroupTreeTest, LeafContainersCostNoWatch) {
  for (unsigned i = 0; i < 20; ++i) files_.directory("docker/" + id_of(i));
  auto tree = v2_tree();
  tree->scan();
  EXPECT_EQ(tree->containers().size(), 20U);
  // Root and "docker"; on a file system that does not count sub-directories every leaf might have some.
  const auto leaf = stat_file(files_.at("docker/" + a_));
  if (leaf && leaf->links == 2) {
    EXPECT_EQ(tree->watch_count(), 2U);
  }
}

TEST_F(CgroupTreeTest, PlainCgroupsAndUnitsOnlyWhenAskedFor) {
  files_.directory("batch/night");
  files_.directory("system.slice/nginx.service");
  files_.directory("system.slice/ssh.service");
  files_.directory("docker/" + a_ + "/system.slice/nginx.service");
  auto none = v2_tree();
  none->scan();
  EXPECT_THAT(paths(*none), ElementsAre("/docker/" + a_));
  auto some = v2_tree(CgroupTreeOptions{.cgroups = "/batch/.*", .systemd_units = "nginx\\.service"});
  some->scan();
  ASSERT_THAT(paths(*some), ElementsAre("/batch/night", "/docker/" + a_, "/system.slice/nginx.service"));
  EXPECT_EQ(some->containers()[0].runtime, Runtime::kCgroup);
  EXPECT_EQ(some->containers()[0].id, "/batch/night");
  EXPECT_EQ(some->containers()[2].runtime, Runtime::kSystemd);
  EXPECT_EQ(some->containers()[2].id, "nginx.service");
  files_.directory("batch/day");
  EXPECT_TRUE(some->drain());
  EXPECT_EQ(some->containers().size(), 4U);
}

TEST_F(CgroupTreeTest, AWrongExpressionNamesItsOption) {
  const auto tree =
      CgroupTree::create(CgroupLayout{}, CgroupTreeOptions{.cgroups = "(", .systemd_units = {}});
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().code, ErrorCode::kInvalid);
  EXPECT_NE(tree.error().message.find("discovery.cgroups"), std::string::npos);
}

TEST_F(CgroupTreeTest, OfTwoCgroupsWithOneIdTheOuterIsIt) {
  files_.directory("docker/" + a_);
  files_.directory("docker/" + b_ + "/evil/docker/" + a_);
  files_.directory("aaa/bbb/ccc/" + a_);  // sorts before, and is deeper
  auto tree = v2_tree();
  tree->scan();
  EXPECT_THAT(paths(*tree), ElementsAre("/docker/" + a_, "/docker/" + b_));
}

TEST_F(CgroupTreeTest, LinksAreNotFollowed) {
  files_.directory("docker/" + a_);
  files_.link(files_.root(), "docker/loop");
  files_.link(files_.root(), "loop");
  auto tree = v2_tree();
  tree->scan();
  EXPECT_THAT(paths(*tree), ElementsAre("/docker/" + a_));
}

TEST_F(CgroupTreeTest, DepthAndNumberAreBounded) {
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "d/";
  files_.directory(deep + "docker/" + a_);
  for (unsigned i = 0; i < 50; ++i) files_.directory("many/" + std::to_string(i));
  auto tree = v2_tree(CgroupTreeOptions{.cgroups = ".*", .systemd_units = {}, .max_directories = 40});
  tree->scan();
  EXPECT_LT(tree->containers().size(), 40U);
}

TEST_F(CgroupTreeTest, OnV1TheHierarchyThatHasContainersIsRead) {
  CgroupLayout layout;
  layout.version = CgroupVersion::kV1;
  layout.roots[static_cast<std::size_t>(Controller::kMemory)] = files_.directory("memory");
  layout.roots[static_cast<std::size_t>(Controller::kCpu)] = files_.directory("cpu");
  files_.directory("systemd");
  auto tree = CgroupTree::create(layout, {});
  ASSERT_TRUE(tree);
  (*tree)->scan();
  EXPECT_EQ((*tree)->root(), files_.at("memory"));
  files_.directory("cpu/docker/" + a_);
  (*tree)->scan();
  EXPECT_EQ((*tree)->root(), files_.at("cpu"));
  EXPECT_THAT(paths(**tree), ElementsAre("/docker/" + a_));
  files_.directory("cpu/docker/" + b_);
  EXPECT_TRUE((*tree)->drain()) << "the watches moved with it";
  files_.remove("cpu/docker");
  files_.directory("systemd/docker/" + b_);
  (*tree)->scan();
  EXPECT_EQ((*tree)->root(), files_.at("systemd"));
}

TEST_F(CgroupTreeTest, NoHierarchyIsNoContainer) {
  auto tree = CgroupTree::create(CgroupLayout{}, {});
  ASSERT_TRUE(tree);
  EXPECT_THAT((*tree)->scan(), IsEmpty());
  EXPECT_FALSE((*tree)->drain());
}

// A lost queue must not lose containers. The default queue holds 16,384 events.
TEST_F(CgroupTreeTest, AnOverflowIsMadeGoodByAScan) {
  files_.directory("docker");
  auto tree = v2_tree();
  tree->scan();
  for (int i = 0; i < 9000; ++i) {
    ::mkdir(files_.at("docker/x").c_str(), 0755);
    ::rmdir(files_.at("docker/x").c_str());
  }
  files_.directory("docker/" + a_);
  while (readable(*tree)) tree->drain();
  EXPECT_THAT(paths(*tree), ElementsAre("/docker/" + a_));
}

TEST_F(CgroupTreeTest, FiveThousandContainersAreNoWork) {
  for (unsigned i = 0; i < 5000; ++i) files_.directory("docker/" + id_of(i));
  auto tree = v2_tree();
  tree->scan();
  EXPECT_EQ(tree->containers().size(), 5000U);
  const double begin = thread_cpu_seconds();  // what else runs on the machine is no work of this
  tree->scan();
  const double taken = thread_cpu_seconds() - begin;
  RecordProperty("rescan_us", static_cast<int>(taken * 1e6));
  EXPECT_LT(taken, 2);  // quadratic work would take minutes
}

}  // namespace
}  // namespace bottleneck
