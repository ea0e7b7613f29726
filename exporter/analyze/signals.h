// Signals: one function each, from evidence to 0..1. Thresholds and reasons are in config/judgement.def.
#pragma once

#include "exporter/analyze/events.h"
#include "exporter/config/judgement.h"
#include "exporter/model/judgement.h"

namespace bottleneck {

struct SignalContext {
  const Evidence& evidence;
  const HostEvidence& host;
  const JudgementParameters& parameters;
  const EventFacts& events;
  const LeakReading& leak;
  float device_busy = kNoRate;   ///< of the device that it uses most
  float device_share = kNoRate;  ///< its own part of what is moved on it
};

/// Evaluates all signals over one of the windows of `context.evidence`. `measured`: there is enough data for
/// what comes from windows; otherwise only events speak, and the rest is absent.
void evaluate_signals(const SignalContext& context, const WindowEvidence& window, bool measured,
                      Signals& signals);

/// The largest present signal of each resource; NaN where none is present. `dominant` may be null.
void score_resources(const Signals& signals, std::array<float, kResourceCount>& scores,
                     std::array<Signal, kResourceCount>* dominant);

/// Most of what it moves was evicted from its page cache before.
bool reads_again(const WindowEvidence& window, const JudgementParameters& parameters);
/// So it is in small requests all over a set that is more than twice its cache: the kernel calls only those
/// refaults activated that as many pages as its active ones would have kept, and these are few. One pass over
/// a large file refaults as well, in large requests. Absent numbers: false.
bool reads_again_at_random(const WindowEvidence& window, const JudgementParameters& parameters);
/// Limit hits a second, or usage at the limit nearly all the time where hits are not counted (v1 with a swap
/// limit equal to the memory limit): of the window, or of its last 10 s, so that what it used before the
/// trouble began does not count.
bool hits_limit(const SignalContext& context, const WindowEvidence& window, double least_hits);
/// Refaulted bytes a second over the effective limit.
float refaults_of_limit(const Evidence& evidence, const WindowEvidence& window);
/// Share of the time that a task of it waited for a CPU, whatever for: pressure, else run delay.
float cpu_waiting(const WindowEvidence& window);

}  // namespace bottleneck
