// A container that uses nearly all of one resource and nearly none of another: a profile, no fault.
#pragma once

#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {

/// Of the memory it may use, that which cannot be freed.
inline double memory_use(const AdviceContext& context) {
  return wide(context.judgement.of(Signal::kMemSpace).inputs[0]);
}
/// The peak of the last minute, of the CPUs it may use.
inline double cpu_use(const AdviceContext& context) {
  return wide(context.score().cpu_peak) / context.evidence.cpu_effective_limit;
}

inline Condition bound_by(double much, double little, const RecommendationParameters& p) {
  Condition condition = at_least(much, p.bound_high, 0.9 * p.bound_high, Severity::kLow);
  if (!(little < p.bound_low)) condition.severity = Severity::kCleared;
  if (!(little < 1.3 * p.bound_low)) condition.over = true;
  return condition;
}

}  // namespace bottleneck::advice
