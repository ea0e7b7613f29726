// What is served where.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/expose/http.h"
#include "exporter/expose/self_metrics.h"
#include "exporter/model/snapshot.h"

namespace bottleneck {

/// Where the handlers get their data. Called by several threads at once.
struct Sources {
  /// The newest snapshot, empty before the first. With `fresh` it may wait for a detail pass, up to a
  /// deadline of its own.
  std::function<std::shared_ptr<const Snapshot>(bool fresh)> snapshot;
  /// The configuration in force; never empty. The telemetry path is taken once.
  std::function<std::shared_ptr<const ValidConfig>()> config;
  std::string version;
};

/// The table of routes. `sources` and `self` outlive it.
std::vector<Route> make_routes(const Sources& sources, SelfMetrics& self);

/// Answers a scrape. Thread safe.
class MetricsHandler {
 public:
  MetricsHandler(const Sources& sources, SelfMetrics& self) : sources_(sources), self_(self) {}
  void answer(const HttpRequest& request, HttpResponse& response);

 private:
  ExpositionCount write_snapshot(const Snapshot& snapshot, const ExpositionOptions& options, TextBuffer& out);

  const Sources& sources_;
  SelfMetrics& self_;
  std::mutex mutex_;
  /// Writers keep scratch memory: one for each scrape that was ever under way at once.
  std::vector<std::unique_ptr<ExpositionWriter>> idle_writers_;
};

/// One scrape in the text format, without a server: for the command `metrics`.
std::string scrape_text(const Sources& sources, SelfMetrics& self);

/// The start page.
void write_index(const Sources& sources, HttpResponse& response);

}  // namespace bottleneck
