#include "exporter/model/judgement.h"

namespace bottleneck {

std::string_view text_of(CategoryTest test) {
  static constexpr std::array<std::string_view, 10> kTexts = {
      "not enough data yet",
      "no resource has a score of cause",
      "it was killed for lack of memory",
      "memory grew before the CPU became busy",
      "the disk is busy because memory is too small",
      "memory stalls because it writes much, not the other way round",
      "memory stalls because files pass through its page cache: none of it is read again",
      "two scores are close: the one that causes the other counts",
      "the largest score",
      "close to the largest score, and the cause before"};
  return kTexts[static_cast<std::size_t>(test)];
}

std::string_view name_of(WorkloadProfile profile) {
  static constexpr std::array<std::string_view, 6> kNames = {
      "idle", "balanced", "cpu_bound", "memory_bound", "io_read_heavy", "io_write_heavy"};
  return kNames[static_cast<std::size_t>(profile)];
}

std::string_view name_of(LeakState state) {
  static constexpr std::array<std::string_view, 4> kNames = {"too_early", "none", "suspected", "confirmed"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view name_of(SizeStatus status) {
  static constexpr std::array<std::string_view, 6> kNames = {"not_enough_data", "fits",     "raise",
                                                             "lower",           "no_limit", "blocked"};
  return kNames[static_cast<std::size_t>(status)];
}

double value_of(SizeConfidence confidence) { return static_cast<double>(confidence) / 3; }

std::string_view name_of(Verdict verdict) {
  static constexpr std::array<std::string_view, 5> kNames = {"inconclusive", "unchanged", "improved",
                                                             "regressed", "refused"};
  return kNames[static_cast<std::size_t>(verdict)];
}

}  // namespace bottleneck
