// Every text that comes from outside, cut off anywhere and with bytes changed: an error or a value, never a
// crash. Meant for the sanitizers too.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>

#include "exporter/base/file.h"
#include "exporter/base/kernel_log.h"
#include "exporter/discover/disk_names.h"
#include "exporter/discover/engine/engine_json.h"
#include "exporter/discover/events/oom_line.h"
#include "exporter/discover/events/runs.h"
#include "exporter/discover/json_text.h"
#include "exporter/discover/runtimes.h"

namespace bottleneck {
namespace {

const LabelOptions kOptions{.allow_list = {"org.example.tier"}, .team_label = "bottleneck.team"};

std::string fixture(const std::string& name) {
  const auto text = read_file(std::string(TEST_SOURCE_DIR) + "/fixtures/engine/" + name);
  EXPECT_TRUE(text) << name;
  return text ? *text : "";
}

class Mutator {
 public:
  std::uint64_t next() {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return state_;
  }
  std::string operator()(std::string text) {
    static constexpr std::string_view kBytes("\0\"\\{}[]:,-9e/\xff\xc3", 15);
    for (std::uint64_t i = next() % 4 + 1; i > 0 && !text.empty(); --i) {
      const std::size_t at = next() % text.size();
      switch (next() % 3) {
        case 0:
          text[at] = kBytes[next() % kBytes.size()];
          break;
        case 1:
          text.erase(at, next() % 16);
          break;
        default:
          text.insert(at, text.substr(next() % text.size(), next() % 16));
      }
    }
    return text;
  }

 private:
  std::uint64_t state_ = 0x9e3779b97f4a7c15ULL;
};

void torture(const std::string& text, const std::function<void(const std::string&)>& parse) {
  ASSERT_FALSE(text.empty());
  const std::size_t step = text.size() / 100 + 1;
  for (std::size_t end = 0; end <= text.size(); end += step) parse(text.substr(0, end));
  Mutator mutate;
  for (int i = 0; i < 200; ++i) parse(mutate(text));
}

TEST(HostileText, EnginesAnswers) {
  torture(fixture("docker_version.json"), [](const std::string& text) { (void)parse_engine_version(text); });
  torture(fixture("docker_info.json"), [](const std::string& text) { (void)parse_engine_info(text); });
  torture(R"({"Size":1234,"RootFS":{"Layers":["a","b"]}})",
          [](const std::string& text) { (void)parse_image_inspect(text); });
  torture(fixture("docker_list.json"),
          [](const std::string& text) { (void)parse_container_list(text, kOptions); });
  for (const char* name :
       {"docker_inspect_healthy.json", "docker_inspect_oom.json", "podman_inspect_exited.json"}) {
    torture(fixture(name), [](const std::string& text) { (void)parse_container_inspect(text, kOptions); });
  }
  const std::string events = fixture("docker_events.jsonl");
  torture(events.substr(0, events.find('\n')),
          [](const std::string& text) { (void)parse_engine_event(text, kOptions); });
}

TEST(HostileText, FilesOnDisk) {
  torture(fixture("docker_config_v2_running.json"),
          [](const std::string& text) { (void)parse_docker_config(text, kOptions); });
  torture(fixture("podman_containers.json"),
          [](const std::string& text) { (void)parse_podman_containers(text, kOptions); });
  torture(R"({"annotations":{"io.kubernetes.cri.sandbox-name":"web-0","nerdctl/name":"x"}})",
          [](const std::string& text) { (void)parse_containerd_bundle(text, "id", kOptions); });
  torture("web-0_shop_app-" + std::string(64, 'a') + ".log",
          [](const std::string& text) { (void)parse_kubernetes_log_name(text); });
  torture(R"({"data-root":"/srv/docker"})",
          [](const std::string& text) { (void)parse_docker_data_root(text); });
  torture(ContainerRuns{}.to_json().dump(), [](const std::string& text) {
    if (const auto json = parse_json(text)) (void)ContainerRuns::from_json(*json).to_json();
  });
}

TEST(HostileText, TheKernelsLines) {
  torture(
      "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),oom_memcg=/docker/a,task_memcg=/docker/"
      "a,task=x,pid=1,uid=0",
      [](const std::string& text) { (void)parse_oom_line(text); });
  torture("6,41598,4649236301,-;oom-kill:", [](const std::string& text) { (void)parse_kernel_record(text); });
  torture("2026-11-20T23:00:42.018037439+02:00", [](const std::string& text) { (void)parse_rfc3339(text); });
}

TEST(HostileText, CgroupPaths) {
  const std::string id(64, 'a');
  for (const std::string& path :
       {"/user.slice/user-1000.slice/user@1000.service/user.slice:docker:" + id,
        "/kubepods.slice/kubepods-pod0d5f3b1e_4b6f_4f0e_9f3d_6a1c2b3d4e5f.slice/cri-containerd-" + id +
            ".scope",
        std::string("/machine.slice/machine-a\\x2db.scope")}) {
    torture(path, [](const std::string& text) { (void)recognise_path(text); });
  }
}

}  // namespace
}  // namespace bottleneck
