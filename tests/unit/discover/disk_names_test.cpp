#include "exporter/discover/disk_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/discover/temp_tree.h"

namespace bottleneck {
namespace {

using bottleneck::testing::TempTree;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

std::string fixture(const std::string& name) {
  const auto text = read_file(std::string(TEST_SOURCE_DIR) + "/fixtures/engine/" + name);
  EXPECT_TRUE(text) << name;
  return text ? *text : "";
}

std::string id_in(const std::string& text, const std::string& key) {
  const std::size_t at = text.find("\"" + key + "\": \"") + key.size() + 5;
  return text.substr(at, 64);
}

class DiskNamesTest : public ::testing::Test {
 protected:
  DiskNames make(DiskNamesOptions options = {}) {
    options.rootfs = host_.root();
    options.labels.team_label = "bottleneck.team";
    return DiskNames(options);
  }
  std::string put_docker(const std::string& fixture_name, const std::string& root = "var/lib/docker") {
    const std::string text = fixture(fixture_name);
    const std::string id = id_in(text, "ID");
    host_.file(root + "/containers/" + id + "/config.v2.json", text);
    return id;
  }
  static const RuntimeInfo* find(const std::vector<SourceStatePtr>& states, const std::string& id) {
    for (const auto& state : states) {
      const auto found = state->containers->find(id);
      if (found != state->containers->end()) return found->second.get();
    }
    return nullptr;
  }

  TempTree host_;
  const std::string a_ = std::string(64, 'a');
};

TEST_F(DiskNamesTest, AnEmptyHostHasNoPlaces) { EXPECT_THAT(make().refresh(), IsEmpty()); }

// It only adds to what the other file says.
TEST_F(DiskNamesTest, ADamagedHostConfigCostsNoName) {
  const std::string web = put_docker("docker_config_v2_running.json");
  host_.file("var/lib/docker/containers/" + web + "/hostconfig.json", "{\"CpuPeriod\":");
  DiskNames names = make();
  const auto states = names.refresh();
  const RuntimeInfo* info = find(states, web);
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->name, "shop-web-1");
  EXPECT_EQ(info->cpu_period, std::nullopt);
}

TEST_F(DiskNamesTest, DockersFilesTellNameStateAndLayer) {
  const std::string web = put_docker("docker_config_v2_running.json");
  const std::string oomed = put_docker("docker_config_v2_oom.json");
  host_.file("var/lib/docker/image/overlay2/layerdb/mounts/" + web + "/mount-id", "43a6f942");
  host_.file("var/lib/docker/containers/" + web + "/hostconfig.json", "{\"CpuPeriod\":50000}");
  DiskNames names = make();
  const auto states = names.refresh();
  ASSERT_EQ(states.size(), 1U);
  EXPECT_EQ(states[0]->runtime, Runtime::kDocker);
  EXPECT_TRUE(states[0]->lists_all);
  EXPECT_FALSE(states[0]->live) << "a file may be stale: only a cgroup makes it run";
  const RuntimeInfo* info = find(states, web);
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->name, "shop-web-1");
  EXPECT_EQ(info->image, "busybox:latest");
  EXPECT_EQ(info->state, RunState::kRunning);
  EXPECT_EQ(info->health, Health::kHealthy);
  EXPECT_EQ(info->cpu_period, 50000);
  EXPECT_EQ(info->stop_expected, std::nullopt);
  EXPECT_EQ(info->upper_dir, host_.at("var/lib/docker/overlay2/43a6f942/diff"));
  EXPECT_EQ(info->labels.at("bottleneck.team"), "checkout");
  for (const auto& [key, value] : info->labels)
    EXPECT_EQ(value.find("do-not-leak"), std::string::npos) << key;
  const RuntimeInfo* end = find(states, oomed);
  ASSERT_NE(end, nullptr);
  EXPECT_EQ(end->state, RunState::kExited);
  EXPECT_EQ(end->exit_code, 137);
  EXPECT_EQ(end->oom_killed, true);
  EXPECT_EQ(end->stop_expected, false);
  EXPECT_EQ(end->upper_dir, "");
  EXPECT_EQ(names.take_facts().size(), 2U);
}

