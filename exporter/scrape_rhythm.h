// When the next scrape is due: scrapers come at a steady interval, so what a scrape needs fresh can be read
// in slices just before it instead of all at once while it waits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace bottleneck {

/// Monotonic times in nanoseconds. Several scrapers, each with an interval and a phase of its own, are told
/// apart.
class ScrapeRhythm {
 public:
  /// A scrape asked for fresh numbers now.
  void asked(std::int64_t now_ns);
  /// True within `ahead_ns` before a scrape is expected. Three scrapes at equal distances make an
  /// expectation, and one that did not come true ends it.
  [[nodiscard]] bool is_near(std::int64_t now_ns, std::int64_t ahead_ns) const;

 private:
  static constexpr std::size_t kRemembered = 16;  ///< three scrapes of five scrapers
  [[nodiscard]] bool happened_at(std::int64_t time_ns, std::int64_t tolerance_ns) const;

  std::array<std::int64_t, kRemembered> asked_ns_{};
  std::array<std::int64_t, kRemembered> expected_ns_{};  ///< beside the scrape it follows from; 0: none
  std::size_t next_ = 0;
};

}  // namespace bottleneck
