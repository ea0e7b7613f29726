// The parts of a judgement beside its cause: right sizes, leaks, growth, workload, neighbours, regressions,
// budgets.
#pragma once

#include "exporter/model/judgement.h"
#include "exporter/report/json.h"

namespace bottleneck {

/// Adds a key for each part.
void add_parts(const Judgement& judgement, OrderedJson& out);

}  // namespace bottleneck
