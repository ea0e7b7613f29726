// What the sampler keeps of one container between two readings.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <vector>

#include "exporter/base/file.h"
#include "exporter/model/evidence.h"
#include "exporter/model/snapshot.h"

namespace bottleneck {

/// Most files of one kind (pulse, detail or limits) in a read plan.
inline constexpr std::size_t kMaxPlanFiles = 32;

/// What was read of one task; absent numbers were not.
struct TaskTimes {
  int id = 0;
  int process = 0;
  double run = kAbsent;       ///< counters, seconds
  double delay = kAbsent;     ///< waited for a CPU
  double io_delay = kAbsent;  ///< waited for block I/O
  bool blocked = false;       ///< in D state
};

/// State of one container's readings. Owned by the sampler's thread; only the readers of this stage change
/// it.
struct ContainerReader {
  CgroupRef ref;
  Sample sample;
  Extras extras;  ///< what the judgement takes beside the sample; only what tasks tell is set here

  /// Kept directory descriptors, one a controller (on v2 only the first is used): they outlive a rename or a
  /// recreated cgroup of the same path, so numbers of two containers never mix.
  std::array<FileDescriptor, kControllerCount> directories;
  /// Kept descriptors of the pulse files, in the order of the plan; -1: not kept, opened at each reading.
  std::array<FileDescriptor, 8> pulse_files;
  /// Files that are absent, denied or unsupported: not tried again before the next limits pass.
  std::bitset<kMaxPlanFiles> skip_pulse;
  std::bitset<kMaxPlanFiles> skip_detail;
  std::bitset<kMaxPlanFiles> skip_limits;

  bool gone = false;
  bool frozen = false;  ///< paused, as the freezer says
  /// No cgroup file could be opened: numbers can come from the engine's stats only.
  bool unreadable = false;
  bool keeps_descriptors = false;
  /// Pulses during which a container that was just made is read whole: its runtime makes the hierarchies one
  /// after the other, then sets limits, then starts the process.
  std::uint32_t young_pulses = 0;
  std::uint32_t idle_pulses = 0;  ///< pulses in a row without any CPU use
  bool uses_cpu = false;          ///< it did between the last two readings
  /// No CPU quota moved the counters of one at the last reading: they are read again with the next slow
  /// detail.
  bool quota_idle = false;

  FileDescriptor process;  ///< /proc/PID of one of its processes; pins the PID, so never another's numbers
  int process_id = 0;
  int runtime_pid = 0;       ///< first process as the runtime tells it; 0: unknown
  int network_process = 0;   ///< process that network_namespace was read of
  double started = kAbsent;  ///< start of the process first seen, seconds since boot
  std::uint64_t network_namespace = 0;
  bool network_owner = false;
  std::size_t interfaces_hash = 0;  ///< of net/dev as last read; 0: not read
  std::size_t tcp_hash = 0;         ///< interfaces_hash when the TCP counters were read; 0: not read
  int files_limit_process = 0;      ///< process that files_limit was read of; 0: none since the last limits
  double files_limit = kAbsent;

  std::vector<std::string> device_keys;  ///< "8:0", parallel to sample.devices

  bool io_of_processes = false;  ///< its cgroup counts no I/O here
  /// Fallback I/O: the last sum over its processes, and the counter made of its increases.
  double process_io_read = kAbsent;
  double process_io_written = kAbsent;
  double io_read_total = 0;
  double io_written_total = 0;

  /// Tasks as last read, by id, and when; counters made of the increases of those that live on.
  std::vector<TaskTimes> tasks;
  std::int64_t tasks_ns = 0;  ///< 0: not read at the last slow detail
  double run_delay_total = 0;
  double io_delay_total = 0;
  bool io_delay_seen = false;         ///< the kernel accounts for it
  std::vector<TaskTimes> watched;     ///< tasks that are looked at each second for D state
  double slow_cpu_seconds = kAbsent;  ///< CPU used and time, at the last slow detail
  std::int64_t slow_cpu_ns = 0;

  [[nodiscard]] int directory(Controller controller) const {
    return directories[static_cast<std::size_t>(controller)].get();
  }
};

}  // namespace bottleneck
