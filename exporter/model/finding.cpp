#include "exporter/model/finding.h"

namespace bottleneck {
namespace {

constexpr std::array<AdviceInfo, kAdviceCount> kAdviceCatalogue = {{
#define ADVICE(id, name, type, title) {name, type, title},
#include "exporter/model/advice.def"
#undef ADVICE
}};

constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

const AdviceInfo& info_of(AdviceId id) { return kAdviceCatalogue[static_cast<std::size_t>(id)]; }

AdviceId advice_of(std::string_view name) {
  for (std::size_t i = 0; i < kAdviceCount; ++i) {
    const std::string_view known = kAdviceCatalogue[i].name;
    bool same = known.size() == name.size();
    for (std::size_t j = 0; same && j < name.size(); ++j) same = upper(name[j]) == known[j];
    if (same) return static_cast<AdviceId>(i);
  }
  return AdviceId::kCount;
}

std::string_view name_of(Severity severity) {
  static constexpr std::array<std::string_view, 5> kNames = {"cleared", "low", "medium", "high", "critical"};
  return kNames[static_cast<std::size_t>(severity)];
}

std::string_view name_of(Outcome outcome) {
  static constexpr std::array<std::string_view, kOutcomeCount> kNames = {"helped", "no_effect", "worse"};
  return kNames[static_cast<std::size_t>(outcome)];
}

}  // namespace bottleneck
