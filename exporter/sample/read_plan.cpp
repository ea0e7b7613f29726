#include "exporter/sample/read_plan.h"

#include <algorithm>

#include "exporter/base/text.h"
#include "exporter/sample/parsers/cgroup_files.h"

namespace bottleneck {
namespace {

FilePlan& plan_for(std::vector<FilePlan>& files, const Source& source, FileShape shape, Collector collector) {
  const auto same = std::find_if(files.begin(), files.end(), [&](const FilePlan& file) {
    return file.controller == source.controller && file.name == source.file;
  });
  if (same != files.end()) return *same;
  FilePlan file;
  file.controller = source.controller;
  file.name = source.file;
  file.shape = shape;
  file.collector = collector;
  files.push_back(std::move(file));
  return files.back();
}

bool has_file(const std::vector<FilePlan>& files, const Source& source) {
  return std::any_of(files.begin(), files.end(), [&](const FilePlan& file) {
    return file.controller == source.controller && file.name == source.file;
  });
}

void add(ReadPlan& plan, Field field, const FieldInfo& info, const Source& source) {
  const bool pressure = source.file.ends_with(".pressure");
  if (!source.is_flat() && !pressure) return;
  // A number that shares a file with the pulse is read with it: the file is read anyway.
  const bool pulse =
      info.cadence == Cadence::kPulse || (info.cadence == Cadence::kDetail && has_file(plan.pulse, source));
  std::vector<FilePlan>& files = pulse                              ? plan.pulse
                                 : info.cadence == Cadence::kLimits ? plan.limits
                                                                    : plan.detail;
  const FileShape shape = pressure             ? FileShape::kPressure
                          : source.key.empty() ? FileShape::kSingle
                                               : FileShape::kKeyed;
  FilePlan& file = plan_for(files, source, shape, info.collector);
  FlatEntry entry{field, source.key, {}, source.unit};
  const std::size_t bar = source.key.find('|');
  if (bar != std::string_view::npos) {
    entry.alternative = source.key.substr(bar + 1);
    entry.key = source.key.substr(0, bar);
  }
  // "some" and "full" are told apart by the family, as both come from one file.
  if (pressure) entry.key = info.family.find("waiting") != std::string_view::npos ? "some" : "full";
  file.entries.push_back(entry);
  file.only_quota = file.name == "cpu.stat" && source.controller == Controller::kCpu;
  file.has_kernel_memory |= file.name == "memory.stat" && source.controller == Controller::kUnified;
}

/// The entry that a line holds, by a search; -1 for keys that no row wants.
std::int16_t find_entry(const FilePlan& plan, std::string_view key) {
  for (std::size_t i = 0; i < plan.entries.size(); ++i) {
    if (plan.entries[i].key == key) return static_cast<std::int16_t>(i);
  }
  for (std::size_t i = 0; i < plan.entries.size(); ++i) {
    if (plan.entries[i].alternative == key && !key.empty()) return static_cast<std::int16_t>(i);
  }
  return -1;
}

bool set_number(const FlatEntry& entry, std::string_view number, ContainerValues& values) {
  const auto raw = parse_u64(trim(number));
  values.set(entry.field, raw ? to_base_unit(*raw, entry.unit) : kAbsent);
  return raw.has_value();
}

/// With the learned map; false as soon as a line is not what the map says, or the count of lines differs.
bool parse_mapped(const FilePlan& plan, std::string_view text, ContainerValues& values, bool& well_formed) {
  std::string_view line;
  std::size_t number = 0;
  while (next_line(text, line)) {
    if (number >= plan.line_map.size()) return false;
    const std::int16_t index = plan.line_map[number++];
    if (index < 0) continue;
    const FlatEntry& entry = plan.entries[static_cast<std::size_t>(index)];
    const std::string_view key = line.starts_with(entry.key) ? entry.key : entry.alternative;
    if (key.empty() || !line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ' ')
      return false;
    well_formed &= set_number(entry, line.substr(key.size() + 1), values);
  }
  return number == plan.line_map.size();
}

bool parse_searched(FilePlan& plan, std::string_view text, ContainerValues& values) {
  for (const FlatEntry& entry : plan.entries) values.unset(entry.field);
  plan.line_map.clear();
  bool well_formed = true;
  std::string_view line;
  while (next_line(text, line)) {
    std::string_view rest = line;
    const std::int16_t index = find_entry(plan, next_word(rest));
    plan.line_map.push_back(index);
    if (index >= 0) well_formed &= set_number(plan.entries[static_cast<std::size_t>(index)], rest, values);
  }
  return well_formed;
}

/// A profile says what is shown, not what is judged: the judgement takes rows of the profile standard, and
/// what else lies in their files. Limits are read once a minute and bound every change that is printed.
bool is_judged(const FieldInfo& info) {
  return info.profile <= Profile::kStandard || info.cadence == Cadence::kLimits;
}

struct Row {
  Field field;
  const FieldInfo* info;
  const Source* source;
  bool wanted;  ///< a reason to read its file
};

std::vector<Row> rows_of(const CgroupLayout& layout, const MetricsConfig& metrics) {
  std::vector<Row> rows;
  const FieldRange range = fields_of(Scope::kContainer);
  for (std::size_t i = range.first; i < range.first + range.count; ++i) {
    const FieldInfo& info = catalogue()[i];
    const Source& source = layout.is_v2() ? info.v2 : info.v1;
    if (!source.exists() || !metrics.enabled(info.collector) || layout.root(source.controller).empty())
      continue;
    rows.push_back(
        {static_cast<Field>(i), &info, &source, info.profile <= metrics.profile || is_judged(info)});
  }
  return rows;
}

bool file_is_wanted(const std::vector<Row>& rows, const Source& source) {
  return std::any_of(rows.begin(), rows.end(), [&](const Row& row) {
    return row.wanted && row.source->file == source.file && row.source->controller == source.controller;
  });
}

}  // namespace

ReadPlan make_read_plan(const CgroupLayout& layout, const MetricsConfig& metrics) {
  ReadPlan plan;
  const std::vector<Row> rows = rows_of(layout, metrics);
  // Pulse rows first: whether a detail row shares a pulse file is known only then. A file that neither the
  // profile nor the judgement needs is not read; a file that is read gives all its rows.
  for (const bool pulse_pass : {true, false}) {
    for (const Row& row : rows) {
      if ((row.info->cadence == Cadence::kPulse) != pulse_pass || !file_is_wanted(rows, *row.source))
        continue;
      add(plan, row.field, *row.info, *row.source);
    }
  }
  return plan;
}

bool parse_keyed(FilePlan& plan, std::string_view text, ContainerValues& values) {
  bool well_formed = true;
  if (!plan.line_map.empty() && parse_mapped(plan, text, values, well_formed)) return well_formed;
  return parse_searched(plan, text, values);
}

}  // namespace bottleneck
