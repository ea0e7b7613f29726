#include "exporter/expose/routes.h"

#include "exporter/expose/pages.h"

namespace bottleneck {
namespace {

void write_ready(const Sources& sources, HttpResponse& response) {
  if (sources.snapshot(false)) {
    response.body.append("ready\n");
  } else {
    response.fail(503, "no sample yet");
  }
}

void write_style(HttpResponse& response) {
  response.content_type = "text/css; charset=utf-8";
  response.headers.emplace_back("Cache-Control", "max-age=3600");
  response.body.append(style_sheet());
}

}  // namespace

std::vector<Route> make_routes(const Sources& sources, SelfMetrics& self) {
  const std::string telemetry_path = sources.config()->web.telemetry_path;
  const auto metrics = std::make_shared<MetricsHandler>(sources, self);
  return {
      {telemetry_path, "metrics",
       [metrics](const auto& request, auto& response) { metrics->answer(request, response); }},
      {"/", "index", [&](const auto&, auto& response) { write_index(sources, response); }},
      {"/style.css", "style", [](const auto&, auto& response) { write_style(response); }},
      {"/-/healthy", "healthy", [](const auto&, auto& response) { response.body.append("healthy\n"); }},
      {"/-/ready", "ready", [&](const auto&, auto& response) { write_ready(sources, response); }},
  };
}

}  // namespace bottleneck
