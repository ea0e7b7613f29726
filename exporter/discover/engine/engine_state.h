// What an engine's thread publishes. Immutable once published.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "exporter/discover/source.h"

namespace bottleneck {

struct EngineState : SourceState {
  std::string engine;  ///< "docker", "podman"; empty while it has not answered
  std::string engine_version;
  std::string storage_driver;
  std::string data_root;             ///< on the engine's host
  bool answered = false;             ///< it has listed its containers at least once
  bool ok = false;                   ///< it answers now
  std::string last_error;            ///< of the last failure; kept when it is well again
  double last_success = 0;           ///< seconds since the epoch of the last good answer; 0: never
  std::int64_t last_success_ns = 0;  ///< monotonic; 0: never
};
using EngineStatePtr = std::shared_ptr<const EngineState>;

/// An answer of /containers/<id>/stats.
struct EngineStats {
  std::shared_ptr<const std::string> body;
  std::int64_t time_ns = 0;  ///< monotonic, when it came
};
using EngineStatsMap = std::unordered_map<std::string, EngineStats>;

}  // namespace bottleneck
