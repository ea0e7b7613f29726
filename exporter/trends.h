// Trends by name, from the kept distributions.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "exporter/report/answers.h"
#include "exporter/window/demand_store.h"

namespace bottleneck {

/// Hours and days of every name, by name. Those of the image that ran before stand where the present one has
/// less.
std::vector<TrendView> trend_views(const DemandStore& store);

/// The trends of serialised demand, worked out once for each: quantiles of a large fleet take a while.
/// Thread safe.
class Trends {
 public:
  using Bytes = std::shared_ptr<const std::string>;
  using Views = std::shared_ptr<const std::vector<TrendView>>;
  /// `demand` gives the newest, or null.
  explicit Trends(std::function<Bytes()> demand) : demand_(std::move(demand)) {}
  /// Null when there is none, or it makes no sense.
  Views views();

 private:
  std::function<Bytes()> demand_;
  std::mutex mutex_;
  Bytes bytes_;  ///< that views_ were made of
  Views views_;
};

}  // namespace bottleneck
