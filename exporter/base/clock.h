// Time, injected so that tests decide what time it is.
#pragma once

#include <cstdint>

namespace bottleneck {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Nanoseconds of CLOCK_MONOTONIC: for intervals.
  [[nodiscard]] virtual std::int64_t monotonic_ns() const = 0;
  /// Seconds since the epoch (CLOCK_REALTIME): for timestamps shown to people only.
  [[nodiscard]] virtual double unix_seconds() const = 0;
};

/// The clock of the host.
const Clock& system_clock();

/// CPU time of this process (user and system), seconds.
double process_cpu_seconds();
/// CPU time of the calling thread, seconds.
double thread_cpu_seconds();

inline constexpr std::int64_t kSecondNs = 1'000'000'000;

/// A span in seconds, as whole nanoseconds.
inline std::int64_t to_ns(double seconds) {
  return static_cast<std::int64_t>(seconds * static_cast<double>(kSecondNs));
}

}  // namespace bottleneck
