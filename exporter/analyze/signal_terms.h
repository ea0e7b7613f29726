// What the files of signals share: terms, and the quality of each kind of evidence.
#pragma once

#include <algorithm>

#include "exporter/analyze/signals.h"

namespace bottleneck {

// Quality of a kind of evidence: counters and pressure say it, delay accounting misses what it was not on
// for, D state and refaults are samples or proxies, run delay is a sum over tasks, utilisation does not say
// that anybody waits.
inline constexpr float kExact = 1.0F;
inline constexpr float kDelay = 0.8F;
inline constexpr float kSampled = 0.7F;
inline constexpr float kQueue = 0.6F;
inline constexpr float kUseOnly = 0.5F;

constexpr float narrow(double value) { return static_cast<float>(value); }

inline Term log_term(float x, double low, double high, double factor = 1, std::uint8_t input = 0) {
  return {x, narrow(low), narrow(high), narrow(factor), Shape::kLog, input};
}
inline Term linear_term(float x, double low, double high, double factor = 1, std::uint8_t input = 0) {
  return {x, narrow(low), narrow(high), narrow(factor), Shape::kLinear, input};
}
inline Term step_term(float x, double from, double factor, std::uint8_t input = 0) {
  return {x, narrow(from), narrow(from), narrow(factor), Shape::kStep, input};
}

/// Takes `term` when it says more than what is there.
inline void consider(SignalReading& reading, const Term& term, EvidenceKind kind, float quality) {
  const float value = value_of(term);
  if (!is_present(value) || reading.value >= value) return;
  reading.value = value;
  reading.term = term;
  reading.kind = kind;
  reading.quality = quality;
}

inline float at_most_one(float share) { return is_present(share) ? std::min(share, 1.0F) : share; }

// In signals_other.cpp.
void io_stall(const SignalContext& context, const WindowEvidence& window, SignalReading& reading);
void io_limit(const SignalContext& context, const WindowEvidence& window, SignalReading& reading);
void io_device(const SignalContext& context, SignalReading& reading);
void network(const SignalContext& context, const WindowEvidence& window, Signals& signals);
void pids(const SignalContext& context, const WindowEvidence& window, Signals& signals);
void life(const SignalContext& context, Signals& signals);

}  // namespace bottleneck
