// Segments are lost on the way. The delay of a network does not show in these counters.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace net_retransmit {
namespace {

double ratio(const AdviceContext& context) {
  const SignalReading& reading = context.judgement.of(Signal::kNetRetransmits);
  const bool enough = wide(reading.inputs[1]) >= context.all.judgement.net_retransmits_segments;
  return enough ? wide(reading.inputs[0]) : 0;
}

Condition check(const AdviceContext& context) {
  const RecommendationParameters& p = context.p();
  return at_least(ratio(context), p.retransmits_in, p.net_out * p.retransmits_in, Severity::kMedium,
                  p.retransmits_high, Severity::kHigh);
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description =
      percent(ratio(context)) + " of the TCP segments that it sent in the last minute were sent again (" +
      number(wide(context.score().retransmits)) + " of " + number(wide(context.score().segments)) + ").";
  text.suggestion =
      "Look for loss between it and its peers: a full link or queue, a shaper, a bad cable, a peer that is "
      "overloaded. "
      "Delay is not visible here.";
  text.clears = lasting("Below " + percent(context.p().net_out * context.p().retransmits_in),
                        context.p().leave_seconds);
}

}  // namespace
}  // namespace net_retransmit

const Advice kNetRetransmit = {
    .id = AdviceId::kNetRetransmit,
    .resource = Resource::kNetwork,
    .check = net_retransmit::check,
    .gauge = net_retransmit::ratio,
    .describe = net_retransmit::describe,
};

}  // namespace bottleneck::advice
