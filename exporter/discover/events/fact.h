// What a source saw happen to a container. Sources report facts; events/counters.h makes counters of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "exporter/model/container.h"

namespace bottleneck {

/// Facts wait for the next time they are taken; with more than this nobody takes them.
inline constexpr std::size_t kMostFacts = 100'000;

struct ContainerFact {
  enum class Kind : std::uint8_t {
    kStarted,   ///< a run began at `time`
    kEnded,     ///< a run ended at `time`, with exit_code and expected where known
    kExpected,  ///< the last end was asked for, as it turned out
    kOom,       ///< the out-of-memory killer took a process of it
    kSeen,      ///< how things stand: started, finished, restarts, exit_code, oom_killed
    kRemoved,   ///< the runtime no longer has it
  };
  Kind kind = Kind::kSeen;
  std::string id;
  std::string name;  ///< what it would be called (naming.h); empty: unknown
  double time = 0;   ///< seconds since the epoch
  std::optional<double> started;
  std::optional<double> finished;
  std::optional<std::uint64_t> restarts;
  std::optional<int> exit_code;
  std::optional<bool> expected;
  std::optional<bool> oom_killed;
  bool running = false;

  /// Fills what kSeen tells.
  void stands_as(const RuntimeInfo& info) {
    started = info.started;
    finished = info.finished;
    restarts = info.restarts;
    exit_code = info.exit_code;
    expected = info.stop_expected;
    oom_killed = info.oom_killed;
    running = info.is_running();
  }
};

}  // namespace bottleneck
