#include "exporter/expose/judgement_families.h"

#include <cmath>

#include "exporter/expose/families.h"

namespace bottleneck {
namespace {

// Confidence is asked for where something is wrong: for other scores it would only cost series.
constexpr float kConfidenceFrom = 0.5F;
constexpr std::size_t kMostSuspects = 3;

// A score is not known better than this, and longer numbers would only cost bytes.
double rounded(double value, double steps) { return std::round(value * steps) / steps; }
double wide(float value) { return rounded(static_cast<double>(value), 1e4); }
double seconds(double value) { return rounded(value, 1e3); }

void add_present(JudgementLines& lines, double value) {
  if (is_present(value)) lines.add(value);
}

template <class Write>
void each_resource(const Judgement& judgement, Write&& write) {
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    write(name_of(static_cast<Resource>(i)), judgement.resources[i], static_cast<Resource>(i));
  }
}

// Until there is enough data, a 0 of the few signals that need none would look like a verdict.
void write_scores(const Judgement& judgement, JudgementLines& lines) {
  if (!judgement.judged) return;
  each_resource(judgement, [&](std::string_view resource, const ResourceJudgement& one, Resource) {
    if (is_present(one.score)) lines.add("resource", resource, wide(one.score));
  });
}

void write_signals(const Judgement& judgement, JudgementLines& lines) {
  if (!judgement.judged) return;
  for (std::size_t i = 0; i < kSignalCount; ++i) {
    const SignalInfo& info = info_of(static_cast<Signal>(i));
    if (!is_present(judgement.signals[i].value)) continue;
    lines.add("resource", name_of(info.resource), "signal", info.name, wide(judgement.signals[i].value));
  }
}

void write_overall(const Judgement& judgement, JudgementLines& lines) {
  if (judgement.judged) add_present(lines, wide(judgement.overall));
}

void write_category(const Judgement& judgement, JudgementLines& lines) {
  if (judgement.judged) lines.add("category", name_of(judgement.category), 1);
}

void write_category_confidence(const Judgement& judgement, JudgementLines& lines) {
  if (judgement.judged) add_present(lines, wide(judgement.confidence));
}

void write_confidence(const Judgement& judgement, JudgementLines& lines) {
  each_resource(judgement, [&](std::string_view resource, const ResourceJudgement& one, Resource) {
    if (one.score >= kConfidenceFrom && is_present(one.confidence))
      lines.add("resource", resource, wide(one.confidence));
  });
}

void write_corroborating(const Judgement& judgement, JudgementLines& lines) {
  each_resource(judgement, [&](std::string_view resource, const ResourceJudgement& one, Resource) {
    if (one.score >= kConfidenceFrom) lines.add("resource", resource, one.corroborating);
  });
}

// The three that every container uses are there from the first score on; the others once there is something
// to count.
void write_held_back(const Judgement& judgement, JudgementLines& lines) {
  each_resource(judgement, [&](std::string_view resource, const ResourceJudgement& one, Resource id) {
    const bool common = id == Resource::kCpu || id == Resource::kMemory || id == Resource::kIo;
    if (one.held_back_seconds > 0 || (common && judgement.judged && is_present(one.score)))
      lines.add("resource", resource, seconds(one.held_back_seconds));
  });
}

void write_observed(const Judgement& judgement, JudgementLines& lines) {
  if (judgement.unix_seconds > 0) lines.add(seconds(judgement.observed_seconds));
}

void write_recommendations(const Judgement& judgement, JudgementLines& lines) {
  for (const Finding& finding : judgement.findings)
    lines.add("recommendation", info_of(finding.id).name, static_cast<double>(finding.severity));
}

void write_active_since(const Judgement& judgement, JudgementLines& lines) {
  for (const Finding& finding : judgement.findings) {
    if (finding.active()) lines.add("recommendation", info_of(finding.id).name, seconds(finding.since_unix));
  }
}

void write_changes(const Judgement& judgement, JudgementLines& lines) {
  for (const Finding& finding : judgement.findings) {
    if (finding.active() && finding.text && !finding.text->change.empty())
      lines.add("recommendation", info_of(finding.id).name, "change", finding.text->change, 1);
  }
}

template <double RightSize::*member>
void write_cpu_size(const Judgement& judgement, JudgementLines& lines) {
  add_present(lines, judgement.cpu_size.*member);
}
template <double RightSize::*member>
void write_memory_size(const Judgement& judgement, JudgementLines& lines) {
  add_present(lines, judgement.memory_size.*member);
}

void write_size_confidence(const Judgement& judgement, JudgementLines& lines) {
  if (judgement.unix_seconds <= 0) return;
  lines.add("resource", "cpu", value_of(judgement.cpu_size.confidence));
  lines.add("resource", "memory", value_of(judgement.memory_size.confidence));
}

void write_size_status(const Judgement& judgement, JudgementLines& lines) {
  if (judgement.unix_seconds <= 0) return;
  lines.add("resource", "cpu", "status", name_of(judgement.cpu_size.status), 1);
  lines.add("resource", "memory", "status", name_of(judgement.memory_size.status), 1);
}

void write_growth(const Judgement& judgement, JudgementLines& lines) {
  add_present(lines, std::round(judgement.memory_growth));
}

void write_forecast(const Judgement& judgement, JudgementLines& lines) {
  add_present(lines, std::round(judgement.memory_forecast_unix));
}

// Within the noise the shift is 0, and a comparison that could not be made is absent: neither may alert.
void write_regressions(const Judgement& judgement, JudgementLines& lines) {
  for (const RegressionReading& one : judgement.regressions) {
    const bool moved = one.verdict == Verdict::kRegressed || one.verdict == Verdict::kImproved;
    if (moved || one.verdict == Verdict::kUnchanged)
      lines.add("metric", one.metric, moved ? wide(one.ratio) : 0);
  }
}

template <double BudgetReading::*member>
void write_budget(const Judgement& judgement, JudgementLines& lines) {
  for (const BudgetReading& budget : judgement.budgets) {
    if (is_present(budget.*member)) lines.add("budget", budget.name, rounded(budget.*member, 1e4));
  }
}

void write_neighbours(const Judgement& judgement, JudgementLines& lines) {
  std::size_t left = 2 * kMostSuspects;
  for (const NeighbourReading& one : judgement.neighbours) {
    if (left-- == 0) return;
    lines.add("suspect", one.name, "resource", name_of(one.resource), wide(one.correlation));
  }
}

void write_profile(const Judgement& judgement, JudgementLines& lines) {
  if (judgement.judged) lines.add("profile", name_of(judgement.profile), 1);
}

constexpr auto kG = MetricType::kGauge;
constexpr auto kC = MetricType::kCounter;
constexpr auto kI = MetricType::kInfo;
constexpr auto kFleet = Profile::kFleet;
constexpr auto kStandard = Profile::kStandard;

constexpr JudgementFamily kFamilies[] = {
    {"bottleneck_score", kG, kFleet, "resource",
     "How much of its wanted time a resource held the container back, over 60 s: 0 not at all, 1 all of it.",
     write_scores},
    {"bottleneck_overall_score", kG, kFleet, "", "The largest of the container's scores.", write_overall},
    {"bottleneck_category", kG, kFleet, "category",
     "1: the one dominant cause; none when nothing holds it back.", write_category},
    {"bottleneck_category_confidence", kG, kFleet, "", "How sure the category is, 0 to 1.",
     write_category_confidence},
    {"bottleneck_confidence", kG, kFleet, "resource", "How sure a score of at least 0.5 is, 0 to 1.",
     write_confidence},
    {"bottleneck_corroborating_sources", kG, kFleet, "resource",
     "Independent kinds of evidence that agree with a score of at least 0.5.", write_corroborating},
    {"bottleneck_held_back_seconds_total", kC, kFleet, "resource",
     "Time with a score of at least 0.5; kept over restarts.", write_held_back},
    {"bottleneck_observed_seconds_total", kC, kFleet, "", "Time judged at all; kept over restarts.",
     write_observed},
    {"bottleneck_recommendation", kG, kFleet, "recommendation",
     "Severity: 0 cleared within 24 h, 1 low, 2 medium, 3 high, 4 critical.", write_recommendations},
    {"bottleneck_recommendation_active_since_timestamp_seconds", kG, kFleet, "recommendation",
     "When the recommendation was given; kept over restarts.", write_active_since},
    {"bottleneck_recommendation_change_info", kI, kStandard, "recommendation, change",
     "1; the change to paste, in one line.", write_changes},
    {"bottleneck_saving_cpu_cores", kG, kFleet, "", "What following the advice to lower the CPU limit frees.",
     write_cpu_size<&RightSize::saving>},
    {"bottleneck_saving_memory_bytes", kG, kFleet, "",
     "What following the advice to lower the memory limit frees.", write_memory_size<&RightSize::saving>},
    {"bottleneck_memory_growth_bytes_per_second", kG, kFleet, "",
     "Growth of unreclaimable memory while it is steady for 10 min.", write_growth},
    {"bottleneck_memory_limit_forecast_timestamp_seconds", kG, kFleet, "",
     "When the memory limit is reached if that growth goes on.", write_forecast},
    {"bottleneck_regression_ratio", kG, kFleet, "metric",
     "Change against the image before, relative: 0.25 is a quarter more, 0 within the noise.",
     write_regressions},
    {"bottleneck_budget_ratio", kG, kFleet, "budget", "Used share of a budget; above 1 it is exceeded.",
     write_budget<&BudgetReading::used>},
    {"bottleneck_budget_objective_ratio", kG, kFleet, "budget",
     "Share of the time in which the budget is to be kept: burn rates are measured against it.",
     write_budget<&BudgetReading::kept_share>},
    {"bottleneck_budget_violation_seconds_total", kC, kFleet, "budget",
     "Time in which the budget was exceeded.", write_budget<&BudgetReading::violation_seconds>},
    {"bottleneck_budget_observed_seconds_total", kC, kFleet, "budget",
     "Time in which the budget could be checked.", write_budget<&BudgetReading::observed_seconds>},
    {"bottleneck_noisy_neighbour", kG, kFleet, "suspect, resource",
     "Correlation of the container's waiting with a neighbour's use of the resource.", write_neighbours},
    {"bottleneck_workload_profile", kG, kStandard, "profile", "1: what kind of work the container does.",
     write_profile},
    {"bottleneck_signal", kG, kStandard, "resource, signal",
     "The sub-scores; a score is the largest of its own.", write_signals},
    {"bottleneck_recommended_cpu_cores", kG, kStandard, "", "The CPU limit that fits what was seen.",
     write_cpu_size<&RightSize::recommended>},
    {"bottleneck_recommended_cpu_lower_cores", kG, kStandard, "", "Lower bound of it.",
     write_cpu_size<&RightSize::lower>},
    {"bottleneck_recommended_cpu_upper_cores", kG, kStandard, "", "Upper bound of it.",
     write_cpu_size<&RightSize::upper>},
    {"bottleneck_recommended_memory_bytes", kG, kStandard, "", "The memory limit that fits what was seen.",
     write_memory_size<&RightSize::recommended>},
    {"bottleneck_recommended_memory_lower_bytes", kG, kStandard, "", "Lower bound of it.",
     write_memory_size<&RightSize::lower>},
    {"bottleneck_recommended_memory_upper_bytes", kG, kStandard, "", "Upper bound of it.",
     write_memory_size<&RightSize::upper>},
    {"bottleneck_rightsizing_confidence", kG, kStandard, "resource",
     "0 none, 1/3 low, 2/3 medium, 1 high: by the length of the history.", write_size_confidence},
    {"bottleneck_rightsizing_status", kG, kStandard, "resource, status",
     "1: what is to be done about the limit; not_enough_data is an answer.", write_size_status},
};

}  // namespace

