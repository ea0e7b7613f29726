// Processes and threads near their limit; at it, a fork fails and programs fail in odd ways.
#include <algorithm>
#include <cmath>

#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace pids_limit {
namespace {

constexpr double kRaise = 1.5;

double use(const AdviceContext& context) { return wide(context.judgement.of(Signal::kPidsTasks).inputs[0]); }

Condition check(const AdviceContext& context) {
  const RecommendationParameters& p = context.p();
  Condition condition =
      at_least(use(context), p.pids_in, p.pids_out, Severity::kMedium, p.pids_high, Severity::kHigh);
  if (context.score().pids_refused > 0 && is_present(context.evidence.pids_limit)) {
    condition.severity = Severity::kCritical;
    condition.over = false;
  }
  return condition;
}

double target(const AdviceContext& context) {
  // To a multiple of 64, so that the line stays the same while the number of tasks moves.
  const double most = std::max(context.evidence.pids_limit, context.evidence.pids);
  return std::ceil(kRaise * most / 64) * 64;
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "It has " + number(context.evidence.pids) + " tasks of " +
                     number(context.evidence.pids_limit) + " that it may have (" + percent(use(context)) +
                     ")";
  if (context.score().pids_refused > 0) {
    text.description += "; a new one was refused " + times(std::ceil(wide(context.score().pids_refused))) +
                        " in the last minute";
  }
  text.description += ".";
  text.suggestion = "Raise the limit to " + number(target(context)) +
                    ", or find what starts so many: a pool without a bound, children that are never reaped.";
  text.clears =
      lasting("Below " + percent(context.p().pids_out) + " and none refused", context.p().leave_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  return change_pids_limit(context.subject, context.evidence.pids_limit, target(context));
}

}  // namespace
}  // namespace pids_limit

const Advice kPidsLimit = {
    .id = AdviceId::kPidsLimit,
    .resource = Resource::kPids,
    .check = pids_limit::check,
    .gauge = [](const AdviceContext& context) { return context.evidence.pids; },
    .describe = pids_limit::describe,
    .change = pids_limit::change,
};

}  // namespace bottleneck::advice
