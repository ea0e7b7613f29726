// Names, states and health of one engine's containers, followed on a thread of its own. A hung engine costs
// names and health, never numbers: what was published stays, and its age is known.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/discover/engine/engine_state.h"
#include "exporter/discover/engine/http_client.h"
#include "exporter/discover/events/fact.h"
#include "exporter/discover/naming.h"

namespace bottleneck {

struct EngineOptions {
  EngineEndpoint endpoint;
  LabelOptions labels;
  double timeout_seconds = 5;   ///< of every request
  double ping_seconds = 15;     ///< between signs of life
  double resync_seconds = 300;  ///< between full lists while the event stream holds
  double backoff_seconds = 1;   ///< after the first failure; doubled up to ten times that
};

/// Docker Engine API (1.24 and newer, unversioned paths) and Podman's compatible one. GET only. The thread
/// lists all containers, inspects new and changed ones, and follows the events; after a break it asks for
/// what it missed and lists again.
class EngineSource {
 public:
  struct Callbacks {
    /// Something new can be taken. Called on the engine's thread.
    std::function<void()> wake;
    /// One request ended: "version", "info", "ping", "list", "inspect", "image", "events" (until accepted),
    /// "stats".
    /// Thread as above.
    std::function<void(std::string_view endpoint, double seconds, bool ok)> on_request;
  };
  /// kInvalid for a bad host, kUnsupported without libcurl. Nothing is asked before start().
  static Result<std::unique_ptr<EngineSource>> create(EngineOptions options, Callbacks callbacks);
  virtual ~EngineSource() = default;

  virtual void start() = 0;
  /// Ends the thread; waits for at most a moment, not for the engine.
  virtual void stop() = 0;

  // Thread safe, and none of them waits for the engine.
  /// Never null.
  [[nodiscard]] virtual EngineStatePtr state() const = 0;
  /// What happened since the last call, in order.
  virtual std::vector<ContainerFact> take_facts() = 0;
  /// Asks once for the statistics of each; answers come one by one. For containers whose cgroup files cannot
  /// be read.
  virtual void request_stats(const std::vector<std::string>& ids) = 0;
  /// The last answer of each container asked for in the last minutes. Never null.
  [[nodiscard]] virtual std::shared_ptr<const EngineStatsMap> stats() const = 0;
};

}  // namespace bottleneck
