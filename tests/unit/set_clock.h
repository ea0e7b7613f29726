// A clock that stands where a test sets it.
#pragma once

#include "exporter/base/clock.h"

namespace bottleneck {

class SetClock final : public Clock {
 public:
  explicit SetClock(std::int64_t now = kSecondNs, double unix_time = 0) : now_ns(now), unix(unix_time) {}
  [[nodiscard]] std::int64_t monotonic_ns() const override { return now_ns; }
  [[nodiscard]] double unix_seconds() const override { return unix; }

  std::int64_t now_ns;
  double unix;
};

}  // namespace bottleneck