TEST_F(DiskNamesTest, UnchangedFilesAreNotReadAgain) {
  const std::string web = put_docker("docker_config_v2_running.json");
  DiskNames names = make();
  const auto first = names.refresh();
  names.take_facts();
  EXPECT_EQ(names.refresh(), first) << "the same pointer";
  EXPECT_THAT(names.take_facts(), IsEmpty());
  std::string text = fixture("docker_config_v2_running.json");
  const std::size_t at = text.find("/shop-web-1");
  host_.file("var/lib/docker/containers/" + web + "/config.v2.json", text.replace(at, 11, "/shop-web-22"));
  EXPECT_EQ(find(names.refresh(), web)->name, "shop-web-22");
  EXPECT_EQ(names.take_facts().size(), 1U);
  host_.remove("var/lib/docker/containers/" + web);
  EXPECT_EQ(find(names.refresh(), web), nullptr);
}

TEST_F(DiskNamesTest, ADamagedFileKeepsTheLastGoodContent) {
  const std::string web = put_docker("docker_config_v2_running.json");
  DiskNames names = make();
  names.refresh();
  host_.file("var/lib/docker/containers/" + web + "/config.v2.json", "{\"ID\":\"" + web.substr(0, 20));
  EXPECT_EQ(find(names.refresh(), web)->name, "shop-web-1");
  host_.file("var/lib/docker/containers/" + a_ + "/config.v2.json", std::string("\0\0\0\0", 4));
  EXPECT_EQ(find(names.refresh(), a_), nullptr);
  put_docker("docker_config_v2_running.json");
  EXPECT_EQ(find(names.refresh(), web)->name, "shop-web-1");
}

TEST_F(DiskNamesTest, AFileOfAnotherContainerIsRefused) {
  host_.file("var/lib/docker/containers/" + a_ + "/config.v2.json", fixture("docker_config_v2_running.json"));
  EXPECT_EQ(find(make().refresh(), a_), nullptr);
}

TEST_F(DiskNamesTest, TheConfiguredDataRootIsLookedAt) {
  host_.file("etc/docker/daemon.json", R"({"data-root":"/srv/docker"})");
  const std::string web = put_docker("docker_config_v2_running.json", "srv/docker");
  EXPECT_NE(find(make().refresh(), web), nullptr);
  DiskNamesOptions options;
  options.docker_roots = {"/mnt/docker"};
  const std::string oomed = put_docker("docker_config_v2_oom.json", "mnt/docker");
  EXPECT_NE(find(make(options).refresh(), oomed), nullptr);
}

TEST_F(DiskNamesTest, PodmansStorages) {
  const std::string text = fixture("podman_containers.json");
  host_.file("var/lib/containers/storage/overlay-containers/containers.json", text);
  const std::string mine =
      R"([{"id":")" + a_ + R"(","names":["mine"],"metadata":"{\"image-name\":\"img:2\"}"}])";
  host_.file("home/me/.local/share/containers/storage/overlay-containers/containers.json", mine);
  const auto states = make().refresh();
  ASSERT_EQ(states.size(), 2U);
  const RuntimeInfo* web = find(states, id_in(text, "id"));
  ASSERT_NE(web, nullptr);
  EXPECT_EQ(web->name, "pweb");
  EXPECT_EQ(web->image, "localhost/busybox:latest");
  EXPECT_EQ(web->state, RunState::kUnknown);
  EXPECT_FALSE(states[0]->lists_all) << "it says nothing of who runs";
  const RuntimeInfo* other = find(states, a_);
  ASSERT_NE(other, nullptr);
  EXPECT_EQ(other->image, "img:2");
}

TEST_F(DiskNamesTest, KubernetesLinks) {
  host_.link("/var/log/pods/x/0.log", "var/log/containers/web-6d4cf56db6-x7k2p_shop_app-" + a_ + ".log");
  host_.file("var/log/containers/README");
  const auto states = make().refresh();
  const RuntimeInfo* info = find(states, a_);
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(stable_name(*info, 0), "shop/web-6d4cf56db6-x7k2p/app");
  EXPECT_EQ(states[0]->runtime, std::nullopt) << "the link does not say which runtime";
}

