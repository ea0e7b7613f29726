#include "exporter/sample/flat_reader.h"

#include "exporter/base/text.h"
#include "exporter/sample/parsers/cgroup_files.h"

namespace bottleneck {
namespace {

bool parse_pressure_file(const FilePlan& file, std::string_view text, ContainerValues& values) {
  const Pressure pressure = parse_pressure(text);
  for (const FlatEntry& entry : file.entries) {
    values.set(entry.field, entry.key == "some" ? pressure.some : pressure.full);
  }
  return !pressure.malformed;
}

bool parse_file(FilePlan& file, std::string_view text, ContainerValues& values) {
  switch (file.shape) {
    case FileShape::kKeyed:
      if (file.has_kernel_memory) values.set(Field::memory_kernel, parse_memory_stat_kernel(text));
      return parse_keyed(file, text, values);
    case FileShape::kPressure:
      return parse_pressure_file(file, text, values);
    case FileShape::kSingle: {
      const SingleNumber number = parse_single_number(text, file.entries.front().unit);
      values.set(file.entries.front().field, number.value);
      return !number.malformed;
    }
  }
  return false;
}

/// Whether the file can have news: without a quota its counters stand still, and a quota that nobody told of
/// moves them.
bool may_have_news(const FilePlan& file, const ContainerReader& reader) {
  return !file.only_quota || !reader.quota_idle || is_present(reader.sample.values.get(Field::cpu_limit));
}

void forget(const FilePlan& file, ContainerValues& values) {
  for (const FlatEntry& entry : file.entries) values.unset(entry.field);
}

/// Reads and parses one file. True when the file should not be tried again for a while.
bool read_file_of(ReadContext& context, ContainerReader& reader, FilePlan& file, int kept) {
  const ReadTimer timer(context, file.collector);
  const int directory = reader.directory(file.controller);
  if (kept < 0 && directory < 0) return true;  // this hierarchy does not have the container
  const auto text =
      kept >= 0 ? context.buffer.read(kept) : context.buffer.read_at(directory, file.name.c_str());
  if (!text) {
    const ErrorCode code = text.error().code;
    context.cells.note(file.collector, code, reader.ref.id, file.name);
    reader.gone |= error_action(code).drop_container;
    forget(file, reader.sample.values);
    return !error_action(code).retry;
  }
  context.cells.seen(file.collector);
  if (!parse_file(file, *text, reader.sample.values)) {
    context.cells.note(file.collector, ErrorCode::kMalformed, reader.ref.id, file.name);
  }
  return false;
}

void read_pulse_file(ReadContext& context, ContainerReader& reader, std::size_t index) {
  FilePlan& file = context.plan.pulse[index];
  if (reader.skip_pulse[index] || !may_have_news(file, reader)) return;
  const int kept = index < reader.pulse_files.size() ? reader.pulse_files[index].get() : -1;
  const double periods = reader.sample.values.get(Field::cpu_periods);
  reader.skip_pulse[index] = read_file_of(context, reader, file, kept);
  if (file.only_quota) reader.quota_idle = reader.sample.values.get(Field::cpu_periods) == periods;
}

/// usage - inactive file, and what reclaim cannot free: see "Unreclaimable" in the documentation of scores.
void derive_memory(const CgroupLayout& layout, ContainerValues& values) {
  const double usage = values.get(Field::memory_usage);
  // NaN in, NaN out: a missing part makes the sum absent, never smaller.
  const double working_set = usage - values.get(Field::memory_inactive_file);
  values.set(Field::memory_working_set, working_set < 0 ? 0 : working_set);
  double unreclaimable = values.get(Field::memory_anon) + values.get(Field::memory_shmem);
  if (layout.is_v2()) {
    // Kernel memory is a part that old kernels do not list; without it the rest still counts.
    const double kernel = values.get(Field::memory_kernel) - values.get_or(Field::memory_slab_reclaimable, 0);
    if (kernel > 0) unreclaimable += kernel;
    unreclaimable += values.get_or(Field::memory_sock, 0);
  }
  values.set(Field::memory_unreclaimable, unreclaimable);
}

}  // namespace

void open_container(ReadContext& context, ContainerReader& reader) {
  reader.unreadable = true;
  for (std::size_t i = 0; i < kControllerCount; ++i) {
    const std::string& root = context.layout.roots[i];
    if (root.empty() || (context.layout.is_v2() && i > 0)) continue;
    if (!reader.directories[i].valid()) {
      auto directory = open_directory(join_path(root, reader.ref.path));
      if (directory) reader.directories[i] = std::move(*directory);
    }
    reader.unreadable &= !reader.directories[i].valid();
  }
  if (!reader.keeps_descriptors) return;
  for (std::size_t i = 0; i < context.plan.pulse.size() && i < reader.pulse_files.size(); ++i) {
    const FilePlan& file = context.plan.pulse[i];
    if (reader.pulse_files[i].valid() || reader.directory(file.controller) < 0) continue;
    auto kept = open_file_at(reader.directory(file.controller), file.name.c_str());
    if (kept) reader.pulse_files[i] = std::move(*kept);
  }
}

bool read_usage(ReadContext& context, ContainerReader& reader, std::uint32_t idle_every) {
  std::vector<FilePlan>& files = context.plan.pulse;
  if (files.empty() || files.front().entries.front().field != Field::cpu_usage) return true;
  const double before = reader.sample.values.get(Field::cpu_usage);
  read_pulse_file(context, reader, 0);
  const double now = reader.sample.values.get(Field::cpu_usage);
  // Its file went away: so did the container.
  if (is_present(before) && !is_present(now)) reader.gone |= !reader.pulse_files[0].valid();
  reader.idle_pulses = now == before ? reader.idle_pulses + 1 : 0;
  reader.uses_cpu = is_present(before) && now > before;
  return reader.idle_pulses % idle_every == 0;
}

void read_pulse(ReadContext& context, Batch readers) {
  const std::vector<FilePlan>& files = context.plan.pulse;
  const bool usage_first = !files.empty() && files.front().entries.front().field == Field::cpu_usage;
  for (std::size_t i = usage_first ? 1 : 0; i < files.size(); ++i) {
    for (ContainerReader* reader : readers) {
      if (!reader->gone) read_pulse_file(context, *reader, i);
    }
  }
}

void read_flat_detail(ReadContext& context, Batch readers) {
  std::vector<FilePlan>& files = context.plan.detail;
  for (std::size_t i = 0; i < files.size() && i < kMaxPlanFiles; ++i) {
    for (ContainerReader* reader : readers) {
      if (reader->gone || reader->skip_detail[i]) continue;
      reader->skip_detail[i] = read_file_of(context, *reader, files[i], -1);
    }
  }
  for (ContainerReader* reader : readers) derive_memory(context.layout, reader->sample.values);
}

void read_flat_limits(ReadContext& context, ContainerReader& reader) {
  reader.skip_pulse.reset();
  reader.skip_detail.reset();
  reader.skip_limits.reset();
  for (FilePlan& file : context.plan.limits) {
    if (reader.gone) return;
    read_file_of(context, reader, file, -1);
  }
}

Result<std::string_view> read_own_file(ReadContext& context, ContainerReader& reader, Controller controller,
                                       const char* name, Collector collector) {
  if (!reader.directories[static_cast<std::size_t>(controller)].valid()) return ErrorCode::kAbsent;
  auto text = context.buffer.read_at(reader.directory(controller), name);
  if (!text) context.cells.note(collector, text.error().code, reader.ref.id, name);
  return text;
}

}  // namespace bottleneck
