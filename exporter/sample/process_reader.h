// What only the processes of a container tell: open files, threads, I/O where the cgroup has no counters, and
// what their tasks tell.
#pragma once

#include <vector>

#include "exporter/sample/flat_reader.h"
#include "exporter/sample/task_reader.h"

namespace bottleneck {

/// Processes looked at in one pass of one container. A larger one is judged by its first ones: the pass must
/// stay cheap.
inline constexpr std::size_t kMaxProcesses = 512;

struct ProcessWants {
  bool files_and_threads = false;
  bool io = false;
  TaskWants tasks{};
};

/// Makes sure that `reader.process` is the directory of a living process of the container.
/// Errors: kAbsent when it has none that we can see (empty, or our PID namespace does not hold it).
Status find_process(ReadContext& context, ContainerReader& reader);

/// Reads the processes of the container and of the cgroups below it (systemd in a container, Podman's child).
void read_processes(ReadContext& context, ContainerReader& reader, ProcessWants wants);

}  // namespace bottleneck
