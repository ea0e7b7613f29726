// A process near its limit on open files: the next connection or file fails.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace fd_exhaustion {
namespace {

double use(const AdviceContext& context) { return wide(context.judgement.of(Signal::kPidsFiles).inputs[0]); }

Condition check(const AdviceContext& context) {
  const RecommendationParameters& p = context.p();
  return at_least(use(context), p.pids_in, p.pids_out, Severity::kMedium, p.pids_high, Severity::kHigh);
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "A process of it has " + number(context.evidence.open_files) + " open files of " +
                     number(context.evidence.open_files_limit) + " that it may have (" +
                     percent(use(context)) + ").";
  text.suggestion =
      "Raise its limit (--ulimit nofile, LimitNOFILE) if it needs them, or find connections and files that "
      "are never "
      "closed. A running container cannot be changed: it has to be made anew.";
  text.clears = lasting("Below " + percent(context.p().pids_out), context.p().leave_seconds);
}

}  // namespace
}  // namespace fd_exhaustion

const Advice kFdExhaustion = {
    .id = AdviceId::kFdExhaustion,
    .resource = Resource::kPids,
    .check = fd_exhaustion::check,
    .gauge = [](const AdviceContext& context) { return context.evidence.open_files; },
    .describe = fd_exhaustion::describe,
};

}  // namespace bottleneck::advice
