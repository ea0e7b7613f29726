// /api/v1/: the judgements as JSON. Joins the HTTP side to the answers of report/; deploy/openapi.yaml
// describes it, and a test holds the answers against that.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "exporter/expose/http.h"
#include "exporter/expose/routes.h"
#include "exporter/report/answers.h"

namespace bottleneck {

/// What one request looks at.
struct ApiView {
  FleetView fleet;
  std::shared_ptr<const void> owner;  ///< keeps what the views point to
};

/// Where the answers get their data. Called by several threads at once.
struct ApiSources {
  /// Empty before the first sample.
  std::function<std::optional<ApiView>()> fleet;
  /// Kept periods by name; null when there are none yet.
  std::function<std::shared_ptr<const std::vector<TrendView>>()> trends;
};

/// From the published snapshots and the timings of the engine's calls; both outlive it. Trends are the
/// caller's to add.
ApiSources api_sources(const Sources& sources, const SelfMetrics& self);

/// Routes below /api/v1/.
std::vector<Route> make_api_routes(const ApiSources& sources);

}  // namespace bottleneck
