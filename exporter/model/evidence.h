// What a judgement is made of: plain numbers of one container, its host and its name, at one moment. Filled
// by window/ from samples; nothing in it knows a file or a cgroup version. NaN is "absent": no number is 0
// because it could not be had.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "exporter/model/values.h"

namespace bottleneck {

inline constexpr float kNoRate = static_cast<float>(kAbsent);
inline bool is_present(float value) { return !std::isnan(value); }

/// Rates over one window of 10, 60 or 300 s, over measured time. A share is 0..1; a ratio whose denominator
/// did not move is 0. Events are counts within the window.
struct WindowEvidence {
  float seconds = 0;         ///< of the window that pulse intervals cover
  float detail_seconds = 0;  ///< that detail intervals cover

  float cpu_cores = kNoRate;          ///< CPU time a second
  float quota_periods = kNoRate;      ///< periods in which it wanted to run, a second
  float throttled_periods = kNoRate;  ///< of its own periods: p
  float throttled_share = kNoRate;    ///< throttled / (throttled + used): d
  float above_periods = kNoRate;      ///< p of the worst ancestor with a quota
  float above_share = kNoRate;        ///< d of that ancestor
  float cpu_some = kNoRate;           ///< PSI
  float run_delay = kNoRate;          ///< schedstat: run delay a second, summed over tasks, not clamped

  float memory_some = kNoRate;      ///< PSI
  float memory_full = kNoRate;      ///< PSI
  float memory_delay = kNoRate;     ///< delay accounting: thrashing, freepages and swap-in, a second
  float limit_hits = kNoRate;       ///< a second
  float near_limit = kNoRate;       ///< share of the time with usage at the limit
  float refault_bytes = kNoRate;    ///< file pages read again, bytes a second
  float activated_share = kNoRate;  ///< activated / refaulted pages; absent on v1
  float swap_in_bytes = kNoRate;    ///< a second

  float io_some = kNoRate;     ///< PSI
  float io_full = kNoRate;     ///< PSI
  float io_delay = kNoRate;    ///< delay accounting: block I/O, a second
  float blocked = kNoRate;     ///< share of the ticks with a task in D state
  float read_bytes = kNoRate;  ///< a second, over all devices
  float written_bytes = kNoRate;
  float reads = kNoRate;  ///< requests a second
  float writes = kNoRate;
  float io_limit = kNoRate;  ///< largest rate over its limit; absent without a limit

  float packets = kNoRate;           ///< received and sent, events
  float drops = kNoRate;             ///< events
  float segments = kNoRate;          ///< TCP, sent, events
  float retransmits = kNoRate;       ///< events
  float listen_overflows = kNoRate;  ///< a second
  float pids_refused = kNoRate;      ///< events

  float cpu_peak = kNoRate;  ///< largest second; only in the score window
};

/// Counters of one ancestor's cpu.stat (v1: cpu.stat and cpuacct.usage).
struct QuotaReading {
  double limit_cores = kAbsent;
  double periods = kAbsent;
  double throttled_periods = kAbsent;
  double throttled_seconds = kAbsent;
  double usage_seconds = kAbsent;
};

/// Of which memory an out-of-memory kill ran out.
enum class OomScope : std::uint8_t { kUnknown, kOwnLimit, kAncestor, kHost };

/// What a name's runtime and the exporter's own counters tell.
struct LifeEvidence {
  bool running = true;
  bool paused = false;
  double start_time = kAbsent;  ///< seconds since the epoch
  double startup_seconds = kAbsent;
  double restarts = kAbsent;       ///< counter of the runtime's restart policy
  double oom_events = kAbsent;     ///< counter, by name
  double oom_kills = kAbsent;      ///< counter of this cgroup
  double starts = kAbsent;         ///< counter, by name
  double exits = kAbsent;          ///< counter, by name, all reasons
  double exits_stopped = kAbsent;  ///< counter, by name: asked for
  double exits_killed = kAbsent;   ///< counter, by name: by a signal that was no OOM kill
  double exit_code = kAbsent;
  double oom_killed = kAbsent;     ///< 1 when the runtime says that the last run ended so
  double unhealthy = kAbsent;      ///< 1 or 0; absent without a health check
  double image_changed = kAbsent;  ///< seconds since the epoch
  double limits_changed = kAbsent;
  OomScope oom_scope = OomScope::kUnknown;
  double image_bytes = kAbsent;
  double image_layers = kAbsent;
};

/// Quantiles and peaks of the kept distributions of a name and image, decayed by age.
struct DemandSummary {
  double hours = 0;          ///< of history that was observed
  double cpu_p50 = kAbsent;  ///< cores, over 10 s, corrected for throttling
  double cpu_p90 = kAbsent;
  double cpu_p98 = kAbsent;
  double cpu_most = kAbsent;
  double memory_p50 = kAbsent;  ///< unreclaimable, bytes
  double memory_p98 = kAbsent;
  double memory_peak = kAbsent;         ///< largest daily peak; an old one fades
  double active_file = kAbsent;         ///< median of active file pages, bytes
  double cpu_trouble_age = kAbsent;     ///< seconds since throttling or pressure; absent: never seen
  double memory_trouble_age = kAbsent;  ///< seconds since a kill or pressure
};

/// One minute: medians of its 10 s values.
struct MinuteEvidence {
  float cpu_cores = kNoRate;
  float unreclaimable = kNoRate;  ///< bytes
  float packets = kNoRate;        ///< a second, the proxy for load
};

struct DeviceEvidence {
  std::string_view device;  ///< of a string that outlives the evidence
  float bytes = kNoRate;    ///< a second, both directions: the container's own, of a host device everybody's
  float busy = kNoRate;     ///< share of the time with work, of the device
};

/// The host as it concerns every container.
struct HostEvidence {
  double cpus = kAbsent;
  float busy_cores = kNoRate;       ///< over 60 s, steal excluded
  float steal = kNoRate;            ///< share of all CPU time over 60 s
  float fast_busy_cores = kNoRate;  ///< over 10 s
  float fast_steal = kNoRate;       ///< over 10 s
  double memory_total = kAbsent;
  double memory_available = kAbsent;
  double swap_total = kAbsent;
  float cpu_some = kNoRate;  ///< PSI over 60 s
  float memory_some = kNoRate;
  float io_some = kNoRate;
  float conntrack = kNoRate;  ///< entries over their limit
  std::span<const DeviceEvidence> devices;
  bool is_v2 = true;                ///< cgroup v2 alone; false: v1 or hybrid
  std::string_view storage_driver;  ///< of the engine; empty: unknown
};

/// Everything that one judgement of one container looks at.
struct Evidence {
  std::int64_t now_ns = 0;  ///< monotonic, of this tick
  double unix_seconds = 0;
  bool has_cgroup = false;  ///< its numbers are read; false: stopped, only `life` counts
  double data_seconds = 0;  ///< since the first reading of this cgroup, or since a gap
  double age_seconds = 0;   ///< of the last pulse reading

