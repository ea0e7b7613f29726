// METRICS.md: what is exposed, from where. Generated from the catalogue and from a scrape's own HELP and TYPE
// lines.
#pragma once

#include <string>

namespace bottleneck {

std::string metrics_reference();

}  // namespace bottleneck
