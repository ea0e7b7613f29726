// Judgements as families of a scrape: one table, read by the writer and by METRICS.md.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "exporter/expose/exposition.h"

namespace bottleneck {

/// Takes the series of one family and one container; without a buffer it only counts them.
class JudgementLines {
 public:
  JudgementLines(TextBuffer* out, std::string_view family) : out_(out), family_(family) {}
  /// The container whose series follow: `name="..."} `.
  void of(std::string_view labels) { labels_ = labels; }
  void add(double value);
  void add(std::string_view label, std::string_view label_value, double value);
  void add(std::string_view label, std::string_view label_value, std::string_view label2,
           std::string_view label2_value, double value);
  [[nodiscard]] std::size_t lines() const { return lines_; }

 private:
  void label(std::string_view name, std::string_view value);
  void end(double value);
  TextBuffer* out_;
  std::string_view family_;
  std::string_view labels_;
  std::size_t lines_ = 0;
};

struct JudgementFamily {
  std::string_view name;
  MetricType type;
  Profile profile;
  std::string_view labels;  ///< besides `name`, for METRICS.md
  std::string_view help;
  void (*write)(const Judgement& judgement, JudgementLines& lines);
};

std::span<const JudgementFamily> judgement_families();

/// Series of the first `containers`; `labels_of(i)` gives the text that follows a container's own labels.
template <class LabelsOf>
std::size_t write_judgements(const Snapshot& snapshot, std::size_t containers,
                             const ExpositionOptions& options, const LabelsOf& labels_of, TextBuffer& out) {
  std::size_t series = 0;
  for (const JudgementFamily& family : judgement_families()) {
    if (family.profile > options.profile || !options.wants(family.name)) continue;
    const std::size_t begin = out.size();
    append_head(out, options.format, family.name, family.type, family.help);
    JudgementLines lines(&out, family.name);
    for (std::size_t i = 0; i < containers; ++i) {
      lines.of(labels_of(i));
      family.write(snapshot.containers[i].judgement, lines);
    }
    if (lines.lines() == 0) out.truncate(begin);
    series += lines.lines();
  }
  return series;
}

/// Series that one container has under these options.
std::size_t judgement_series(const Judgement& judgement, const ExpositionOptions& options);
/// At most as many; cheap.
std::size_t judgement_series_bound(const Judgement& judgement);
/// The catalogue of recommendations and what became of those that were followed.
std::size_t write_recommendation_catalogue(const Outcomes& outcomes, const ExpositionOptions& options,
                                           TextBuffer& out);

inline constexpr std::string_view kRecommendationInfo = "bottleneck_recommendation_info";
inline constexpr std::string_view kRecommendationInfoHelp =
    "The catalogue of recommendations, to be joined by its name.";
inline constexpr std::string_view kOutcomes = "bottleneck_recommendations_outcome_total";
inline constexpr std::string_view kOutcomesHelp =
    "What a change of limits or image did while a recommendation was given: helped, no_effect, worse.";

}  // namespace bottleneck