  WindowEvidence fast;   ///< 10 s
  WindowEvidence score;  ///< 60 s
  WindowEvidence slow;   ///< 300 s

  double cpu_limit = kAbsent;            ///< own quota, cores
  double cpu_effective_limit = kAbsent;  ///< least of quota, cpuset and host, ancestors included
  double cpuset_cpus = kAbsent;
  double cpu_weight = kAbsent;
  double above_limit = kAbsent;     ///< quota of the ancestor of above_periods, cores
  std::string_view above_name;      ///< its path
  double busiest_thread = kAbsent;  ///< share of a CPU of its busiest thread

  double memory_usage = kAbsent;
  double memory_unreclaimable = kAbsent;
  double memory_active_file = kAbsent;
  double memory_swap = kAbsent;
  double memory_limit = kAbsent;            ///< own
  double memory_effective_limit = kAbsent;  ///< over ancestors and the host
  double memory_swap_limit = kAbsent;       ///< absent when not limited
  double memory_peak_60s = kAbsent;         ///< largest usage of 60 s

  DeviceEvidence device;            ///< the one it uses most
  DeviceEvidence limited;           ///< the one nearest to its I/O limit
  double io_limit_rate = kAbsent;   ///< that limit: bytes or requests a second
  bool io_limit_is_writes = false;  ///< it is a write limit
  bool io_limit_is_requests = false;
  bool io_of_processes = false;  ///< I/O counted from processes: no device, no requests

  double pids = kAbsent;
  double pids_limit = kAbsent;
  double threads = kAbsent;
  double open_files = kAbsent;
  double open_files_limit = kAbsent;

  LifeEvidence life;
  const DemandSummary* demand = nullptr;           ///< null: nothing is kept
  std::span<const MinuteEvidence> minutes;         ///< of this image, oldest first
  std::span<const MinuteEvidence> minutes_before;  ///< of the image before, empty when there was none
};

/// A limit of its own or of an ancestor: less than what the host has.
inline bool has_memory_limit(const Evidence& evidence, const HostEvidence& host) {
  if (is_present(evidence.memory_limit)) return true;
  return is_present(evidence.memory_effective_limit) && is_present(host.memory_total) &&
         evidence.memory_effective_limit < 0.999 * host.memory_total;
}

/// The CPUs that it may run on: of its cpuset, at most the host's; absent when neither is known.
inline double usable_cpus(const Evidence& evidence, const HostEvidence& host) {
  return std::fmin(evidence.cpuset_cpus, host.cpus);
}

/// A CPU quota of its own or of an ancestor.
inline bool has_cpu_quota(const Evidence& evidence) {
  return is_present(evidence.cpu_limit) || is_present(evidence.above_limit);
}

/// Numbers of a container that are in no catalogue row; window/ takes them beside the Sample. Counters start
/// anywhere; absent ones stay absent.
struct Extras {
  double busiest_thread = kAbsent;  ///< share of a CPU over the last 10 s
  double memory_delay = kAbsent;    ///< counter, seconds: thrashing, freepages and swap-in of its tasks
  double io_delay = kAbsent;        ///< counter, seconds: block I/O of its tasks
  double blocked = kAbsent;         ///< 1 or 0: a task is in D state at this tick
  OomScope oom_scope = OomScope::kUnknown;
  double image_bytes = kAbsent;
  double image_layers = kAbsent;
};

}  // namespace bottleneck
