#include <sys/stat.h>

#include <fstream>

#include "exporter/discover/events/kernel_oom.h"
#include "exporter/discover/events/oom_line.h"
#include "tests/unit/discover/counters_fixture.h"
#include "tests/unit/set_clock.h"

namespace bottleneck {
namespace {

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
  follower->drain(counters, SetClock(5000 * kSecondNs, 1'700'005'000));
  EXPECT_EQ(counters.find("web")->ooms, 1U) << "what a program wrote there does not count";
  EXPECT_EQ(counters.kernel_position().sequence, 12U);
  ASSERT_TRUE(counters.save(1'700'005'001, true));
  // After a restart the kernel still holds the old lines.
  EventCounters again = make(1'700'005'002, true);
  auto second = KernelOomFollower::follow(again, fifo);
  ASSERT_TRUE(second);
  writer << line(10, kill) << line(13, kill) << std::flush;
  second->drain(again, SetClock(5000 * kSecondNs, 1'700'005'000));
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
