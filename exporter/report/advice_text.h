// Recommendations with the changes to paste and the lines that undo them, for a terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/result.h"
#include "exporter/model/judgement.h"

namespace bottleneck {

/// A recommendation as it is printed. Every text may come from outside.
struct AdviceView {
  struct Way {
    std::string target;  ///< "docker"
    std::string apply;
    std::string undo;
  };
  std::string container;
  std::string recommendation;
  std::string severity;
  std::string title;
  double since_unix = kAbsent;
  std::string description;
  std::string suggestion;
  std::string clears;
  std::vector<Way> changes;
};

/// Those that are given now, worst first.
std::vector<AdviceView> advice_views(std::string_view name, const Judgement& judgement);
/// From an answer of /api/v1/recommendations; kMalformed when it is none.
Result<std::vector<AdviceView>> parse_advice_views(std::string_view json);

/// 80 columns; a change is never broken, so that it can be pasted.
std::string advice_text(const std::vector<AdviceView>& views);

}  // namespace bottleneck
