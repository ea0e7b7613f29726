// Changes to paste: right for each runtime, safe whatever a container is called.
#include "exporter/analyze/advice/change.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <memory>

#include "exporter/analyze/advice/text.h"
#include "exporter/analyze/policy.h"
#include "exporter/model/values.h"

namespace bottleneck::advice {
namespace {

constexpr double kMi = 1048576;

Subject docker(std::string name) {
  Subject subject;
  subject.name = name;
  subject.runtime_name = std::move(name);
  subject.id = std::string(64, 'c');
  subject.runtime = Runtime::kDocker;
  return subject;
}

const Change* of(const std::vector<Change>& changes, std::string_view target) {
  for (const Change& change : changes) {
    if (change.target == target) return &change;
  }
  return nullptr;
}

TEST(Change, DockerCpu) {
  const auto changes = change_cpu_limit(docker("web"), 0.5, 0.75);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].apply, "docker update --cpus 0.75 web");
  EXPECT_EQ(changes[0].undo, "docker update --cpus 0.5 web");
  const auto first = change_cpu_limit(docker("web"), kAbsent, 1.25);
  EXPECT_EQ(first[0].apply, "docker update --cpu-period 100000 --cpu-quota 125000 web");
  EXPECT_EQ(first[0].undo, "docker update --cpu-period 100000 --cpu-quota -1 web");
  EXPECT_TRUE(change_cpu_limit(docker("web"), 0.5, kAbsent).empty());
}

// Docker: "Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set."
TEST(Change, DockerCpuThatWasLimitedByAQuota) {
  Subject subject = docker("web");
  subject.compose_service = "web";
  subject.cpu_period = 50000;
  const auto changes = change_cpu_limit(subject, 0.5, 0.75);
  EXPECT_EQ(changes[0].apply, "docker update --cpu-quota 37500 web");
  EXPECT_EQ(changes[0].undo, "docker update --cpu-quota 25000 web");
  EXPECT_EQ(of(changes, "compose")->apply, "services:\n  \"web\":\n    cpu_quota: 37500");
  EXPECT_EQ(of(changes, "compose")->undo, "services:\n  \"web\":\n    cpu_quota: 25000");
  const auto first = change_cpu_limit(subject, kAbsent, 2);
  EXPECT_EQ(first[0].apply, "docker update --cpu-quota 100000 web");
  EXPECT_EQ(first[0].undo, "docker update --cpu-quota -1 web");
}

TEST(Change, DockerMemoryKeepsTheSwap) {
  const auto changes = change_memory_limit(docker("web"), 64 * kMi, 176 * kMi, 64 * kMi);
  EXPECT_EQ(changes[0].apply, "docker update --memory 176m --memory-swap 240m web");
  EXPECT_EQ(changes[0].undo, "docker update --memory 64m --memory-swap 128m web");
  const auto unlimited = change_memory_limit(docker("web"), 100'000'001, 1024 * kMi, kAbsent);
  EXPECT_EQ(unlimited[0].apply, "docker update --memory 1g --memory-swap -1 web");
  EXPECT_EQ(unlimited[0].undo, "docker update --memory 100000001 --memory-swap -1 web");
  const auto none = change_memory_limit(docker("web"), kAbsent, 512 * kMi, kAbsent);
  EXPECT_EQ(none[0].undo, "docker update --memory 9223372036854771712 --memory-swap -1 web");
  Subject recorded = docker("web");
  recorded.swap_known = false;
  const auto unknown = change_memory_limit(recorded, 64 * kMi, 128 * kMi, kAbsent);
  EXPECT_EQ(unknown[0].apply, "docker update --memory 128m web");
  EXPECT_EQ(unknown[0].undo, "docker update --memory 64m web");
  const auto no_swap = change_memory_limit(docker("web"), 64 * kMi, 128 * kMi, 0);
  EXPECT_EQ(no_swap[0].apply, "docker update --memory 128m --memory-swap 128m web");
}

