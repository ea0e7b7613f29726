// Whom a judgement is about: from what discovery knows of a container.
#pragma once

#include "exporter/model/container.h"
#include "exporter/model/subject.h"

namespace bottleneck {

inline constexpr std::string_view kIgnoreLabel = "bottleneck.ignore";
inline constexpr std::string_view kBudgetLabelPrefix = "bottleneck.budget.";

/// `info` may be null: no runtime has told of it. Labels `bottleneck.ignore=ID[,ID]` silence recommendations
/// ("all": every one), `bottleneck.budget.<name>=<value>` set budgets; what makes no sense in them is
/// ignored.
Subject make_subject(const Identity& identity, const RuntimeInfo* info, const CgroupDirectories& cgroup);

}  // namespace bottleneck
