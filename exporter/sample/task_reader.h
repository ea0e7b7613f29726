// What the tasks (threads) of a container tell: its busiest one, and what they wait for where the kernel has
// no pressure files.
#pragma once

#include <vector>

#include "exporter/sample/flat_reader.h"

namespace bottleneck {

/// What a pass is to find out; the rest is not read.
struct TaskWants {
  bool busiest = false;    ///< share of a CPU of the busiest task since the last pass
  bool run_delay = false;  ///< waiting for a CPU
  bool io_delay = false;   ///< waiting for block I/O, and who does now
  [[nodiscard]] bool any() const { return busiest || run_delay || io_delay; }
};

/// Tasks read in one pass: for delays, whose sums a part of the tasks still tells, and for the busiest one,
/// which is absent where there are more.
inline constexpr std::size_t kMaxTasks = 2048;
inline constexpr std::size_t kMaxTasksForBusiest = 512;
/// Tasks whose state is read each second.
inline constexpr std::size_t kWatchedTasks = 8;

/// Each 10 s. Reads the tasks of `pids` and writes what they tell into `reader.extras` and the run delay into
/// its sample. Differences are those of tasks that were there at the last pass; a new one counts from now on.
/// The block I/O delay stays absent until one task shows some: a kernel without delay accounting says 0.
void read_tasks(ReadContext& context, ContainerReader& reader, const std::vector<int>& pids, TaskWants wants);

/// No pass this time: what the next one finds is compared with nothing.
void forget_tasks(ContainerReader& reader);

/// Each second, where neither pressure nor delay accounting tell: is one of some tasks in D state? Those that
/// were at the last read_tasks() come first. Absent while none is known.
void watch_blocked(ReadContext& context, ContainerReader& reader);

}  // namespace bottleneck
