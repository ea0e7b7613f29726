// What kind of work a container does, how well it uses what it has, and how steadily.
#pragma once

#include "exporter/model/judgement.h"

namespace bottleneck {

/// Writes profile and efficiency, from 300 s and the kept demand.
void describe_workload(const Evidence& evidence, const HostEvidence& host, Judgement& judgement);

/// Writes volatility and mean use, from the last hour by minute; absent with less than 50 min. Cheap enough
/// for once a minute, not for each tick.
void measure_volatility(const Evidence& evidence, Judgement& judgement);

}  // namespace bottleneck
