// Files are evicted and read again: it looks like a slow disk, and is too little memory. What tells it from
// one pass over a huge file is that the pages would have fitted; v1 does not know that.
#include <algorithm>

#include "exporter/analyze/advice/memory.h"

namespace bottleneck::advice {
namespace mem_cache_thrash {
namespace {

constexpr double kStep = 1.5;

/// How large the working set is, is not known.
bool blind(const AdviceContext& context) {
  return !is_present(context.score().activated_share) ||
         reads_again_at_random(context.score(), context.all.judgement);
}

/// Refaulted bytes that would have fitted, over bytes read; all refaults where that is not known.
double thrash_share(const AdviceContext& context) {
  const WindowEvidence& window = context.score();
  const double activated = blind(context) ? 1 : wide(window.activated_share);
  const double refaults = wide(window.refault_bytes) * activated;
  if (!is_present(refaults)) return refaults;
  const double reads = wide(window.read_bytes);
  if (is_present(reads) && reads > 0) return std::min(1.0, refaults / reads);
  return refaults > 0 ? activated : 0;
}

double stall(const AdviceContext& context) {
  const bool induced = context.judgement.of(Resource::kIo).induced;
  return larger(wide(context.signal(Signal::kMemStall)),
                induced ? wide(context.signal(Signal::kIoStall)) : kAbsent);
}

Condition check(const AdviceContext& context) {
  Condition condition =
      at_least(thrash_share(context), context.p().thrash_in, context.p().thrash_out, Severity::kMedium);
  // Below the limit nothing is evicted for it; what is still read back is little, but all that is read.
  condition.over |= !at_memory_limit(context);
  const double stalled = stall(context);
  if (!(stalled >= context.p().thrash_stall) || !at_memory_limit(context) ||
      !has_memory_limit(context.evidence, context.host)) {
    condition.severity = Severity::kCleared;
  } else if (condition.severity != Severity::kCleared && stalled >= context.all.judgement.band_high) {
    condition.severity = Severity::kHigh;
  }
  return condition;
}

/// The kernel calls a refault activated when the page would have stayed in as much memory again as is in use:
/// the working set is larger than the limit by no more than that.
double working_set(const AdviceContext& context) {
  const Evidence& evidence = context.evidence;
  const double active = is_present(evidence.memory_active_file) ? evidence.memory_active_file : 0;
  const double held = is_present(evidence.memory_unreclaimable) ? evidence.memory_unreclaimable : 0;
  return evidence.memory_effective_limit + std::min(active + held, evidence.memory_effective_limit);
}

double target(const AdviceContext& context) {
  const double size = context.judgement.memory_size.recommended;
  const double least = round_memory(std::max(kStep * context.evidence.memory_limit, working_set(context)));
  return size > least ? size : least;
}

void describe(const AdviceContext& context, FindingText& text) {
  const WindowEvidence& window = context.score();
  const Evidence& evidence = context.evidence;
  text.description = "It reads back " + byte_rate(wide(window.refault_bytes)) +
                     " of file pages that were evicted shortly before, " + percent(thrash_share(context)) +
                     " of what it reads; the limit is " + bytes(evidence.memory_effective_limit) +
                     ", of which file pages in use are " + bytes(evidence.memory_active_file) + ".";
  const bool wider = reads_again_at_random(window, context.all.judgement);
  text.description += wider ? " Its working set is far larger than the limit; how large cannot be seen."
                            : " The working set was seen to be up to " + bytes(working_set(context)) + ".";
  text.suggestion = std::string("More memory, not a faster disk") +
                    (blind(context) ? ", if the working set fits" : "") +
                    "; or read less: smaller batches, an index, direct I/O for scans.";
  text.clears = lasting("Such pages below " + percent(context.p().thrash_out) + " of the reads",
                        context.p().leave_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  return change_own_memory_limit(context, target(context));
}

}  // namespace
}  // namespace mem_cache_thrash

const Advice kMemCacheThrash = {
    .id = AdviceId::kMemCacheThrash,
    .resource = Resource::kMemory,
    .check = mem_cache_thrash::check,
    .gauge = [](const AdviceContext& context) { return wide(context.score().refault_bytes); },
    .describe = mem_cache_thrash::describe,
    .change = mem_cache_thrash::change,
};

}  // namespace bottleneck::advice
