#include "exporter/discover/runtimes.h"

#include <gtest/gtest.h>

#include <set>

namespace bottleneck {
namespace {

const std::string kId = "312d0b3b0f6d2f775d3a5092e0384a5c08a4447c7d4e5696e56f6a844db4b501";
const std::string kOuter = "a1" + kId.substr(2);
const std::string kUid = "0d5f3b1e-4b6f-4f0e-9f3d-6a1c2b3d4e5f";
const std::string kUidInSlice = "0d5f3b1e_4b6f_4f0e_9f3d_6a1c2b3d4e5f";

struct Positive {
  std::string path;
  Runtime runtime;
  std::string id = kId;
  unsigned owner = 0;
  std::string pod_uid = {};
};

// One or more real examples for every row of the table "Who is a container".
const std::vector<Positive>& positives() {
  static const std::string user = "/user.slice/user-1000.slice/user@1000.service";
  static const std::vector<Positive> cases = {
      {"/docker/" + kId, Runtime::kDocker},
      {"/system.slice/docker-" + kId + ".scope", Runtime::kDocker},
      {user + "/user.slice/docker-" + kId + ".scope", Runtime::kDocker, kId, 1000},
      {user + "/app.slice/docker.service/user.slice:docker:" + kId, Runtime::kDocker, kId, 1000},
      {"/batch/" + kId, Runtime::kDocker},
      {"/batch/night/" + kId, Runtime::kDocker},
      {"/" + kId, Runtime::kDocker},
      {"/batch.slice/docker-" + kId + ".scope", Runtime::kDocker},
      {"/ecs/0123456789abcdef0123456789abcdef/" + kId, Runtime::kEcs},
      {"/ecstasks.slice/ecstasks-0123456789abcdef.slice/docker-" + kId + ".scope", Runtime::kDocker},
      {"/machine.slice/libpod-" + kId + ".scope", Runtime::kPodman},
      {"/machine.slice/machine-libpod_pod_" + kOuter + ".slice/libpod-" + kId + ".scope", Runtime::kPodman},
      {user + "/user.slice/libpod-" + kId + ".scope", Runtime::kPodman, kId, 1000},
      {user + "/user.slice/user-libpod_pod_" + kOuter + ".slice/libpod-" + kId + ".scope", Runtime::kPodman,
       kId, 1000},
      {"/libpod_parent/libpod-" + kId, Runtime::kPodman},
      {"/system.slice/web.service/libpod-payload-" + kId, Runtime::kPodman},
      {user + "/app.slice/web.service/libpod-payload-" + kId, Runtime::kPodman, kId, 1000},
      {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + kUidInSlice +
           ".slice/cri-containerd-" + kId + ".scope",
       Runtime::kContainerd, kId, 0, kUid},
      {"/kubepods.slice/kubepods-pod" + kUidInSlice + ".slice/crio-" + kId + ".scope", Runtime::kCrio, kId, 0,
       kUid},
      {"/kubepods.slice/kubepods-pod" + kUidInSlice + ".slice/docker-" + kId + ".scope", Runtime::kDocker,
       kId, 0, kUid},
      {"/kubepods/besteffort/pod" + kUid + "/" + kId, Runtime::kContainerd, kId, 0, kUid},
      {"/kubepods/pod" + kUid + "/" + kId, Runtime::kContainerd, kId, 0, kUid},
      {"/kubepods/burstable/pod" + kUid + "/crio-" + kId, Runtime::kCrio, kId, 0, kUid},
      {"/kubepods/burstable/pod0123456789abcdef0123456789abcdef/" + kId, Runtime::kContainerd, kId, 0,
       "0123456789abcdef0123456789abcdef"},
      {"/system.slice/containerd.service/kubepods-burstable-pod" + kUidInSlice +
           ".slice:cri-containerd:" + kId,
       Runtime::kContainerd, kId, 0, kUid},
      {"/user.slice/kubepods-pod" + kUidInSlice + ".slice:crio:" + kId, Runtime::kCrio, kId, 0, kUid},
      {"/user.slice/user.slice:libpod:" + kId, Runtime::kPodman},
      {"/user.slice/user.slice:nerdctl:" + kId, Runtime::kNerdctl},
      {"/system.slice/nerdctl-" + kId + ".scope", Runtime::kNerdctl},
      {"/default/" + kId, Runtime::kNerdctl},
      {"/docker/" + kOuter + "/kubelet/kubepods/besteffort/pod" + kUid + "/" + kId, Runtime::kContainerd, kId,
       0, kUid},
      {"/system.slice/docker-" + kOuter + ".scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" +
           kUidInSlice + ".slice/cri-containerd-" + kId + ".scope",
       Runtime::kContainerd, kId, 0, kUid},
      {"/docker/" + kOuter + "/docker/" + kId, Runtime::kDocker},
      {"/lxc/web-1", Runtime::kLxc, "web-1"},
      {"/lxc.payload.web-1", Runtime::kLxc, "web-1"},
      {"/lxc.payload/web-1", Runtime::kLxc, "web-1"},
      {"/lxc/outer/lxc/inner", Runtime::kLxc, "inner"},
      {"/machine.slice/systemd-nspawn@build.service", Runtime::kNspawn, "build"},
      {"/machine.slice/machine-deb\\x2dian.scope", Runtime::kNspawn, "deb-ian"},
      {"/machine.slice/build.service", Runtime::kNspawn, "build"},
  };
  return cases;
}

TEST(RuntimePaths, EveryKnownFormIsRecognised) {
  for (const Positive& c : positives()) {
    const auto match = recognise_path(c.path);
    ASSERT_TRUE(match) << c.path;
    EXPECT_EQ(match->runtime, c.runtime) << c.path << " was taken for " << name_of(match->runtime);
    EXPECT_EQ(match->id, c.id) << c.path;
    EXPECT_EQ(match->owner, c.owner) << c.path;
    EXPECT_EQ(match->pod_uid, c.pod_uid) << c.path;
  }
}

// A row that no example reaches is either dead or shadowed by one before it.
TEST(RuntimePaths, EveryRowOfTheTableHasAnExample) {
  std::set<const PathRule*> reached;
  for (const Positive& c : positives()) {
    if (const auto match = recognise_path(c.path)) reached.insert(match->rule);
  }
  for (const PathRule& rule : path_rules()) EXPECT_TRUE(reached.contains(&rule)) << rule.pattern;
}

TEST(RuntimePaths, WhatLooksAlikeIsNoContainer) {
  const std::string scope = "/system.slice/docker-" + kId + ".scope";
  const std::vector<std::string> misses = {
      "",
      "/",
      "/docker",
      "/docker/buildkit",
      "/docker/buildkit/ujcskv4mhknjiwkaovpt4hbfw",
      "/docker/" + kId.substr(1),
      "/docker/" + kId + "0",
      "/docker/" + std::string(64, 'G'),
      "/docker/" + kId + "/init",
      scope + "/init",
      scope + "/init.scope",
      scope + "/container",
      scope + "/system.slice/nginx.service",
      "/system.slice/docker-" + kId + ".scopes",
      "/system.slice/docker-.scope",
      "/system.slice/docker.service",
      "/system.slice/docker.socket",
      "/machine.slice/libpod-conmon-" + kId + ".scope",
      "/machine.slice/libpod-" + kId + ".scope/container",
      "/machine.slice/libpod-" + kId + ".scope/container/init.scope",
      "/machine.slice/machine-libpod_pod_" + kId + ".slice",
      "/system.slice/web.service/runtime",
      "/libpod_parent/conmon",
      "/libpod_parent/libpod-conmon-" + kId,
      "/kubepods.slice/kubepods-pod" + kUidInSlice + ".slice",
      "/kubepods/besteffort/pod" + kUid,
      "/kubepods.slice/kubepods-pod" + kUidInSlice + ".slice/crio-conmon-" + kId + ".scope",
      "/lxc.monitor.web-1",
      "/lxc.monitor/web-1",
      "/lxc.pivot",
      "/lxc",
      "/lxc.payload.",
      "/lxc/web-1/init.scope",
      "/lxc/101/ns",
      "/machine.slice",
      "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope",
      "/machine.slice/systemd-nspawn@build.service/payload",
      "/system.slice/nginx.service",
      "/user.slice/user-1000.slice/session-2.scope",
      "/system.slice/:docker:" + kId.substr(2),
  };
  for (const std::string& path : misses) {
    const auto match = recognise_path(path);
    EXPECT_FALSE(match) << path << " was taken for " << (match ? name_of(match->runtime) : "");
  }
}

TEST(RuntimePaths, OnlyScopesMayHaveTheSubgroupOfCrun) {
  EXPECT_TRUE(recognise_path("/machine.slice/libpod-" + kId + ".scope")->rule->subgroup);
  EXPECT_TRUE(recognise_path("/system.slice/docker-" + kId + ".scope")->rule->subgroup);
  EXPECT_FALSE(recognise_path("/docker/" + kId)->rule->subgroup);
  EXPECT_FALSE(recognise_path("/libpod_parent/libpod-" + kId)->rule->subgroup);
}

TEST(RuntimePaths, OwnerNeedsAWholeNumberedSlice) {
  EXPECT_EQ(owner_of_path("/user.slice/user-1000.slice/x"), 1000U);
  EXPECT_EQ(owner_of_path("/user.slice/user-libpod_pod_1.slice/x"), 0U);
  EXPECT_EQ(owner_of_path("/user.slice/user-99999999999.slice/x"), 0U);
  EXPECT_EQ(owner_of_path("/docker/x"), 0U);
}

TEST(RuntimePaths, UnitEscapesAreUndone) {
  EXPECT_EQ(unescape_unit("a\\x2db"), "a-b");
  EXPECT_EQ(unescape_unit("a\\x2"), "a\\x2");
  EXPECT_EQ(unescape_unit("a\\xzzb"), "a\\xzzb");
}

}  // namespace
}  // namespace bottleneck
