// What can be read on this host, what cannot, what that loses and how it is fixed.
#pragma once

#include <string>
#include <vector>

#include "exporter/base/clock.h"
#include "exporter/config/config.h"

namespace bottleneck {

struct SelfTestLine {
  enum class Verdict : unsigned char { kOk, kLess, kMissing };
  Verdict verdict = Verdict::kOk;
  std::string what;  ///< "cgroup v2 at /sys/fs/cgroup"
  std::string lost;  ///< what there will be no numbers of; empty when ok
  std::string fix;   ///< mount, capability or setting
};

struct SelfTestReport {
  std::vector<SelfTestLine> lines;
  /// False when containers cannot be watched at all.
  [[nodiscard]] bool usable() const;
  /// For a terminal of 80 columns.
  [[nodiscard]] std::string text() const;
};

/// Looks at everything the configuration points to. Reads only; an engine is asked for its version.
SelfTestReport run_self_test(const ValidConfig& config, const Clock& clock);

}  // namespace bottleneck
