// A signal explained: inputs, window, formula with the numbers put in, threshold, and what would clear it.
// Made on demand from a reading; for the JSON API, the page and the reports. Allocates.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/model/judgement.h"

namespace bottleneck {

struct ExplainedInput {
  std::string_view name;  ///< as in the formula: "d"
  std::string_view text;  ///< "throttled / (throttled + used)"
  double value = kAbsent;
  InputUnit unit = InputUnit::kShare;
};

struct Explanation {
  std::string_view signal;    ///< "cpu.quota"
  std::string_view resource;  ///< "cpu"
  std::string_view title;
  double value = kAbsent;  ///< absent: not measured, or the question does not arise
  double window_seconds = 60;
  std::string_view source;  ///< kind of evidence: "psi"
  double quality = kAbsent;
  std::vector<ExplainedInput> inputs;   ///< those that are known
  std::string formula;                  ///< "L(d; 0.01, 0.5) = L(0.4; 0.01, 0.5) = 0.943"
  double threshold = kAbsent;           ///< of the score
  double input_at_threshold = kAbsent;  ///< where the deciding input would have to be
  std::string clears;                   ///< "d below 0.0266"; empty when nothing has to be cleared
};

/// `threshold`: the score below which it is no cause (band_low).
Explanation explain(Signal signal, const SignalReading& reading, double threshold);

/// What each number is counted in, as JSON and pages name it: "ratio", "cores", "bytes", ...
std::string_view name_of(InputUnit unit);

}  // namespace bottleneck
