#include "exporter/discover/events/counters.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "exporter/discover/events/kernel_oom.h"
#include "exporter/discover/events/oom_line.h"
#include "tests/unit/discover/temp_tree.h"

namespace bottleneck {
namespace {

using bottleneck::testing::TempTree;
using Kind = ContainerFact::Kind;

const std::string kA = std::string(63, 'a') + "1";
const std::string kB = std::string(63, 'b') + "2";

CgroupRef ref_of(const std::string& id, std::uint64_t inode) {
  CgroupRef ref;
  ref.runtime = Runtime::kDocker;
  ref.id = id;
  ref.path = "/docker/" + id;
  ref.inode = inode;
  return ref;
}

ContainerFact fact_of(Kind kind, const std::string& id, const std::string& name, double time) {
  ContainerFact fact;
  fact.kind = kind;
  fact.id = id;
  fact.name = name;
  fact.time = time;
  return fact;
}

std::uint64_t exits(const EventCounts& counts, ExitReason reason) {
  return counts.exits[static_cast<std::size_t>(reason)];
}

class CountersTest : public ::testing::Test {
 protected:
  EventCounters make(double now, bool kernel_log = false, const std::string& boot = "boot-1") {
    EventCounters::Options options;
    options.path = files_.at("state/events.json");
    options.now = now;
    options.boot_id = boot;
    options.kernel_log = kernel_log;
    return EventCounters(options);
  }
  TempTree files_;
};

TEST_F(CountersTest, ANameBeginsAtZero) {
  EventCounters counters = make(100);
  EXPECT_EQ(counters.find("web"), nullptr);
  counters.observe_cgroups(std::vector{ref_of(kA, 1)}, 1, 100);
  counters.named(kA, "web", 100);
  ASSERT_NE(counters.find("web"), nullptr);
  EXPECT_EQ(counters.find("web")->starts, 0U) << "it ran before our time";
  EXPECT_FALSE(counters.find("web")->ooms_visible) << "nothing sees kills: absent, not 0";
  counters.oom_counter(kA, 0, kAbsent, 101);
  EXPECT_TRUE(counters.find("web")->ooms_visible);
  EXPECT_EQ(counters.find("web")->ooms, 0U);
}

TEST_F(CountersTest, CountersSurviveARecreatedContainer) {
  EventCounters counters = make(100);
  counters.observe_cgroups({}, 1, 100);
  counters.observe_cgroups(std::vector{ref_of(kA, 1)}, 2, 110);
  counters.named(kA, "web", 110);
  counters.observe_cgroups(std::vector{ref_of(kB, 2)}, 3, 120);
  counters.named(kB, "web", 120);
  counters.settle(140);
  EXPECT_EQ(counters.find("web")->starts, 2U);
  EXPECT_EQ(exits(*counters.find("web"), ExitReason::kUnknown), 1U);
}

TEST_F(CountersTest, WhatWasGoneBeforeItHadANameGetsTheSuggestedOne) {
  EventCounters counters = make(100);
  counters.apply(fact_of(Kind::kStarted, kA, "job", 110), 110);
  ContainerFact end = fact_of(Kind::kEnded, kA, "job", 110.5);
  end.exit_code = 3;
  counters.apply(end, 110.5);
  counters.settle(112);
  EXPECT_EQ(counters.find("job"), nullptr) << "the name may still be decided";
  counters.settle(130);
  ASSERT_NE(counters.find("job"), nullptr);
  EXPECT_EQ(counters.find("job")->starts, 1U);
  EXPECT_EQ(exits(*counters.find("job"), ExitReason::kError), 1U);
}

TEST_F(CountersTest, WhatHappenedBeforeTheNameWasDecidedIsKeptForIt) {
  EventCounters counters = make(100);
  counters.apply(fact_of(Kind::kStarted, kA, "web", 110), 110);
  counters.named(kA, "web@podman", 112);
  EXPECT_EQ(counters.find("web@podman")->starts, 1U);
  EXPECT_EQ(counters.find("web"), nullptr);
}

TEST_F(CountersTest, ARestartNeitherLosesNorRepeats) {
  {
    EventCounters counters = make(100);
    counters.observe_cgroups({}, 1, 100);
    counters.observe_cgroups(std::vector{ref_of(kA, 1), ref_of(kB, 2)}, 2, 110);
    counters.named(kA, "web", 110);
    counters.named(kB, "db", 110);
    counters.oom_counter(kA, 2, kAbsent, 115);
    ASSERT_TRUE(counters.save(120, true));
  }
  EventCounters counters = make(200);
  EXPECT_TRUE(counters.continued());
  EXPECT_EQ(counters.find("web")->starts, 1U);
  EXPECT_EQ(counters.find("web")->ooms, 2U);
  // web goes on, db was recreated while we were down.
  counters.observe_cgroups(std::vector{ref_of(kA, 1), ref_of(kB, 9)}, 1, 200);
  counters.named(kA, "web", 200);
  counters.named(kB, "db", 200);
  counters.oom_counter(kA, 2, kAbsent, 201);
  counters.settle(220);
  EXPECT_EQ(counters.find("web")->starts, 1U);
  EXPECT_EQ(counters.find("web")->ooms, 2U);
  EXPECT_EQ(counters.find("db")->starts, 2U);
  EXPECT_EQ(exits(*counters.find("db"), ExitReason::kUnknown), 1U);
}

TEST_F(CountersTest, ACrashLosesNoEndThatWaitedForItsReason) {
  {
    EventCounters counters = make(100);
    counters.observe_cgroups(std::vector{ref_of(kA, 1)}, 1, 100);
    counters.named(kA, "web", 100);
    ContainerFact end = fact_of(Kind::kEnded, kA, "web", 110);
    end.exit_code = 3;
    counters.apply(end, 110);
    counters.apply(fact_of(Kind::kStarted, kB, "db", 110), 110);  // whose name is not decided
    ASSERT_TRUE(counters.save(110.5));                            // and then it is killed
  }
  EventCounters counters = make(112);
  counters.observe_cgroups({}, 1, 112);
  counters.settle(112.5);
  EXPECT_EQ(exits(*counters.find("web"), ExitReason::kError), 0U);
  counters.named(kB, "db", 113);
  counters.settle(114);
  EXPECT_EQ(exits(*counters.find("web"), ExitReason::kError), 1U);
  EXPECT_EQ(counters.find("db")->starts, 1U);
  ASSERT_TRUE(counters.save(115));
  EventCounters again = make(120);
  again.observe_cgroups({}, 1, 120);
  again.settle(200);
  EXPECT_EQ(exits(*again.find("web"), ExitReason::kError), 1U);
  EXPECT_EQ(again.find("db")->starts, 1U);
}

TEST_F(CountersTest, AContainerThatWentWhileWeWereDownHasEnded) {
  {
    EventCounters counters = make(100);
    counters.observe_cgroups(std::vector{ref_of(kA, 1)}, 1, 100);
    counters.named(kA, "web", 100);
    ASSERT_TRUE(counters.save(120, true));
  }
  EventCounters counters = make(200);
  counters.observe_cgroups({}, 1, 200);
  counters.settle(211);
  EXPECT_EQ(exits(*counters.find("web"), ExitReason::kUnknown), 0U) << "a busy engine may still tell why";
  counters.settle(261);
  EXPECT_EQ(exits(*counters.find("web"), ExitReason::kUnknown), 1U);
}

TEST_F(CountersTest, AfterARebootEqualInodesAreOtherCgroups) {
  {
    EventCounters counters = make(100);
    counters.observe_cgroups(std::vector{ref_of(kA, 1)}, 1, 100);
    counters.named(kA, "web", 100);
    counters.set_kernel_position(5000);
    ASSERT_TRUE(counters.save(120, true));
  }
  EventCounters counters = make(200, false, "boot-2");
  EXPECT_EQ(counters.kernel_position().sequence, 0U) << "sequence numbers begin anew";
  counters.observe_cgroups(std::vector{ref_of(kA, 1)}, 1, 200);
  counters.settle(220);
  EXPECT_EQ(counters.find("web")->starts, 1U);
  EXPECT_EQ(exits(*counters.find("web"), ExitReason::kUnknown), 1U);
}

TEST_F(CountersTest, ADamagedStateIsSetAside) {
  files_.file("state/events.json", "{\"version\":1,");
  EventCounters counters = make(100);
  EXPECT_FALSE(counters.continued());
  EXPECT_TRUE(std::filesystem::exists(files_.at("state/events.json.damaged")));
  counters.named(kA, "web", 100);
  EXPECT_TRUE(counters.save(101));
}

TEST_F(CountersTest, OddStateIsHarmless) {
  files_.file(
      "state/events.json",
      R"({"version":1,"saved":"x","names":{"web":{"starts":-3,"exits":[1,"x",-2,4,5,6,7,8]},"odd":5},)"
      R"("containers":{"a":[],"b":{"start":1}},"kernel_log":7})");
  EventCounters counters = make(100);
  ASSERT_NE(counters.find("web"), nullptr);
  EXPECT_EQ(counters.find("web")->starts, 0U);
  EXPECT_EQ(counters.find("web")->exits[0], 1U);
  EXPECT_EQ(counters.find("web")->exits[1], 0U);
}

TEST_F(CountersTest, AChangedImageIsDatedAndAFirstOneIsNot) {
  EventCounters counters = make(100);
  counters.named(kA, "web", 100);
  counters.image("web", "sha256:1", 100);
  counters.image("web", "sha256:1", 110);
  EXPECT_EQ(counters.find("web")->image_changed, std::nullopt);
  counters.image("web", "", 115);
  counters.image("web", "sha256:2", 120);
  EXPECT_EQ(counters.find("web")->image_changed, 120);
  ASSERT_TRUE(counters.save(121));
  EventCounters again = make(130);
  EXPECT_EQ(again.find("web")->image_changed, 120);
  again.image("web", "sha256:2", 140);
  EXPECT_EQ(again.find("web")->image_changed, 120);
}

TEST_F(CountersTest, ChangedLimitsAreDatedAcrossARestart) {
  const std::uint64_t before = ~std::uint64_t{0};
  EventCounters counters = make(100);
  counters.limits("web", before, 100);
  ASSERT_TRUE(counters.save(101));
  EventCounters again = make(110);
  again.limits("web", before, 120);
  EXPECT_EQ(again.find("web")->limits_changed, std::nullopt);
  again.limits("web", 7, 130);
  EXPECT_EQ(again.find("web")->limits_changed, 130);
}

TEST_F(CountersTest, AKillIsFoundByItsPath) {
  EventCounters counters = make(100, true);
  CgroupRef plain;
  plain.runtime = Runtime::kCgroup;
  plain.id = plain.path = "/batch/night";
  plain.inode = 5;
  counters.observe_cgroups(std::vector{ref_of(kA, 1), plain}, 1, 100);
  counters.named(kA, "web", 100);
  counters.named("/batch/night", "/batch/night", 100);
  EXPECT_TRUE(counters.find("web")->ooms_visible);
  counters.kernel_oom({.path = "/docker/" + kA}, 110, 110);
  counters.kernel_oom({.path = "/docker/" + kA + "/init.scope/x"}, 111, 111);
  counters.kernel_oom({.path = "/batch/night/worker"}, 112, 112);
  counters.kernel_oom({.path = "/system.slice/sshd.service"}, 113, 113);
  counters.kernel_oom({.path = "/"}, 113, 113);
  EXPECT_EQ(counters.find("web")->ooms, 2U);
  EXPECT_EQ(counters.find("/batch/night")->ooms, 1U);
  // One that no source has seen yet.
  counters.kernel_oom({.path = "/system.slice/docker-" + kB + ".scope"}, 114, 114);
  counters.named(kB, "short", 115);
  EXPECT_EQ(counters.find("short")->ooms, 1U);
}

TEST_F(CountersTest, AKillsScopeIsThatOfTheLimit) {
  EventCounters counters = make(100, true);
  counters.observe_cgroups(std::vector{ref_of(kA, 1)}, 1, 100);
  const std::string path = "/docker/" + kA;
  counters.named(kA, "web", 100);
  EXPECT_EQ(counters.find("web")->oom_scope, OomScope::kUnknown);
  counters.kernel_oom({path, path, false}, 110, 110);
  EXPECT_EQ(counters.find("web")->oom_scope, OomScope::kOwnLimit);
  counters.kernel_oom({path, "/docker", false}, 120, 120);
  EXPECT_EQ(counters.find("web")->oom_scope, OomScope::kAncestor);
  counters.kernel_oom({path, {}, true}, 130, 130);
  EXPECT_EQ(counters.find("web")->oom_scope, OomScope::kHost);
  counters.kernel_oom({path + "/inner", path + "/inner", false}, 140, 140);  // a limit within it
  EXPECT_EQ(counters.find("web")->oom_scope, OomScope::kOwnLimit);
  counters.kernel_oom({path, "/docker/" + kB, false}, 150, 150);  // of no ancestor
  EXPECT_EQ(counters.find("web")->oom_scope, OomScope::kUnknown);
  EXPECT_EQ(counters.find("web")->ooms, 5U);
}

TEST_F(CountersTest, WithoutTheKernelLogItsOwnLimitsCounterTells) {
  EventCounters counters = make(100);
  counters.observe_cgroups(std::vector{ref_of(kA, 1)}, 1, 100);
  counters.named(kA, "web", 100);
  counters.oom_counter(kA, 0, 0, 110);
  counters.oom_counter(kA, 1, 1, 120);
  EXPECT_EQ(counters.find("web")->ooms, 1U);
  EXPECT_EQ(counters.find("web")->oom_scope, OomScope::kOwnLimit);
  counters.oom_counter(kA, 2, 1, 130);  // from above: of an ancestor or of the host
  EXPECT_EQ(counters.find("web")->ooms, 2U);
  EXPECT_EQ(counters.find("web")->oom_scope, OomScope::kUnknown);
}

TEST_F(CountersTest, ARemovalOfSomethingUnknownIsNotRemembered) {
  EventCounters counters = make(100);
  counters.apply(fact_of(Kind::kRemoved, kA, "x", 110), 110);
  counters.settle(140);
  EXPECT_EQ(counters.find("x"), nullptr);
}

class FixedClock final : public Clock {
 public:
  std::int64_t monotonic_ns() const override { return 5000 * kSecondNs; }
  double unix_seconds() const override { return 1'700'005'000; }
};

TEST_F(CountersTest, TheKernelLogIsFollowedAndNeverRepeated) {
  const std::string fifo = files_.at("kmsg");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const auto line = [](int sequence, const std::string& text, int priority = 6) {
    return std::to_string(priority) + "," + std::to_string(sequence) + ",4999000000,-;" + text + "\n";
  };
  const std::string kill =
      "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,oom_memcg=/docker/" + kA +
      ",task_memcg=/docker/" + kA + ",task=tail,pid=22822,uid=0";
  EventCounters counters = make(1'700'004'000, true);
  counters.observe_cgroups(std::vector{ref_of(kA, 1)}, 1, 1'700'004'000);
  counters.named(kA, "web", 1'700'004'000);
  auto follower = KernelOomFollower::follow(counters, fifo);
  ASSERT_TRUE(follower) << follower.error().message;
  std::ofstream writer(fifo);
  writer << line(10, kill) << line(11, "something else") << line(12, kill, 14) << std::flush;
  follower->drain(counters, FixedClock());
  EXPECT_EQ(counters.find("web")->ooms, 1U) << "what a program wrote there does not count";
  EXPECT_EQ(counters.kernel_position().sequence, 12U);
  ASSERT_TRUE(counters.save(1'700'005'001, true));
  // After a restart the kernel still holds the old lines.
  EventCounters again = make(1'700'005'002, true);
  auto second = KernelOomFollower::follow(again, fifo);
  ASSERT_TRUE(second);
  writer << line(10, kill) << line(13, kill) << std::flush;
  second->drain(again, FixedClock());
  EXPECT_EQ(again.find("web")->ooms, 2U);
}

TEST(OomLineText, OldAndNewKernels) {
  const std::string modern =
      "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=abc,mems_allowed=0,oom_memcg=/docker/abc,"
      "task_memcg=/docker/abc/init,task=tail,pid=22822,uid=0";
  const auto own = parse_oom_line(modern);
  ASSERT_TRUE(own);
  EXPECT_EQ(own->path, "/docker/abc/init");
  EXPECT_EQ(own->limit, "/docker/abc");
  EXPECT_FALSE(own->host);
  const auto host = parse_oom_line(
      "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=x,mems_allowed=0,global_oom,"
      "task_memcg=/docker/abc,task=a,pid=1,uid=0");
  ASSERT_TRUE(host) << "the host ran out, and a container paid";
  EXPECT_EQ(host->path, "/docker/abc");
  EXPECT_EQ(host->limit, "");
  EXPECT_TRUE(host->host);
  const auto old = parse_oom_line("Task in /docker/abc killed as a result of limit of /docker");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->path, "/docker/abc");
  EXPECT_EQ(old->limit, "/docker");
  // A name that somebody chose tells nothing of the host.
  const auto sly = parse_oom_line(
      "oom-kill:constraint=CONSTRAINT_CPUSET,cpuset=a,global_oom,mems_allowed=0,task_memcg=/docker/a,task=b");
  ASSERT_TRUE(sly);
  EXPECT_FALSE(sly->host);
  for (const char* line :
       {"", "oom-kill:", "oom-kill:constraint=X,task_memcg=", "Task in ",
        "Task in x killed as a result of limit of y",
        "Memory cgroup out of memory: Killed process 22822 (tail)", "Out of memory: Killed process 1"}) {
    EXPECT_FALSE(parse_oom_line(line)) << line;
  }
}

}  // namespace
}  // namespace bottleneck
