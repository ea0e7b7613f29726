#include "exporter/replay/row.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "exporter/base/text.h"
#include "exporter/config/suggest.h"

namespace bottleneck {
namespace {

constexpr std::size_t kMostColumns = 1000;

struct ExtraColumn {
  std::string_view name;
  double Extras::*slot;
  std::string_view help;
};
constexpr std::array<ExtraColumn, 4> kExtras = {{
    {"busiest_thread", &Extras::busiest_thread, "Share of a CPU that the busiest thread used (0 to 1)."},
    {"blocked", &Extras::blocked, "1 when a task waits in D state at this moment, else 0."},
    {"memory_delay", &Extras::memory_delay,
     "Counter, seconds: delay of tasks by thrashing, freepages and swap-in (taskstats)."},
    {"io_delay", &Extras::io_delay, "Counter, seconds: delay of tasks by block I/O (taskstats)."},
}};

bool has_parts(Scope scope) {
  return scope == Scope::kDevice || scope == Scope::kInterface || scope == Scope::kHostDevice;
}

std::optional<Field> field_named(std::string_view name) {
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    if (catalogue()[i].id == name) return static_cast<Field>(i);
  }
  return std::nullopt;
}

std::vector<std::string_view> all_names() {
  std::vector<std::string_view> names = {"time", "container", "image", "runtime"};
  for (const ExtraColumn& extra : kExtras) names.push_back(extra.name);
  for (const FieldInfo& info : catalogue()) names.push_back(info.id);
  return names;
}

std::string at_column(std::size_t column, const std::string& message) {
  return "column " + std::to_string(column) + ": " + message;
}

Result<ReplayColumn> column_named(std::string_view name) {
  using What = ReplayColumn::What;
  if (name == "time") return ReplayColumn{What::kTime, Field::kCount, nullptr, {}};
  if (name == "container") return ReplayColumn{What::kContainer, Field::kCount, nullptr, {}};
  if (name == "image") return ReplayColumn{What::kImage, Field::kCount, nullptr, {}};
  if (name == "runtime") return ReplayColumn{What::kRuntime, Field::kCount, nullptr, {}};
  for (const ExtraColumn& extra : kExtras) {
    if (extra.name == name) return ReplayColumn{What::kExtra, Field::kCount, extra.slot, {}};
  }
  const std::size_t colon = name.find(':');
  const std::string_view id = name.substr(0, colon);
  const auto field = field_named(id);
  if (!field) {
    return Error{ErrorCode::kMalformed, "unknown column " + shown(name) + did_you_mean(id, all_names()) +
                                            "; 'replay --columns' lists all"};
  }
  ReplayColumn column{What::kField, *field, nullptr, {}};
  if (colon == std::string_view::npos) return column;
  if (!has_parts(info_of(*field).scope))
    return Error{ErrorCode::kMalformed, shown(name) + ": " + std::string(id) + " has no devices"};
  column.part = name.substr(colon + 1);
  return column;
}

std::string_view title_of(Scope scope) {
  switch (scope) {
    case Scope::kContainer:
      return "of the container";
    case Scope::kDevice:
      return "of the container's block devices: NAME or NAME:DEVICE";
    case Scope::kInterface:
      return "of the container's network interfaces: NAME or NAME:INTERFACE";
    case Scope::kHost:
      return "of the host: the last value of a moment counts, whatever the row's container";
    case Scope::kHostDevice:
      return "of the host's block devices: NAME or NAME:DEVICE";
  }
  return {};
}

std::string column_text(std::string_view name, std::string_view kind, std::string_view help) {
  std::string text = "  " + std::string(name);
  text.resize(std::max<std::size_t>(text.size() + 1, 34), ' ');
  return text + std::string(kind) + "  " + std::string(help) + "\n";
}

}  // namespace

bool next_csv_cell(std::optional<std::string_view>& rest, std::string& cell, bool& broken) {
  cell.clear();
  broken = false;
  if (!rest) return false;
  std::string_view text = *rest;
  const bool quoted = text.starts_with('"');
  if (quoted) {
    text.remove_prefix(1);
    while (true) {
      const std::size_t quote = text.find('"');
      if (quote == std::string_view::npos) {
        broken = true;
        rest.reset();
        return true;
      }
      cell += text.substr(0, quote);
      text.remove_prefix(quote + 1);
      if (!text.starts_with('"')) break;
      cell += '"';
      text.remove_prefix(1);
    }
    broken = !text.empty() && !text.starts_with(',');
  }
  const std::size_t comma = text.find(',');
  if (!quoted) cell = text.substr(0, comma);
  if (comma == std::string_view::npos) {
    rest.reset();
  } else {
    rest = text.substr(comma + 1);
  }
  return true;
}

