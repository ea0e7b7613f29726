// The exporter's own CPU budget: above it the pulse slows down, and a metric says so.
#pragma once

#include <cstdint>

#include "exporter/config/config.h"

namespace bottleneck {

class CpuBudget {
 public:
  explicit CpuBudget(const SamplingConfig& config)
      : config_(config), interval_seconds_(config.pulse_seconds) {}

  /// To be called now and then with the process' CPU time; decides each 10 s.
  void update(std::int64_t now_ns, double process_cpu_seconds);
  /// The pulse interval now in force.
  [[nodiscard]] double interval_seconds() const { return interval_seconds_; }
  /// CPU use of the last 10 s over the budget; 1 is all of it.
  [[nodiscard]] double ratio() const { return ratio_; }

 private:
  SamplingConfig config_;
  double interval_seconds_;
  double ratio_ = 0;
  std::int64_t last_ns_ = 0;
  double last_cpu_ = 0;
};

}  // namespace bottleneck
