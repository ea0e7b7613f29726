// Kernel log lines that tell of an out-of-memory kill.
#pragma once

#include <optional>
#include <string_view>

namespace bottleneck {

/// The cgroup whose process was killed, as a path of the memory hierarchy ("/docker/<id>"); nothing for
/// another line. Kernels since 5.0 write one line for each kill, in a cgroup or of the whole host
/// (mm/oom_kill.c, dump_oom_summary):
///   oom-kill:constraint=CONSTRAINT_MEMCG,...,oom_memcg=/docker/<id>,task_memcg=/docker/<id>,task=tail,pid=22822,uid=0
/// Older ones (mm/memcontrol.c):
///   Task in /docker/<id> killed as a result of limit of /docker/<id>
std::optional<std::string_view> parse_oom_line(std::string_view text);

}  // namespace bottleneck
