#include "exporter/discover/inventory.h"

#include <set>

#include "exporter/base/clock.h"
#include "tests/unit/discover/inventory_fixture.h"
#include "tests/unit/discover/temp_tree.h"

namespace bottleneck {
namespace {

using bottleneck::testing::TempTree;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST_F(InventoryTest, WithoutAnySourceTheShortIdServesAtOnce) {
  start(a_);
  EXPECT_THAT(update().added, ElementsAre(0U));
  EXPECT_THAT(names(), ElementsAre(a_.substr(0, 12)));
  EXPECT_THAT(inventory_->entry(0).identity->info, ElementsAre(Pair("workload", a_.substr(0, 12))));
  EXPECT_TRUE(update().empty());
}

TEST_F(InventoryTest, UnitsAndPlainCgroupsAreNamedAtOnce) {
  SourceState hoped = engine({});
  source(hoped);
  start("nginx.service", Runtime::kSystemd);
  start("/batch/night", Runtime::kCgroup);
  EXPECT_EQ(update().added.size(), 2U);
  EXPECT_THAT(names(), UnorderedElementsAre("nginx.service", "/batch/night"));
}

TEST_F(InventoryTest, ANameIsWaitedForWhileASourceMayTell) {
  source(engine({}));
  start(a_);
  EXPECT_TRUE(update().empty());
  EXPECT_EQ(inventory_->waiting(), 1U);
  EXPECT_LE(inventory_->next_due_ns(), static_cast<std::int64_t>((now_ + 10) * 1e9));
  EXPECT_TRUE(update(5).empty());
  source(engine({info_of(a_, "web")}));
  EXPECT_EQ(update(1).added.size(), 1U);
  EXPECT_THAT(names(), ElementsAre("web"));
  EXPECT_EQ(inventory_->waiting(), 0U);
}

TEST_F(InventoryTest, ANameThatComesTooLateIsNotTaken) {
  source(engine({}));
  start(a_);
  update();
  EXPECT_EQ(update(10).added.size(), 1U);
  source(engine({info_of(a_, "web")}));
  const auto& change = update(1);
  EXPECT_THAT(change.updated, ElementsAre(0U)) << "state and labels are taken, the name is decided";
  EXPECT_THAT(names(), ElementsAre(a_.substr(0, 12)));
  EXPECT_EQ(inventory_->entry(0).runtime->name, "web");
}

TEST_F(InventoryTest, ADecidedNameStaysWhenTheRuntimeRenames) {
  source(engine({info_of(a_, "web")}));
  start(a_);
  update();
  source(engine({info_of(a_, "other")}));
  EXPECT_EQ(update().updated.size(), 1U);
  EXPECT_THAT(names(), ElementsAre("web"));
}

TEST_F(InventoryTest, ADecidedNameSurvivesARestartOfTheExporter) {
  const TempTree files;
  const std::string path = files.at("state/names.json");
  {
    NameStore store(path);
    Inventory first(options_, store);
    start(a_);
    first.update({.refs = refs_, .refs_version = 1, .sources = {}, .now_ns = 1, .unix_seconds = 1});
    ASSERT_TRUE(store.save(1));
  }
  NameStore store(path);
  Inventory second(options_, store);
  sources_.clear();
  source(engine({info_of(a_, "web")}));
  second.update({.refs = refs_, .refs_version = 1, .sources = sources_, .now_ns = 1, .unix_seconds = 2});
  EXPECT_EQ(second.entry(0).identity->name, a_.substr(0, 12))
      << "a socket that appears later changes no name";
}

TEST_F(InventoryTest, ARecreatedCgroupIsANewContainerOfTheSameName) {
  source(engine({info_of(a_, "web")}));
  start(a_);
  update();
  end(a_);
  start(a_);  // a new inode, seen in one step
  const auto& change = update();
  EXPECT_THAT(change.removed, ElementsAre(0U));
  ASSERT_EQ(change.added.size(), 1U);
  EXPECT_NE(change.added[0], 0U) << "a slot is not used again within one change";
  EXPECT_THAT(names(), ElementsAre("web"));
}

TEST_F(InventoryTest, AReplacedContainerTakesTheNameOver) {
  source(engine({info_of(a_, "web")}));
  start(a_);
  update();
  end(a_);
  start(b_);
  source(engine({info_of(b_, "web")}));
  update();
  EXPECT_THAT(names(), ElementsAre("web"));
  EXPECT_EQ(by_name("web")->identity->id, b_);
}

TEST_F(InventoryTest, OfTwoLiveOnesWithOneNameTheOrderDoesNotDecide) {
  const std::string other = hex_id('0', 9);
  SourceState podman = engine({info_of(other, "web")});
  podman.runtime = Runtime::kPodman;
  const auto decide = [&](bool docker_first) {
    refs_.clear();
    if (docker_first) start(a_);
    start(other, Runtime::kPodman);
    if (!docker_first) start(a_);
    source(engine({info_of(a_, "web")}), 0);
    source(podman, 1);
    make_inventory();
    names_ = NameStore("");
    update();
    std::vector<std::string> ids;
    for (const char* name : {"web", "web@podman"}) {
      ids.push_back(by_name(name) == nullptr ? "" : by_name(name)->identity->id);
    }
    return ids;
  };
  EXPECT_THAT(decide(true), ElementsAre(a_, other));
  EXPECT_THAT(decide(false), ElementsAre(a_, other));
}

TEST_F(InventoryTest, RootlessOwnersAreToldApart) {
  start(a_, Runtime::kPodman, 1000);
  start(b_, Runtime::kPodman, 1001);
  SourceState podman = engine({info_of(a_, "web"), info_of(b_, "web")});
  podman.runtime = Runtime::kPodman;
  source(podman);
  update();
  EXPECT_THAT(names(), UnorderedElementsAre("web@1000", "web@1001"));
}

TEST_F(InventoryTest, ASecondOfTheSameRuntimeGetsItsShortId) {
  start(a_);
  start(b_);
  source(engine({info_of(a_, "web"), info_of(b_, "web")}));
  const std::string third = hex_id('c', 3);
  start(third);
  sources_[0] = std::make_shared<const SourceState>(
      engine({info_of(a_, "web"), info_of(b_, "web"), info_of(third, "web")}));
  update();
  EXPECT_THAT(names(), UnorderedElementsAre("web", "web@docker", "web@" + third.substr(0, 12)));
}

TEST_F(InventoryTest, AChangedLabelIsAnUpdateWithTheSameName) {
  options_.labels.allow_list = {"tier"};
  make_inventory();
  RuntimeInfo info = info_of(a_, "web");
  source(engine({info}));
  start(a_);
  update();
  source(engine({info}));  // another pointer, the same content
  EXPECT_TRUE(update().empty());
  info.labels["tier"] = "front";
  source(engine({info}));
  EXPECT_EQ(update().updated.size(), 1U);
  EXPECT_THAT(inventory_->entry(0).identity->info, Contains(Pair("label_tier", "front")));
}

TEST_F(InventoryTest, TheRuntimeOfASourceCorrectsThePath) {
  start(a_, Runtime::kContainerd);  // kubepods/... is the same for every runtime
  source(engine({info_of(a_, "web")}));
  update();
  EXPECT_EQ(inventory_->entry(0).identity->runtime, Runtime::kDocker);
}

TEST_F(InventoryTest, AnEngineElsewhereGivesContainersWithoutACgroup) {
  SourceState remote = engine({info_of(a_, "far"), info_of(b_, "done", RunState::kExited)});
  remote.remote = true;
  source(remote);
  update();
  ASSERT_THAT(names(), UnorderedElementsAre("far", "done"));
  EXPECT_TRUE(by_name("far")->live);
  EXPECT_EQ(by_name("far")->ref.path, "");
  EXPECT_EQ(by_name("far")->source, 0U);
  EXPECT_FALSE(by_name("done")->live);
  SourceState after = engine({info_of(b_, "done", RunState::kExited)});
  after.remote = true;
  source(after);
  update();
  EXPECT_THAT(names(), ElementsAre("done"));
}

// A local engine is asked, and its containers' cgroups decide: a container that just starts or ends, or an
// engine that hangs, makes no ghost.
TEST_F(InventoryTest, ALocalEngineMakesNoContainerWithoutACgroup) {
  source(engine({info_of(a_, "web"), info_of(b_, "starting")}));
  start(a_);
  update();
  EXPECT_THAT(names(), ElementsAre("web"));
  update(3600);
  EXPECT_THAT(names(), ElementsAre("web"));
}

TEST_F(InventoryTest, AnEngineWhoseCgroupsAreNotSeenIsBelievedAfterAWhile) {
  source(engine({info_of(a_, "web")}));
  update();
  EXPECT_THAT(names(), IsEmpty());
  EXPECT_EQ(inventory_->next_due_ns(), static_cast<std::int64_t>((now_ + 10) * 1e9));
  update(10);
  EXPECT_THAT(names(), ElementsAre("web"));
}

TEST_F(InventoryTest, FilesOnDiskNeverMakeARunningContainer) {
  SourceState disk = engine({info_of(a_, "web")});
  disk.live = false;
  source(disk);
  update(3600);
  update(3600);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(InventoryTest, TheCapKeepsThoseThatAreIn) {
  options_.max_containers = 2;
  make_inventory();
  start(hex_id('c', 1));
  start(hex_id('d', 1));
  update();
  start(a_);  // sorts before both
  EXPECT_TRUE(update().empty());
  EXPECT_EQ(inventory_->dropped(), 1U);
  EXPECT_EQ(names().size(), 2U);
  end(hex_id('c', 1));
  update();
  EXPECT_EQ(inventory_->dropped(), 0U);
  EXPECT_TRUE(by_name(a_.substr(0, 12))->live);
  EXPECT_FALSE(by_name(hex_id('c', 1).substr(0, 12))->live)
      << "its end is shown, and takes no place of the cap";
}

TEST_F(InventoryTest, FiveThousandContainersAreNoQuadraticWork) {
  options_.max_containers = 10000;
  make_inventory();
  std::vector<RuntimeInfo> infos;
  for (unsigned i = 0; i < 5000; ++i) {
    start(id_of(i));
    infos.push_back(info_of(id_of(i), "web"));  // all ask for one name
  }
  const double begin = thread_cpu_seconds();  // what else runs on the machine is no work of this
  source(engine(infos));
  update();
  end(id_of(7));
  update();
  EXPECT_LT(thread_cpu_seconds() - begin, 2);
  const auto all = names();
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 5000U)
      << "the stopped one has no rival for its name";
  const double idle = thread_cpu_seconds();
  for (int i = 0; i < 1000; ++i) update();
  EXPECT_LT(thread_cpu_seconds() - idle, 0.1);
}

}  // namespace
}  // namespace bottleneck
