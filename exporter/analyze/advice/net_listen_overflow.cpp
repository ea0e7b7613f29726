// Connections that were complete found no place in the accept queue.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace net_listen_overflow {
namespace {

double rate(const AdviceContext& context) { return wide(context.score().listen_overflows); }

Condition check(const AdviceContext& context) {
  const RecommendationParameters& p = context.p();
  Condition condition = at_least(rate(context), p.listen_in, p.net_out * p.listen_in, Severity::kMedium,
                                 p.listen_high, Severity::kHigh);
  // "More than", not "at least": one a second is a client that tries again.
  if (!(rate(context) > p.listen_in)) condition.severity = Severity::kCleared;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "An accept queue of it is full " + number(rate(context)) +
                     " times a second: clients wait and try again, or are refused.";
  text.suggestion =
      "It accepts too slowly: see its CPU score and its number of workers; a longer queue (listen backlog, "
      "net.core.somaxconn) only helps against short bursts.";
  text.clears = lasting("Below " + number(context.p().net_out * context.p().listen_in) + " a second",
                        context.p().leave_seconds);
}

}  // namespace
}  // namespace net_listen_overflow

const Advice kNetListenOverflow = {
    .id = AdviceId::kNetListenOverflow,
    .resource = Resource::kNetwork,
    .check = net_listen_overflow::check,
    .gauge = net_listen_overflow::rate,
    .describe = net_listen_overflow::describe,
};

}  // namespace bottleneck::advice
