// Counters that the exporter keeps under a container's name, over recreated cgroups and its own restarts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "exporter/model/values.h"

namespace bottleneck {

/// Why a run ended.
enum class ExitReason : std::uint8_t { kCompleted, kError, kOom, kKilled, kStopped, kUnknown };
inline constexpr std::size_t kExitReasonCount = 6;

/// Absent where no source can see such events; else counted from 0.
struct EventCounts {
  double oom_events = kAbsent;
  double starts = kAbsent;
  std::array<double, kExitReasonCount> exits = {kAbsent, kAbsent, kAbsent, kAbsent, kAbsent, kAbsent};
  double image_changed = kAbsent;   ///< seconds since the epoch
  double limits_changed = kAbsent;  ///< seconds since the epoch
};

}  // namespace bottleneck