TEST(Change, ComposeAndOtherDockerLimits) {
  Subject subject = docker("shop-web-1");
  subject.compose_service = "web";
  const auto changes = change_cpu_limit(subject, 0.5, 1);
  ASSERT_NE(of(changes, "compose"), nullptr);
  EXPECT_EQ(of(changes, "compose")->apply, "services:\n  \"web\":\n    cpus: \"1\"");
  EXPECT_EQ(of(changes, "compose")->undo, "services:\n  \"web\":\n    cpus: \"0.5\"");
  EXPECT_EQ(change_pids_limit(subject, 100, 192)[0].apply, "docker update --pids-limit 192 shop-web-1");
  EXPECT_EQ(change_pids_limit(subject, 100, 192)[0].undo, "docker update --pids-limit 100 shop-web-1");
  subject.cgroup.is_v2 = false;
  EXPECT_EQ(change_cpu_weight(subject, 100, 400)[0].apply, "docker update --cpu-shares 4096 shop-web-1");
  EXPECT_EQ(change_cpu_weight(subject, 100, 400)[0].undo, "docker update --cpu-shares 1024 shop-web-1");
  EXPECT_TRUE(change_cpu_weight(subject, 59, 236).empty());  // no runtime could restore exactly that
}

// Shares of 1024 become a weight of 39 with one runc and of 100 with another: on v2 the kernel's number is
// set.
TEST(Change, WeightOnV2IsThatOfTheKernel) {
  Subject subject = docker("web");
  subject.cgroup.is_v2 = true;
  subject.cgroup.cpu = "/sys/fs/cgroup/system.slice/docker-abc.scope";
  const auto changes = change_cpu_weight(subject, 100, 400);
  EXPECT_EQ(of(changes, "docker"), nullptr);
  ASSERT_NE(of(changes, "systemd"), nullptr);
  EXPECT_EQ(of(changes, "systemd")->apply, "systemctl set-property --runtime docker-abc.scope CPUWeight=400");
  EXPECT_EQ(of(changes, "systemd")->undo, "systemctl set-property --runtime docker-abc.scope CPUWeight=100");
  ASSERT_NE(of(changes, "cgroup"), nullptr);
  EXPECT_EQ(of(changes, "cgroup")->undo,
            "echo 100 > /sys/fs/cgroup/system.slice/docker-abc.scope/cpu.weight");
}

TEST(Change, PodmanAndQuadlet) {
  Subject subject = docker("web");
  subject.runtime = Runtime::kPodman;
  const auto changes = change_memory_limit(subject, 256 * kMi, 512 * kMi, 256 * kMi);
  EXPECT_EQ(of(changes, "podman")->apply, "podman update --memory 512m --memory-swap 768m web");
  EXPECT_EQ(of(changes, "quadlet")->apply, "[Container]\nPodmanArgs=--memory=512m --memory-swap=768m");
  EXPECT_EQ(of(changes, "quadlet")->undo, "[Container]\nPodmanArgs=--memory=256m --memory-swap=512m");
}

TEST(Change, Systemd) {
  Subject subject;
  subject.name = subject.id = "app.service";
  subject.runtime = Runtime::kSystemd;
  subject.cgroup = {true, "/cg/system.slice/app.service", "/cg/system.slice/app.service", "", ""};
  EXPECT_EQ(of(change_cpu_limit(subject, 0.5, 0.75), "systemd")->apply,
            "systemctl set-property app.service CPUQuota=75%");
  EXPECT_EQ(of(change_cpu_limit(subject, kAbsent, 0.75), "systemd")->undo,
            "systemctl set-property app.service CPUQuota=");
  EXPECT_EQ(of(change_memory_limit(subject, kAbsent, 512 * kMi, kAbsent), "systemd")->undo,
            "systemctl set-property app.service MemoryMax=infinity");
  EXPECT_EQ(of(change_memory_limit(subject, 64 * kMi, 512 * kMi, kAbsent), "systemd")->apply,
            "systemctl set-property app.service MemoryMax=512M");
}

