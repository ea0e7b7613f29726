// The other side of a container image's HEALTHCHECK.
#pragma once

#include <string>

#include "exporter/base/result.h"

namespace bottleneck {

/// Asks the exporter that listens on `listen_address` ("0.0.0.0:10110") for /-/healthy, within 3 s. With TLS
/// or users configured any answer of the server counts: it is alive. kUnavailable when nobody answers or the
/// answer is a failure.
Status ask_health(const std::string& listen_address);

}  // namespace bottleneck
