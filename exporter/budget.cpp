#include "exporter/budget.h"

#include <algorithm>
#include <string>

#include "exporter/base/clock.h"
#include "exporter/base/log.h"

namespace bottleneck {
namespace {

constexpr std::int64_t kDecisionNs = 10 * kSecondNs;
// Slower than this the peaks of a minute would rest on too few readings to mean anything.
constexpr double kSlowestSeconds = 10;
// Half the budget left over is room for twice the pulse.
constexpr double kEaseRatio = 0.45;

}  // namespace

void CpuBudget::update(std::int64_t now_ns, double process_cpu_seconds) {
  if (last_ns_ != 0 && now_ns - last_ns_ < kDecisionNs) return;
  const double wall = static_cast<double>(now_ns - last_ns_) * 1e-9;
  const double used = process_cpu_seconds - last_cpu_;
  const bool first = last_ns_ == 0;
  last_ns_ = now_ns;
  last_cpu_ = process_cpu_seconds;
  if (first) return;  // start-up is not the steady cost
  ratio_ = used / wall / config_.cpu_budget_cores;
  const double before = interval_seconds_;
  if (ratio_ > 1)
    interval_seconds_ = std::min(interval_seconds_ * 2, std::max(kSlowestSeconds, config_.pulse_seconds));
  if (ratio_ < kEaseRatio) interval_seconds_ = std::max(interval_seconds_ / 2, config_.pulse_seconds);
  if (interval_seconds_ == before) return;
  log_limited("budget", LogLevel::kWarn, "pulse interval changed to stay within the CPU budget",
              {{"seconds", std::to_string(interval_seconds_)}, {"cpu_budget_ratio", std::to_string(ratio_)}});
}

}  // namespace bottleneck
