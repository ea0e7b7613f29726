// The recent past of the host, as it concerns every container.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "exporter/base/clock.h"
#include "exporter/model/evidence.h"
#include "exporter/model/snapshot.h"
#include "exporter/window/ring.h"

namespace bottleneck {

class HostHistory {
 public:
  /// Takes the host's numbers at a pulse. Devices are read less often: an unchanged value is no reading.
  void add(std::int64_t now_ns, const HostValues& values, const std::vector<HostDeviceSample>& devices);
  /// Over the last 60 s, and 10 s where it says so. Devices point into this object, until the next add().
  /// `is_v2` and `storage_driver` are not numbers of the host: they are left as they are.
  void fill(HostEvidence& evidence) const;

 private:
  enum Channel : std::size_t { kBusy, kSteal, kCpuSome, kMemorySome, kIoSome, kChannels };
  struct Device {
    std::string name;
    double busy_seconds = kAbsent;
    std::int64_t read_ns = 0;  ///< when busy_seconds was seen to change or first seen
    double busy = kAbsent;     ///< smoothed share
    double moved_bytes = kAbsent;
    double bytes = kAbsent;  ///< smoothed, a second
  };
  void add_devices(std::int64_t now_ns, const std::vector<HostDeviceSample>& devices);

  DeltaRing<kChannels, 0, 60, kSecondNs> seconds_;
  std::array<double, kChannels> counters_{};
  std::int64_t last_ns_ = 0;
  HostValues values_;
  std::vector<Device> devices_;
  std::vector<DeviceEvidence> device_evidence_;
};

}  // namespace bottleneck
