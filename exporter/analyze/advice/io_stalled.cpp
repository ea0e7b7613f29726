// Work waits for the disk, and not because memory is too small.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace io_stalled {
namespace {

Condition check(const AdviceContext& context) {
  Condition condition =
      at_least(wide(context.signal(Signal::kIoStall)), context.p().io_stalled_in, context.p().io_stalled_out,
               Severity::kMedium, context.all.judgement.band_high, Severity::kHigh);
  if (context.judgement.of(Resource::kIo).induced) condition.severity = Severity::kCleared;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  const SignalReading& stall = context.judgement.of(Signal::kIoStall);
  const WindowEvidence& window = context.score();
  text.description = "In the last minute a task of it waited for the disk " + percent(wide(stall.inputs[0])) +
                     " of the time";
  if (is_present(stall.inputs[1]))
    text.description += ", all of them at once " + percent(wide(stall.inputs[1]));
  const double all = wide(window.read_bytes) + wide(window.written_bytes);
  if (is_present(all)) {
    text.description += ". It reads " + byte_rate(wide(window.read_bytes)) + " and writes " +
                        byte_rate(wide(window.written_bytes));
  }
  const double requests = wide(window.reads) + wide(window.writes);
  if (requests >= 1) text.description += " in requests of " + bytes(all / requests) + " on average";
  if (!context.evidence.device.device.empty()) {
    text.description += ", most of it on " + in_quotes(context.evidence.device.device);
    if (is_present(context.device_busy))
      text.description += ", which is " + percent(wide(context.device_busy)) + " busy";
  }
  text.description += ".";
  const bool writer = wide(window.written_bytes) > 0.7 * all;
  text.suggestion =
      writer ? "Write less often: batch commits, fewer fsync calls, or a faster disk; see who shares it."
             : "Keep more in memory, read in larger and sequential requests, or use a faster disk; see who "
               "shares it.";
  text.clears =
      lasting("Score io.stall below " + number(context.p().io_stalled_out), context.p().leave_seconds);
}

}  // namespace
}  // namespace io_stalled

const Advice kIoStalled = {
    .id = AdviceId::kIoStalled,
    .resource = Resource::kIo,
    .check = io_stalled::check,
    .gauge =
        [](const AdviceContext& context) { return wide(context.judgement.of(Signal::kIoStall).inputs[0]); },
    .describe = io_stalled::describe,
};

}  // namespace bottleneck::advice
