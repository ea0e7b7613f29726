// Packets are dropped at its own interfaces.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace net_drops {
namespace {

double ratio(const AdviceContext& context) {
  const SignalReading& reading = context.judgement.of(Signal::kNetDrops);
  return wide(reading.inputs[1]) >= context.all.judgement.net_drops_packets ? wide(reading.inputs[0]) : 0;
}

Condition check(const AdviceContext& context) {
  const RecommendationParameters& p = context.p();
  return at_least(ratio(context), p.drops_in, p.net_out * p.drops_in, Severity::kMedium, p.drops_high,
                  Severity::kHigh);
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description =
      percent(ratio(context)) + " of its packets of the last minute were dropped at its interfaces (" +
      number(wide(context.score().drops)) + " of " + number(wide(context.score().packets)) + ").";
  text.suggestion =
      "Its queues overflow: it reads too slowly (see its CPU), or bursts are larger than the queue "
      "(txqueuelen, socket "
      "buffers).";
  text.clears =
      lasting("Below " + percent(context.p().net_out * context.p().drops_in), context.p().leave_seconds);
}

}  // namespace
}  // namespace net_drops

const Advice kNetDrops = {
    .id = AdviceId::kNetDrops,
    .resource = Resource::kNetwork,
    .check = net_drops::check,
    .gauge = net_drops::ratio,
    .describe = net_drops::describe,
};

}  // namespace bottleneck::advice
