// What every window holds of the readings it is given: when they belong together and what two of them say.
#pragma once

#include <algorithm>
#include <cstdint>

#include "exporter/base/clock.h"
#include "exporter/model/evidence.h"

namespace bottleneck {

/// After a gap as long as the longest ring nothing in it is of use: a suspended host, a replay with a hole.
inline constexpr std::int64_t kGapNs = 300 * kSecondNs;
/// Time constant of the means that follow a disk: three readings of 10 s.
inline constexpr double kSmoothingSeconds = 30;

/// Increase of a counter; absent when an end is missing or it went backwards.
inline double increase(double before, double now) { return now >= before ? now - before : kAbsent; }

/// part / whole, 0 when nothing moved, absent when either is.
inline float share_of(float part, float whole) {
  return whole > 0 ? std::min(part / whole, 1.0F) : (part + whole) * 0;
}

inline float at_most_one(float share) { return is_present(share) ? std::min(share, 1.0F) : share; }

}  // namespace bottleneck
