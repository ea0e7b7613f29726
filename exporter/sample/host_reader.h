// Numbers of the whole host, from /proc.
#pragma once

#include <vector>

#include "exporter/sample/flat_reader.h"
#include "exporter/sample/io_reader.h"

namespace bottleneck {

struct HostState {
  HostValues values;
  std::vector<HostDeviceSample> devices;
  DeviceNames device_names;
  double boot_time = kAbsent;  ///< seconds since the epoch
};

/// What is read each second: CPU time and pressure.
void read_host_pulse(ReadContext& context, HostState& host);
/// Memory, devices and conntrack.
void read_host_detail(ReadContext& context, HostState& host);

}  // namespace bottleneck
