// The answers about the whole fleet: summary, worst, trends.
#include <algorithm>
#include <array>
#include <utility>

#include "exporter/analyze/narrative.h"
#include "exporter/report/answers.h"

namespace bottleneck {
namespace {

constexpr std::size_t kSummaryWorst = 5;

struct Totals {
  std::array<std::size_t, kCategoryCount> categories{};
  std::array<std::size_t, 5> severities{};
  std::array<std::size_t, 5> bands{};
  std::array<double, kResourceCount> held_back{};
  double observed = 0;
  double saving_cores = 0;
  double saving_bytes = 0;
  std::size_t judged = 0;
};

Totals count(const FleetView& fleet) {
  Totals totals;
  for (const ContainerView& container : fleet.containers) {
    if (container.judgement == nullptr) continue;
    const Judgement& judgement = *container.judgement;
    for (const Finding& finding : judgement.findings) {
      if (finding.active()) ++totals.severities[static_cast<std::size_t>(finding.severity)];
    }
    for (std::size_t i = 0; i < kResourceCount; ++i)
      totals.held_back[i] += judgement.resources[i].held_back_seconds;
    totals.observed += judgement.observed_seconds;
    if (is_present(judgement.cpu_size.saving)) totals.saving_cores += judgement.cpu_size.saving;
    if (is_present(judgement.memory_size.saving)) totals.saving_bytes += judgement.memory_size.saving;
    if (!judgement.judged) continue;
    ++totals.judged;
    ++totals.categories[static_cast<std::size_t>(judgement.category)];
    ++totals.bands[static_cast<std::size_t>(judgement.band)];
  }
  return totals;
}

double held_back_of(const ContainerView& container, Resource& most) {
  double seconds = 0;
  for (std::size_t i = 0; i < kResourceCount; ++i) {
    const double held = container.judgement->resources[i].held_back_seconds;
    if (held <= seconds) continue;
    seconds = held;
    most = static_cast<Resource>(i);
  }
  return seconds;
}

template <class Less>
std::vector<const ContainerView*> first_of(std::vector<const ContainerView*> rows, std::size_t limit,
                                           Less less) {
  std::stable_sort(rows.begin(), rows.end(), less);
  rows.resize(std::min(rows.size(), limit));
  return rows;
}

OrderedJson slow_starts(const FleetView& fleet, std::size_t limit) {
  std::vector<const ContainerView*> rows;
  for (const ContainerView& container : fleet.containers) {
    if (is_present(container.startup_seconds)) rows.push_back(&container);
  }
  OrderedJson out = OrderedJson::array();
  for (const ContainerView* row : first_of(std::move(rows), limit, [](const auto*one, const auto*other) {
         return one->startup_seconds > other->startup_seconds;
       })) {
    out.push_back({{"name", row->identity->name}, {"startup_seconds", row->startup_seconds}});
  }
  return out;
}

OrderedJson longest_held(const FleetView& fleet, std::size_t limit) {
  Resource most = Resource::kCpu;
  std::vector<const ContainerView*> rows;
  for (const ContainerView& container : fleet.containers) {
    if (container.judgement != nullptr && held_back_of(container, most) > 0) rows.push_back(&container);
  }
  OrderedJson out = OrderedJson::array();
  for (const ContainerView* row : first_of(std::move(rows), limit, [](const auto*one, const auto*other) {
         Resource ignored = Resource::kCpu;
         return held_back_of(*one, ignored) > held_back_of(*other, ignored);
       })) {
    const double seconds = held_back_of(*row, most);
    OrderedJson item = {
        {"name", row->identity->name}, {"resource", name_of(most)}, {"held_back_seconds", seconds}};
    const double observed = row->judgement->observed_seconds;
    item["observed_seconds"] = observed;
    if (observed > 0) put(item, "held_back_ratio", std::min(seconds / observed, 1.0));
    out.push_back(std::move(item));
  }
  return out;
}

OrderedJson period_json(const TrendPeriod& period) {
  OrderedJson out = {{"time", period.unix_seconds}, {"seconds", period.seconds}};
  out["observed_seconds"] = period.observed_seconds;
  put(out, "cpu_p50_cores", period.cpu_p50);
  put(out, "cpu_p98_cores", period.cpu_p98);
  put(out, "memory_p50_bytes", period.memory_p50);
  put(out, "memory_peak_bytes", period.memory_peak);
  return out;
}

}  // namespace

std::string summary_answer(const FleetView& fleet) {
  const Totals totals = count(fleet);
  OrderedJson out = {{"time", fleet.unix_seconds},
                     {"containers", fleet.containers.size()},
                     {"judged", totals.judged},
                     {"observed_seconds", totals.observed}};
  OrderedJson& causes = out["by_cause"] = OrderedJson::object();
  for (std::size_t i = 0; i < kCategoryCount; ++i)
    causes[std::string(name_of(static_cast<Category>(i)))] = totals.categories[i];
  OrderedJson& bands = out["by_band"] = OrderedJson::object();
  for (std::size_t i = 0; i < totals.bands.size(); ++i)
    bands[std::string(name_of(static_cast<Band>(i)))] = totals.bands[i];
  OrderedJson& severities = out["recommendations_by_severity"] = OrderedJson::object();
  for (std::size_t i = 1; i < totals.severities.size(); ++i)
    severities[std::string(name_of(static_cast<Severity>(i)))] = totals.severities[i];
  OrderedJson& held = out["held_back_seconds"] = OrderedJson::object();
  for (std::size_t i = 0; i < kResourceCount; ++i)
    held[std::string(name_of(static_cast<Resource>(i)))] = totals.held_back[i];
  out["saving"] = {{"cpu_cores", totals.saving_cores}, {"memory_bytes", totals.saving_bytes}};

  std::vector<const ContainerView*> worst;
  for (const ContainerView& container : fleet.containers) {
    if (container.judgement != nullptr && container.judgement->category != Category::kNone)
      worst.push_back(&container);
  }
  out["worst"] = OrderedJson::array();
  for (const ContainerView* row :
       first_of(std::move(worst), kSummaryWorst, [](const auto*one, const auto*other) {
         return one->judgement->overall > other->judgement->overall;
       })) {
    OrderedJson item = {{"name", row->identity->name}, {"category", name_of(row->judgement->category)}};
    put(item, "overall_score", row->judgement->overall);
    item["answer"] = headline(*row->judgement);
    out["worst"].push_back(std::move(item));
  }
  return dump(out);
}

std::string worst_answer(const FleetView& fleet, std::size_t limit) {
  OrderedJson out = {{"time", fleet.unix_seconds}};
  out["slowest_starts"] = slow_starts(fleet, limit);
  out["longest_held_back"] = longest_held(fleet, limit);
  std::vector<FleetView::EngineCall> calls = fleet.engine_calls;
  std::stable_sort(calls.begin(), calls.end(),
                   [](const auto& one, const auto& other) { return one.seconds > other.seconds; });
  out["slowest_engine_calls"] = OrderedJson::array();
  for (std::size_t i = 0; i < std::min(calls.size(), limit); ++i) {
    OrderedJson row = {{"endpoint", calls[i].endpoint}};
    put(row, "mean_seconds", calls[i].seconds);
    out["slowest_engine_calls"].push_back(std::move(row));
  }
  return dump(out);
}

std::string trends_answer(const std::vector<TrendView>& trends, int days, double unix_seconds) {
  const double begin = unix_seconds - days * 86400.0;
  OrderedJson out = {{"time", unix_seconds}, {"days", days}, {"trends", OrderedJson::array()}};
  for (const TrendView& trend : trends) {
    OrderedJson row = {{"name", trend.name}, {"periods", OrderedJson::array()}};
    for (const std::vector<TrendPeriod>* periods : {&trend.days, &trend.hours}) {
      for (const TrendPeriod& period : *periods) {
        if (period.unix_seconds + period.seconds > begin) row["periods"].push_back(period_json(period));
      }
    }
    out["trends"].push_back(std::move(row));
  }
  return dump(out);
}

}  // namespace bottleneck
