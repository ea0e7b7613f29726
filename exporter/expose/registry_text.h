// prometheus-cpp families as text of either format.
#pragma once

#include <prometheus/metric_family.h>

#include "exporter/expose/exposition.h"

namespace bottleneck {

/// Writes counters, gauges and histograms, sorted by labels, all that the options' names ask for. Returns the
/// series written.
std::size_t append_registry(TextBuffer& out, const ExpositionOptions& options,
                            std::vector<prometheus::MetricFamily> families);

}  // namespace bottleneck
