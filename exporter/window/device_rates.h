// I/O of one container over its devices: increases between two detail readings.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exporter/model/evidence.h"
#include "exporter/model/snapshot.h"

namespace bottleneck {

/// Increases over all devices between two readings; absent where one went backwards or nothing was counted.
struct IoDeltas {
  double read_bytes = kAbsent;
  double written_bytes = kAbsent;
  double reads = kAbsent;
  double writes = kAbsent;
  double limit_ratio = kAbsent;  ///< largest rate over its limit; absent without a limit
};

class DeviceRates {
 public:
  /// A device that appears later began at 0: the kernel lists a device from its first request on.
  IoDeltas update(const Sample& sample, double seconds);
  /// Forgets the last reading: the next one is a first one.
  void restart();
  /// Writes the device used most, the one nearest to its limit, and where the numbers are from.
  void fill(Evidence& evidence) const;

 private:
  struct Device {
    std::string name;
    double read_bytes = kAbsent;
    double written_bytes = kAbsent;
    double reads = kAbsent;
    double writes = kAbsent;
    double bytes_rate = 0;  ///< smoothed over about a minute
  };
  struct Limited {
    std::size_t device = 0;
    double limit = kAbsent;
    double ratio = kAbsent;
    bool writes = false;
    bool requests = false;
  };
  Device& device_at(std::size_t position, const std::string& name, bool& is_new);

  std::vector<Device> devices_;
  Limited limited_;
  bool started_ = false;
  IoSource source_ = IoSource::kKernel;
};

}  // namespace bottleneck
