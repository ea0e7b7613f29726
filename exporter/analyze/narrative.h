// A judgement in plain sentences: the cause with its number, what was ruled out and why, what would clear it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/config/judgement.h"
#include "exporter/model/judgement.h"

namespace bottleneck {

/// "held by its CPU quota: 40 % of the wanted CPU time (score 0.94, confidence 0.9)". One line, for a table
/// too.
std::string headline(const Judgement& judgement);

/// One sentence each. `name` may hold any text.
std::vector<std::string> narrate(std::string_view name, const Judgement& judgement,
                                 const JudgementParameters& parameters);

}  // namespace bottleneck
