// The configuration after validation: every value is in range, every pattern compiles. Only load_config()
// makes one that differs from the defaults. What each key means, its range and its help are the rows of
// schema.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "exporter/base/host_paths.h"
#include "exporter/base/log.h"
#include "exporter/config/judgement.h"
#include "exporter/model/catalogue.h"

namespace bottleneck {

struct WebConfig {
  std::vector<std::string> listen_addresses = {"0.0.0.0:10110"};
  std::string telemetry_path = "/metrics";
  std::string config_file;  ///< exporter-toolkit web configuration; empty: plain HTTP, no users
  int workers = 8;
};

struct EngineConfig {
  /// unix:///path or tcp://host:port of a Docker-compatible API; empty: no socket is touched (the default).
  std::vector<std::string> hosts;
  std::string tls_ca;  ///< for tcp with TLS; empty: plain
  std::string tls_cert;
  std::string tls_key;
  double timeout_seconds = 5;
  /// Read /containers/<id>/stats where the cgroup files of a container cannot be read.
  bool stats_fallback = true;
  std::vector<std::string> label_allow_list;  ///< container labels shown on container_info
  std::string team_label = "bottleneck.team";
};

struct DiscoveryConfig {
  std::string cgroups;                       ///< regular expression over cgroup paths; empty: none
  std::string systemd_units;                 ///< regular expression over unit names; empty: none
  std::vector<std::string> docker_roots;     ///< more places to read names from, paths of the host
  std::vector<std::string> podman_storages;  ///< the same for Podman
  double rescan_seconds = 30;
  double name_wait_seconds = 10;
  int max_containers = 2000;
  double stopped_keep_hours = 24;
  int stopped_max = 50;
};

struct SamplingConfig {
  double pulse_seconds = 1;
  double detail_seconds = 10;
  double limits_seconds = 60;
  double cpu_budget_cores = 0.01;
};

struct MetricsConfig {
  Profile profile = Profile::kStandard;
  int max_series = 200'000;
  bool id_label = false;  ///< adds the runtime id to every container series
  std::array<bool, kCollectorCount> collectors = [] {
    std::array<bool, kCollectorCount> on{};
    on.fill(true);
    return on;
  }();

  [[nodiscard]] bool enabled(Collector collector) const {
    return collectors[static_cast<std::size_t>(collector)];
  }
};

struct StorageConfig {
  std::string path = "/var/lib/bottleneck_exporter";  ///< names, event counters; empty: nothing is kept
  bool walk_writable_layers = false;
  int sketches_most_megabytes = 64;  ///< kept distributions of demand; the longest unseen go first
  double save_seconds = 300;         ///< how often distributions and the judgement's memory are written
};

struct ValidConfig {
  HostPaths paths;
  WebConfig web;
  EngineConfig engine;
  DiscoveryConfig discovery;
  SamplingConfig sampling;
  MetricsConfig metrics;
  StorageConfig storage;
  JudgementParameters judgement;
  RecommendationParameters recommendation;
  BudgetParameters budgets;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kLogfmt;
};

}  // namespace bottleneck
