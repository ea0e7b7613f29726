// Follows the kernel log for out-of-memory kills.
#pragma once

#include <string>

#include "exporter/base/clock.h"
#include "exporter/base/kernel_log.h"
#include "exporter/discover/events/counters.h"

namespace bottleneck {

/// <procfs>/sys/kernel/random/boot_id; empty when it cannot be read.
std::string read_boot_id(const std::string& procfs);

class KernelOomFollower {
 public:
  /// Goes on where `counters` left off in an earlier life, else with what comes from now on. Errors: see
  /// KernelLog::open().
  static Result<KernelOomFollower> follow(const EventCounters& counters,
                                          const std::string& path = "/dev/kmsg");

  /// Counts what has come; never waits.
  void drain(EventCounters& counters, const Clock& clock);
  /// Readable when there is more.
  [[nodiscard]] int fd() const { return log_.fd(); }

 private:
  explicit KernelOomFollower(KernelLog log) : log_(std::move(log)) {}
  KernelLog log_;
};

}  // namespace bottleneck
