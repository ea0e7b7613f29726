#include "exporter/expose/exposition.h"

#include "exporter/expose/families.h"
#include "exporter/expose/judgement_families.h"

namespace bottleneck {
namespace {

/// `device="sda",`: the part of a line between its prefix and the container's labels.
std::string_view device_label(TextBuffer& scratch, const Sample& sample, const DeviceSample& device) {
  scratch.clear();
  if (!device.device.empty()) {
    append_label(scratch, "device", device.device);
    scratch.append(',');
  }
  if (sample.io_source == IoSource::kProcesses) scratch.append("source=\"proc\",");
  return scratch.view();
}

std::string_view interface_label(TextBuffer& scratch, const InterfaceSample& one) {
  scratch.clear();
  append_label(scratch, "interface", one.interface);
  scratch.append(',');
  return scratch.view();
}

/// Series that one container has under these options, its info included.
std::size_t series_of(const ContainerSnapshot& container, const ExpositionOptions& options) {
  const auto present = [&](Scope scope, const auto& values) {
    std::size_t number = 0;
    for_each_family(scope, options, [&](std::span<const SelectedRow> rows) {
      for (const SelectedRow& row : rows) number += values.has(row.field) ? 1U : 0U;
    });
    return number;
  };
  std::size_t number = 1 + present(Scope::kContainer, container.sample.values);
  for (const DeviceSample& device : container.sample.devices)
    number += present(Scope::kDevice, device.values);
  for (const InterfaceSample& one : container.sample.interfaces)
    number += present(Scope::kInterface, one.values);
  return number + judgement_series(container.judgement, options);
}

/// Series that a container can have at most: cheap, and nearly always enough to see that the cap holds.
std::size_t series_bound(const ContainerSnapshot& container) {
  return 1 + fields_of(Scope::kContainer).count +
         container.sample.devices.size() * fields_of(Scope::kDevice).count +
         container.sample.interfaces.size() * fields_of(Scope::kInterface).count +
         judgement_series_bound(container.judgement);
}

}  // namespace

std::size_t ExpositionWriter::choose_containers(const Snapshot& snapshot, const ExpositionOptions& options,
                                                ExpositionCount& count) {
  std::size_t bound = 0;
  for (std::size_t i = 0; i < snapshot.container_count; ++i) bound += series_bound(snapshot.containers[i]);
  if (bound <= options.max_series) return snapshot.container_count;
  std::size_t series = 0;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < snapshot.container_count; ++i) {
    const std::size_t more = series_of(snapshot.containers[i], options);
    if (shown == i && series + more <= options.max_series) {
      series += more;
      ++shown;
    } else {
      ++count.containers_dropped;
      count.series_dropped += more;
    }
  }
  return shown;
}

void ExpositionWriter::render_labels(const Snapshot& snapshot, const ExpositionOptions& options,
                                     std::size_t containers) {
  label_text_.clear();
  labels_.clear();
  for (std::size_t i = 0; i < containers; ++i) {
    const std::size_t begin = label_text_.size();
    append_label(label_text_, "name", snapshot.containers[i].identity->name);
    if (options.id_label) {
      label_text_.append(',');
      append_label(label_text_, "id", snapshot.containers[i].identity->id);
    }
    label_text_.append("} ");
    labels_.push_back({begin, label_text_.size() - begin});
  }
}

std::size_t ExpositionWriter::write_containers(const Snapshot& snapshot, const ExpositionOptions& options,
                                               std::size_t containers, TextBuffer& out) {
  std::size_t series = 0;
  for_each_family(Scope::kContainer, options, [&](std::span<const SelectedRow> rows) {
    FamilyLines lines(out, options.format, rows);
    for (const SelectedRow& row : rows) {
      for (std::size_t i = 0; i < containers; ++i) {
        const double value = snapshot.containers[i].sample.values.get(row.field);
        if (is_present(value)) lines.add(row.prefix, labels(i), value);
      }
    }
    series += lines.lines();
  });
  return series;
}

std::size_t ExpositionWriter::write_devices(const Snapshot& snapshot, const ExpositionOptions& options,
                                            std::size_t containers, TextBuffer& out) {
  std::size_t series = 0;
  for_each_family(Scope::kDevice, options, [&](std::span<const SelectedRow> rows) {
    FamilyLines lines(out, options.format, rows);
    for (const SelectedRow& row : rows) {
      for (std::size_t i = 0; i < containers; ++i) {
        const Sample& sample = snapshot.containers[i].sample;
        for (const DeviceSample& device : sample.devices) {
          const double value = device.values.get(row.field);
          if (is_present(value))
            lines.add(row.prefix, device_label(scratch_, sample, device), labels(i), value);
        }
      }
    }
    series += lines.lines();
  });
  return series;
}

std::size_t ExpositionWriter::write_interfaces(const Snapshot& snapshot, const ExpositionOptions& options,
                                               std::size_t containers, TextBuffer& out) {
  std::size_t series = 0;
  for_each_family(Scope::kInterface, options, [&](std::span<const SelectedRow> rows) {
    FamilyLines lines(out, options.format, rows);
    for (const SelectedRow& row : rows) {
      for (std::size_t i = 0; i < containers; ++i) {
        for (const InterfaceSample& one : snapshot.containers[i].sample.interfaces) {
          const double value = one.values.get(row.field);
          if (is_present(value)) lines.add(row.prefix, interface_label(scratch_, one), labels(i), value);
        }
      }
    }
    series += lines.lines();
  });
  return series;
}

ExpositionCount ExpositionWriter::write(const Snapshot& snapshot, const ExpositionOptions& options,
                                        TextBuffer& out) {
  ExpositionCount count;
  count.containers = choose_containers(snapshot, options, count);
  render_labels(snapshot, options, count.containers);
  count.series += write_container_info(snapshot, count.containers, options, out);
  count.series += write_containers(snapshot, options, count.containers, out);
  count.series += write_devices(snapshot, options, count.containers, out);
  count.series += write_interfaces(snapshot, options, count.containers, out);
  count.series += write_judgements(
      snapshot, count.containers, options, [this](std::size_t i) { return labels(i); }, out);
  if (count.containers > 0) count.series += write_recommendation_catalogue(snapshot.outcomes, options, out);
  count.series += write_host(snapshot, options, out);
  return count;
}

}  // namespace bottleneck
