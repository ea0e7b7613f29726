#include "exporter/expose/self_metrics.h"

#include <gtest/gtest.h>

#include "tests/unit/expose/golden.h"
#include "tests/unit/expose/sample_snapshot.h"

namespace bottleneck {
namespace {

std::string text_of(SelfMetrics& self, const Snapshot* snapshot, const ExpositionOptions& options = {},
                    const ExpositionCount& count = {}) {
  TextBuffer out;
  self.write(snapshot, count, options, out);
  return std::string(out.view());
}

/// Numbers of this process differ at each run.
std::string without_process_numbers(const std::string& text) {
  std::istringstream in(text);
  std::string out;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("process_")) line = line.substr(0, line.find(' ')) + " N";
    out += line + "\n";
  }
  return out;
}

TEST(SelfMetrics, Golden) {
  SelfMetrics self({"1.2.3", "abc\"def"});
  self.observe_docker_request("containers/json", 0.01);
  self.observe_docker_request("containers/json", 9);
  const auto means = self.docker_request_means();
  ASSERT_EQ(means.size(), 1U);
  EXPECT_EQ(means[0].endpoint, "containers/json");
  EXPECT_NEAR(means[0].seconds, 4.505, 1e-9);
  self.set_worker_busy("docker", 1.5);
  self.set_worker_busy("docker", 2.5);
  self.set_config_reload(true, 1700000000);
  self.set_config_reload(false, 1800000000);
  self.http_request_started();
  self.http_request_started();
  self.http_request_finished(200, "metrics", 0.25);
  Snapshot snapshot = make_snapshot();
  snapshot.containers_dropped = 3;
  snapshot.ticks_skipped = 7;
  snapshot.sampler_busy_seconds = 0.5;
  snapshot.collectors[static_cast<std::size_t>(Collector::kIo)].supported = false;
  snapshot.collectors[static_cast<std::size_t>(Collector::kDocker)].enabled = false;
  snapshot.collectors[static_cast<std::size_t>(Collector::kCpu)].errors = {1, 2, 3, 4, 5};
  const ExpositionCount count{.series = 10, .containers = 2, .containers_dropped = 1, .series_dropped = 30};
  expect_golden(without_process_numbers(text_of(self, &snapshot, {}, count)), "expose-self-text.txt");
  ExpositionOptions options;
  options.format = TextFormat::kOpenMetrics100;
  expect_golden(without_process_numbers(text_of(self, &snapshot, options, count)),
                "expose-self-openmetrics.txt");
}

TEST(SelfMetrics, CountsEverySeriesItselfIncluded) {
  SelfMetrics self({"1", "2"});
  const Snapshot snapshot = make_snapshot();
  TextBuffer out;
  const std::size_t series = self.write(&snapshot, {}, {}, out);
  std::size_t lines = 0;
  std::istringstream in{std::string(out.view())};
  for (std::string line; std::getline(in, line);) lines += line.starts_with('#') ? 0U : 1U;
  EXPECT_EQ(series, lines);
  EXPECT_NE(out.view().find("bottleneck_exporter_series " + std::to_string(lines) + "\n"), std::string::npos);
}

TEST(SelfMetrics, ProcessNumbersAreThoseOfThisProcess) {
  SelfMetrics self({"1", "2"});
  const std::string text = text_of(self, nullptr);
  for (const char* name :
       {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
        "process_open_fds", "process_max_fds", "process_start_time_seconds"}) {
    const std::size_t at = text.find("\n" + std::string(name) + " ");
    ASSERT_NE(at, std::string::npos) << name;
    EXPECT_GT(std::strtod(text.c_str() + at + std::string(name).size() + 2, nullptr), 0) << name;
  }
}

TEST(SelfMetrics, NamesAreFiltered) {
  SelfMetrics self({"1", "2"});
  ExpositionOptions options;
  options.names = {"process_cpu_seconds_total"};
  const std::string text = text_of(self, nullptr, options);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

}  // namespace
}  // namespace bottleneck