TEST(Change, KubernetesIsOnePatchEachWay) {
  Subject subject;
  subject.runtime = Runtime::kContainerd;
  subject.k8s_namespace = "shop";
  subject.k8s_pod = "web-6d4cf56db6-x7k2p";
  subject.k8s_container = "app";
  subject.workload = "shop/web";
  subject.cgroup.cpu = "/cg/kubepods.slice/cri-containerd-abc.scope";
  const auto changes = change_cpu_limit(subject, 0.5, 0.75);
  EXPECT_EQ(changes[0].target, "kubernetes");
  EXPECT_EQ(changes[0].apply,
            "kubectl -n shop patch deployment web --patch "
            "'{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"app\",\"resources\":{\"limits\":"
            "{\"cpu\":"
            "\"750m\"}}}]}}}}'");
  EXPECT_NE(changes[0].undo.find("\"cpu\":\"500m\""), std::string::npos);
  EXPECT_EQ(of(changes, "systemd"), nullptr);  // the kubelet would set it back
  EXPECT_NE(change_memory_limit(subject, kAbsent, 512 * kMi, kAbsent)[0].undo.find("\"memory\":null"),
            std::string::npos);
  EXPECT_NE(change_memory_limit(subject, 64 * kMi, 512 * kMi, kAbsent)[0].apply.find("\"memory\":\"512Mi\""),
            std::string::npos);
}

TEST(Change, PlainCgroupsOnBothVersions) {
  Subject subject;
  subject.runtime = Runtime::kCgroup;
  subject.cgroup = {true, "/cg/job", "/cg/job", "/cg/job", "/cg/job"};
  EXPECT_EQ(change_cpu_limit(subject, 0.5, 0.75)[0].apply, "echo '75000 100000' > /cg/job/cpu.max");
  EXPECT_EQ(change_cpu_limit(subject, kAbsent, 0.75)[0].undo, "echo max > /cg/job/cpu.max");
  EXPECT_EQ(change_cpu_burst(subject, 0.5)[0].apply, "echo 50000 > /cg/job/cpu.max.burst");
  EXPECT_EQ(change_io_limit(subject, {"sda", true, false, 1e6, 2e6})[0].apply,
            "echo \"$(cat /sys/class/block/sda/dev) wbps=2000000\" > /cg/job/io.max");
  EXPECT_EQ(change_io_limit(subject, {"8:0", false, true, 100, 200})[0].undo,
            "echo \"8:0 riops=100\" > /cg/job/io.max");
  subject.cgroup.is_v2 = false;
  EXPECT_EQ(change_cpu_limit(subject, kAbsent, 0.75)[0].undo, "echo -1 > /cg/job/cpu.cfs_quota_us");
  EXPECT_EQ(change_io_limit(subject, {"sda", true, false, 1e6, 2e6})[0].apply,
            "echo \"$(cat /sys/class/block/sda/dev) 2000000\" > /cg/job/blkio.throttle.write_bps_device");
}

/// What a shell makes of a line: its words, one a line.
std::string words_of(const std::string& line) {
  const std::string command = "set -f; for w in " + line + "; do printf '%s\\n' \"$w\"; done";
  std::string out;
  std::array<char, 256> buffer{};
  const std::string quoted = "sh -c " + shell_word(command);
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(quoted.c_str(), "r"), pclose);
  while (pipe != nullptr && fgets(buffer.data(), buffer.size(), pipe.get()) != nullptr) out += buffer.data();
  return out;
}

// Names are somebody else's text. A shell must see one word, and it must be the name.
TEST(Quoting, AShellSeesOneWordWhateverTheName) {
  for (const std::string name : {"web",  "a b",    "$(touch /tmp/owned)",
                                 "`id`", "a;b",    "a&&b",
                                 "a|b",  "a>b",    "'",
                                 "''",   "a'b\"c", "\\",
                                 "*",    "~",      "#x",
                                 "!x",   "{a,b}",  "\xc3\xa9t\xc3\xa9",
                                 "a=b",  "-rf",    "--help",
                                 "%s",   "a\\nb"}) {
    EXPECT_EQ(words_of(shell_word(name)), name + "\n");
  }
}

TEST(Quoting, WhatCannotBeOnALineIsNotPutThere) {
  for (const std::string& name : {std::string("a\nb"), std::string("a\x1b[31mb"), std::string("a\0b", 3),
                                  std::string("\xff\xfe"), std::string("\x7f"), std::string()}) {
    EXPECT_EQ(shell_word(name), "");
    Subject subject = docker(name);
    const auto changes = change_cpu_limit(subject, 0.5, 1);
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].apply, "docker update --cpus 1 " + std::string(64, 'c'));  // the id serves
    subject.id = name;
    EXPECT_TRUE(change_cpu_limit(subject, 0.5, 1).empty());
  }
}