void JudgementLines::label(std::string_view name, std::string_view value) {
  append_label(*out_, name, value);
  out_->append(',');
}

void JudgementLines::end(double value) {
  out_->append(labels_);
  append_number(*out_, value);
  out_->append('\n');
}

void JudgementLines::add(double value) {
  ++lines_;
  if (out_ == nullptr) return;
  out_->append(family_);
  out_->append('{');
  end(value);
}

void JudgementLines::add(std::string_view name, std::string_view text, double value) {
  ++lines_;
  if (out_ == nullptr) return;
  out_->append(family_);
  out_->append('{');
  label(name, text);
  end(value);
}

void JudgementLines::add(std::string_view name, std::string_view text, std::string_view name2,
                         std::string_view text2, double value) {
  ++lines_;
  if (out_ == nullptr) return;
  out_->append(family_);
  out_->append('{');
  label(name, text);
  label(name2, text2);
  end(value);
}

std::span<const JudgementFamily> judgement_families() { return kFamilies; }

std::size_t judgement_series(const Judgement& judgement, const ExpositionOptions& options) {
  std::size_t series = 0;
  for (const JudgementFamily& family : judgement_families()) {
    if (family.profile > options.profile || !options.wants(family.name)) continue;
    JudgementLines lines(nullptr, family.name);
    family.write(judgement, lines);
    series += lines.lines();
  }
  return series;
}

