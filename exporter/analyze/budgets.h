// Performance budgets of the configuration and of a container's labels.
#pragma once

#include <string_view>

#include "exporter/config/judgement.h"
#include "exporter/model/judgement.h"
#include "exporter/model/subject.h"

namespace bottleneck {

/// Updates judgement.budgets: values of this moment, counters by `dt`. Labels go before the configuration.
void update_budgets(const Subject& subject, const Evidence& evidence, const BudgetParameters& parameters,
                    double dt, Judgement& judgement);

/// "0.7", "70%", "30s", "500ms"; NaN for anything else, and for what is not above 0.
double parse_budget(std::string_view text);

}  // namespace bottleneck
