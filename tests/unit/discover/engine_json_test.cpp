#include "exporter/discover/engine/engine_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/base/file.h"
#include "exporter/base/text.h"

namespace bottleneck {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const LabelOptions kOptions{.allow_list = {"org.example.tier"}, .team_label = "bottleneck.team"};

std::string fixture(const std::string& name) {
  const auto text = read_file(std::string(TEST_SOURCE_DIR) + "/fixtures/engine/" + name);
  EXPECT_TRUE(text) << name;
  return text ? *text : "";
}

TEST(EngineVersionText, DockerAndPodman) {
  const auto docker = parse_engine_version(fixture("docker_version.json"));
  ASSERT_TRUE(docker);
  EXPECT_EQ(docker->engine, "docker");
  EXPECT_EQ(docker->version, "20.10.24+dfsg1");
  const auto podman = parse_engine_version(fixture("podman_version.json"));
  ASSERT_TRUE(podman);
  EXPECT_EQ(podman->engine, "podman");
  EXPECT_EQ(podman->version, "4.3.1");
  EXPECT_EQ(parse_engine_version("{}").error().code, ErrorCode::kMalformed);
}

TEST(EngineInfoText, DriverAndRoot) {
  const auto info = parse_engine_info(fixture("docker_info.json"));
  ASSERT_TRUE(info);
  EXPECT_EQ(info->storage_driver, "overlay2");
  EXPECT_EQ(info->data_root, "/var/lib/docker");
  const auto podman = parse_engine_info(fixture("podman_info.json"));
  ASSERT_TRUE(podman);
  EXPECT_EQ(podman->storage_driver, "overlay");
  EXPECT_EQ(podman->data_root, "/var/lib/containers/storage");
}

TEST(ImageInspectText, SizeAndLayers) {
  const auto facts =
      parse_image_inspect(R"({"Id":"sha256:1","Size":2500000000,"RootFS":{"Layers":["a","b"]}})");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->bytes, 2.5e9);
  EXPECT_EQ(facts->layers, 2);
  const auto little = parse_image_inspect(R"({"Size":0,"RootFS":{"Layers":null}})");
  ASSERT_TRUE(little);
  EXPECT_FALSE(little->bytes);
  EXPECT_FALSE(little->layers);
  EXPECT_FALSE(parse_image_inspect("no such image"));
}

TEST(ContainerListText, DockersList) {
  const auto list = parse_container_list(fixture("docker_list.json"), kOptions);
  ASSERT_TRUE(list);
  std::vector<std::pair<std::string, RunState>> seen;
  const RuntimeInfo* web = nullptr;
  for (const ListedContainer& one : *list) {
    seen.emplace_back(one.info.name, one.info.state);
    if (one.info.name == "shop-web-1") web = &one.info;
    EXPECT_EQ(one.info.id.size(), 64U);
    EXPECT_EQ(one.info.image, "busybox:latest");
    EXPECT_GT(one.info.created.value_or(0), 1'700'000'000);
  }
  EXPECT_THAT(seen, UnorderedElementsAre(Pair("never", RunState::kCreated), Pair("oomed", RunState::kExited),
                                         Pair("shop-web-1", RunState::kRunning)));
  ASSERT_NE(web, nullptr);
  EXPECT_EQ(web->health, Health::kHealthy);
  EXPECT_THAT(web->labels,
              UnorderedElementsAre(Pair("com.docker.compose.project", "shop"),
                                   Pair("com.docker.compose.service", "web"),
                                   Pair("bottleneck.team", "checkout"), Pair("org.example.tier", "front")));
}

TEST(ContainerListText, PodmansList) {
  const auto list = parse_container_list(fixture("podman_list.json"), kOptions);
  ASSERT_TRUE(list);
  std::vector<std::string> names;
  for (const ListedContainer& one : *list) names.push_back(one.info.name);
  EXPECT_THAT(names, UnorderedElementsAre("pweb", "pjob"));
}

TEST(ContainerListText, OddMembersAreHarmless) {
  const auto list = parse_container_list(
      R"([{"Id":"a","Names":["/other/alias","/web"],"Labels":null,"Created":"x","State":7,"Mounts":[{"Id":"no"}]},
          {"Names":["/anonymous"]}, 5, {"Id":"b","Names":null}])",
      kOptions);
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ((*list)[0].info.id, "a");
  EXPECT_EQ((*list)[0].info.name, "web") << "a name with a slash inside is a link's";
  EXPECT_EQ((*list)[1].info.name, "");
}

