#include "exporter/sample/io_reader.h"

#include "exporter/sample/parsers/cgroup_files.h"

namespace bottleneck {
namespace {

constexpr Field kCounters[] = {Field::io_read_bytes, Field::io_written_bytes, Field::io_reads,
                               Field::io_writes};
constexpr Field kLimitFields[] = {Field::io_read_bytes_limit, Field::io_written_bytes_limit,
                                  Field::io_reads_limit, Field::io_writes_limit};

/// The sample of a device, made when new; null when there are too many.
DeviceValues* values_of(ContainerReader& reader, std::string_view key, const DeviceNames& names) {
  for (std::size_t i = 0; i < reader.device_keys.size(); ++i) {
    if (reader.device_keys[i] == key) return &reader.sample.devices[i].values;
  }
  if (reader.device_keys.size() >= kMaxDevices) return nullptr;
  reader.device_keys.emplace_back(key);
  reader.sample.devices.push_back({std::string(key.empty() ? key : names.name_of(key)), {}});
  return &reader.sample.devices.back().values;
}

/// Rows of the processes' sum (no device) and rows of the kernel never stand side by side.
void use_source(ContainerReader& reader, IoSource source) {
  if (reader.sample.io_source == source) return;
  reader.sample.io_source = source;
  for (DeviceSample& device : reader.sample.devices) {
    for (const Field field : kCounters) device.values.unset(field);
  }
}

bool read_io_stat(ReadContext& context, ContainerReader& reader, const DeviceNames& names) {
  const auto text = read_own_file(context, reader, Controller::kUnified, "io.stat", Collector::kIo);
  if (!text) return error_action(text.error().code).retry;
  context.cells.seen(Collector::kIo);
  use_source(reader, IoSource::kKernel);
  std::string_view rest = *text;
  DeviceLine line;
  bool malformed = false;
  while (next_io_line(rest, line, malformed)) {
    DeviceValues* values = values_of(reader, line.device, names);
    for (std::size_t i = 0; values != nullptr && i < 4; ++i) {
      // A line cut by the kernel keeps the last good number of what it lost.
      if (is_present(line.numbers[i])) values->set(kCounters[i], line.numbers[i]);
    }
  }
  if (malformed) context.cells.note(Collector::kIo, ErrorCode::kMalformed, reader.ref.id, "io.stat");
  return true;
}

/// One blkio file into rows [first, first + 1] of kCounters: read, then write. False when it lists no device.
bool read_blkio_file(ReadContext& context, ContainerReader& reader, const char* name, const char* older,
                     std::size_t first, const DeviceNames& names) {
  if (!reader.directories[static_cast<std::size_t>(Controller::kBlkio)].valid()) return false;
  auto text = context.buffer.read_at(reader.directory(Controller::kBlkio), name);
  if (!text && text.error().code == ErrorCode::kAbsent) {
    text = context.buffer.read_at(reader.directory(Controller::kBlkio), older);
  }
  if (!text) {
    context.cells.note(Collector::kIo, text.error().code, reader.ref.id, name);
    return false;
  }
  std::string_view rest = *text;
  BlkioLine line;
  bool malformed = false;
  bool any = false;
  while (next_blkio_line(rest, line, malformed)) {
    if (!any) use_source(reader, IoSource::kKernel);
    any = true;
    DeviceValues* values = values_of(reader, line.device, names);
    if (values != nullptr) values->set(kCounters[first + (line.is_write ? 1 : 0)], line.number);
  }
  if (malformed) context.cells.note(Collector::kIo, ErrorCode::kMalformed, reader.ref.id, name);
  return any;
}

void read_throttle(ReadContext& context, ContainerReader& reader, const char* name, Field field,
                   const DeviceNames& names) {
  const auto text = read_own_file(context, reader, Controller::kBlkio, name, Collector::kIo);
  if (!text) return;
  std::string_view rest = *text;
  ThrottleLine line;
  bool malformed = false;
  while (next_throttle_line(rest, line, malformed)) {
    DeviceValues* values = values_of(reader, line.device, names);
    if (values != nullptr) values->set(field, line.number);
  }
  if (malformed) context.cells.note(Collector::kIo, ErrorCode::kMalformed, reader.ref.id, name);
}

}  // namespace

void DeviceNames::add(std::string_view major, std::string_view minor, std::string_view name) {
  if (count_ == names_.size()) names_.emplace_back();
  Entry& entry = names_[count_++];
  entry.key.assign(major);
  entry.key += ':';
  entry.key += minor;
  entry.name.assign(name);
}

std::string_view DeviceNames::name_of(std::string_view key) const {
  for (std::size_t i = 0; i < count_; ++i) {
    if (names_[i].key == key) return names_[i].name;
  }
  return key;
}

bool read_io(ReadContext& context, ContainerReader& reader, const DeviceNames& names) {
  if (context.layout.is_v2()) return read_io_stat(context, reader, names);
  const bool bytes = read_blkio_file(context, reader, "blkio.throttle.io_service_bytes_recursive",
                                     "blkio.throttle.io_service_bytes", 0, names);
  if (bytes) {
    context.cells.seen(Collector::kIo);
    read_blkio_file(context, reader, "blkio.throttle.io_serviced_recursive", "blkio.throttle.io_serviced", 2,
                    names);
  }
  return bytes;
}

void read_io_limits(ReadContext& context, ContainerReader& reader, const DeviceNames& names) {
  for (DeviceSample& device : reader.sample.devices) {
    for (const Field field : kLimitFields) device.values.unset(field);
  }
  if (!context.layout.is_v2()) {
    read_throttle(context, reader, "blkio.throttle.read_bps_device", kLimitFields[0], names);
    read_throttle(context, reader, "blkio.throttle.write_bps_device", kLimitFields[1], names);
    read_throttle(context, reader, "blkio.throttle.read_iops_device", kLimitFields[2], names);
    read_throttle(context, reader, "blkio.throttle.write_iops_device", kLimitFields[3], names);
    return;
  }
  const auto text = read_own_file(context, reader, Controller::kUnified, "io.max", Collector::kIo);
  if (!text) return;
  std::string_view rest = *text;
  DeviceLine line;
  bool malformed = false;
  while (next_io_line(rest, line, malformed)) {
    DeviceValues* values = values_of(reader, line.device, names);
    for (std::size_t i = 0; values != nullptr && i < 4; ++i) values->set(kLimitFields[i], line.numbers[i]);
  }
  if (malformed) context.cells.note(Collector::kIo, ErrorCode::kMalformed, reader.ref.id, "io.max");
}

void set_process_io(ContainerReader& reader, double read_bytes, double written_bytes) {
  use_source(reader, IoSource::kProcesses);
  if (!is_present(read_bytes) || !is_present(written_bytes)) return;
  // The first sum counts from the start of the processes, as the kernel's counters do.
  const double read_before = is_present(reader.process_io_read) ? reader.process_io_read : 0;
  const double written_before = is_present(reader.process_io_written) ? reader.process_io_written : 0;
  if (read_bytes > read_before) reader.io_read_total += read_bytes - read_before;
  if (written_bytes > written_before) reader.io_written_total += written_bytes - written_before;
  reader.process_io_read = read_bytes;
  reader.process_io_written = written_bytes;
  DeviceValues* values = values_of(reader, "", DeviceNames{});
  if (values == nullptr) return;
  values->set(Field::io_read_bytes, reader.io_read_total);
  values->set(Field::io_written_bytes, reader.io_written_total);
}

}  // namespace bottleneck
