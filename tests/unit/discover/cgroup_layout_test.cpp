#include "exporter/discover/cgroup_layout.h"

#include "tests/unit/discover/temp_tree.h"

namespace bottleneck {
namespace {

using testing::TempTree;

TEST(CgroupLayout, V2IsOneMountForAllControllers) {
  const TempTree tree;
  tree.file("cgroup.controllers", "cpuset cpu io memory pids\n");
  // Directories with the names of v1 hierarchies are ordinary cgroups here.
  tree.directory("cpu");
  const CgroupLayout layout = detect_cgroup_layout(tree.root());
  EXPECT_EQ(layout.version, CgroupVersion::kV2);
  for (const std::string& root : layout.roots) EXPECT_EQ(root, tree.root());
}

TEST(CgroupLayout, V1WithOneDirectoryForEachController) {
  const TempTree tree;
  for (const char* name : {"cpu", "cpuacct", "memory", "blkio", "systemd"}) tree.directory(name);
  const CgroupLayout layout = detect_cgroup_layout(tree.root());
  EXPECT_EQ(layout.version, CgroupVersion::kV1);
  EXPECT_EQ(layout.root(Controller::kCpu), tree.at("cpu"));
  EXPECT_EQ(layout.root(Controller::kCpuacct), tree.at("cpuacct"));
  EXPECT_EQ(layout.root(Controller::kBlkio), tree.at("blkio"));
  EXPECT_EQ(layout.root(Controller::kPids), "");
  EXPECT_EQ(layout.root(Controller::kUnified), "");
}

TEST(CgroupLayout, V1WithControllersMountedTogether) {
  const TempTree tree;
  tree.directory("cpu,cpuacct");
  const CgroupLayout layout = detect_cgroup_layout(tree.root());
  EXPECT_EQ(layout.root(Controller::kCpu), tree.at("cpu,cpuacct"));
  EXPECT_EQ(layout.root(Controller::kCpuacct), tree.at("cpu,cpuacct"));
  EXPECT_EQ(layout.root(Controller::kCpuset), "");  // "cpu" is no prefix match
}

TEST(CgroupLayout, LinksAreFollowedAndDanglingOnesAreNot) {
  const TempTree tree;
  tree.directory("cpuacct,cpu");
  tree.link("cpuacct,cpu", "cpu");
  tree.link("nowhere", "memory");
  const CgroupLayout layout = detect_cgroup_layout(tree.root());
  EXPECT_EQ(layout.root(Controller::kCpu), tree.at("cpu"));
  EXPECT_EQ(layout.root(Controller::kCpuacct), tree.at("cpuacct,cpu"));
  EXPECT_EQ(layout.root(Controller::kMemory), "");
}

TEST(CgroupLayout, HybridHasAUnifiedMountBesideV1) {
  const TempTree tree;
  tree.directory("memory");
  tree.file("unified/cgroup.controllers");
  const CgroupLayout layout = detect_cgroup_layout(tree.root());
  EXPECT_EQ(layout.version, CgroupVersion::kHybrid);
  EXPECT_EQ(layout.root(Controller::kUnified), tree.at("unified"));
  EXPECT_EQ(layout.root(Controller::kMemory), tree.at("memory"));
}

TEST(CgroupLayout, OnlyAUnifiedMountIsV2) {
  const TempTree tree;
  tree.file("unified/cgroup.controllers", "memory\n");
  tree.directory("systemd");
  const CgroupLayout layout = detect_cgroup_layout(tree.root());
  EXPECT_EQ(layout.version, CgroupVersion::kV2);
  EXPECT_EQ(layout.root(Controller::kMemory), tree.at("unified"));
}

TEST(CgroupLayout, NothingThereIsNone) {
  const TempTree tree;
  EXPECT_EQ(detect_cgroup_layout(tree.root()).version, CgroupVersion::kNone);
  EXPECT_EQ(detect_cgroup_layout(tree.at("missing")).version, CgroupVersion::kNone);
}

}  // namespace
}  // namespace bottleneck