TEST(Quoting, ANameIsNoOption) {
  EXPECT_EQ(change_cpu_limit(docker("--privileged"), 0.5, 1)[0].apply,
            "docker update --cpus 1 -- --privileged");
}

TEST(Quoting, YamlAndJsonStayWhatTheyAre) {
  Subject subject = docker("x");
  subject.compose_service = "web\": {image: evil}, \"y";
  EXPECT_EQ(of(change_cpu_limit(subject, 0.5, 1), "compose")->apply,
            "services:\n  \"web\\\": {image: evil}, \\\"y\":\n    cpus: \"1\"");
  subject.compose_service = "a\nb: c";
  EXPECT_EQ(of(change_cpu_limit(subject, 0.5, 1), "compose"), nullptr);
  subject.runtime = Runtime::kContainerd;
  subject.k8s_namespace = "n";
  subject.k8s_container = "c\"},{\"x'$(id)";
  subject.workload = "n/w";
  const std::string line = change_cpu_limit(subject, 0.5, 1)[0].apply;
  EXPECT_NE(words_of(line).find("{\"name\":\"c\\\"},{\\\"x'$(id)\","), std::string::npos) << line;
}

TEST(Quoting, ADeviceNameDoesNotReachTheDoubleQuotes) {
  Subject subject;
  subject.cgroup.io = "/cg";
  for (const char* name : {"sda\"; rm -rf /; \"", "$(id)", "../../x", "a b", ""}) {
    EXPECT_TRUE(change_io_limit(subject, {name, true, false, 1e6, 2e6}).empty()) << name;
  }
}

TEST(Texts, ShowNumbersAsPeopleReadThem) {
  EXPECT_EQ(percent(0.4), "40 %");
  EXPECT_EQ(percent(0.0005), "0.05 %");
  EXPECT_EQ(percent(1.2), "120 %");
  EXPECT_EQ(cores(1), "1 CPU");
  EXPECT_EQ(cores(0.3333), "0.333 CPUs");
  EXPECT_EQ(bytes(536870912), "512 MiB");
  EXPECT_EQ(bytes(1023.0 * kMi), "1023 MiB");
  EXPECT_EQ(bytes(1.5 * 1024 * kMi), "1.5 GiB");
  EXPECT_EQ(bytes(0), "0 B");
  EXPECT_EQ(duration(45), "45 s");
  EXPECT_EQ(duration(600), "10 min");
  EXPECT_EQ(duration(12000), "3 h 20 min");
  EXPECT_EQ(duration(86400 * 12), "12 d");
  EXPECT_EQ(duration(std::numeric_limits<double>::infinity()), "for ever");
  EXPECT_EQ(number(kAbsent), "unknown");
  EXPECT_EQ(in_quotes("a\nb\xff"),
            "'a\xef\xbf\xbd"
            "b\xef\xbf\xbd'");
  EXPECT_LT(in_quotes(std::string(5000, 'x')).size(), 140U);
}

TEST(Policy, LabelsSilenceAndBudget) {
  Identity identity;
  identity.name = "web";
  identity.info = {{"image", "app:1"}, {"image_id", "sha256:1"}, {"compose_service", "web"}};
  RuntimeInfo info;
  info.name = "shop-web-1";
  info.labels = {{"bottleneck.ignore", "cpu_hot, NONSENSE,MEM_VOLATILE"},
                 {"bottleneck.budget.cpu", "50%"},
                 {"bottleneck.budget.start", "2s"},
                 {"bottleneck.budget.memory", "-3"}};
  const Subject subject = make_subject(identity, &info, {});
  EXPECT_EQ(subject.ignored.count(), 2U);
  EXPECT_TRUE(subject.ignored[static_cast<std::size_t>(AdviceId::kCpuHot)]);
  EXPECT_EQ(subject.runtime_name, "shop-web-1");
  EXPECT_EQ(subject.image_id, "sha256:1");
  ASSERT_EQ(subject.budgets.size(), 2U);
  EXPECT_EQ(subject.budgets[0].name, "cpu");
  EXPECT_EQ(subject.budgets[0].objective, 0.5);
  EXPECT_EQ(subject.budgets[1].objective, 2);
  EXPECT_EQ(make_subject(identity, nullptr, {}).runtime_name, "");
}

}  // namespace
}  // namespace bottleneck::advice
