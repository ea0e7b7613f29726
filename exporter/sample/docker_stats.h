// Numbers from a /containers/<id>/stats body, for containers whose cgroup files cannot be read: a remote
// daemon, another operating system. Pointers and units are the `docker` column of the catalogue.
#pragma once

#include <string_view>

#include "exporter/base/result.h"
#include "exporter/config/config.h"
#include "exporter/model/snapshot.h"

namespace bottleneck {

/// Fills `sample` from one body. kMalformed when the body is not a JSON object; a number that the body does
/// not have stays absent.
Status parse_docker_stats(std::string_view body, const MetricsConfig& metrics, Sample& sample);

}  // namespace bottleneck
