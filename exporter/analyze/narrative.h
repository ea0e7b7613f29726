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

/// The signal that speaks for the category: the dominant one of its resource, but for induced I/O.
Signal speaker(const Judgement& judgement);

/// What the category says, in words; of one saturated thread that it is one.
std::string_view sentence(const Judgement& judgement);
/// The number that a signal's value was made of, as words: "throttled / (throttled + used) 40 %". Empty when
/// it is not known.
std::string deciding_number(Signal signal, const SignalReading& reading);

/// One sentence each. `name` may hold any text.
std::vector<std::string> narrate(std::string_view name, const Judgement& judgement,
                                 const JudgementParameters& parameters);

}  // namespace bottleneck
