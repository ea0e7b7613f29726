// I/O of a container per device: io.stat on v2, the blkio throttle counters on v1, else the sum of
// /proc/PID/io.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/sample/flat_reader.h"

namespace bottleneck {

/// Kernel names of block devices by "major:minor", from diskstats.
class DeviceNames {
 public:
  /// Starts a new list. Entries are overwritten in place: a list that stays the same allocates nothing.
  void begin() { count_ = 0; }
  void add(std::string_view major, std::string_view minor, std::string_view name);
  /// The name, or "major:minor" itself where the kernel lists none.
  [[nodiscard]] std::string_view name_of(std::string_view key) const;

 private:
  struct Entry {
    std::string key;
    std::string name;
  };
  std::vector<Entry> names_;  ///< [0, count_) are valid
  std::size_t count_ = 0;
};

/// Most devices of one container that are kept apart; more is text that is not ours to trust.
inline constexpr std::size_t kMaxDevices = 64;

/// Reads the kernel's counters. False when the kernel has none for this container (v1 on Linux 6.10 or newer,
/// until a throttle is set): then the sum over its processes is the source.
bool read_io(ReadContext& context, ContainerReader& reader, const DeviceNames& names);

/// Reads io.max, or the v1 throttle limits.
void read_io_limits(ReadContext& context, ContainerReader& reader, const DeviceNames& names);

/// Turns sums over the processes alive now into counters: a sum that fell (a process ended outside of its
/// parents' accounting) adds nothing. Absent sums leave no sample.
void set_process_io(ContainerReader& reader, double read_bytes, double written_bytes);

}  // namespace bottleneck
