#include "exporter/window/device_rates.h"

#include <algorithm>
#include <cmath>

#include "exporter/window/readings.h"

namespace bottleneck {
namespace {

/// A sum in which a number that is missing adds nothing, but one that went backwards makes it absent.
void add(double& sum, double before, double now) {
  if (!is_present(now)) return;
  sum = (is_present(sum) ? sum : 0) + increase(before, now);
}

}  // namespace

DeviceRates::Device& DeviceRates::device_at(std::size_t position, const std::string& name, bool& is_new) {
  is_new = false;
  if (position < devices_.size() && devices_[position].name == name) return devices_[position];
  for (Device& device : devices_) {
    if (device.name == name) return device;
  }
  is_new = true;
  devices_.push_back({name, kAbsent, kAbsent, kAbsent, kAbsent, 0});
  return devices_.back();
}

void DeviceRates::restart() {
  devices_.clear();
  limited_ = {};
  started_ = false;
}

IoDeltas DeviceRates::update(const Sample& sample, double seconds) {
  if (sample.io_source != source_) restart();
  source_ = sample.io_source;
  const bool first = !started_;
  started_ = true;
  IoDeltas sum;
  limited_ = {};
  for (std::size_t i = 0; i < sample.devices.size(); ++i) {
    const DeviceValues& now = sample.devices[i].values;
    bool is_new = false;
    Device& device = device_at(i, sample.devices[i].device, is_new);
    if (is_new && !first) device.read_bytes = device.written_bytes = device.reads = device.writes = 0;
    const double read = now.get(Field::io_read_bytes);
    const double written = now.get(Field::io_written_bytes);
    const double reads = now.get(Field::io_reads);
    const double writes = now.get(Field::io_writes);
    if (!first) {
      add(sum.read_bytes, device.read_bytes, read);
      add(sum.written_bytes, device.written_bytes, written);
      add(sum.reads, device.reads, reads);
      add(sum.writes, device.writes, writes);
      const double bytes = increase(device.read_bytes, read) + increase(device.written_bytes, written);
      const double part = 1 - std::exp(-seconds / kSmoothingSeconds);
      if (is_present(bytes)) device.bytes_rate += part * (bytes / seconds - device.bytes_rate);
      const auto nearer = [&](Field limit_row, double before, double value, bool is_write, bool is_request) {
        const double limit = now.get(limit_row);
        if (!(limit > 0)) return;
        const double ratio = increase(before, value) / seconds / limit;
        if (!is_present(ratio) || limited_.ratio >= ratio) return;
        limited_ = {static_cast<std::size_t>(&device - devices_.data()), limit, ratio, is_write, is_request};
      };
      nearer(Field::io_read_bytes_limit, device.read_bytes, read, false, false);
      nearer(Field::io_written_bytes_limit, device.written_bytes, written, true, false);
      nearer(Field::io_reads_limit, device.reads, reads, false, true);
      nearer(Field::io_writes_limit, device.writes, writes, true, true);
    }
    device.read_bytes = read;
    device.written_bytes = written;
    device.reads = reads;
    device.writes = writes;
  }
  // A container without any device line has done no I/O, as long as its I/O is counted at all.
  if (sample.devices.empty() && !first) sum = {0, 0, 0, 0, kAbsent};
  sum.limit_ratio = limited_.ratio;
  return sum;
}

void DeviceRates::fill(Evidence& evidence) const {
  evidence.io_of_processes = source_ == IoSource::kProcesses;
  evidence.device = {};
  evidence.limited = {};
  evidence.io_limit_rate = limited_.limit;
  evidence.io_limit_is_writes = limited_.writes;
  evidence.io_limit_is_requests = limited_.requests;
  if (is_present(limited_.limit)) evidence.limited.device = devices_[limited_.device].name;
  const auto most = std::max_element(
      devices_.begin(), devices_.end(),
      [](const Device& one, const Device& other) { return one.bytes_rate < other.bytes_rate; });
  if (most == devices_.end()) return;
  evidence.device.device = most->name;
  evidence.device.bytes = static_cast<float>(most->bytes_rate);
}

}  // namespace bottleneck
