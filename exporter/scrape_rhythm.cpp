#include "exporter/scrape_rhythm.h"

#include <algorithm>

#include "exporter/base/clock.h"

namespace bottleneck {
namespace {

// Prometheus keeps its interval to some milliseconds; what it waits for us is part of it.
constexpr std::int64_t kToleranceNs = kSecondNs / 10;
// Numbers are shared for a second: closer together there is nothing to prepare.
constexpr std::int64_t kLeastIntervalNs = 2 * kSecondNs;

}  // namespace

bool ScrapeRhythm::happened_at(std::int64_t time_ns, std::int64_t tolerance_ns) const {
  return std::any_of(asked_ns_.begin(), asked_ns_.end(), [&](std::int64_t asked) {
    return asked != 0 && asked >= time_ns - tolerance_ns && asked <= time_ns + tolerance_ns;
  });
}

void ScrapeRhythm::asked(std::int64_t now_ns) {
  for (std::int64_t& expected : expected_ns_) {
    if (expected <= now_ns + kToleranceNs) expected = 0;  // it came true, or never will
  }
  std::int64_t interval_ns = 0;
  for (const std::int64_t before : asked_ns_) {
    const std::int64_t between = now_ns - before;
    if (before == 0 || between < kLeastIntervalNs || !happened_at(before - between, 2 * kToleranceNs))
      continue;
    // The shortest: two intervals of the same scraper are equally far apart.
    if (interval_ns == 0 || between < interval_ns) interval_ns = between;
  }
  asked_ns_[next_] = now_ns;
  expected_ns_[next_] = interval_ns == 0 ? 0 : now_ns + interval_ns;
  next_ = (next_ + 1) % kRemembered;
}

bool ScrapeRhythm::is_near(std::int64_t now_ns, std::int64_t ahead_ns) const {
  return std::any_of(expected_ns_.begin(), expected_ns_.end(), [&](std::int64_t expected) {
    // A scrape that comes a little late finds what was read for it; one that does not come costs no more.
    return expected != 0 && now_ns >= expected - ahead_ns && now_ns <= expected + kToleranceNs;
  });
}

}  // namespace bottleneck
