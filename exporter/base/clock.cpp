#include "exporter/base/clock.h"

#include <ctime>

namespace bottleneck {
namespace {

std::int64_t read_ns(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return now.tv_sec * kSecondNs + now.tv_nsec;
}

class SystemClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t monotonic_ns() const override { return read_ns(CLOCK_MONOTONIC); }
  [[nodiscard]] double unix_seconds() const override {
    return static_cast<double>(read_ns(CLOCK_REALTIME)) * 1e-9;
  }
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

double process_cpu_seconds() { return static_cast<double>(read_ns(CLOCK_PROCESS_CPUTIME_ID)) * 1e-9; }
double thread_cpu_seconds() { return static_cast<double>(read_ns(CLOCK_THREAD_CPUTIME_ID)) * 1e-9; }

}  // namespace bottleneck
