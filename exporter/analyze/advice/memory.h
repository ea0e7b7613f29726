// What several recommendations on memory share.
#pragma once

#include "exporter/analyze/advice/advice.h"
#include "exporter/analyze/sizing.h"

namespace bottleneck::advice {

/// In the last minute the limit was hit, or nearly all the time nearly reached.
inline bool at_memory_limit(const AdviceContext& context) {
  return context.score().limit_hits > 0 ||
         wide(context.score().near_limit) >= context.all.judgement.near_limit_ticks;
}

/// Bytes that a raise of its own limit offers.
inline double raised_memory_limit(const AdviceContext& context) {
  return bottleneck::raised_memory_limit(context.evidence.memory_limit,
                                         context.judgement.memory_size.recommended, context.all.judgement);
}

/// None without a limit of its own.
inline std::vector<Change> change_own_memory_limit(const AdviceContext& context, double to) {
  if (!is_present(context.evidence.memory_limit)) return {};
  return change_memory_limit(context.subject, context.evidence.memory_limit, to,
                             context.evidence.memory_swap_limit);
}

}  // namespace bottleneck::advice
