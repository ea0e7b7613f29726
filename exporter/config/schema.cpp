#include "exporter/config/schema.h"

#include <array>
#include <utility>

#include "exporter/config/checks.h"

namespace bottleneck {
namespace {

using C = ValidConfig;
using Rows = std::vector<SchemaRow>;

void add_paths(Rows& rows) {
  rows.push_back({"path.procfs", [](C& c) { return Slot(&c.paths.procfs); }, 0, 0, check_absolute_path,
                  "--path.procfs", "Where the host's procfs is mounted."});
  rows.push_back({"path.sysfs", [](C& c) { return Slot(&c.paths.sysfs); }, 0, 0, check_absolute_path,
                  "--path.sysfs", "Where the host's sysfs is mounted."});
  rows.push_back({"path.cgroupfs", [](C& c) { return Slot(&c.paths.cgroupfs); }, 0, 0,
                  check_absolute_path_or_empty, "--path.cgroupfs",
                  "Where the host's cgroup hierarchies are mounted; empty: fs/cgroup below path.sysfs."});
  rows.push_back(
      {"path.rootfs", [](C& c) { return Slot(&c.paths.rootfs); }, 0, 0, check_absolute_path, "--path.rootfs",
       "Where the host's root file system is mounted; files of container engines are read below it."});
}

void add_web(Rows& rows) {
  rows.push_back({"web.listen_addresses", [](C& c) { return Slot(&c.web.listen_addresses); }, 0, 0,
                  check_listen_address, "--web.listen-address",
                  "Addresses to serve on, host:port or :port. The flag can be repeated."});
  rows.push_back({"web.telemetry_path", [](C& c) { return Slot(&c.web.telemetry_path); }, 0, 0,
                  check_url_path, "--web.telemetry-path", "Path of the metrics."});
  rows.push_back({"web.config_file", [](C& c) { return Slot(&c.web.config_file); }, 0, 0, check_file_path,
                  "--web.config.file",
                  "File with TLS, users and headers in the format of the Prometheus exporter-toolkit; empty: "
                  "plain HTTP."});
  rows.push_back({"web.workers", [](C& c) { return Slot(&c.web.workers); }, 4, 256, nullptr, "",
                  "Threads that answer requests; each open connection holds one."});
}

void add_docker(Rows& rows) {
  rows.push_back(
      {"docker.hosts", [](C& c) { return Slot(&c.engine.hosts); }, 0, 0, check_docker_host, "--docker.host",
       "Engine APIs to ask for names, health and exit codes: unix:///path, tcp://host:port, or auto "
       "(DOCKER_HOST, else the sockets of Docker and Podman that exist). Empty: no socket is touched. The "
       "flag "
       "can be repeated."});
  rows.push_back({"docker.tls_ca", [](C& c) { return Slot(&c.engine.tls_ca); }, 0, 0, check_file_path, "",
                  "CA certificate of tcp:// engines (PEM); empty: no TLS."});
  rows.push_back({"docker.tls_cert", [](C& c) { return Slot(&c.engine.tls_cert); }, 0, 0, check_file_path, "",
                  "Client certificate for tcp:// engines (PEM)."});
  rows.push_back({"docker.tls_key", [](C& c) { return Slot(&c.engine.tls_key); }, 0, 0, check_file_path, "",
                  "Key of the client certificate (PEM)."});
  rows.push_back({"docker.timeout_seconds", [](C& c) { return Slot(&c.engine.timeout_seconds); }, 0.1, 60,
                  nullptr, "", "How long one request to an engine may take."});
  rows.push_back({"docker.stats_fallback", [](C& c) { return Slot(&c.engine.stats_fallback); }, 0, 0, nullptr,
                  "", "Ask the engine for the numbers of containers whose cgroup files cannot be read."});
  rows.push_back({"docker.label_allow_list", [](C& c) { return Slot(&c.engine.label_allow_list); }, 0, 0,
                  check_container_label, "",
                  "Container labels to show on bottleneck_container_info, besides the identity."});
  rows.push_back({"docker.team_label", [](C& c) { return Slot(&c.engine.team_label); }, 0, 0,
                  check_container_label, "", "Container label whose value becomes the label team."});
}

void add_discovery(Rows& rows) {
  rows.push_back(
      {"discovery.cgroups", [](C& c) { return Slot(&c.discovery.cgroups); }, 0, 0, check_regex,
       "--discovery.cgroups",
       "Watch the cgroups whose path matches this POSIX extended regular expression, without any runtime."});
  rows.push_back({"discovery.systemd_units", [](C& c) { return Slot(&c.discovery.systemd_units); }, 0, 0,
                  check_regex, "--discovery.systemd-units",
                  "Watch the systemd units whose name matches this POSIX extended regular expression."});
  rows.push_back(
      {"discovery.docker_roots", [](C& c) { return Slot(&c.discovery.docker_roots); }, 0, 0,
       check_absolute_path, "--discovery.docker-roots",
       "Data roots of Docker engines, as paths of the host, to read names from besides /var/lib/docker and "
       "those that /etc/docker/daemon.json and home directories tell of."});
  rows.push_back(
      {"discovery.podman_storages", [](C& c) { return Slot(&c.discovery.podman_storages); }, 0, 0,
       check_absolute_path, "--discovery.podman-storages",
       "Storages of Podman, as paths of the host, besides /var/lib/containers/storage and those in homes."});
  rows.push_back({"discovery.rescan_seconds", [](C& c) { return Slot(&c.discovery.rescan_seconds); }, 1, 3600,
                  nullptr, "",
                  "Interval of the full look at the cgroup tree, the net under its change notifications."});
  rows.push_back({"discovery.name_wait_seconds", [](C& c) { return Slot(&c.discovery.name_wait_seconds); }, 0,
                  300, nullptr, "",
                  "How long a new container waits for its runtime's name before its short id serves."});
  rows.push_back({"discovery.max_containers", [](C& c) { return Slot(&c.discovery.max_containers); }, 1,
                  100'000, nullptr, "", "Containers that are watched at most."});
  rows.push_back({"discovery.stopped_keep_hours", [](C& c) { return Slot(&c.discovery.stopped_keep_hours); },
                  0, 8760, nullptr, "", "How long a stopped container stays visible."});
  rows.push_back({"discovery.stopped_max", [](C& c) { return Slot(&c.discovery.stopped_max); }, 0, 10'000,
                  nullptr, "", "Stopped containers that are visible at most."});
}

void add_sampling(Rows& rows) {
  rows.push_back({"sampling.pulse_seconds", [](C& c) { return Slot(&c.sampling.pulse_seconds); }, 0.1, 60,
                  nullptr, "", "Interval of the pulse: CPU, pressure and memory use."});
  rows.push_back({"sampling.detail_seconds", [](C& c) { return Slot(&c.sampling.detail_seconds); }, 1, 600,
                  nullptr, "", "Interval of the detail; a scrape takes a fresh one."});
  rows.push_back({"sampling.limits_seconds", [](C& c) { return Slot(&c.sampling.limits_seconds); }, 1, 3600,
                  nullptr, "", "Interval at which limits are read again."});
  rows.push_back({"sampling.cpu_budget_cores", [](C& c) { return Slot(&c.sampling.cpu_budget_cores); },
                  0.0001, 64, nullptr, "", "CPU that the exporter may use; above it the pulse slows down."});
}

void add_metrics(Rows& rows) {
  rows.push_back({"metrics.profile", [](C& c) { return Slot(&c.metrics.profile); }, 0, 0, nullptr,
                  "--metrics.profile",
                  "How many series a container has: fleet at most 30, standard at most 90, full all."});
  rows.push_back({"metrics.max_series", [](C& c) { return Slot(&c.metrics.max_series); }, 1000, 10'000'000,
                  nullptr, "",
                  "Series of one scrape at most; whole containers beyond it are left out and counted."});
  rows.push_back(
      {"metrics.id_label", [](C& c) { return Slot(&c.metrics.id_label); }, 0, 0, nullptr, "",
       "Put the runtime's id on every container series: a recreated container then starts new series."});
}

void add_collectors(Rows& rows) {
  static constexpr std::array<std::string_view, kCollectorCount> kHelp = {
      "CPU use, quota and throttling.",
      "Memory use, limits, reclaim and refaults.",
      "Bytes and requests per block device.",
      "Traffic per interface, TCP retransmits and full accept queues.",
      "Tasks and their limit.",
      "Open files, threads and run delay, from the processes of a container.",
      "Pressure stall information.",
      "State, health, exit codes and restarts, as the runtime tells them.",
      "Size of the writable layer.",
      "Counters of starts, ends and out-of-memory kills, kept by name.",
      "What a judgement needs of the host.",
      "The engine's API: names, health, and numbers where cgroup files cannot be read.",
  };
  for (std::size_t i = 0; i < kCollectorCount; ++i) {
    const std::string name(name_of(static_cast<Collector>(i)));
    rows.push_back({"collector." + name, [i](C& c) { return Slot(&c.metrics.collectors[i]); }, 0, 0, nullptr,
                    "--collector." + name, std::string(kHelp[i])});
  }
}

/// A number of judgement.def.
template <double JudgementParameters::*member>
Slot parameter_slot(C& c) {
  return &(c.judgement.*member);
}
template <double RecommendationParameters::*member>
Slot parameter_slot(C& c) {
  return &(c.recommendation.*member);
}
template <double BudgetParameters::*member>
Slot parameter_slot(C& c) {
  return &(c.budgets.*member);
}

struct ParameterRow {
  std::string_view key;
  Slot (*slot)(C&);
  double least;
  double most;
  std::string_view help;
};

#define PARAMETER_STRUCT_judgement JudgementParameters
#define PARAMETER_STRUCT_recommendation RecommendationParameters
#define PARAMETER_STRUCT_budgets BudgetParameters
#define PARAMETER(section, name, value, least, most, help) \
  {#section "." #name, parameter_slot<&PARAMETER_STRUCT_##section::name>, least, most, help},
constexpr ParameterRow kParameters[] = {
#include "exporter/config/judgement.def"
};
#undef PARAMETER

void add_parameters(Rows& rows, std::string_view section) {
  for (const ParameterRow& row : kParameters) {
    if (row.key.substr(0, row.key.find('.')) != section) continue;
    rows.push_back({std::string(row.key), row.slot, row.least, row.most, nullptr, "", std::string(row.help)});
  }
}

void add_judgement(Rows& rows) {
  rows.push_back(
      {"judgement.demonstration", [](C& c) { return Slot(&c.judgement.demonstration); }, 0, 0, nullptr,
       "--judgement.demonstration",
       "For demonstrations and tests: holds of a tenth (recommendations enter after 30 s and leave "
       "after 60 s) and leak windows of 2 and 12 min."});
  add_parameters(rows, "judgement");
  add_parameters(rows, "recommendation");
  rows.push_back({"budgets.enabled", [](C& c) { return Slot(&c.budgets.enabled); }, 0, 0, nullptr, "",
                  "Judge every container by these budgets; off: only by those that its labels "
                  "bottleneck.budget.<name> set."});
  add_parameters(rows, "budgets");
}

void add_rest(Rows& rows) {
  rows.push_back({"storage.path", [](C& c) { return Slot(&c.storage.path); }, 0, 0,
                  check_absolute_path_or_empty, "--storage.path",
                  "Directory for names and event counters; empty: nothing survives a restart."});
  rows.push_back({"storage.walk_writable_layers", [](C& c) { return Slot(&c.storage.walk_writable_layers); },
                  0, 0, nullptr, "",
                  "Walk the writable layer of containers without a project quota: costs disk reads."});
  rows.push_back(
      {"storage.sketches_most_megabytes", [](C& c) { return Slot(&c.storage.sketches_most_megabytes); }, 1,
       4096, nullptr, "",
       "Most that the kept distributions of demand may take on disk; the longest unseen go first."});
  rows.push_back({"storage.save_seconds", [](C& c) { return Slot(&c.storage.save_seconds); }, 10, 86400,
                  nullptr, "", "How often distributions of demand and the judgement's memory are written."});
  rows.push_back({"log.level", [](C& c) { return Slot(&c.log_level); }, 0, 0, nullptr, "--log.level",
                  "Least level of the log."});
  rows.push_back({"log.format", [](C& c) { return Slot(&c.log_format); }, 0, 0, nullptr, "--log.format",
                  "Form of a log line."});
}

}  // namespace

const std::vector<SchemaRow>& schema() {
  static const Rows all_rows = [] {
    Rows rows;
    add_paths(rows);
    add_web(rows);
    add_docker(rows);
    add_discovery(rows);
    add_sampling(rows);
    add_metrics(rows);
    add_collectors(rows);
    add_judgement(rows);
    add_rest(rows);
    return rows;
  }();
  return all_rows;
}

ValidConfig default_config() {
  ValidConfig config;
  config.paths.cgroupfs.clear();
  return config;
}

}  // namespace bottleneck
