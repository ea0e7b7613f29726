// The rate is at a limit that somebody set, all the time or while its tasks wait.
#include <cmath>

#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace io_limit_hit {
namespace {

constexpr double kRaise = 2;

std::string limit_text(const Evidence& evidence, double value) {
  const std::string what = evidence.io_limit_is_writes ? "writing" : "reading";
  if (evidence.io_limit_is_requests) return number(value) + " requests a second for " + what;
  return byte_rate(value) + " for " + what;
}

/// Where the limit is what it waits for, the waiting says how much: bursts use little of a limit on average.
/// Not where most of what it moves flows without anybody waiting.
double pressure(const AdviceContext& context) {
  const double at_limit = wide(context.signal(Signal::kIoLimit));
  const bool waits = context.judgement.of(Signal::kIoStall).inputs[0] >= 0.5F * context.score().io_limit;
  return context.category(Category::kIoLimit) && waits
             ? larger(at_limit, wide(context.signal(Signal::kIoStall)))
             : at_limit;
}

Condition check(const AdviceContext& context) {
  return at_least(pressure(context), context.p().io_limit_hit_in, context.p().io_limit_hit_out,
                  Severity::kMedium);
}

void describe(const AdviceContext& context, FindingText& text) {
  const Evidence& evidence = context.evidence;
  text.description = "It runs at " + percent(wide(context.score().io_limit)) + " of its limit of " +
                     limit_text(evidence, evidence.io_limit_rate) + " on " +
                     in_quotes(evidence.limited.device);
  const bool at_times = !(wide(context.signal(Signal::kIoLimit)) >= context.p().io_limit_hit_in);
  text.description += at_times ? " on average, and at all of it while its tasks wait." : ".";
  const SignalReading& stall = context.judgement.of(Signal::kIoStall);
  if (is_present(stall.inputs[0])) {
    text.description += " Its tasks waited " + percent(wide(stall.inputs[0])) + " of the last minute.";
  }
  text.suggestion =
      "Raise the limit to " + limit_text(evidence, kRaise * evidence.io_limit_rate) +
      " if the disk has room, or do less I/O. A running container keeps the written value until it is "
      "made anew; change its definition (--device-write-bps and the like, blkio_config) as well.";
  text.clears = lasting(
      "Score io.limit, and that of waiting for the limit, below " + number(context.p().io_limit_hit_out),
      context.p().leave_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  const Evidence& evidence = context.evidence;
  return change_io_limit(context.subject,
                         {evidence.limited.device, evidence.io_limit_is_writes, evidence.io_limit_is_requests,
                          evidence.io_limit_rate, kRaise * evidence.io_limit_rate});
}

}  // namespace
}  // namespace io_limit_hit

const Advice kIoLimitHit = {
    .id = AdviceId::kIoLimitHit,
    .resource = Resource::kIo,
    .check = io_limit_hit::check,
    .gauge = [](const AdviceContext& context) { return context.evidence.io_limit_rate; },
    .describe = io_limit_hit::describe,
    .change = io_limit_hit::change,
};

}  // namespace bottleneck::advice
