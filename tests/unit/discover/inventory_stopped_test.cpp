// Containers that stopped, were removed, or were replaced by another of the same name.
#include "tests/unit/discover/inventory_fixture.h"

namespace bottleneck {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

/// job0, job1, ...: each ended a second after the one before.
std::vector<RuntimeInfo> ended_jobs(unsigned count) {
  std::vector<RuntimeInfo> jobs;
  for (unsigned i = 0; i < count; ++i) {
    jobs.push_back(info_of(hex_id('c', i), "job" + std::to_string(i), RunState::kExited));
    jobs.back().finished = 1'700'000'000 + i;
  }
  return jobs;
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
  source(engine(ended_jobs(10)));
  update();
  EXPECT_THAT(names(), UnorderedElementsAre("job9", "job8", "job7"));
}

TEST_F(InventoryTest, AStoppedOneThatTwoSourcesKnowCountsOnce) {
  options_.stopped_max = 2;
  make_inventory();
  source(engine(ended_jobs(3)), 0);
  SourceState disk = engine(ended_jobs(3));
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

}  // namespace
}  // namespace bottleneck
