#include "exporter/expose/self_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <mutex>

#include "exporter/base/process.h"
#include "exporter/expose/families.h"
#include "exporter/expose/registry_text.h"

namespace bottleneck {
namespace {

using prometheus::Labels;

/// Fractions only: whole numbers would be spelt differently in the two formats, and so be two series.
const prometheus::Histogram::BucketBoundaries request_seconds = {0.001, 0.005, 0.025, 0.1, 0.5, 1.5, 4.5};

std::string with(std::string_view label, std::string_view value) {
  return "{" + std::string(label) + "=\"" + std::string(value) + "\"} ";
}

/// Writes the families that are read off a snapshot or the process at each scrape.
class Lines {
 public:
  Lines(TextBuffer& out, const ExpositionOptions& options) : out_(out), options_(options) {}

  /// False when the family is not wanted; else its samples follow.
  bool begin(std::string_view name, MetricType type, std::string_view help) {
    name_ = name;
    if (!options_.wants(name)) return false;
    append_head(out_, options_.format, name, type, help);
    return true;
  }
  void sample(std::string_view labels, double value) {
    out_.append(name_);
    out_.append(labels);
    append_number(out_, value);
    out_.append('\n');
    ++series_;
  }
  /// A family of one sample; none when the value is absent.
  void one(std::string_view name, MetricType type, std::string_view help, double value) {
    if (is_present(value) && begin(name, type, help)) sample(" ", value);
  }
  [[nodiscard]] std::size_t series() const { return series_; }

 private:
  TextBuffer& out_;
  const ExpositionOptions& options_;
  std::string_view name_;
  std::size_t series_ = 0;
};

constexpr std::array<ReadErrorReason, 4> kUsualReasons = {
    ReadErrorReason::kDenied, ReadErrorReason::kMalformed, ReadErrorReason::kTimeout,
    ReadErrorReason::kUnavailable};

void write_read_errors(Lines& lines, const Snapshot& snapshot) {
  static constexpr std::array<std::string_view, kReadErrorReasonCount> kReasons = {
      "denied", "malformed", "timeout", "unavailable", "invalid"};
  if (!lines.begin("bottleneck_exporter_read_errors_total", MetricType::kCounter,
                   "Reads that failed, by collector and reason."))
    return;
  for (std::size_t i = 0; i < kCollectorCount; ++i) {
    const CollectorState& state = snapshot.collectors[i];
    if (!state.enabled) continue;
    for (std::size_t reason = 0; reason < kReadErrorReasonCount; ++reason) {
      // "invalid" is a mistake of ours: shown when it was made.
      if (reason >= kUsualReasons.size() && state.errors[reason] == 0) continue;
      const std::string collector(name_of(static_cast<Collector>(i)));
      lines.sample("{collector=\"" + collector + "\",reason=\"" + std::string(kReasons[reason]) + "\"} ",
                   static_cast<double>(state.errors[reason]));
    }
  }
}

void write_collectors(Lines& lines, const Snapshot& snapshot) {
  const auto each = [&](std::string_view name, std::string_view help, const auto& value) {
    if (!lines.begin(name, MetricType::kGauge, help)) return;
    for (std::size_t i = 0; i < kCollectorCount; ++i) {
      const CollectorState& state = snapshot.collectors[i];
      if (state.enabled) lines.sample(with("collector", name_of(static_cast<Collector>(i))), value(state));
    }
  };
  each("bottleneck_exporter_collector_success",
       "1 when nothing was denied, malformed or late in the last pass.",
       [](const CollectorState& state) { return state.success ? 1.0 : 0.0; });
  each("bottleneck_exporter_collector_supported",
       "1 when the kernel and the mounts offer what the collector reads.",
       [](const CollectorState& state) { return state.supported ? 1.0 : 0.0; });
  each("bottleneck_exporter_collector_duration_seconds", "Duration of the last full pass.",
       [](const CollectorState& state) { return state.duration_seconds; });
  write_read_errors(lines, snapshot);
}

void write_sampler(Lines& lines, const Snapshot& snapshot) {
  constexpr auto kGauge = MetricType::kGauge;
  lines.one("bottleneck_exporter_sampling_interval_seconds", kGauge, "Interval of the pulse now in force.",
            snapshot.sampling_interval_seconds);
  lines.one("bottleneck_exporter_ticks_skipped_total", MetricType::kCounter,
            "Pulses that were left out because the last one was late.",
            static_cast<double>(snapshot.ticks_skipped));
  lines.one("bottleneck_exporter_cpu_budget_ratio", kGauge, "CPU use of the exporter over its budget.",
            snapshot.cpu_budget_ratio);
  lines.one("bottleneck_exporter_containers", kGauge, "Containers that are watched.",
            static_cast<double>(snapshot.container_count));
}

void write_dropped(Lines& lines, const Snapshot& snapshot, const ExpositionCount& count) {
  if (!lines.begin(
          "bottleneck_exporter_containers_dropped", MetricType::kGauge,
          "Containers left out: over the cap on containers, or over the cap on series in this scrape.")) {
    return;
  }
  lines.sample(with("reason", "containers"), static_cast<double>(snapshot.containers_dropped));
  lines.sample(with("reason", "series"), static_cast<double>(count.containers_dropped));
}

void write_process(Lines& lines) {
  constexpr auto kGauge = MetricType::kGauge;
  const ProcessUsage usage = process_usage();
  lines.one("process_cpu_seconds_total", MetricType::kCounter, "User and system CPU time of the exporter.",
            usage.cpu_seconds);
  lines.one("process_resident_memory_bytes", kGauge, "Resident memory of the exporter.",
            usage.resident_bytes);
  lines.one("process_virtual_memory_bytes", kGauge, "Virtual memory of the exporter.", usage.virtual_bytes);
  lines.one("process_open_fds", kGauge, "Open file descriptors of the exporter.", usage.open_files);
  lines.one("process_max_fds", kGauge, "Limit on them.", usage.open_files_limit);
  lines.one("process_start_time_seconds", kGauge, "When the exporter started, seconds since the epoch.",
            usage.start_time_unix_seconds);
}

}  // namespace

struct SelfMetrics::State {
  explicit State(const Build& build) {
    prometheus::BuildGauge()
        .Name("bottleneck_exporter_build_info")
        .Help("Version of the exporter.")
        .Register(registry)
        .Add({{"version", build.version}, {"revision", build.revision}})
        .Set(1);
    // Present at 0 before the first of them happens.
    for (const char* code : {"200", "500", "503"}) requests.Add({{"code", code}, {"handler", "metrics"}});
    worker_busy("http");
  }

