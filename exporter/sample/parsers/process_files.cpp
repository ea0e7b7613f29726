#include "exporter/sample/parsers/process_files.h"

#include <array>

#include "exporter/base/text.h"

namespace bottleneck {

bool next_net_dev_line(std::string_view& rest, NetDevLine& line, bool& malformed) {
  // Columns: receive bytes packets errs drop fifo frame compressed multicast, transmit bytes packets errs
  // drop ...
  static constexpr std::array<int, 12> kColumn = {0, 1, 2, 3, -1, -1, -1, -1, 4, 5, 6, 7};
  std::string_view text;
  while (next_line(rest, text)) {
    if (text.find('|') != std::string_view::npos) continue;  // the two header lines
    const size_t colon = text.rfind(':');                    // an alias may hold a colon itself: eth0:1
    if (colon == std::string_view::npos) {
      malformed |= !trim(text).empty();
      continue;
    }
    line = NetDevLine{};
    line.interface = trim(text.substr(0, colon));
    text.remove_prefix(colon + 1);
    bool complete = !line.interface.empty();
    for (const int column : kColumn) {
      const auto number = parse_u64(next_word(text));
      complete &= number.has_value();
      if (number && column >= 0) line.numbers[column] = static_cast<double>(*number);
    }
    if (complete) return true;
    malformed = true;
  }
  return false;
}

double parse_net_snmp(std::string_view text, std::string_view group, std::string_view name) {
  std::string_view names;
  while (next_line(text, names)) {
    std::string_view values;
    if (!next_line(text, values)) return kAbsent;
    if (!names.starts_with(group) || names.size() <= group.size() || names[group.size()] != ':') continue;
    for (std::string_view key = next_word(names), value = next_word(values); !key.empty() && !value.empty();
         key = next_word(names), value = next_word(values)) {
      if (key != name) continue;
      const auto number = parse_u64(value);
      return number ? static_cast<double>(*number) : kAbsent;
    }
    return kAbsent;
  }
  return kAbsent;
}

PidStat parse_pid_stat(std::string_view text) {
  PidStat stat;
  // The name is in parentheses and may hold any byte, parentheses too: the last one ends it.
  const size_t end = text.rfind(')');
  if (end == std::string_view::npos) return stat;
  text.remove_prefix(end + 1);
  constexpr double kTicks = 100;  // USER_HZ, the same everywhere
  for (int field = 3; field <= 42; ++field) {
    const std::string_view word = next_word(text);
    if (field == 3 && word.size() == 1) stat.state = word.front();
    if (field != 20 && field != 22 && field != 42) continue;
    const auto number = parse_u64(trim(word));
    if (!number) return stat;
    const auto value = static_cast<double>(*number);
    if (field == 20) stat.threads = value;
    if (field == 22) stat.start_seconds = value / kTicks;
    if (field == 42) stat.io_delay_seconds = value / kTicks;
  }
  return stat;
}

PidIo parse_pid_io(std::string_view text) {
  PidIo io;
  std::string_view line;
  while (next_line(text, line)) {
    const std::string_view key = next_word(line);
    if (key != "read_bytes:" && key != "write_bytes:") continue;
    const auto number = parse_u64(next_word(line));
    if (number) (key == "read_bytes:" ? io.read_bytes : io.written_bytes) = static_cast<double>(*number);
  }
  return io;
}

double parse_pid_limits_open_files(std::string_view text) {
  std::string_view line;
  static constexpr std::string_view kKey = "Max open files";
  while (next_line(text, line)) {
    if (!line.starts_with(kKey)) continue;
    line.remove_prefix(kKey.size());
    const auto number = parse_u64(next_word(line));
    return number ? static_cast<double>(*number) : kAbsent;
  }
  return kAbsent;
}

SchedStat parse_schedstat(std::string_view text) {
  SchedStat stat;
  const auto run = parse_u64(next_word(text));
  const auto delay = parse_u64(trim(next_word(text)));
  if (!run || !delay) return stat;
  stat.run_seconds = static_cast<double>(*run) * 1e-9;
  stat.delay_seconds = static_cast<double>(*delay) * 1e-9;
  return stat;
}

}  // namespace bottleneck
