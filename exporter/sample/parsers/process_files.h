// Parsers of /proc/PID files (proc(5)). Same rules as cgroup_files.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "exporter/model/values.h"

namespace bottleneck {

/// One interface line of PID/net/dev; counters in the order of the catalogue's interface rows.
///   eth0:     736       8    0    0    0     0          0         0        0       0    0    0    0     0 0
///   0
struct NetDevLine {
  std::string_view interface;
  double numbers[8] = {};  ///< receive bytes, packets, errors, drops, transmit bytes, packets, errors, drops
};
bool next_net_dev_line(std::string_view& rest, NetDevLine& line, bool& malformed);

/// A number of PID/net/snmp or PID/net/netstat: pairs of lines, names then values, with the same prefix.
///   Tcp: RtoAlgorithm RtoMin ... RetransSegs InErrs
///   Tcp: 1 200 ... 17 0
/// Absent when the group or the name is not there.
double parse_net_snmp(std::string_view text, std::string_view group, std::string_view name);

/// PID/stat and PID/task/TID/stat: "1234 (name with ) and blanks) S 1 ...". Fields 3, 20, 22 and 42 of
/// proc(5).
struct PidStat {
  char state = '\0';  ///< 'D': waits for a device, and nothing can wake it; NUL: unknown
  double threads = kAbsent;
  double start_seconds = kAbsent;  ///< since boot
  /// Waited for block I/O, by delay accounting; 0 also where the kernel does not account. Absent
  /// before 2.6.18.
  double io_delay_seconds = kAbsent;
};
PidStat parse_pid_stat(std::string_view text);

/// PID/io: "read_bytes: 0", "write_bytes: 20987904". Bytes that went to the storage layer.
struct PidIo {
  double read_bytes = kAbsent;
  double written_bytes = kAbsent;
};
PidIo parse_pid_io(std::string_view text);

/// PID/limits: "Max open files            1024                 524288               files". The soft one;
/// absent when unlimited.
double parse_pid_limits_open_files(std::string_view text);

/// PID/task/TID/schedstat: "run_ns delay_ns slices" (scheduler/sched-stats.rst), in seconds. All 0 where the
/// kernel keeps none.
struct SchedStat {
  double run_seconds = kAbsent;
  double delay_seconds = kAbsent;  ///< was ready to run, and waited
};
SchedStat parse_schedstat(std::string_view text);

}  // namespace bottleneck
