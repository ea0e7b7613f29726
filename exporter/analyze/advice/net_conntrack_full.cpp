// When the host's table of connections is full, new ones are dropped without a word.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace net_conntrack_full {
namespace {

constexpr double kOut = 0.95;  // of the threshold: a table that empties does so fast

double use(const AdviceContext& context) {
  return wide(context.judgement.of(Signal::kNetConntrack).inputs[0]);
}

Condition check(const AdviceContext& context) {
  const RecommendationParameters& p = context.p();
  return at_least(use(context), p.conntrack_in, kOut * p.conntrack_in, Severity::kMedium, p.conntrack_high,
                  Severity::kHigh);
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "The host tracks " + percent(use(context)) +
                     " of the connections that it can; at 100 % new ones are dropped, of every container.";
  text.suggestion =
      "Find who opens so many (connections that are not reused, a scan), or raise "
      "net.netfilter.nf_conntrack_max.";
  text.clears = lasting("Below " + percent(kOut * context.p().conntrack_in), context.p().leave_seconds);
}

}  // namespace
}  // namespace net_conntrack_full

const Advice kNetConntrackFull = {
    .id = AdviceId::kNetConntrackFull,
    .resource = Resource::kNetwork,
    .check = net_conntrack_full::check,
    .gauge = net_conntrack_full::use,
    .describe = net_conntrack_full::describe,
};

}  // namespace bottleneck::advice