TEST(ContainerListText, GarbageIsMalformed) {
  for (const char* text :
       {"", "{}", "[", "[{\"Id\":\"a\"", "null", "<html>", "[1] x", "{\"message\":\"page not found\"}"}) {
    const auto list = parse_container_list(text, kOptions);
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().code, ErrorCode::kMalformed);
  }
  EXPECT_FALSE(parse_container_list(std::string(100'000, '['), kOptions));
  EXPECT_TRUE(parse_container_list("[]", kOptions));
}

TEST(ContainerInspectText, ARunningHealthyOne) {
  const auto info = parse_container_inspect(fixture("docker_inspect_healthy.json"), kOptions);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->name, "shop-web-1");
  EXPECT_EQ(info->image, "busybox:latest");
  EXPECT_EQ(info->image_id.substr(0, 7), "sha256:");
  EXPECT_EQ(info->state, RunState::kRunning);
  EXPECT_EQ(info->health, Health::kHealthy);
  ASSERT_TRUE(info->started && info->healthy && info->created);
  EXPECT_NEAR(*info->healthy - *info->started, 1.04, 0.01) << "the end of the first check";
  EXPECT_EQ(info->finished, std::nullopt);
  EXPECT_EQ(info->exit_code, std::nullopt) << "a 0 before any end is no exit code";
  EXPECT_EQ(info->oom_killed, std::nullopt);
  EXPECT_GT(info->pid.value_or(0), 0);
  EXPECT_EQ(info->restarts, 0U);
  EXPECT_TRUE(info->upper_dir.starts_with("/var/lib/docker/overlay2/")) << info->upper_dir;
  EXPECT_TRUE(info->upper_dir.ends_with("/diff"));
}

TEST(ContainerInspectText, TheEnvironmentIsNeverKept) {
  const LabelOptions all{.allow_list = {"SECRET_TOKEN", "Env"}, .team_label = "Env"};
  const std::string body = fixture("docker_inspect_healthy.json");
  ASSERT_NE(body.find("do-not-leak"), std::string::npos);
  const auto info = parse_container_inspect(body, all);
  ASSERT_TRUE(info);
  for (const auto& [key, value] : info->labels)
    EXPECT_EQ(value.find("do-not-leak"), std::string::npos) << key;
}

// Docker refuses to change the one by the other.
TEST(ContainerInspectText, HowItsCpuIsLimited) {
  const auto period = [](const std::string& host_config) {
    const auto info = parse_container_inspect("{\"Id\":\"a\",\"HostConfig\":" + host_config + "}", kOptions);
    return info ? info->cpu_period : std::nullopt;
  };
  EXPECT_EQ(period("{\"NanoCpus\":500000000,\"CpuPeriod\":0,\"CpuQuota\":0}"), std::nullopt);
  EXPECT_EQ(period("{\"NanoCpus\":0,\"CpuPeriod\":0,\"CpuQuota\":50000}"), 100000);
  EXPECT_EQ(period("{\"NanoCpus\":0,\"CpuPeriod\":50000,\"CpuQuota\":25000}"), 50000);
  EXPECT_EQ(period("{\"NanoCpus\":0,\"CpuPeriod\":100000,\"CpuQuota\":-1}"), 100000) << "taken back";
  EXPECT_EQ(period("{}"), std::nullopt);
  EXPECT_EQ(period("null"), std::nullopt);
  RuntimeInfo info;
  EXPECT_TRUE(read_docker_host_config("{\"CpuQuota\":50000,\"AutoRemove\":true}", info));
  EXPECT_EQ(info.cpu_period, 100000);
  EXPECT_EQ(info.auto_remove, true);
  EXPECT_FALSE(read_docker_host_config("{\"CpuQuota\":", info));
}

TEST(ContainerInspectText, OneKilledByTheOomKiller) {
  const auto info = parse_container_inspect(fixture("docker_inspect_oom.json"), kOptions);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->state, RunState::kExited);
  EXPECT_EQ(info->exit_code, 137);
  EXPECT_EQ(info->oom_killed, true);
  EXPECT_EQ(info->pid, std::nullopt);
  EXPECT_GT(info->finished.value_or(0), info->started.value_or(0));
}

TEST(ContainerInspectText, OneThatRunsAgainHasNoExitCodeOfItsOwn) {
  const auto info = parse_container_inspect(
      R"({"Id":"a","State":{"Status":"running","ExitCode":0,"OOMKilled":false,"StartedAt":"2026-01-01T00:00:10Z",
          "FinishedAt":"2026-01-01T00:00:05Z"}})",
      kOptions);
  ASSERT_TRUE(info);
  EXPECT_TRUE(info->finished.has_value());
  EXPECT_EQ(info->exit_code, std::nullopt) << "the engine cleared it with the start";
  EXPECT_EQ(info->oom_killed, std::nullopt);
}

