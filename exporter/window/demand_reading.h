// The 10 s value of a container that its kept history takes.
#pragma once

#include "exporter/window/demand_history.h"

namespace bottleneck {

/// From the 10 s window. CPU demand is use / (1 - throttled share), at most `size_demand_most` times the use.
/// Trouble is throttling or memory pressure above `size_trouble`; CPU pressure above five times that, because
/// a few percent of waiting are how any scheduler works.
inline DemandReading demand_reading(const Evidence& evidence, const JudgementParameters& parameters) {
  DemandReading reading;
  const WindowEvidence& window = evidence.fast;
  const double used = static_cast<double>(window.cpu_cores);
  const double taken = is_present(window.throttled_share) ? static_cast<double>(window.throttled_share) : 0;
  const double factor = taken < 1 ? 1 / (1 - taken) : parameters.size_demand_most;
  reading.cpu_demand = used * (factor < parameters.size_demand_most ? factor : parameters.size_demand_most);
  reading.unreclaimable = evidence.memory_unreclaimable;
  reading.active_file = evidence.memory_active_file;
  reading.packets = static_cast<double>(window.packets / window.detail_seconds);
  reading.cpu_trouble =
      taken > parameters.size_trouble || static_cast<double>(window.cpu_some) > 5 * parameters.size_trouble;
  reading.memory_trouble = static_cast<double>(window.memory_some) > parameters.size_trouble;
  return reading;
}

}  // namespace bottleneck
