// Changes to paste: for the runtime at hand first, each with the lines that restore what is set now. Names
// come from outside: they are quoted for the shell, for YAML and for JSON, and replaced by the id where no
// quoting could save them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/model/finding.h"
#include "exporter/model/subject.h"

namespace bottleneck::advice {

/// A new CPU limit. `from` absent: none is set.
std::vector<Change> change_cpu_limit(const Subject& subject, double from, double to);
/// A new memory limit; swap stays what it is: `swap` bytes, absent: not limited.
std::vector<Change> change_memory_limit(const Subject& subject, double from, double to, double swap);
/// A new CPU weight, in cgroup v2 units. Only from the default of 100, which every runtime can restore.
std::vector<Change> change_cpu_weight(const Subject& subject, double from, double to);
/// A new limit on tasks.
std::vector<Change> change_pids_limit(const Subject& subject, double from, double to);
/// Burst above the quota of `cores` for one period; 0 before.
std::vector<Change> change_cpu_burst(const Subject& subject, double cores);

struct IoLimit {
  std::string_view device;
  bool writes = false;
  bool requests = false;
  double from = 0;
  double to = 0;
};
std::vector<Change> change_io_limit(const Subject& subject, const IoLimit& limit);

/// One word for a POSIX shell, whatever is in it. Empty for text with control characters or broken UTF-8,
/// which has no place on a line.
std::string shell_word(std::string_view text);
/// A YAML double-quoted scalar, which is a JSON string as well.
std::string json_text(std::string_view text);
/// "512m", "1g", else bytes: as Docker and Podman read it, and exact.
std::string docker_bytes(double bytes);

}  // namespace bottleneck::advice
