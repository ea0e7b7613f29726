#include "exporter/expose/families.h"

namespace bottleneck {

const std::array<std::string, kFieldCount>& line_prefixes() {
  static const std::array<std::string, kFieldCount> prefixes = [] {
    std::array<std::string, kFieldCount> all;
    for (std::size_t i = 0; i < kFieldCount; ++i) {
      const FieldInfo& info = catalogue()[i];
      const bool bare = info.scope == Scope::kHost && info.labels.empty();
      all[i] = std::string(info.family) + (bare ? "" : "{") + std::string(info.labels);
      if (!info.labels.empty() && info.scope != Scope::kHost) all[i] += ',';
    }
    return all;
  }();
  return prefixes;
}

bool is_selected(const FieldInfo& info, const ExpositionOptions& options) {
  return info.profile <= options.profile && options.collectors[static_cast<std::size_t>(info.collector)] &&
         options.wants(info.family);
}

bool ExpositionOptions::wants(std::string_view family) const {
  if (names.empty()) return true;
  std::string_view bare = family;
  for (const std::string_view suffix : {"_total", "_info"}) {
    if (bare.ends_with(suffix)) bare.remove_suffix(suffix.size());
  }
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& n) { return n == family || n == bare; });
}

void append_label(TextBuffer& out, std::string_view name, std::string_view value) {
  out.append(name);
  out.append("=\"");
  append_label_value(out, value);
  out.append('"');
}

std::size_t write_container_info(const Snapshot& snapshot, std::size_t containers,
                                 const ExpositionOptions& options, TextBuffer& out) {
  constexpr std::string_view kName = "bottleneck_container_info";
  if (!options.wants(kName) || containers == 0) return 0;
  append_head(out, options.format, kName, MetricType::kInfo, "Who a container is; to be joined by name.");
  std::vector<std::string> used;
  for (std::size_t i = 0; i < containers; ++i) {
    const Identity& identity = *snapshot.containers[i].identity;
    out.append(kName);
    out.append('{');
    append_label(out, "name", identity.name);
    out.append(',');
    append_label(out, "id", identity.id);
    out.append(',');
    append_label(out, "runtime", name_of(identity.runtime));
    used = {"name", "id", "runtime"};
    for (const auto& [name, value] : identity.info) {
      std::string label = label_name(name);
      if (std::find(used.begin(), used.end(), label) != used.end()) continue;
      out.append(',');
      append_label(out, label, value);
      used.push_back(std::move(label));
    }
    out.append("} 1\n");
  }
  return containers;
}

std::size_t write_host_info(const HostInfo& host, const ExpositionOptions& options, TextBuffer& out) {
  constexpr std::string_view kName = "bottleneck_host_info";
  if (!options.wants(kName)) return 0;
  append_head(out, options.format, kName, MetricType::kInfo, "The host and its container engine.");
  const std::array<std::pair<std::string_view, std::string_view>, 7> labels = {{
      {"hostname", host.hostname},
      {"machine_id", host.machine_id},
      {"engine", host.engine},
      {"engine_version", host.engine_version},
      {"storage_driver", host.storage_driver},
      {"kernel", host.kernel},
      {"cgroup_version", name_of(host.cgroup_version)},
  }};
  out.append(kName);
  char before = '{';
  for (const auto& [name, value] : labels) {
    out.append(before);
    append_label(out, name, value);
    before = ',';
  }
  out.append("} 1\n");
  return 1;
}

std::size_t write_host(const Snapshot& snapshot, const ExpositionOptions& options, TextBuffer& out) {
  std::size_t series = snapshot.host_info ? write_host_info(*snapshot.host_info, options, out) : 0;
  for_each_family(Scope::kHost, options, [&](std::span<const SelectedRow> rows) {
    FamilyLines lines(out, options.format, rows);
    for (const SelectedRow& row : rows) {
      const double value = snapshot.host.get(row.field);
      if (is_present(value)) lines.add(row.prefix, info_of(row.field).labels.empty() ? " " : "} ", value);
    }
    series += lines.lines();
  });
  TextBuffer label;
  for_each_family(Scope::kHostDevice, options, [&](std::span<const SelectedRow> rows) {
    FamilyLines lines(out, options.format, rows);
    for (const SelectedRow& row : rows) {
      for (const HostDeviceSample& device : snapshot.host_devices) {
        const double value = device.values.get(row.field);
        if (!is_present(value)) continue;
        label.clear();
        append_label(label, "device", device.device);
        label.append("} ");
        lines.add(row.prefix, label.view(), value);
      }
    }
    series += lines.lines();
  });
  return series;
}

}  // namespace bottleneck
