// Constants of the judgement, by section of the configuration. What each means is its row in judgement.def.
#pragma once

#include <initializer_list>

namespace bottleneck {

#define PARAMETER_SECTION_judgement(name, value)
#define PARAMETER_SECTION_recommendation(name, value)
#define PARAMETER_SECTION_budgets(name, value)
#define PARAMETER(section, name, value, least, most, help) PARAMETER_SECTION_##section(name, value)

/// Signals, scores, category and rules.
struct JudgementParameters {
#undef PARAMETER_SECTION_judgement
#define PARAMETER_SECTION_judgement(name, value) double name = value;
#include "exporter/config/judgement.def"
#undef PARAMETER_SECTION_judgement
#define PARAMETER_SECTION_judgement(name, value)
  /// Presets for demonstrations and tests: see demonstration() below.
  bool demonstration = false;
};

/// Conditions and holds of the recommendations.
struct RecommendationParameters {
#undef PARAMETER_SECTION_recommendation
#define PARAMETER_SECTION_recommendation(name, value) double name = value;
#include "exporter/config/judgement.def"
#undef PARAMETER_SECTION_recommendation
#define PARAMETER_SECTION_recommendation(name, value)
};

/// Performance budgets.
struct BudgetParameters {
#undef PARAMETER_SECTION_budgets
#define PARAMETER_SECTION_budgets(name, value) double name = value;
#include "exporter/config/judgement.def"
  /// Judge every container by the three budgets above; off: only those that a container's labels set.
  bool enabled = false;
};

#undef PARAMETER
#undef PARAMETER_SECTION_judgement
#undef PARAMETER_SECTION_recommendation
#undef PARAMETER_SECTION_budgets

struct AllParameters {
  JudgementParameters judgement;
  RecommendationParameters recommendation;
  BudgetParameters budgets;
};

/// What `judgement.demonstration` makes of the holds, so that a fault shows within a minute or two: holds of
/// recommendations and bands a tenth (of the default: enter after 30 s, leave after 60 s), leak windows of
/// 2 and 12 min after a warm-up of 20 s, growth over 1 min. Windows and thresholds of the scores stay.
inline AllParameters with_demonstration(AllParameters all) {
  if (!all.judgement.demonstration) return all;
  constexpr double kTenth = 0.1;
  RecommendationParameters& advice = all.recommendation;
  for (double* hold : {&advice.enter_seconds, &advice.leave_seconds, &advice.severity_fall_seconds,
                       &advice.long_seconds, &advice.swapping_seconds, &advice.text_seconds,
                       &all.judgement.band_leave_seconds, &all.judgement.size_step_seconds}) {
    *hold *= kTenth;
  }
  advice.oom_clean_seconds *= kTenth;
  all.judgement.leak_window_seconds = 120;
  all.judgement.leak_long_window_seconds = 720;
  all.judgement.leak_warmup_seconds = 20;
  all.judgement.growth_seconds = 60;
  return all;
}

}  // namespace bottleneck
