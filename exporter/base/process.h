// What this process costs, from its own /proc/self.
#pragma once

#include "exporter/base/result.h"

namespace bottleneck {

/// proc(5). A number that could not be read is NaN.
struct ProcessUsage {
  double cpu_seconds = 0;              ///< user and system
  double resident_bytes = 0;           ///< /proc/self/statm
  double virtual_bytes = 0;            ///< /proc/self/statm
  double open_files = 0;               ///< entries of /proc/self/fd
  double open_files_limit = 0;         ///< soft RLIMIT_NOFILE
  double start_time_unix_seconds = 0;  ///< /proc/self/stat and the boot time of /proc/stat
};

ProcessUsage process_usage();

}  // namespace bottleneck