  prometheus::Counter& worker_busy(std::string_view worker) {
    return busy.Add(Labels{{"worker", std::string(worker)}});
  }

  prometheus::Registry registry;
  prometheus::Family<prometheus::Histogram>& docker =
      prometheus::BuildHistogram()
          .Name("bottleneck_exporter_docker_api_request_duration_seconds")
          .Help("Duration of requests to engine APIs.")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& busy =
      prometheus::BuildCounter()
          .Name("bottleneck_exporter_worker_busy_seconds_total")
          .Help("Time in which the exporter's own threads worked.")
          .Register(registry);
  prometheus::Gauge& in_flight = prometheus::BuildGauge()
                                     .Name("bottleneck_exporter_http_requests_in_flight")
                                     .Help("Requests that are being answered, this one included.")
                                     .Register(registry)
                                     .Add({});
  prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter()
                                                          .Name("bottleneck_exporter_http_requests_total")
                                                          .Help("Requests answered.")
                                                          .Register(registry);
  prometheus::Counter& series_dropped = prometheus::BuildCounter()
                                            .Name("bottleneck_exporter_series_dropped_total")
                                            .Help("Series left out of scrapes by the cap on series.")
                                            .Register(registry)
                                            .Add({});
  prometheus::Gauge& reload_successful =
      prometheus::BuildGauge()
          .Name("bottleneck_exporter_config_last_reload_successful")
          .Help("1 when the configuration was valid the last time it was loaded.")
          .Register(registry)
          .Add({});
  prometheus::Gauge& reload_time =
      prometheus::BuildGauge()
          .Name("bottleneck_exporter_config_last_reload_success_timestamp_seconds")
          .Help("When a valid configuration was last loaded, seconds since the epoch.")
          .Register(registry)
          .Add({});
  std::mutex busy_mutex;
};

SelfMetrics::SelfMetrics(const Build& build) : state_(std::make_unique<State>(build)) {}
SelfMetrics::~SelfMetrics() = default;

std::vector<SelfMetrics::RequestMean> SelfMetrics::docker_request_means() const {
  std::vector<RequestMean> means;
  for (const prometheus::MetricFamily& family : state_->docker.Collect()) {
    for (const prometheus::ClientMetric& metric : family.metric) {
      if (metric.histogram.sample_count == 0 || metric.label.empty()) continue;
      means.push_back({metric.label.front().value,
                       metric.histogram.sample_sum / static_cast<double>(metric.histogram.sample_count)});
    }
  }
  return means;
}

void SelfMetrics::observe_docker_request(std::string_view endpoint, double seconds) {
  state_->docker.Add(Labels{{"endpoint", std::string(endpoint)}}, request_seconds).Observe(seconds);
}

void SelfMetrics::set_worker_busy(std::string_view worker, double seconds_since_start) {
  const std::lock_guard lock(state_->busy_mutex);
  prometheus::Counter& counter = state_->worker_busy(worker);
  counter.Increment(std::max(0.0, seconds_since_start - counter.Value()));
}

void SelfMetrics::set_config_reload(bool successful, double unix_seconds) {
  state_->reload_successful.Set(successful ? 1 : 0);
  if (successful) state_->reload_time.Set(unix_seconds);
}

void SelfMetrics::http_request_started() { state_->in_flight.Increment(); }

void SelfMetrics::http_request_finished(int code, std::string_view handler, double busy_seconds) {
  state_->in_flight.Decrement();
  state_->requests.Add(Labels{{"code", std::to_string(code)}, {"handler", std::string(handler)}}).Increment();
  state_->worker_busy("http").Increment(std::max(0.0, busy_seconds));
}

std::size_t SelfMetrics::write(const Snapshot* snapshot, const ExpositionCount& count,
                               const ExpositionOptions& options, TextBuffer& out) {
  state_->series_dropped.Increment(static_cast<double>(count.series_dropped));
  if (snapshot != nullptr) set_worker_busy("sampler", snapshot->sampler_busy_seconds);
  std::size_t series = append_registry(out, options, state_->registry.Collect());
  Lines lines(out, options);
  if (snapshot != nullptr) {
    write_collectors(lines, *snapshot);
    write_sampler(lines, *snapshot);
    write_dropped(lines, *snapshot, count);
  }
  write_process(lines);
  series += lines.series();
  // Last, because it counts all the others, and itself.
  lines.one("bottleneck_exporter_series", MetricType::kGauge, "Series in this scrape.",
            static_cast<double>(count.series + series + 1));
  return series + (options.wants("bottleneck_exporter_series") ? 1 : 0);
}

}  // namespace bottleneck
