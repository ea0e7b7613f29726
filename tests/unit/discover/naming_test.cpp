#include "exporter/discover/naming.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bottleneck {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

RuntimeInfo with(std::string name, std::map<std::string, std::string, std::less<>> labels = {}) {
  RuntimeInfo info;
  info.name = std::move(name);
  info.labels = std::move(labels);
  return info;
}

TEST(StableName, IsTheRuntimesUnlessInstancesGetNewOnes) {
  EXPECT_EQ(stable_name(with("web"), 0), "web");
  EXPECT_EQ(stable_name(with("shop-web-1",
                             {{"com.docker.compose.project", "shop"}, {"com.docker.compose.service", "web"}}),
                        0),
            "shop-web-1");
  EXPECT_EQ(stable_name(with(""), 0), "");
}

TEST(StableName, OfASwarmTaskIsServiceAndSlot) {
  const auto task = [](std::string service, std::string name) {
    return stable_name(
        with(name, {{"com.docker.swarm.service.name", service}, {"com.docker.swarm.task.name", name}}), 0);
  };
  EXPECT_EQ(task("shop_web", "shop_web.2.k3j4h5g6f7d8s9a0"), "shop_web.2");
  EXPECT_EQ(task("shop.web", "shop.web.12.k3j4h5g6f7d8s9a0"), "shop.web.12");
  // A global service has the node's id in place of the slot, and one task a host.
  EXPECT_EQ(task("agent", "agent.w1x2y3z4.k3j4h5g6"), "agent");
  EXPECT_EQ(task("agent", "other.1.k3j4h5g6"), "agent");
  EXPECT_EQ(task("agent", ""), "agent");
}

TEST(StableName, OfAPodIsNamespacePodAndContainer) {
  const RuntimeInfo info = with("k8s_app_web-0_shop_0d5f_0", {{"io.kubernetes.pod.namespace", "shop"},
                                                              {"io.kubernetes.pod.name", "web-0"},
                                                              {"io.kubernetes.container.name", "app"}});
  EXPECT_EQ(stable_name(info, 0), "shop/web-0/app");
}

TEST(StableName, OfARootlessRuntimeCarriesTheOwner) {
  EXPECT_EQ(stable_name(with("web"), 1000), "web@1000");
  EXPECT_EQ(stable_name(with(""), 1000), "");
}

TEST(FallbackName, DependsOnWhatTheIdIs) {
  CgroupRef ref;
  ref.id = "312d0b3b0f6d2f775d3a5092e0384a5c08a4447c7d4e5696e56f6a844db4b501";
  EXPECT_EQ(fallback_name(ref), "312d0b3b0f6d");
  ref.owner = 1000;
  EXPECT_EQ(fallback_name(ref), "312d0b3b0f6d@1000");
  ref = CgroupRef{};
  ref.id = "/batch/night";
  EXPECT_EQ(fallback_name(ref), "/batch/night");
  ref.id = "nginx.service";
  EXPECT_EQ(fallback_name(ref), "nginx.service");
}

TEST(ImageVersion, IsTheTag) {
  EXPECT_EQ(image_version("nginx:1.25"), "1.25");
  EXPECT_EQ(image_version("nginx"), "latest");
  EXPECT_EQ(image_version("registry:5000/team/app"), "latest");
  EXPECT_EQ(image_version("registry:5000/team/app:2.0-rc1"), "2.0-rc1");
  EXPECT_EQ(image_version("nginx:1.25@sha256:aabb"), "1.25");
  EXPECT_EQ(image_version("nginx@sha256:aabb"), "");
  EXPECT_EQ(image_version("sha256:aabb"), "");
  EXPECT_EQ(image_version(""), "");
}

TEST(PodOwner, DropsWhatControllersAppend) {
  EXPECT_EQ(pod_owner("web-6d4cf56db6-x7k2p"), "web");  // Deployment
  EXPECT_EQ(pod_owner("my-web-6d4cf56db6-x7k2p"), "my-web");
  EXPECT_EQ(pod_owner("db-0"), "db");                       // StatefulSet
  EXPECT_EQ(pod_owner("agent-x7k2p"), "agent");             // DaemonSet, Job
  EXPECT_EQ(pod_owner("report-28391040-x7k2p"), "report");  // CronJob
  EXPECT_EQ(pod_owner("single"), "single");
  EXPECT_EQ(pod_owner("etcd-node-one"), "etcd-node-one");
  EXPECT_EQ(pod_owner("-x7k2p"), "-x7k2p");
}

TEST(InfoLabels, AreInAFixedOrderAndWithoutEmptyOnes) {
  RuntimeInfo info = with("shop-web-1", {{"com.docker.compose.project", "shop"},
                                         {"com.docker.compose.service", "web"},
                                         {"bottleneck.team", "checkout"},
                                         {"org.example.tier", "front"}});
  info.image = "nginx:1.25";
  info.image_id = "sha256:aa";
  const LabelOptions options{.allow_list = {"org.example.tier", "org-example-tier", "missing"},
                             .team_label = "bottleneck.team"};
  EXPECT_THAT(
      info_labels(&info, "shop-web-1", options),
      ElementsAre(Pair("image", "nginx:1.25"), Pair("version", "1.25"), Pair("image_id", "sha256:aa"),
                  Pair("workload", "shop/web"), Pair("team", "checkout"), Pair("compose_project", "shop"),
                  Pair("compose_service", "web"), Pair("label_org_example_tier", "front")));
}

TEST(InfoLabels, WorkloadIsNeverEmpty) {
  const LabelOptions options;
  EXPECT_THAT(info_labels(nullptr, "312d0b3b0f6d", options), ElementsAre(Pair("workload", "312d0b3b0f6d")));
  const RuntimeInfo bare = with("web");
  EXPECT_THAT(info_labels(&bare, "web", options), ElementsAre(Pair("workload", "web")));
  const RuntimeInfo swarm = with("x", {{"com.docker.swarm.service.name", "shop_web"}});
  EXPECT_THAT(info_labels(&swarm, "shop_web.1", options), Contains(Pair("workload", "shop_web")));
  const RuntimeInfo pod = with(
      "x", {{"io.kubernetes.pod.namespace", "shop"}, {"io.kubernetes.pod.name", "web-6d4cf56db6-x7k2p"}});
  EXPECT_THAT(info_labels(&pod, "n", options), Contains(Pair("workload", "shop/web")));
}

TEST(InfoLabels, ALongValueIsCutAtACharacter) {
  RuntimeInfo info = with("web");
  info.image = std::string(511, 'a') + "\xC3\xA9" + "tail";  // the bound falls inside the two bytes
  const auto labels = info_labels(&info, "web", {});
  EXPECT_EQ(labels[0].second, std::string(511, 'a'));
}

TEST(KeepsLabel, KeepsIdentityAndWhatIsAskedFor) {
  const LabelOptions options{.allow_list = {"tier"}, .team_label = "owner"};
  for (const char* kept : {"com.docker.compose.project", "io.kubernetes.pod.name", "bottleneck.ignore",
                           "bottleneck.budget.p99", "tier", "owner"}) {
    EXPECT_TRUE(keeps_label(kept, options)) << kept;
  }
  for (const char* other : {"com.docker.compose.config-hash", "password", "", "bottleneck"}) {
    EXPECT_FALSE(keeps_label(other, options)) << other;
  }
}

}  // namespace
}  // namespace bottleneck