TEST_F(DiskNamesTest, ContainerdsBundlesTellTheImageToo) {
  const std::string tasks = "run/containerd/io.containerd.runtime.v2.task/";
  const std::string b(64, 'b');
  const std::string c(64, 'c');
  const std::string d(64, 'd');
  const auto bundle = [](const std::string& annotations) {
    return R"({"process":{"env":["SECRET=do-not-leak"]},"annotations":{)" + annotations + "}}";
  };
  const std::string pod =
      R"("io.kubernetes.cri.sandbox-name":"web-0","io.kubernetes.cri.sandbox-namespace":"shop",)";
  host_.file(
      tasks + "k8s.io/" + a_ + "/config.json",
      bundle(pod +
             R"("io.kubernetes.cri.container-type":"container","io.kubernetes.cri.container-name":"app",)"
             R"("io.kubernetes.cri.image-name":"docker.io/library/nginx:1.25")"));
  host_.file(tasks + "k8s.io/" + b + "/config.json",
             bundle(pod + R"("io.kubernetes.cri.container-type":"sandbox")"));
  host_.file(tasks + "default/" + c + "/config.json",
             bundle(R"("nerdctl/name":"web","com.docker.compose.service":"web","nerdctl/hostname":"x")"));
  host_.file(tasks + "default/" + d + "/config.json", R"({"process":{}})");
  host_.file("var/log/containers/web-0_shop_app-" + a_ + ".log");
  const auto states = make().refresh();
  const RuntimeInfo* app = find(states, a_);
  ASSERT_NE(app, nullptr);
  EXPECT_EQ(stable_name(*app, 0), "shop/web-0/app");
  EXPECT_EQ(app->image, "docker.io/library/nginx:1.25") << "the first place that knows it knows more";
  ASSERT_NE(find(states, b), nullptr);
  EXPECT_EQ(stable_name(*find(states, b), 0), "shop/web-0/POD");
  ASSERT_NE(find(states, c), nullptr);
  EXPECT_EQ(find(states, c)->name, "web");
  EXPECT_EQ(find(states, c)->labels.size(), 1U);
  EXPECT_EQ(find(states, d), nullptr);
}

TEST_F(DiskNamesTest, APlaceThatAppearsLaterIsAppended) {
  host_.directory("var/log/containers");
  DiskNames names = make();
  ASSERT_EQ(names.refresh().size(), 1U);
  const std::string web = put_docker("docker_config_v2_running.json");
  const auto states = names.refresh();
  ASSERT_EQ(states.size(), 2U);
  EXPECT_EQ(states[0]->source, "disk:" + host_.at("var/log/containers"));
  EXPECT_NE(find({states[1]}, web), nullptr);
}

TEST(KubernetesLogName, NeedsAllItsParts) {
  const std::string id(64, 'a');
  EXPECT_TRUE(parse_kubernetes_log_name("pod_ns_ctr-" + id + ".log"));
  for (const std::string& name :
       {"pod_ns_ctr-" + id, "pod_ns-" + id + ".log", "_ns_ctr-" + id + ".log", "pod_ns_-" + id + ".log",
        "pod_ns_ctr-" + id.substr(1) + ".log", std::string(".log"), id + ".log"}) {
    EXPECT_FALSE(parse_kubernetes_log_name(name)) << name;
  }
}

TEST(PodmanContainersText, CriONames) {
  const auto list = parse_podman_containers(
      R"([{"id":"x","names":["k8s_app_web-0_shop_0d5f3b1e_2"],"metadata":"not json","created":"2026-01-01T00:00:00Z"},
          {"names":["anonymous"]}, 7, {"id":"y","names":[]}])",
      LabelOptions{});
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ(stable_name((*list)[0], 0), "shop/web-0/app");
  EXPECT_THAT((*list)[0].labels, UnorderedElementsAre(Pair("io.kubernetes.container.name", "app"),
                                                      Pair("io.kubernetes.pod.name", "web-0"),
                                                      Pair("io.kubernetes.pod.namespace", "shop")));
  EXPECT_EQ((*list)[1].name, "");
  EXPECT_FALSE(parse_podman_containers("{}", LabelOptions{}));
  EXPECT_FALSE(parse_podman_containers("[", LabelOptions{}));
}

TEST(DockerDataRoot, IsAnAbsolutePathOrNothing) {
  EXPECT_EQ(parse_docker_data_root(R"({"data-root":"/srv/d"})"), "/srv/d");
  EXPECT_EQ(parse_docker_data_root(R"({"graph":"/srv/g"})"), "/srv/g");
  EXPECT_EQ(parse_docker_data_root(R"({"data-root":"relative"})"), "");
  EXPECT_EQ(parse_docker_data_root("{broken"), "");
}

}  // namespace
}  // namespace bottleneck
