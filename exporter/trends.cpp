#include "exporter/trends.h"

#include <algorithm>
#include <utility>

namespace bottleneck {
namespace {

TrendPeriod to_trend(const DemandPeriod& period) {
  return {period.unix_seconds, period.seconds,    period.observed_seconds, period.cpu_p50,
          period.cpu_p98,      period.memory_p50, period.memory_peak};
}

/// Oldest first; of two of one time the one that was observed longer.
std::vector<TrendPeriod> join(const std::vector<DemandPeriod>& now, const std::vector<DemandPeriod>& before) {
  std::vector<TrendPeriod> out;
  for (const auto* periods : {&now, &before}) {
    for (const DemandPeriod& period : *periods) out.push_back(to_trend(period));
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& one, const auto& other) {
    return std::pair(one.unix_seconds, -one.observed_seconds) <
           std::pair(other.unix_seconds, -other.observed_seconds);
  });
  const auto same = [](const auto& one, const auto& other) { return one.unix_seconds == other.unix_seconds; };
  out.erase(std::unique(out.begin(), out.end(), same), out.end());
  return out;
}

}  // namespace

std::vector<TrendView> trend_views(const DemandStore& store) {
  std::vector<TrendView> views;
  views.reserve(store.size());
  store.for_each([&](const std::string& name, const DemandRecord& record) {
    const DemandHistory* before = record.before.get();
    using Periods = std::vector<DemandPeriod>;
    views.push_back({name, join(record.now.hours(), before != nullptr ? before->hours() : Periods()),
                     join(record.now.days(), before != nullptr ? before->days() : Periods())});
  });
  std::sort(views.begin(), views.end(),
            [](const auto& one, const auto& other) { return one.name < other.name; });
  return views;
}

Trends::Views Trends::views() {
  const Bytes bytes = demand_();
  if (bytes == nullptr) return nullptr;
  const std::lock_guard lock(mutex_);
  if (bytes == bytes_) return views_;
  DemandStore store{StorageConfig{}};
  bytes_ = bytes;
  views_ = store.parse(*bytes) ? std::make_shared<const std::vector<TrendView>>(trend_views(store)) : nullptr;
  return views_;
}

}  // namespace bottleneck
