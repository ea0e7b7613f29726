// Parsers of cgroup files. Each is named after its kernel file, ignores unknown keys, tolerates missing ones,
// never allocates and never throws. What cannot be understood is skipped and counted in the result.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "exporter/base/text.h"
#include "exporter/model/values.h"

namespace bottleneck {

/// A file with one number, or "max", or the v1 values that mean "no limit". In base units.
/// Absent for "max", for LONG_MAX rounded to a page on v1, and (kReservation) for 0. Nothing for other text.
struct SingleNumber {
  double value = kAbsent;
  bool malformed = false;
};
SingleNumber parse_single_number(std::string_view text, Unit unit);

/// Applies the unit of a catalogue row to a raw number.
double to_base_unit(std::uint64_t raw, Unit unit);

/// cpu.pressure, memory.pressure, io.pressure, irq.pressure (Documentation/accounting/psi.rst):
///   some avg10=0.00 avg60=0.00 avg300=0.00 total=5667714
///   full avg10=0.00 avg60=0.00 avg300=0.00 total=0
/// Seconds; a line that is missing (irq has no "some") stays absent.
struct Pressure {
  double some = kAbsent;
  double full = kAbsent;
  bool malformed = false;
};
Pressure parse_pressure(std::string_view text);

/// cpu.max (cgroup-v2.rst): "30000 100000", "max 100000". Cores; absent without a quota.
SingleNumber parse_cpu_max(std::string_view text);

/// cpu.stat of a cgroup with a quota (cgroup-v2.rst "CPU Interface Files", scheduler/sched-bwc.rst):
///   usage_usec 1000, nr_periods 10, nr_throttled 2, throttled_usec 500; on v1 throttled_time in nanoseconds
/// and no usage. Seconds; a key that is missing stays absent.
struct QuotaStat {
  double usage_seconds = kAbsent;
  double periods = kAbsent;
  double throttled_periods = kAbsent;
  double throttled_seconds = kAbsent;
};
QuotaStat parse_cpu_stat_quota(std::string_view text);

/// cpu.cfs_quota_us and cpu.cfs_period_us (scheduler/sched-bwc.rst): "-1" is no quota. Cores.
SingleNumber parse_cfs_quota(std::string_view quota, std::string_view period);

/// cpuset.cpus.effective, cpuset.effective_cpus: "0-3,8". Number of CPUs; absent when empty.
SingleNumber parse_cpu_list(std::string_view text);

/// One device line of io.stat or io.max (cgroup-v2.rst):
///   8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=0 dios=0
///   8:16 rbps=2097152 wbps=max riops=max wiops=120
/// `numbers` are in the order read bytes, written bytes, reads, writes; absent when missing or "max".
struct DeviceLine {
  std::string_view device;  ///< "8:16"
  double numbers[4] = {kAbsent, kAbsent, kAbsent, kAbsent};
};
/// Takes lines off `rest` until a device line was found. A line without "major:minor" (the kernel cuts
/// io.stat at one page, and prints nothing but a newline for some devices) sets `malformed` and is skipped.
bool next_io_line(std::string_view& rest, DeviceLine& line, bool& malformed);

/// One line of blkio.throttle.io_service_bytes(_recursive) or io_serviced (cgroup-v1/blkio-controller.rst):
///   8:0 Read 1024
///   8:0 Write 20971520
///   Total 20972544
/// Only Read and Write lines are given.
struct BlkioLine {
  std::string_view device;
  bool is_write = false;
  double number = kAbsent;
};
bool next_blkio_line(std::string_view& rest, BlkioLine& line, bool& malformed);

/// One line of blkio.throttle.*_device: "8:0 1048576".
struct ThrottleLine {
  std::string_view device;
  double number = kAbsent;
};
bool next_throttle_line(std::string_view& rest, ThrottleLine& line, bool& malformed);

/// Kernel memory in memory.stat of v2: "kernel" (5.18 on), else the sum of its listed parts kernel_stack,
/// pagetables, percpu and slab. Bytes; absent when none of them is listed.
double parse_memory_stat_kernel(std::string_view text);

/// True when cgroup.events of v2 ("frozen 1") or freezer.state of v1 ("FROZEN") says that the cgroup is
/// paused.
bool parse_cgroup_events_frozen(std::string_view text);
bool parse_freezer_state_frozen(std::string_view text);

/// The first process id in cgroup.procs or tasks; nothing when empty or when it lies outside our PID
/// namespace (0).
std::optional<int> first_process(std::string_view text);

}  // namespace bottleneck
