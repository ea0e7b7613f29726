#include "exporter/discover/inventory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "exporter/base/clock.h"
#include "tests/unit/discover/temp_tree.h"

namespace bottleneck {
namespace {

using bottleneck::testing::TempTree;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::string id_of(unsigned n) {
  std::string digits = std::to_string(n);
  return std::string(64 - digits.size(), 'a') + digits;
}
std::string hex_id(char first, unsigned n) {
  std::string id = id_of(n);
  id[0] = first;
  return id;
}

RuntimeInfo info_of(const std::string& id, std::string name, RunState state = RunState::kRunning) {
  RuntimeInfo info;
  info.id = id;
  info.name = std::move(name);
  info.state = state;
  return info;
}

class InventoryTest : public ::testing::Test {
 protected:
  void SetUp() override { make_inventory(); }
  void make_inventory() { inventory_ = std::make_unique<Inventory>(options_, names_); }

  CgroupRef& start(const std::string& id, Runtime runtime = Runtime::kDocker, unsigned owner = 0) {
    CgroupRef ref;
    ref.runtime = runtime;
    ref.id = id;
    ref.path = has_id(runtime) ? "/docker/" + id : id;
    if (owner != 0) ref.path = "/user/" + std::to_string(owner) + ref.path;
    ref.inode = ++inode_;
    ref.owner = owner;
    refs_.push_back(ref);
    ++version_;
    return refs_.back();
  }
  static bool has_id(Runtime runtime) { return runtime != Runtime::kSystemd && runtime != Runtime::kCgroup; }
  void end(const std::string& id) {
    std::erase_if(refs_, [&](const CgroupRef& ref) { return ref.id == id; });
    ++version_;
  }
  /// An engine that knows these containers.
  static SourceState engine(std::vector<RuntimeInfo> infos) {
    SourceState state;
    state.source = "unix:///test";
    state.runtime = Runtime::kDocker;
    state.may_tell = true;
    state.lists_all = true;
    state.live = true;
    auto map = std::make_shared<RuntimeMap>();
    for (RuntimeInfo& info : infos) map->emplace(info.id, std::make_shared<const RuntimeInfo>(info));
    state.containers = map;
    return state;
  }
  void source(SourceState state, std::size_t index = 0) {
    if (sources_.size() <= index) sources_.resize(index + 1);
    sources_[index] = std::make_shared<const SourceState>(std::move(state));
  }
  const InventoryChange& update(double later = 0) {
    now_ += later;
    return inventory_->update({.refs = refs_,
                               .refs_version = version_,
                               .sources = sources_,
                               .now_ns = static_cast<std::int64_t>(now_ * 1e9),
                               .unix_seconds = 1'700'000'000 + now_});
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> out;
    inventory_->for_each(
        [&](std::size_t, const InventoryEntry& entry) { out.push_back(entry.identity->name); });
    return out;
  }
  [[nodiscard]] const InventoryEntry* by_name(const std::string& name) const {
    const InventoryEntry* found = nullptr;
    inventory_->for_each([&](std::size_t, const InventoryEntry& entry) {
      if (entry.identity->name == name) found = &entry;
    });
    return found;
  }

  InventoryOptions options_;
  NameStore names_{""};
  std::unique_ptr<Inventory> inventory_;
  std::vector<CgroupRef> refs_;
  std::vector<SourceStatePtr> sources_;
  std::uint64_t version_ = 1;
  std::uint64_t inode_ = 100;
  double now_ = 1000;
  const std::string a_ = id_of(1);
  const std::string b_ = hex_id('b', 2);
};

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

TEST_F(InventoryTest, AStoppedContainerStaysVisible) {
  source(engine({info_of(a_, "web")}));
  start(a_);
  update();
  end(a_);
  const auto& gone = update();
  EXPECT_THAT(gone.updated, ElementsAre(0U));
  EXPECT_THAT(gone.removed, IsEmpty());
  EXPECT_FALSE(inventory_->entry(0).live);
  EXPECT_EQ(inventory_->entry(0).ref.path, "");
  RuntimeInfo ended = info_of(a_, "web", RunState::kExited);
  ended.finished = 1'700'000'000 + now_;
  ended.exit_code = 3;
  source(engine({ended}));
  update();
  EXPECT_EQ(inventory_->entry(0).runtime->exit_code, 3);
  update(23 * 3600);
  EXPECT_THAT(names(), ElementsAre("web"));
  EXPECT_LE(inventory_->next_due_ns(), static_cast<std::int64_t>((now_ + 3601) * 1e9));
  EXPECT_THAT(update(3601).removed, ElementsAre(0U)) << "24 h after its end";
}

TEST_F(InventoryTest, AContainerThatIsRemovedIsGone) {
  source(engine({info_of(a_, "web")}));
  start(a_);
  update();
  end(a_);
  update();
  source(engine({}));
  EXPECT_THAT(update().removed, ElementsAre(0U));
  EXPECT_THAT(names(), IsEmpty());
}

// Nobody but the cgroup tree knows it: without this its last event would be gone before a scrape sees it.
TEST_F(InventoryTest, AnEndThatNoSourceTellsOfIsShownForFiveMinutes) {
  start("/batch/night", Runtime::kCgroup);
  start(a_, Runtime::kPodman);
  update();
  end("/batch/night");
  end(a_);
  EXPECT_EQ(update().updated.size(), 2U);
  ASSERT_NE(by_name("/batch/night"), nullptr);
  EXPECT_FALSE(by_name("/batch/night")->live);
  EXPECT_EQ(by_name("/batch/night")->ref.path, "");
  EXPECT_EQ(inventory_->next_due_ns(), static_cast<std::int64_t>((now_ + 300) * 1e9) + 1);
  EXPECT_TRUE(update(299).empty());
  EXPECT_EQ(names().size(), 2U);
  EXPECT_EQ(update(1.1).removed.size(), 2U);
  EXPECT_THAT(names(), IsEmpty());
}

TEST_F(InventoryTest, ACgroupMadeAgainReplacesItsEnd) {
  start("/batch/night", Runtime::kCgroup);
  update();
  end("/batch/night");
  update();
  start("/batch/night", Runtime::kCgroup);
  const auto& change = update(1);
  EXPECT_EQ(change.removed.size(), 1U);
  EXPECT_EQ(change.added.size(), 1U);
  EXPECT_THAT(names(), ElementsAre("/batch/night"));
  EXPECT_TRUE(by_name("/batch/night")->live);
  EXPECT_TRUE(update(301).empty()) << "the end before is no reason to remove the new one";
}

// Podman's files are read now and then: they still list a container for a moment, or no longer do.
TEST_F(InventoryTest, AnEndIsShownThatTheDiskForgets) {
  SourceState disk = engine({info_of(a_, "web")});
  disk.live = false;
  source(disk);
  start(a_, Runtime::kPodman);
  update();
  end(a_);
  update();
  disk.containers = std::make_shared<const RuntimeMap>();
  source(disk);
  update(1);
  ASSERT_THAT(names(), ElementsAre("web"));
  EXPECT_EQ(by_name("web")->runtime, nullptr) << "'running' was its last word, and is not true any more";
  EXPECT_EQ(update(300).removed.size(), 1U);
}

TEST_F(InventoryTest, EndsCountAmongTheStoppedOnes) {
  options_.stopped_max = 1;
  make_inventory();
  start("/one", Runtime::kCgroup);
  start("/two", Runtime::kCgroup);
  update();
  end("/one");
  update();
  end("/two");
  update(1);
  EXPECT_THAT(names(), ElementsAre("/two"));
  options_.stopped_max = 0;
  make_inventory();
  start("/one", Runtime::kCgroup);
  update();
  end("/one");
  EXPECT_EQ(update().removed.size(), 1U);
}

TEST_F(InventoryTest, ARestartedContainerReplacesItsStoppedSelf) {
  RuntimeInfo ended = info_of(a_, "web", RunState::kExited);
  ended.finished = 1'700'000'000 + now_ - 5;
  source(engine({ended}));
  update();
  ASSERT_THAT(names(), ElementsAre("web"));
  start(a_);
  const auto& change = update();
  EXPECT_EQ(change.removed.size(), 1U);
  EXPECT_EQ(change.added.size(), 1U);
  EXPECT_THAT(names(), ElementsAre("web"));
  EXPECT_TRUE(by_name("web")->live);
}

TEST_F(InventoryTest, OnlyTheLastStoppedOnesAreKept) {
  options_.stopped_max = 3;
  make_inventory();
  std::vector<RuntimeInfo> infos;
  for (unsigned i = 0; i < 10; ++i) {
    infos.push_back(info_of(hex_id('c', i), "job" + std::to_string(i), RunState::kExited));
    infos.back().finished = 1'700'000'000 + i;
  }
  source(engine(infos));
  update();
  EXPECT_THAT(names(), UnorderedElementsAre("job9", "job8", "job7"));
}

TEST_F(InventoryTest, AStoppedOneThatTwoSourcesKnowCountsOnce) {
  options_.stopped_max = 2;
  make_inventory();
  std::vector<RuntimeInfo> infos;
  for (unsigned i = 0; i < 3; ++i) {
    infos.push_back(info_of(hex_id('c', i), "job" + std::to_string(i), RunState::kExited));
    infos.back().finished = 1'700'000'000 + i;
  }
  source(engine(infos), 0);
  SourceState disk = engine(infos);
  disk.live = false;
  source(disk, 1);
  update();
  EXPECT_THAT(names(), UnorderedElementsAre("job2", "job1"));
}

TEST_F(InventoryTest, OldTasksOfASwarmServiceDoNotShadowTheLiveOne) {
  const auto task = [&](const std::string& id, RunState state, double finished) {
    RuntimeInfo info = info_of(id, "web.1." + id, state);
    info.labels = {{"com.docker.swarm.service.name", "web"}, {"com.docker.swarm.task.name", "web.1." + id}};
    if (finished > 0) info.finished = finished;
    return info;
  };
  const std::string old1 = hex_id('c', 1);
  const std::string old2 = hex_id('c', 2);
  source(
      engine({task(old1, RunState::kExited, 1'700'000'100), task(old2, RunState::kExited, 1'700'000'200)}));
  update();
  ASSERT_THAT(names(), ElementsAre("web.1"));
  EXPECT_EQ(by_name("web.1")->identity->id, old2) << "the newer of two stopped ones";
  start(a_);
  source(engine({task(old1, RunState::kExited, 1'700'000'100), task(old2, RunState::kExited, 1'700'000'200),
                 task(a_, RunState::kRunning, 0)}));
  update();
  ASSERT_THAT(names(), ElementsAre("web.1"));
  EXPECT_EQ(by_name("web.1")->identity->id, a_);
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
