#include "exporter/sample/host_reader.h"

#include "exporter/base/text.h"
#include "exporter/sample/parsers/cgroup_files.h"
#include "exporter/sample/parsers/host_files.h"

namespace bottleneck {
namespace {

constexpr std::size_t kMaxHostDevices = 256;

Result<std::string_view> read_host_file(ReadContext& context, const char* name) {
  auto text = context.buffer.read_at(context.procfs.get(), name);
  if (!text) context.cells.note(Collector::kHost, text.error().code, "host", name);
  return text;
}

void read_host_pressure(ReadContext& context, HostState& host, const char* name, Field some, Field full) {
  const auto text = read_host_file(context, name);
  const Pressure pressure = text ? parse_pressure(*text) : Pressure{};
  if (some != Field::kCount) host.values.set(some, pressure.some);
  if (full != Field::kCount) host.values.set(full, pressure.full);
}

void read_number(ReadContext& context, HostState& host, const char* name, Field field) {
  const auto text = read_host_file(context, name);
  host.values.set(field, text ? parse_single_number(*text, Unit::kOne).value : kAbsent);
}

/// Whole devices only: partitions, and loop and RAM disks, hold nobody back that their device does not show.
bool is_whole_device(std::string_view name) {
  if (name.starts_with("loop") || name.starts_with("ram")) return false;
  const bool numbered = name.back() >= '0' && name.back() <= '9';
  if (name.starts_with("nvme") || name.starts_with("mmcblk"))
    return name.find('p', 4) == std::string_view::npos;
  if (name.starts_with("sd") || name.starts_with("vd") || name.starts_with("xvd") || name.starts_with("hd")) {
    return !numbered;
  }
  return true;
}

void read_devices(ReadContext& context, HostState& host) {
  const auto text = read_host_file(context, "diskstats");
  if (!text) return;
  host.device_names.begin();
  std::string_view rest = *text;
  DiskstatsLine line;
  bool malformed = false;
  std::size_t count = 0;
  while (next_diskstats_line(rest, line, malformed)) {
    host.device_names.add(line.major, line.minor, line.name);
    if (count >= kMaxHostDevices || !is_whole_device(line.name)) continue;
    if (count == host.devices.size()) host.devices.emplace_back();
    HostDeviceSample& device = host.devices[count++];
    if (device.device != line.name) device.device = line.name;
    device.values.set(Field::host_device_busy, line.busy_seconds);
    device.moved_bytes = line.moved_bytes;
  }
  host.devices.resize(count);
  if (malformed) context.cells.note(Collector::kHost, ErrorCode::kMalformed, "host", "diskstats");
}

}  // namespace

void read_host_pulse(ReadContext& context, HostState& host) {
  const auto text = read_host_file(context, "stat");
  const ProcStat stat = text ? parse_proc_stat(*text) : ProcStat{};
  host.values.set(Field::host_cpus, stat.cpus);
  host.values.set(Field::host_cpu_busy, stat.busy_seconds);
  host.values.set(Field::host_cpu_steal, stat.steal_seconds);
  host.boot_time = stat.boot_time;
  read_host_pressure(context, host, "pressure/cpu", Field::host_pressure_cpu_some, Field::kCount);
  read_host_pressure(context, host, "pressure/memory", Field::host_pressure_memory_some,
                     Field::host_pressure_memory_full);
  read_host_pressure(context, host, "pressure/io", Field::host_pressure_io_some,
                     Field::host_pressure_io_full);
  read_host_pressure(context, host, "pressure/irq", Field::kCount, Field::host_pressure_irq_full);
}

void read_host_detail(ReadContext& context, HostState& host) {
  const auto text = read_host_file(context, "meminfo");
  const Meminfo meminfo = text ? parse_meminfo(*text) : Meminfo{};
  host.values.set(Field::host_memory_total, meminfo.total);
  host.values.set(Field::host_memory_available, meminfo.available);
  host.values.set(Field::host_swap_total, meminfo.swap_total);
  read_devices(context, host);
  read_number(context, host, "sys/net/netfilter/nf_conntrack_count", Field::host_conntrack_entries);
  read_number(context, host, "sys/net/netfilter/nf_conntrack_max", Field::host_conntrack_limit);
}

}  // namespace bottleneck