Result<std::vector<ReplayColumn>> parse_replay_header(std::string_view line) {
  if (line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
  std::vector<ReplayColumn> columns;
  std::set<std::string> seen;
  std::optional<std::string_view> rest = line;
  std::string cell;
  bool broken = false;
  while (next_csv_cell(rest, cell, broken)) {
    const std::size_t number = columns.size() + 1;
    if (broken) return Error{ErrorCode::kMalformed, at_column(number, "a quote is not closed")};
    if (number > kMostColumns)
      return Error{ErrorCode::kMalformed, "more than " + std::to_string(kMostColumns) + " columns"};
    const std::string name(trim(cell));
    auto column = column_named(name);
    if (!column) return Error{ErrorCode::kMalformed, at_column(number, column.error().message)};
    if (!seen.insert(name).second)
      return Error{ErrorCode::kMalformed, at_column(number, shown(name) + " is there twice")};
    columns.push_back(std::move(*column));
  }
  for (const char* needed : {"time", "container"}) {
    if (!seen.contains(needed))
      return Error{ErrorCode::kMalformed, "the header has no column '" + std::string(needed) + "'"};
  }
  return columns;
}

std::optional<double> parse_replay_number(std::string_view text) {
  text = trim(text);
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || text.empty() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string_view wrong_with(const ReplayColumn& column, double value) {
  constexpr double kMost = 18446744073709551616.0;  // 2^64
  constexpr std::array kNeverZero = {Field::memory_limit,        Field::memory_effective_limit,
                                     Field::pids_limit,          Field::open_files_limit,
                                     Field::io_read_bytes_limit, Field::io_written_bytes_limit,
                                     Field::io_reads_limit,      Field::io_writes_limit,
                                     Field::host_memory_total,   Field::host_conntrack_limit,
                                     Field::host_cpus,           Field::cpuset_cpus};
  const bool field = column.what == ReplayColumn::What::kField;
  if (value < 0)
    return field && info_of(column.field).kind == Kind::kCounter ? "a counter is never negative"
                                                                 : "it is never negative";
  if (value > kMost) return "more than 64 bits hold";
  if (field && value == 0 && std::count(kNeverZero.begin(), kNeverZero.end(), column.field) > 0)
    return "0 is no size; 'none' says that there is no limit";
  return {};
}

bool is_pulse(const ReplayColumn& column) {
  if (column.what == ReplayColumn::What::kExtra) return column.extra == &Extras::blocked;
  return column.what == ReplayColumn::What::kField && info_of(column.field).scope == Scope::kContainer &&
         info_of(column.field).cadence == Cadence::kPulse;
}

bool is_detail(const ReplayColumn& column) {
  if (column.what == ReplayColumn::What::kExtra) return column.extra != &Extras::blocked;
  if (column.what != ReplayColumn::What::kField) return false;
  const FieldInfo& info = info_of(column.field);
  if (info.scope == Scope::kDevice || info.scope == Scope::kInterface) return true;
  return info.scope == Scope::kContainer &&
         (info.cadence == Cadence::kDetail || info.cadence == Cadence::kSlow);
}

bool is_told(const FieldInfo& info) {
  return info.scope == Scope::kContainer && info.cadence == Cadence::kEvent;
}

std::optional<Runtime> runtime_named(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Runtime::kCgroup); ++i) {
    if (name_of(static_cast<Runtime>(i)) == name) return static_cast<Runtime>(i);
  }
  return std::nullopt;
}

std::string replay_columns_text() {
  std::string text =
      "Columns, in any order; 'time' and 'container' are needed, all others may be missing.\n\n" +
      column_text("time", "gauge  ", "Seconds, of the calendar or from any start; never falling.") +
      column_text("container", "text   ", "Name of the container.") +
      column_text("image", "text   ",
                  "Image id: another one is a new version, compared with the one before.") +
      column_text("runtime", "text   ",
                  "docker, podman, ...: changes are given for it; without it they are left out.");
  for (const ExtraColumn& extra : kExtras) text += column_text(extra.name, "number ", extra.help);
  for (const Scope scope :
       {Scope::kContainer, Scope::kDevice, Scope::kInterface, Scope::kHost, Scope::kHostDevice}) {
    text += "\nNumbers " + std::string(title_of(scope)) + "\n";
    for (const FieldInfo& info : catalogue()) {
      if (info.scope == scope)
        text += column_text(info.id, info.kind == Kind::kCounter ? "counter" : "gauge  ", info.help);
    }
  }
  return text;
}

}  // namespace bottleneck
