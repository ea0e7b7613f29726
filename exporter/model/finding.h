// Recommendations: the catalogue's words, and one that is given.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/model/score.h"

namespace bottleneck {

enum class Severity : std::uint8_t { kCleared, kLow, kMedium, kHigh, kCritical };
std::string_view name_of(Severity severity);

/// The catalogue, in the order in which it is documented.
enum class AdviceId : std::uint8_t {
#define ADVICE(id, name, type, title) id,
#include "exporter/model/advice.def"
#undef ADVICE
  kCount
};
inline constexpr std::size_t kAdviceCount = static_cast<std::size_t>(AdviceId::kCount);

struct AdviceInfo {
  std::string_view name;  ///< "CPU_LIMIT_RAISE"
  std::string_view type;  ///< cpu, memory, io, network, pids, life, cost, policy, profile, regression, budget
  std::string_view title;  ///< one line for people
};
const AdviceInfo& info_of(AdviceId id);
/// By its name in any case; kCount when there is none.
AdviceId advice_of(std::string_view name);

/// One way to make a change, for one kind of runtime.
struct Change {
  std::string_view target;  ///< "docker", "podman", "compose", "quadlet", "systemd", "kubernetes", "cgroup"
  std::string apply;        ///< a command, or lines for a file; may have several lines
  std::string undo;         ///< restores what is set now
};

/// The words of a recommendation. Immutable: a new one is made when the numbers have moved.
struct FindingText {
  std::string description;  ///< what was seen, with its numbers
  std::string suggestion;   ///< what to do
  std::string clears;       ///< when it is over
  std::string change;       ///< the change for the runtime at hand, one line; empty: none can be given
  std::string undo;
  std::vector<Change> changes;  ///< for every way that fits, the one of the runtime at hand first
};

/// A recommendation that is given, or was within the last day.
struct Finding {
  AdviceId id = AdviceId::kCount;
  Severity severity = Severity::kCleared;
  double since_unix = 0;    ///< when it was given
  double cleared_unix = 0;  ///< when it was cleared; 0: it is given
  Resource resource = Resource::kCpu;
  std::shared_ptr<const FindingText> text;  ///< null for one that is cleared

  [[nodiscard]] bool active() const { return severity != Severity::kCleared; }
};

/// What became of recommendations that were followed.
enum class Outcome : std::uint8_t { kHelped, kNoEffect, kWorse };
inline constexpr std::size_t kOutcomeCount = 3;
std::string_view name_of(Outcome outcome);
using Outcomes = std::array<std::array<std::uint64_t, kOutcomeCount>, kAdviceCount>;

}  // namespace bottleneck
