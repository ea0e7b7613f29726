// Anonymous memory is read back from swap, all the time.
#include "exporter/analyze/advice/advice.h"
#include "exporter/analyze/sizing.h"

namespace bottleneck::advice {
namespace mem_swapping {
namespace {

double rate(const AdviceContext& context) { return wide(context.score().swap_in_bytes); }

Condition check(const AdviceContext& context) {
  const RecommendationParameters& p = context.p();
  return at_least(rate(context), p.swapping_in_mib * kMiB, p.swapping_out_mib * kMiB, Severity::kMedium,
                  p.swapping_high_mib * kMiB, Severity::kHigh);
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "It reads " + byte_rate(rate(context)) + " back from swap";
  if (is_present(context.evidence.memory_swap)) {
    text.description += "; " + bytes(context.evidence.memory_swap) + " of it is swapped out";
  }
  text.description += ".";
  text.suggestion = has_memory_limit(context.evidence, context.host)
                        ? "Raise its memory limit, or make it need less: what it works with does not fit."
                        : "Free memory on the host or add some: what it works with does not fit.";
  text.clears =
      lasting("Less than " + byte_rate(context.p().swapping_out_mib * kMiB), context.p().leave_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  const double limit = context.evidence.memory_limit;
  if (!is_present(limit)) return {};
  const double swapped = is_present(context.evidence.memory_swap) ? context.evidence.memory_swap : 0;
  const double to = round_memory(context.all.judgement.size_memory * (limit + swapped));
  return change_memory_limit(context.subject, limit, to, context.evidence.memory_swap_limit);
}

}  // namespace
}  // namespace mem_swapping

const Advice kMemSwapping = {
    .id = AdviceId::kMemSwapping,
    .resource = Resource::kMemory,
    .enter = &RecommendationParameters::swapping_seconds,
    .check = mem_swapping::check,
    .gauge = mem_swapping::rate,
    .describe = mem_swapping::describe,
    .change = mem_swapping::change,
};

}  // namespace bottleneck::advice
