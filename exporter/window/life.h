// What runtime and events say of a container, as evidence.
#pragma once

#include "exporter/model/evidence.h"

namespace bottleneck {

/// From the catalogue rows that the runtime and the exporter's own counters fill (state, start, exits, ...)
/// and the cgroup's own count of kills in `own`. A row that nobody filled stays absent.
LifeEvidence life_evidence(const ContainerValues& told, const ContainerValues& own, const Extras& extras);

}  // namespace bottleneck