TEST(ContainerInspectText, OneThatNeverRan) {
  const auto info = parse_container_inspect(fixture("docker_inspect_created.json"), kOptions);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->state, RunState::kCreated);
  EXPECT_EQ(info->started, std::nullopt);
  EXPECT_EQ(info->finished, std::nullopt);
  EXPECT_EQ(info->health, Health::kNone);
}

TEST(ContainerInspectText, Podmans) {
  const auto running = parse_container_inspect(fixture("podman_inspect_running.json"), kOptions);
  ASSERT_TRUE(running);
  EXPECT_EQ(running->name, "pweb");
  EXPECT_EQ(running->state, RunState::kRunning);
  EXPECT_EQ(running->health, Health::kNone) << "an empty status is no health check";
  EXPECT_THAT(running->labels, ElementsAre(Pair("bottleneck.team", "x")));
  const auto exited = parse_container_inspect(fixture("podman_inspect_exited.json"), kOptions);
  ASSERT_TRUE(exited);
  EXPECT_EQ(exited->exit_code, 3);
}

std::string health_body(const std::string& started, const std::vector<std::pair<std::string, int>>& checks) {
  std::string log;
  for (const auto& [second, code] : checks) {
    log += log.empty() ? "" : ",";
    log += R"({"Start":"2026-01-01T00:00:)" + second + R"(Z","End":"2026-01-01T00:00:)" + second +
           R"(.5Z","ExitCode":)" + std::to_string(code) + "}";
  }
  return R"({"Id":"a","State":{"Status":"running","StartedAt":"2026-01-01T00:00:)" + started +
         R"(Z","Health":{"Status":"healthy","Log":[)" + log + "]}}}";
}

// The log holds the last five checks; what dropped out is not known, and then nothing is said.
TEST(ContainerInspectText, TheFirstHealthyCheckIsOnlyToldWhenItIsSurelyInTheLog) {
  const auto healthy = [](const std::string& started,
                          const std::vector<std::pair<std::string, int>>& checks) {
    const auto info = parse_container_inspect(health_body(started, checks), kOptions);
    EXPECT_TRUE(info);
    return info->healthy ? *info->healthy - *info->started : -1;
  };
  EXPECT_DOUBLE_EQ(healthy("10", {{"11", 1}, {"12", 0}, {"13", 0}}), 2.5);
  EXPECT_DOUBLE_EQ(healthy("10", {{"11", 0}, {"12", 0}, {"13", 0}, {"14", 0}, {"15", 0}}), -1)
      << "a full log";
  EXPECT_DOUBLE_EQ(healthy("10", {{"08", 0}, {"09", 0}, {"11", 1}, {"12", 0}, {"13", 0}}), 2.5)
      << "begins before the run";
  EXPECT_DOUBLE_EQ(healthy("10", {{"08", 0}, {"09", 0}}), -1) << "only of the run before";
  EXPECT_DOUBLE_EQ(healthy("10", {}), -1);
}

