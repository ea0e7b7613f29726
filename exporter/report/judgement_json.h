// One container's judgement as JSON, with everything that explains it: the answer of
// /api/v1/containers/<name>, described by deploy/openapi.yaml.
#pragma once

#include <string_view>

#include "exporter/config/judgement.h"
#include "exporter/model/container.h"
#include "exporter/model/judgement.h"
#include "exporter/report/json.h"

namespace bottleneck {

/// One container as the answers show it. What it points to outlives the call.
struct ContainerView {
  const Identity* identity = nullptr;
  const Judgement* judgement = nullptr;  ///< null: not judged yet
  std::string_view state;                ///< "running", "exited", ...; empty: unknown
  double start_time = kAbsent;           ///< seconds since the epoch
  double startup_seconds = kAbsent;      ///< from started to healthy
};

/// Name, state, scores, cause and the ids of what is recommended: a row of a list.
OrderedJson brief_json(const ContainerView& container);
/// Everything. `unix_seconds` is now.
OrderedJson full_json(const ContainerView& container, const JudgementParameters& parameters,
                      double unix_seconds);

/// A signal with inputs, window, formula with numbers put in, threshold, and what would clear it.
OrderedJson signal_json(Signal signal, const SignalReading& reading, const JudgementParameters& parameters);
/// A recommendation with its texts, changes and undo.
OrderedJson finding_json(const Finding& finding);

}  // namespace bottleneck
