#include "exporter/sample/docker_stats.h"

#include <nlohmann/json.hpp>

#include "exporter/sample/parsers/cgroup_files.h"

namespace bottleneck {
namespace {

using Json = nlohmann::json;

/// A member that is an unsigned number; null or another type is "not there".
double number_at(const Json& object, const char* key, Unit unit = Unit::kOne) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned()) return kAbsent;
  return to_base_unit(found->get<std::uint64_t>(), unit);
}

void read_pointers(const Json& body, const MetricsConfig& metrics, ContainerValues& values) {
  const FieldRange range = fields_of(Scope::kContainer);
  for (std::size_t i = range.first; i < range.first + range.count; ++i) {
    const FieldInfo& info = catalogue()[i];
    if (!info.docker.exists() || !metrics.enabled(info.collector)) continue;
    const Json::json_pointer pointer{std::string(info.docker.file)};
    if (!body.contains(pointer)) continue;
    const Json& number = body.at(pointer);
    if (number.is_number_unsigned()) {
      values.set(static_cast<Field>(i), to_base_unit(number.get<std::uint64_t>(), info.docker.unit));
    }
  }
}

/// On a v1 host the body has the hierarchical v1 names instead.
void read_v1_memory(const Json& body, ContainerValues& values) {
  const Json::json_pointer pointer("/memory_stats/stats");
  if (!body.contains(pointer) || !body.at(pointer).is_object()) return;
  const Json& stats = body.at(pointer);
  const std::pair<Field, const char*> names[] = {
      {Field::memory_anon, "total_rss"},
      {Field::memory_file, "total_cache"},
      {Field::memory_active_file, "total_active_file"},
      {Field::memory_inactive_file, "total_inactive_file"},
      {Field::memory_major_faults, "total_pgmajfault"},
      {Field::memory_shmem, "total_shmem"},
      {Field::memory_dirty, "total_dirty"},
  };
  for (const auto& [field, name] : names) {
    const double number = number_at(stats, name);
    if (is_present(number) && !values.has(field)) values.set(field, number);
  }
}

void read_networks(const Json& body, Sample& sample) {
  static constexpr std::pair<Field, const char*> kNames[] = {
      {Field::network_receive_bytes, "rx_bytes"},    {Field::network_receive_packets, "rx_packets"},
      {Field::network_receive_errors, "rx_errors"},  {Field::network_receive_drops, "rx_dropped"},
      {Field::network_transmit_bytes, "tx_bytes"},   {Field::network_transmit_packets, "tx_packets"},
      {Field::network_transmit_errors, "tx_errors"}, {Field::network_transmit_drops, "tx_dropped"},
  };
  sample.interfaces.clear();
  const auto networks = body.find("networks");
  if (networks == body.end() || !networks->is_object()) return;
  for (const auto& [name, counters] : networks->items()) {
    if (!counters.is_object()) continue;
    InterfaceSample interface {
      name, {}
    };
    for (const auto& [field, key] : kNames) interface.values.set(field, number_at(counters, key));
    sample.interfaces.push_back(std::move(interface));
  }
}

DeviceValues& device_of(Sample& sample, const std::string& name) {
  for (DeviceSample& device : sample.devices) {
    if (device.device == name) return device.values;
  }
  sample.devices.push_back({name, {}});
  return sample.devices.back().values;
}

void read_blkio(const Json& body, const char* list, Field reads, Field writes, Sample& sample) {
  const Json::json_pointer pointer(std::string("/blkio_stats/") + list);
  if (!body.contains(pointer) || !body.at(pointer).is_array()) return;
  for (const Json& entry : body.at(pointer)) {
    if (!entry.is_object()) continue;
    const double value = number_at(entry, "value");
    const auto operation = entry.find("op");
    const double major = number_at(entry, "major");
    const double minor = number_at(entry, "minor");
    if (!is_present(value + major + minor) || operation == entry.end() || !operation->is_string()) continue;
    const std::string name = operation->get<std::string>();
    const bool is_read = name == "Read" || name == "read";
    if (!is_read && name != "Write" && name != "write") continue;
    const std::string device = std::to_string(static_cast<std::uint64_t>(major)) + ":" +
                               std::to_string(static_cast<std::uint64_t>(minor));
    device_of(sample, device).set(is_read ? reads : writes, value);
  }
}

/// As the cgroup reader derives them, from the names that a body has.
void derive_memory(const Json& body, ContainerValues& values) {
  const double working_set = values.get(Field::memory_usage) - values.get(Field::memory_inactive_file);
  if (is_present(working_set)) values.set(Field::memory_working_set, working_set < 0 ? 0 : working_set);
  double unreclaimable = values.get(Field::memory_anon) + values.get(Field::memory_shmem);
  const Json::json_pointer pointer("/memory_stats/stats");
  const Json stats = body.contains(pointer) ? body.at(pointer) : Json::object();
  for (const char* part : {"kernel_stack", "pagetables", "slab_unreclaimable", "sock"}) {
    const double bytes = number_at(stats, part);
    if (is_present(bytes)) unreclaimable += bytes;
  }
  if (is_present(unreclaimable)) values.set(Field::memory_unreclaimable, unreclaimable);
}

void read_body(const Json& json, const MetricsConfig& metrics, Sample& sample) {
  ContainerValues& values = sample.values;
  read_pointers(json, metrics, values);
  if (metrics.enabled(Collector::kMemory)) {
    read_v1_memory(json, values);
    derive_memory(json, values);
  }
  if (metrics.enabled(Collector::kNetwork)) read_networks(json, sample);
  if (metrics.enabled(Collector::kIo)) {
    read_blkio(json, "io_service_bytes_recursive", Field::io_read_bytes, Field::io_written_bytes, sample);
    read_blkio(json, "io_serviced_recursive", Field::io_reads, Field::io_writes, sample);
  }
  const double cpus = number_at(json.value("cpu_stats", Json::object()), "online_cpus");
  if (metrics.enabled(Collector::kCpu) && is_present(cpus)) values.set(Field::cpu_effective_limit, cpus);
}

}  // namespace

Status parse_docker_stats(std::string_view body, const MetricsConfig& metrics, Sample& sample) {
  try {
    const Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) return ErrorCode::kMalformed;
    read_body(json, metrics, sample);
    return ok();
  } catch (const Json::exception&) {  // a member of a type that nobody expects
    return ErrorCode::kMalformed;
  }
}

}  // namespace bottleneck
