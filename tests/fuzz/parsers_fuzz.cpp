// What the kernel, a recorded series and another exporter's answers say.
#include <string>
#include <string_view>

#include "exporter/api_query.h"
#include "exporter/base/text.h"
#include "exporter/replay/series.h"
#include "exporter/report/advice_text.h"
#include "exporter/report/explain_text.h"
#include "exporter/sample/docker_stats.h"
#include "exporter/sample/parsers/cgroup_files.h"
#include "exporter/sample/parsers/host_files.h"
#include "exporter/sample/parsers/process_files.h"
#include "exporter/sample/read_plan.h"
#include "tests/fuzz/fuzz_table.h"

namespace bottleneck {
namespace {

/// Calls a "next line" parser until it says that nothing is left.
template <class Line, class Next>
void drain(std::string_view text, Next next) {
  Line line;
  bool malformed = false;
  while (next(text, line, malformed)) {
  }
}

void fuzz_parse_keyed(std::string_view text) {
  CgroupLayout layout;
  layout.version = CgroupVersion::kV2;
  layout.roots.fill("/");
  static ReadPlan plan = make_read_plan(layout, MetricsConfig{});
  ContainerValues values;
  for (FilePlan& file : plan.detail) {
    // Twice: with the order learned from another text, and with its own.
    if (file.shape == FileShape::kKeyed) parse_keyed(file, text, values) && parse_keyed(file, text, values);
  }
}

/// The first line is the header, the rest are rows.
void fuzz_replay(std::string_view text) {
  std::string_view line;
  if (!next_line(text, line)) return;
  auto columns = parse_replay_header(line);
  if (!columns) return;
  const auto ignore = [](double, const Member&, const Judgement&) {};
  ReplaySeries series(ValidConfig(), std::move(*columns), ignore, ignore);
  while (next_line(text, line)) static_cast<void>(series.add(line).has_value());
  series.finish();
}

void fuzz_csv_cells(std::string_view text) {
  std::optional<std::string_view> rest = text;
  std::string cell;
  bool broken = false;
  while (next_csv_cell(rest, cell, broken)) {
  }
}

void fuzz_api_query(std::string_view text) {
  const auto query = ApiQuery::parse(text, {"limit", "threshold"});
  if (!query) return;
  std::uint64_t limit = 1;
  double threshold = 0;
  static_cast<void>(query->take_count("limit", 1, 10, limit).has_value());
  static_cast<void>(query->take_number("threshold", 0, 1, threshold).has_value());
}

constexpr FuzzRow kRows[] = {
    {"parse_keyed", fuzz_parse_keyed},
    {"parse_single_number", [](std::string_view text) { parse_single_number(text, Unit::kLimit); }},
    {"parse_pressure", [](std::string_view text) { parse_pressure(text); }},
    {"parse_cpu_max", [](std::string_view text) { parse_cpu_max(text); }},
    {"parse_cpu_stat_quota", [](std::string_view text) { parse_cpu_stat_quota(text); }},
    {"parse_cfs_quota", [](std::string_view text) { parse_cfs_quota(text, text); }},
    {"parse_cpu_list", [](std::string_view text) { parse_cpu_list(text); }},
    {"next_io_line", [](std::string_view text) { drain<DeviceLine>(text, next_io_line); }},
    {"next_blkio_line", [](std::string_view text) { drain<BlkioLine>(text, next_blkio_line); }},
    {"next_throttle_line", [](std::string_view text) { drain<ThrottleLine>(text, next_throttle_line); }},
    {"parse_memory_stat_kernel", [](std::string_view text) { parse_memory_stat_kernel(text); }},
    {"parse_cgroup_events_frozen", [](std::string_view text) { parse_cgroup_events_frozen(text); }},
    {"parse_freezer_state_frozen", [](std::string_view text) { parse_freezer_state_frozen(text); }},
    {"first_process", [](std::string_view text) { first_process(text); }},
    {"next_net_dev_line", [](std::string_view text) { drain<NetDevLine>(text, next_net_dev_line); }},
    {"parse_net_snmp", [](std::string_view text) { parse_net_snmp(text, "Tcp", "RetransSegs"); }},
    {"parse_pid_stat", [](std::string_view text) { parse_pid_stat(text); }},
    {"parse_pid_io", [](std::string_view text) { parse_pid_io(text); }},
    {"parse_pid_limits_open_files", [](std::string_view text) { parse_pid_limits_open_files(text); }},
    {"parse_schedstat", [](std::string_view text) { parse_schedstat(text); }},
    {"parse_proc_stat", [](std::string_view text) { parse_proc_stat(text); }},
    {"parse_meminfo", [](std::string_view text) { parse_meminfo(text); }},
    {"next_diskstats_line", [](std::string_view text) { drain<DiskstatsLine>(text, next_diskstats_line); }},
    {"replay", fuzz_replay},
    {"next_csv_cell", fuzz_csv_cells},
    {"parse_replay_header",
     [](std::string_view text) { static_cast<void>(parse_replay_header(text).has_value()); }},
    {"parse_replay_number",
     [](std::string_view text) { static_cast<void>(parse_replay_number(text).has_value()); }},
    {"api_query", fuzz_api_query},
    {"parse_explain_view",
     [](std::string_view text) {
       const auto view = parse_explain_view(text);
       if (view) explain_text(*view);
     }},
    {"parse_advice_views",
     [](std::string_view text) {
       const auto views = parse_advice_views(text);
       if (views) advice_text(*views);
     }},
    {"parse_docker_stats",
     [](std::string_view text) {
       Sample sample;
       static_cast<void>(parse_docker_stats(text, MetricsConfig{}, sample).has_value());
     }},
};

}  // namespace
}  // namespace bottleneck

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return bottleneck::run_fuzz_row(bottleneck::kRows, data, size);
}
