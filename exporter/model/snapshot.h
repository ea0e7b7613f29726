// The numbers of a moment, published by the sampler and read by the HTTP workers.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "exporter/model/cgroup_layout.h"
#include "exporter/model/container.h"
#include "exporter/model/judgement.h"
#include "exporter/model/values.h"

namespace bottleneck {

/// Where a container's I/O counters come from; kProcesses is the fallback that says so in the label `source`.
enum class IoSource : std::uint8_t { kKernel, kProcesses };

struct DeviceSample {
  std::string device;  ///< kernel name ("sda"), "major:minor" where it has none; empty: all devices together
  DeviceValues values;
};
struct InterfaceSample {
  std::string interface;
  InterfaceValues values;
};

/// Numbers of one container. Vectors keep their capacity when a sample is copied into an old one.
struct Sample {
  ContainerValues values;
  std::vector<DeviceSample> devices;
  std::vector<InterfaceSample> interfaces;
  IoSource io_source = IoSource::kKernel;
  std::int64_t pulse_ns = 0;   ///< monotonic time of the last pulse reading; 0: never
  std::int64_t detail_ns = 0;  ///< of the last detail reading
};

struct ContainerSnapshot {
  std::shared_ptr<const Identity> identity;
  Sample sample;
  Judgement judgement;
};

enum class ReadErrorReason : std::uint8_t { kDenied, kMalformed, kTimeout, kUnavailable, kInvalid };
inline constexpr std::size_t kReadErrorReasonCount = 5;

/// How one collector fared over all containers since the start.
struct CollectorState {
  bool enabled = true;
  bool supported = true;        ///< the kernel and the mounts offer it
  bool success = true;          ///< nothing was denied, malformed or late in the last pass
  double duration_seconds = 0;  ///< of the last full pass
  std::array<std::uint64_t, kReadErrorReasonCount> errors{};
};

struct HostDeviceSample {
  std::string device;
  HostDeviceValues values;
  double moved_bytes = kAbsent;  ///< counter: read and written by everybody
};

struct HostInfo {
  std::string hostname;
  std::string machine_id;
  std::string kernel;
  std::string engine;  ///< empty while no engine has answered
  std::string engine_version;
  std::string storage_driver;
  CgroupVersion cgroup_version = CgroupVersion::kNone;

  bool operator==(const HostInfo&) const = default;
};

/// Everything a scrape shows of containers and host. Immutable once published.
struct Snapshot {
  double unix_seconds = 0;
  std::vector<ContainerSnapshot> containers;  ///< [0, container_count) are valid; the rest is kept capacity
  std::size_t container_count = 0;
  std::shared_ptr<const HostInfo> host_info;
  HostValues host;
  std::vector<HostDeviceSample> host_devices;
  std::array<CollectorState, kCollectorCount> collectors{};

  Outcomes outcomes{};  ///< of recommendations that were followed

  double sampling_interval_seconds = 1;
  double cpu_budget_ratio = 0;  ///< own CPU use over its budget
  std::uint64_t ticks_skipped = 0;
  std::uint64_t containers_dropped = 0;  ///< over the cap on containers
  std::uint64_t containers_waiting = 0;  ///< live ones whose name is still waited for
  double sampler_busy_seconds = 0;
};

}  // namespace bottleneck
