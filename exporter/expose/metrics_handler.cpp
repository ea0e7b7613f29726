// One scrape: what is asked for, then container series, own series and the end mark.
#include <optional>

#include "exporter/config/suggest.h"
#include "exporter/expose/http_message.h"
#include "exporter/expose/routes.h"

namespace bottleneck {
namespace {

std::optional<std::size_t> collector_named(std::string_view name) {
  for (std::size_t i = 0; i < kCollectorCount; ++i) {
    if (name_of(static_cast<Collector>(i)) == name) return i;
  }
  return std::nullopt;
}

std::string collector_list(const MetricsConfig& config) {
  std::string list;
  for (std::size_t i = 0; i < kCollectorCount; ++i) {
    if (config.collectors[i])
      list += (list.empty() ? "" : ", ") + std::string(name_of(static_cast<Collector>(i)));
  }
  return list;
}

/// Takes `?collect[]=` and `?name[]=`; what is wrong with them, or nothing.
std::string apply_filters(const QueryParameters& parameters, const MetricsConfig& config,
                          ExpositionOptions& options) {
  bool some = false;
  for (const auto& [key, value] : parameters) {
    if (key == "name[]") options.names.push_back(value);
    if (key != "collect[]") continue;
    if (!some) options.collectors.fill(false);
    some = true;
    const auto collector = collector_named(value);
    if (!collector) return "unknown collector " + shown(value) + "; there are " + collector_list(config);
    if (!config.collectors[*collector]) return "collector " + value + " is switched off";
    options.collectors[*collector] = true;
  }
  return {};
}

}  // namespace

void MetricsHandler::answer(const HttpRequest& request, HttpResponse& response) {
  const std::shared_ptr<const ValidConfig> config = sources_.config();
  ExpositionOptions options;
  options.format = negotiate_format(request.header("Accept"));
  options.profile = config->metrics.profile;
  options.collectors = config->metrics.collectors;
  options.id_label = config->metrics.id_label;
  options.max_series = static_cast<std::size_t>(config->metrics.max_series);
  const auto parameters = parse_query(request.query);
  if (!parameters) return response.fail(400, "the query cannot be decoded");
  const std::string wrong = apply_filters(*parameters, config->metrics, options);
  if (!wrong.empty()) return response.fail(400, wrong);

  const std::shared_ptr<const Snapshot> snapshot = sources_.snapshot(true);
  ExpositionCount count;
  if (snapshot) count = write_snapshot(*snapshot, options, response.body);
  self_.write(snapshot.get(), count, options, response.body);
  if (options.format == TextFormat::kOpenMetrics100) response.body.append("# EOF\n");
  response.content_type = content_type(options.format);
  response.headers.emplace_back("Vary", "Accept");
}

ExpositionCount MetricsHandler::write_snapshot(const Snapshot& snapshot, const ExpositionOptions& options,
                                               TextBuffer& out) {
  std::unique_ptr<ExpositionWriter> writer;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_writers_.empty()) {
      writer = std::move(idle_writers_.back());
      idle_writers_.pop_back();
    }
  }
  if (!writer) writer = std::make_unique<ExpositionWriter>();
  const ExpositionCount count = writer->write(snapshot, options, out);
  const std::lock_guard lock(mutex_);
  idle_writers_.push_back(std::move(writer));
  return count;
}

std::string scrape_text(const Sources& sources, SelfMetrics& self) {
  TextBuffer body;
  HttpResponse response(body);
  MetricsHandler(sources, self)
      .answer({.path = {}, .query = {}, .header = [](const char*) { return std::string_view(); }}, response);
  return std::string(body.view());
}

}  // namespace bottleneck
