// Which causes a judgement ruled out, and why: the other half of an answer.
#pragma once

#include <string>
#include <vector>

#include "exporter/config/judgement.h"
#include "exporter/model/judgement.h"

namespace bottleneck {

struct RuledOut {
  Category category = Category::kNone;
  std::string because;  ///< "score 0.05 (memory pressure ... 1 %) is below 0.25"
  float score =
      kNoRate;  ///< of what speaks for it; absent: nothing was measured, or the question does not arise
};

/// One for each category but the chosen one and "none", in the order of the categories. Empty when nothing
/// was judged.
std::vector<RuledOut> ruled_out(const Judgement& judgement, const JudgementParameters& parameters);

}  // namespace bottleneck
