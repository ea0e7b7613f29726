#include "exporter/report/answers.h"

#include <algorithm>
#include <utility>

#include "exporter/analyze/narrative.h"

namespace bottleneck {
namespace {

OrderedJson begin_answer(double unix_seconds) { return {{"time", unix_seconds}}; }

float overall_of(const ContainerView& container) {
  return container.judgement == nullptr ? kNoRate : container.judgement->overall;
}

/// Larger scores first, absent ones last, equal ones by name.
bool is_worse(const ContainerView* one, const ContainerView* other) {
  const float a = is_present(overall_of(*one)) ? overall_of(*one) : -1;
  const float b = is_present(overall_of(*other)) ? overall_of(*other) : -1;
  return a != b ? a > b : one->identity->name < other->identity->name;
}

std::vector<const ContainerView*> worst_first(const FleetView& fleet) {
  std::vector<const ContainerView*> sorted;
  sorted.reserve(fleet.containers.size());
  for (const ContainerView& container : fleet.containers) sorted.push_back(&container);
  std::sort(sorted.begin(), sorted.end(), is_worse);
  return sorted;
}

struct Held {
  const ContainerView* container;
  Resource resource;
  float score;
};

OrderedJson bottleneck_json(const Held& held) {
  const Judgement& judgement = *held.container->judgement;
  const ResourceJudgement& reading = judgement.of(held.resource);
  OrderedJson out = {{"name", held.container->identity->name}, {"resource", name_of(held.resource)}};
  put(out, "score", reading.score);
  out["band"] = name_of(reading.band);
  put(out, "confidence", reading.confidence);
  out["signal"] = info_of(reading.dominant).name;
  put(out, "deciding", std::string_view(deciding_number(reading.dominant, judgement.of(reading.dominant))));
  out["induced"] = reading.induced;
  const bool cause =
      judgement.category != Category::kNone && resource_of(judgement.category) == held.resource;
  out["is_cause"] = cause;
  out["category"] = name_of(judgement.category);
  out["answer"] = headline(judgement);
  return out;
}

}  // namespace

std::string containers_answer(const FleetView& fleet) {
  OrderedJson out = begin_answer(fleet.unix_seconds);
  out["count"] = fleet.containers.size();
  out["containers"] = OrderedJson::array();
  for (const ContainerView* container : worst_first(fleet))
    out["containers"].push_back(brief_json(*container));
  return dump(out);
}

std::string container_answer(const FleetView& fleet, const ContainerView& container) {
  return dump(full_json(container, fleet.parameters, fleet.unix_seconds));
}

std::string bottlenecks_answer(const FleetView& fleet, const BottleneckFilter& filter) {
  std::vector<Held> held;
  for (const ContainerView* container : worst_first(fleet)) {
    if (container->judgement == nullptr) continue;
    for (std::size_t i = 0; i < kResourceCount; ++i) {
      const auto resource = static_cast<Resource>(i);
      const float score = container->judgement->of(resource).score;
      const bool wanted = !filter.resource || *filter.resource == resource;
      if (wanted && static_cast<double>(score) >= filter.threshold)
        held.push_back({container, resource, score});
    }
  }
  std::stable_sort(held.begin(), held.end(),
                   [](const Held& one, const Held& other) { return one.score > other.score; });
  OrderedJson out = begin_answer(fleet.unix_seconds);
  out["threshold"] = filter.threshold;
  out["count"] = held.size();
  out["bottlenecks"] = OrderedJson::array();
  for (std::size_t i = 0; i < std::min(held.size(), filter.limit); ++i)
    out["bottlenecks"].push_back(bottleneck_json(held[i]));
  return dump(out);
}

std::string recommendations_answer(const FleetView& fleet, const RecommendationFilter& filter) {
  std::vector<std::pair<const ContainerView*, const Finding*>> given;
  for (const ContainerView* container : worst_first(fleet)) {
    if (container->judgement == nullptr) continue;
    if (!filter.container.empty() && container->identity->name != filter.container) continue;
    for (const Finding& finding : container->judgement->findings) {
      if (finding.active() && finding.severity >= filter.least) given.emplace_back(container, &finding);
    }
  }
  std::stable_sort(given.begin(), given.end(), [](const auto& one, const auto& other) {
    return one.second->severity > other.second->severity;
  });
  OrderedJson out = begin_answer(fleet.unix_seconds);
  out["count"] = given.size();
  out["recommendations"] = OrderedJson::array();
  for (const auto& [container, finding] : given) {
    OrderedJson row = {{"name", container->identity->name}};
    row.update(finding_json(*finding));
    out["recommendations"].push_back(std::move(row));
  }
  return dump(out);
}

const ContainerView* find_container(const FleetView& fleet, std::string_view name) {
  for (const ContainerView& container : fleet.containers) {
    if (container.identity->name == name) return &container;
  }
  return nullptr;
}

std::optional<Resource> resource_named(std::string_view name) {
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    if (name_of(static_cast<Resource>(i)) == name) return static_cast<Resource>(i);
  }
  return std::nullopt;
}

std::optional<Severity> severity_named(std::string_view name) {
  for (const Severity severity : {Severity::kLow, Severity::kMedium, Severity::kHigh, Severity::kCritical}) {
    if (name_of(severity) == name) return severity;
  }
  return std::nullopt;
}

}  // namespace bottleneck
