#include "exporter/window/host_history.h"

#include <algorithm>
#include <cmath>

#include "exporter/window/readings.h"

namespace bottleneck {
namespace {

constexpr std::int64_t kWindowNs = 60 * kSecondNs;
constexpr std::int64_t kFastNs = 10 * kSecondNs;
// Devices are read each 10 s; shorter intervals come from a scrape in between and are too coarse for a share.
constexpr std::int64_t kDeviceIntervalNs = 4 * kSecondNs;

}  // namespace

void HostHistory::add(std::int64_t now_ns, const HostValues& values,
                      const std::vector<HostDeviceSample>& devices) {
  if (now_ns - last_ns_ > kGapNs || now_ns < last_ns_) {
    seconds_.clear();
    devices_.clear();
    last_ns_ = 0;
  }
  static constexpr Field kFields[kChannels] = {
      Field::host_cpu_busy, Field::host_cpu_steal, Field::host_pressure_cpu_some,
      Field::host_pressure_memory_some, Field::host_pressure_io_some};
  std::array<float, kChannels> deltas;
  for (std::size_t i = 0; i < kChannels; ++i) {
    const double now = values.get(kFields[i]);
    deltas[i] = now >= counters_[i] ? static_cast<float>(now - counters_[i]) : kNoRate;
    counters_[i] = now;
  }
  if (last_ns_ != 0 && now_ns > last_ns_) seconds_.add(last_ns_, now_ns, deltas, {});
  last_ns_ = now_ns;
  values_ = values;
  add_devices(now_ns, devices);
}

void HostHistory::add_devices(std::int64_t now_ns, const std::vector<HostDeviceSample>& devices) {
  devices_.resize(devices.size());
  device_evidence_.clear();
  for (std::size_t i = 0; i < devices.size(); ++i) {
    Device& device = devices_[i];
    const double busy = devices[i].values.get(Field::host_device_busy);
    if (device.name != devices[i].device)
      device = {devices[i].device, busy, now_ns, kAbsent, devices[i].moved_bytes, kAbsent};
    const std::int64_t interval_ns = now_ns - device.read_ns;
    // An idle device does not change either: after two detail intervals that is what it is.
    const bool changed = busy != device.busy_seconds;
    if (interval_ns >= kDeviceIntervalNs && (changed || interval_ns >= 20 * kSecondNs)) {
      const double seconds = static_cast<double>(interval_ns) * 1e-9;
      const double share =
          busy >= device.busy_seconds ? std::min(1.0, (busy - device.busy_seconds) / seconds) : kAbsent;
      const double part = 1 - std::exp(-seconds / kSmoothingSeconds);
      const auto smooth = [part](double& value, double now) {
        if (is_present(now)) value = is_present(value) ? value + part * (now - value) : now;
      };
      smooth(device.busy, share);
      const double moved = devices[i].moved_bytes - device.moved_bytes;
      smooth(device.bytes, moved >= 0 ? moved / seconds : kAbsent);
      device.busy_seconds = busy;
      device.moved_bytes = devices[i].moved_bytes;
      device.read_ns = now_ns;
    }
    device_evidence_.push_back(
        {device.name, static_cast<float>(device.bytes), static_cast<float>(device.busy)});
  }
}

void HostHistory::fill(HostEvidence& evidence) const {
  RingSums<kChannels> sums;
  RingSums<kChannels> fast;
  seconds_.sum(last_ns_, kWindowNs, sums);
  seconds_.sum(last_ns_, kFastNs, fast);
  evidence.cpus = values_.get(Field::host_cpus);
  evidence.busy_cores = sums.rate(kBusy);
  evidence.steal = sums.rate(kSteal) / static_cast<float>(evidence.cpus);
  evidence.fast_busy_cores = fast.rate(kBusy);
  evidence.fast_steal = fast.rate(kSteal) / static_cast<float>(evidence.cpus);
  evidence.cpu_some = at_most_one(sums.rate(kCpuSome));
  evidence.memory_some = at_most_one(sums.rate(kMemorySome));
  evidence.io_some = at_most_one(sums.rate(kIoSome));
  evidence.memory_total = values_.get(Field::host_memory_total);
  evidence.memory_available = values_.get(Field::host_memory_available);
  evidence.swap_total = values_.get(Field::host_swap_total);
  evidence.conntrack = static_cast<float>(values_.get(Field::host_conntrack_entries) /
                                          values_.get(Field::host_conntrack_limit));
  evidence.devices = device_evidence_;
}

}  // namespace bottleneck