std::size_t judgement_series_bound(const Judgement& judgement) {
  return std::size(kFamilies) + 5 * kResourceCount + kSignalCount + 3 * judgement.findings.size() +
         judgement.regressions.size() + 4 * judgement.budgets.size() + judgement.neighbours.size();
}

std::size_t write_recommendation_catalogue(const Outcomes& outcomes, const ExpositionOptions& options,
                                           TextBuffer& out) {
  std::size_t series = 0;
  if (options.wants(kRecommendationInfo)) {
    append_head(out, options.format, kRecommendationInfo, MetricType::kInfo, kRecommendationInfoHelp);
    for (std::size_t i = 0; i < kAdviceCount; ++i, ++series) {
      const AdviceInfo& info = info_of(static_cast<AdviceId>(i));
      out.append(kRecommendationInfo);
      out.append('{');
      append_label(out, "recommendation", info.name);
      out.append(',');
      append_label(out, "type", info.type);
      out.append(',');
      append_label(out, "title", info.title);
      out.append("} 1\n");
    }
  }
  if (!options.wants(kOutcomes)) return series;
  const std::size_t begin = out.size();
  const std::size_t before = series;
  append_head(out, options.format, kOutcomes, MetricType::kCounter, kOutcomesHelp);
  for (std::size_t i = 0; i < kAdviceCount; ++i) {
    const auto& of_one = outcomes[i];
    // Those that were never followed have no series: 126 zeros would say nothing.
    if (of_one == decltype(of_one){}) continue;
    for (std::size_t j = 0; j < kOutcomeCount; ++j, ++series) {
      out.append(kOutcomes);
      out.append('{');
      append_label(out, "recommendation", info_of(static_cast<AdviceId>(i)).name);
      out.append(',');
      append_label(out, "outcome", name_of(static_cast<Outcome>(j)));
      out.append("} ");
      append_number(out, static_cast<double>(of_one[j]));
      out.append('\n');
    }
  }
  if (series == before) out.truncate(begin);
  return series;
}

}  // namespace bottleneck
