// `explain` and `advise` without a running exporter: samples here for a while, then answers from that.
#pragma once

#include <string>

#include "exporter/config/config.h"
#include "exporter/expose/self_metrics.h"

namespace bottleneck {

/// Samples for `seconds` with nothing kept on disk. The answer of /api/v1/containers/<container>, or with
/// `advice` that of /api/v1/recommendations (`container` empty: all). kInvalid when the configuration cannot
/// be worked with, kGone when there is no such container.
Result<std::string> answer_here(ValidConfig config, SelfMetrics& self, double seconds,
                                const std::string& container, bool advice);

}  // namespace bottleneck
