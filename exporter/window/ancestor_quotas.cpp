#include "exporter/window/ancestor_quotas.h"

#include <algorithm>

#include "exporter/window/readings.h"

namespace bottleneck {
void AncestorQuotas::add(std::string_view path, std::int64_t now_ns, const QuotaReading& reading) {
  auto known = ancestors_.find(path);
  if (!is_present(reading.limit_cores)) {
    if (known != ancestors_.end()) ancestors_.erase(known);
    return;
  }
  if (known == ancestors_.end()) known = ancestors_.emplace(path, std::make_unique<Ancestor>()).first;
  Ancestor& ancestor = *known->second;
  if (now_ns - ancestor.last_ns > kGapNs || now_ns < ancestor.last_ns) ancestor = {};
  const std::array<double, kChannels> now = {reading.periods, reading.throttled_periods,
                                             reading.throttled_seconds, reading.usage_seconds};
  std::array<float, kChannels> deltas;
  for (std::size_t i = 0; i < kChannels; ++i) {
    deltas[i] = now[i] >= ancestor.counters[i] ? static_cast<float>(now[i] - ancestor.counters[i]) : kNoRate;
  }
  if (ancestor.last_ns != 0 && now_ns > ancestor.last_ns) {
    ancestor.seconds.add(ancestor.last_ns, now_ns, deltas, {});
    ancestor.tens.add(ancestor.last_ns, now_ns, deltas, {});
  }
  ancestor.counters = now;
  ancestor.last_ns = now_ns;
  ancestor.limit_cores = reading.limit_cores;
}

void AncestorQuotas::fill_window(const RingSums<kChannels>& sums, WindowEvidence& window) {
  window.above_periods = share_of(sums.count(kThrottledPeriods), sums.count(kPeriods));
  window.above_share = share_of(sums.count(kThrottled), sums.count(kThrottled) + sums.count(kUsed));
}

void AncestorQuotas::fill(std::string_view path, Evidence& evidence) const {
  evidence.above_limit = kAbsent;
  evidence.above_name = {};
  for (WindowEvidence* window : {&evidence.fast, &evidence.score, &evidence.slow}) {
    window->above_periods = window->above_share = kNoRate;
  }
  if (ancestors_.empty()) return;
  float worst = -1;
  for (std::size_t slash = path.rfind('/'); slash != std::string_view::npos && slash > 0;
       slash = path.rfind('/', slash - 1)) {
    const auto known = ancestors_.find(path.substr(0, slash));
    if (known == ancestors_.end()) continue;
    const Ancestor& ancestor = *known->second;
    RingSums<kChannels> score;
    ancestor.seconds.sum(ancestor.last_ns, 60 * kSecondNs, score);
    WindowEvidence window;
    fill_window(score, window);
    const float share = is_present(window.above_share) ? window.above_share : 0;
    if (share <= worst) continue;
    worst = share;
    evidence.above_limit = ancestor.limit_cores;
    evidence.above_name = known->first;
    fill_window(score, evidence.score);
    RingSums<kChannels> fast;
    ancestor.seconds.sum(ancestor.last_ns, 10 * kSecondNs, fast);
    fill_window(fast, evidence.fast);
    RingSums<kChannels> slow;
    ancestor.tens.sum(ancestor.last_ns, 300 * kSecondNs, slow);
    fill_window(slow, evidence.slow);
  }
}

}  // namespace bottleneck
