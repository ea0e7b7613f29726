// Kernel log lines that tell of an out-of-memory kill.
#pragma once

#include <optional>
#include <string_view>

namespace bottleneck {

/// Paths are those of the memory hierarchy ("/docker/<id>").
struct OomLine {
  std::string_view path;        ///< the cgroup whose process was killed
  std::string_view limit = {};  ///< the cgroup whose limit was reached; empty: it was no cgroup's
  bool host = false;            ///< the whole host had none left
};

/// Nothing for another line. Kernels since 5.0 write one line for each kill, in a cgroup or of the whole host
/// (mm/oom_kill.c, dump_oom_summary):
///   oom-kill:constraint=CONSTRAINT_MEMCG,...,oom_memcg=/docker/<id>,task_memcg=/docker/<id>,task=tail,pid=22822,uid=0
///   oom-kill:constraint=CONSTRAINT_NONE,...,global_oom,task_memcg=/docker/<id>,task=tail,pid=22822,uid=0
/// Older ones (mm/memcontrol.c):
///   Task in /docker/<id> killed as a result of limit of /docker/<id>
std::optional<OomLine> parse_oom_line(std::string_view text);

}  // namespace bottleneck
