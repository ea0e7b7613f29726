// A judgement in a few plain sentences: the cause with its number, since when, what was ruled out and why,
// what would clear it, and the first thing to do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/result.h"
#include "exporter/config/judgement.h"
#include "exporter/model/judgement.h"

namespace bottleneck {

/// The headline; of one that does not run, and so will never have enough data, that it does not.
std::string answer_in_words(const Judgement& judgement, bool running);

/// One sentence (or two) each, unbroken. `name` may hold any text; `unix_seconds` is now.
std::vector<std::string> explain_sentences(std::string_view name, const Judgement& judgement,
                                           const JudgementParameters& parameters, double unix_seconds,
                                           bool running = true);

/// What `explain` prints.
struct ExplainView {
  std::vector<std::string> sentences;
  std::string change;  ///< of the first recommendation; empty: none
  std::string undo;
};
ExplainView explain_view(std::string_view name, const Judgement& judgement,
                         const JudgementParameters& parameters, double unix_seconds);
/// From an answer of /api/v1/containers/<name>; kMalformed when it is none.
Result<ExplainView> parse_explain_view(std::string_view json);

/// For a terminal, 80 columns; a change is never broken, so that it can be pasted.
std::string explain_text(const ExplainView& view);

}  // namespace bottleneck