TEST(ContainerInspectText, GarbageIsMalformed) {
  for (const char* text : {"", "[]", "{}", "{\"Id\":5}", "{\"Id\":\"a\"", "\xff"}) {
    const auto info = parse_container_inspect(text, kOptions);
    ASSERT_FALSE(info) << text;
    EXPECT_EQ(info.error().code, ErrorCode::kMalformed);
  }
  const auto bare =
      parse_container_inspect(R"({"Id":"a","State":[],"Config":"x","RestartCount":-1})", kOptions);
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->restarts, std::nullopt);
  EXPECT_EQ(bare->state, RunState::kUnknown);
}

std::vector<EngineEvent> events_of(const std::string& name) {
  const std::string text = fixture(name);
  std::string_view rest = text;
  std::string_view line;
  std::vector<EngineEvent> events;
  while (next_line(rest, line)) {
    auto event = parse_engine_event(line, kOptions);
    EXPECT_TRUE(event) << line;
    if (event) events.push_back(*event);
  }
  return events;
}

TEST(EngineEventText, DockersStory) {
  std::vector<EngineAction> oomed;
  std::vector<EngineAction> stopped;
  for (const EngineEvent& event : events_of("docker_events.jsonl")) {
    EXPECT_EQ(event.id.size(), 64U);
    EXPECT_GT(event.time, 1'700'000'000);
    if (event.name == "priceless_pasteur") oomed.push_back(event.action);
    if (event.name == "discover_h") stopped.push_back(event.action);
    if (event.action == EngineAction::kDie) {
      EXPECT_TRUE(event.exit_code.has_value());
    }
    if (event.action == EngineAction::kKill) {
      EXPECT_TRUE(event.signal == 15 || event.signal == 9);
    }
  }
  EXPECT_THAT(oomed, ElementsAre(EngineAction::kCreate, EngineAction::kOther, EngineAction::kStart,
                                 EngineAction::kOom, EngineAction::kDie, EngineAction::kDestroy));
  EXPECT_THAT(stopped, ElementsAre(EngineAction::kKill, EngineAction::kKill, EngineAction::kDie,
                                   EngineAction::kStop, EngineAction::kStart));
}

TEST(EngineEventText, PodmansStory) {
  std::vector<EngineAction> job;
  for (const EngineEvent& event : events_of("podman_events.jsonl")) {
    if (event.action == EngineAction::kOther) continue;
    if (event.name.starts_with("pjob")) job.push_back(event.action);
    if (event.action == EngineAction::kDie) {
      EXPECT_TRUE(event.exit_code == 3 || event.exit_code == 137);
    }
  }
  EXPECT_THAT(job, ElementsAre(EngineAction::kCreate, EngineAction::kStart, EngineAction::kDie,
                               EngineAction::kRename, EngineAction::kDestroy));
}

TEST(EngineEventText, HealthAndLabels) {
  const auto event = parse_engine_event(
      R"({"Type":"container","Action":"health_status: unhealthy","Actor":{"ID":"a","Attributes":{"name":"web",
          "org.example.tier":"front","other":"x"}},"time":5,"timeNano":5000000001})",
      kOptions);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->action, EngineAction::kHealth);
  EXPECT_EQ(event->health, Health::kUnhealthy);
  EXPECT_EQ(event->time_ns, 5000000001);
  EXPECT_THAT(event->labels, ElementsAre(Pair("org.example.tier", "front")));
}

TEST(EngineEventText, OthersAndGarbage) {
  EXPECT_EQ(parse_engine_event(R"({"Type":"network","Action":"connect","Actor":{"ID":"n"}})", kOptions)
                .error()
                .code,
            ErrorCode::kAbsent);
  for (const char* text : {"", "{", "[]", "{}", R"({"Type":"container","Action":"die"})"}) {
    const auto event = parse_engine_event(text, kOptions);
    ASSERT_FALSE(event) << text;
    EXPECT_EQ(event.error().code, ErrorCode::kMalformed);
  }
  const auto overflow = parse_engine_event(
      R"({"Action":"die","id":"a","Actor":{"Attributes":{"exitCode":"99999999999999999999"}},"time":9223372036854775807})",
      kOptions);
  ASSERT_TRUE(overflow);
  EXPECT_EQ(overflow->exit_code, std::nullopt);
  EXPECT_EQ(overflow->time_ns, 0);
}

}  // namespace
}  // namespace bottleneck
