// Parsers of files of the whole host in /proc (proc(5)). Same rules as cgroup_files.h.
#pragma once

#include <string_view>

#include "exporter/model/values.h"

namespace bottleneck {

/// stat: the "cpu" line (USER_HZ ticks) and the number of "cpuN" lines.
///   cpu  4705 150 1120 1644167 240 0 53 7 0 0      user nice system idle iowait irq softirq steal guest
///   guest_nice
struct ProcStat {
  double busy_seconds = kAbsent;  ///< neither idle, iowait nor steal; guest time is part of user
  double steal_seconds = kAbsent;
  double boot_time = kAbsent;  ///< "btime", seconds since the epoch
  double cpus = kAbsent;
};
ProcStat parse_proc_stat(std::string_view text);

/// meminfo: "MemTotal:       24684092 kB". Bytes.
struct Meminfo {
  double total = kAbsent;
  double available = kAbsent;
  double swap_total = kAbsent;
};
Meminfo parse_meminfo(std::string_view text);

/// One line of diskstats (Documentation/admin-guide/iostats.rst): major minor name, then 10 or more numbers.
///   254       0 vda 10244 3301 1012306 5403 ... 0 7012 9873
struct DiskstatsLine {
  std::string_view major;
  std::string_view minor;
  std::string_view name;
  double busy_seconds = kAbsent;  ///< field 10: time with I/O in flight
  double moved_bytes = kAbsent;   ///< fields 3 and 7, read and written, in sectors of 512
};
bool next_diskstats_line(std::string_view& rest, DiskstatsLine& line, bool& malformed);

}  // namespace bottleneck
