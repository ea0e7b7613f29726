// Fills a snapshot from the fleet.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "exporter/discover/events/counters.h"
#include "exporter/fleet.h"

namespace bottleneck {

/// Writes the rows that the runtime tells of: state, health, start, exit. `has_cgroup`: without a runtime's
/// word, a container with a cgroup is running, or paused when `frozen`. Rows that nobody knows stay absent.
void set_runtime_values(const RuntimeInfo* info, bool has_cgroup, bool frozen, ContainerValues& values);
/// Writes the counters kept by name; absent ones stay absent.
void set_event_values(const EventCounts& counts, ContainerValues& values);

/// What a snapshot says of one container.
struct ContainerParts {
  std::shared_ptr<const Identity> identity;
  std::shared_ptr<const RuntimeInfo> runtime;  ///< null: no runtime has told of it
  const Tracked* tracked = nullptr;            ///< null: nothing of it is read (stopped)
  const EventCounts* counts = nullptr;         ///< null: nothing was counted under its name
  std::size_t slot = 0;                        ///< a small number of its own while it is known
};
/// Appends one container; `judgement` may be null. Vectors of the slot that is reused keep their capacity.
void append_container(const ContainerParts& parts, const Judgement* judgement, const MetricsConfig& metrics,
                      std::int64_t now_ns, Snapshot& snapshot);

}  // namespace bottleneck
