// Signals of I/O, network, pids and life.
#include "exporter/analyze/signal_terms.h"

namespace bottleneck {

void io_stall(const SignalContext& context, const WindowEvidence& window, SignalReading& reading) {
  const JudgementParameters& p = context.parameters;
  const bool pressure = is_present(window.io_some) || is_present(window.io_full);
  float some = window.io_some;
  EvidenceKind kind = EvidenceKind::kPressure;
  float quality = kExact;
  if (!pressure && is_present(window.io_delay)) {
    some = at_most_one(window.io_delay);
    kind = EvidenceKind::kDelayAccounting;
    quality = kDelay;
  } else if (!pressure && !context.evidence.life.paused) {  // a frozen task is no waiting one
    some = window.blocked;
    kind = EvidenceKind::kBlockedTasks;
    quality = kSampled;
  }
  reading.inputs = {some, window.io_full, window.read_bytes + window.written_bytes,
                    window.reads + window.writes};
  consider(reading, log_term(window.io_full, p.io_full_low, p.io_full_high, 1, 1), EvidenceKind::kPressure,
           kExact);
  consider(reading, log_term(some, p.io_some_low, p.io_some_high), kind, quality);
}

void io_limit(const SignalContext& context, const WindowEvidence& window, SignalReading& reading) {
  const JudgementParameters& p = context.parameters;
  reading.inputs = {window.io_limit, narrow(context.evidence.io_limit_rate), kNoRate, kNoRate};
  consider(reading, linear_term(window.io_limit, p.io_limit_low, p.io_limit_high, p.io_limit_weight),
           EvidenceKind::kQuotaCounters, kExact);
}

void io_device(const SignalContext& context, SignalReading& reading) {
  const JudgementParameters& p = context.parameters;
  reading.inputs = {context.device_busy, context.device_share, kNoRate, kNoRate};
  if (!is_present(context.device_share)) return;
  const double factor = p.io_device_weight * static_cast<double>(context.device_share);
  consider(reading, linear_term(context.device_busy, p.io_device_low, p.io_device_high, factor),
           EvidenceKind::kDeviceShare, kUseOnly);
}

namespace {

/// Of the least number of events in the score's window, the part that falls to this one: rates that count
/// over a minute count over its last 10 s as well.
double part_of_window(const SignalContext& context, const WindowEvidence& window) {
  const float whole = context.evidence.score.detail_seconds;
  return whole > 0 ? std::min(1.0F, window.detail_seconds / whole) : 1;
}

/// A ratio that needs a least number of events; with fewer it is 0.
void ratio_of_events(float part, float whole, double least, double low, double high, SignalReading& reading) {
  const float ratio = whole > 0 ? part / whole : part * 0;
  reading.inputs = {ratio, whole, kNoRate, kNoRate};
  Term term = log_term(ratio, low, high);
  if (whole < narrow(least)) term.shape = Shape::kNothing;
  consider(reading, term, EvidenceKind::kTraffic, kExact);
}

}  // namespace

void network(const SignalContext& context, const WindowEvidence& window, Signals& signals) {
  const JudgementParameters& p = context.parameters;
  const auto at = [&](Signal signal) -> SignalReading& { return signals[static_cast<std::size_t>(signal)]; };
  const double part = part_of_window(context, window);
  ratio_of_events(window.drops, window.packets, part * p.net_drops_packets, p.net_drops_low, p.net_drops_high,
                  at(Signal::kNetDrops));
  ratio_of_events(window.retransmits, window.segments, part * p.net_retransmits_segments,
                  p.net_retransmits_low, p.net_retransmits_high, at(Signal::kNetRetransmits));
  SignalReading& listen = at(Signal::kNetListen);
  listen.inputs[0] = window.listen_overflows;
  consider(listen, log_term(window.listen_overflows, p.net_listen_low, p.net_listen_high),
           EvidenceKind::kTraffic, kExact);
  if (!is_present(window.packets)) return;  // no network of its own that a full table could cut
  SignalReading& conntrack = at(Signal::kNetConntrack);
  conntrack.inputs[0] = context.host.conntrack;
  consider(
      conntrack,
      linear_term(context.host.conntrack, p.net_conntrack_low, p.net_conntrack_high, p.net_conntrack_weight),
      EvidenceKind::kUsage, kExact);
}

void pids(const SignalContext& context, const WindowEvidence& window, Signals& signals) {
  const JudgementParameters& p = context.parameters;
  const Evidence& evidence = context.evidence;
  SignalReading& tasks = signals[static_cast<std::size_t>(Signal::kPidsTasks)];
  const float use = narrow(evidence.pids / evidence.pids_limit);
  if (is_present(evidence.pids_limit)) {
    tasks.inputs = {use, window.pids_refused, narrow(evidence.pids), narrow(evidence.pids_limit)};
    consider(tasks, linear_term(use, p.pids_low, p.pids_high), EvidenceKind::kUsage, kExact);
    consider(tasks, step_term(window.pids_refused, 0.5, p.pids_refused, 1), EvidenceKind::kKernelEvents,
             kExact);
  }
  SignalReading& files = signals[static_cast<std::size_t>(Signal::kPidsFiles)];
  files.inputs = {narrow(evidence.open_files / evidence.open_files_limit), narrow(evidence.open_files),
                  narrow(evidence.open_files_limit), kNoRate};
  consider(files, linear_term(files.inputs[0], p.pids_low, p.pids_high), EvidenceKind::kUsage, kExact);
}

void life(const SignalContext& context, Signals& signals) {
  const JudgementParameters& p = context.parameters;
  SignalReading& restarts = signals[static_cast<std::size_t>(Signal::kLifeRestarts)];
  restarts.inputs[0] = context.events.restarts;
  consider(restarts, log_term(context.events.restarts, p.restarts_low, p.restarts_high),
           EvidenceKind::kRuntime, kExact);
  SignalReading& unhealthy = signals[static_cast<std::size_t>(Signal::kLifeUnhealthy)];
  unhealthy.inputs[0] = context.events.unhealthy_seconds;
  consider(unhealthy, step_term(context.events.unhealthy_seconds, p.unhealthy_seconds, p.unhealthy_score),
           EvidenceKind::kRuntime, kExact);
}

}  // namespace bottleneck
