#include "exporter/sample/parsers/host_files.h"

#include <array>

#include "exporter/base/text.h"

namespace bottleneck {
namespace {

void parse_cpu_line(std::string_view line, ProcStat& stat) {
  static constexpr double kTicksPerSecond = 100;  // USER_HZ
  std::array<double, 8> ticks{};
  size_t count = 0;
  while (count < ticks.size()) {
    const auto number = parse_u64(next_word(line));
    if (!number) break;
    ticks[count++] = static_cast<double>(*number);
  }
  if (count < 4) return;
  const double idle = ticks[3] + ticks[4];
  double all = 0;
  for (const double tick : ticks) all += tick;
  stat.busy_seconds = (all - idle - ticks[7]) / kTicksPerSecond;
  if (count == ticks.size()) stat.steal_seconds = ticks[7] / kTicksPerSecond;
}

}  // namespace

ProcStat parse_proc_stat(std::string_view text) {
  ProcStat stat;
  double cpus = 0;
  std::string_view line;
  while (next_line(text, line)) {
    const std::string_view key = next_word(line);
    if (key == "cpu") {
      parse_cpu_line(line, stat);
    } else if (key.starts_with("cpu") && parse_u64(key.substr(3))) {
      ++cpus;
    } else if (key == "btime") {
      const auto seconds = parse_u64(next_word(line));
      if (seconds) stat.boot_time = static_cast<double>(*seconds);
    }
  }
  if (cpus > 0) stat.cpus = cpus;
  return stat;
}

Meminfo parse_meminfo(std::string_view text) {
  Meminfo meminfo;
  std::string_view line;
  while (next_line(text, line)) {
    const std::string_view key = next_word(line);
    double* target = nullptr;
    if (key == "MemTotal:") target = &meminfo.total;
    if (key == "MemAvailable:") target = &meminfo.available;
    if (key == "SwapTotal:") target = &meminfo.swap_total;
    if (target == nullptr) continue;
    const auto kilobytes = parse_u64(next_word(line));
    if (kilobytes) *target = static_cast<double>(*kilobytes) * 1024;
  }
  return meminfo;
}

bool next_diskstats_line(std::string_view& rest, DiskstatsLine& line, bool& malformed) {
  std::string_view text;
  while (next_line(rest, text)) {
    line = DiskstatsLine{};
    line.major = next_word(text);
    line.minor = next_word(text);
    line.name = next_word(text);
    if (line.major.empty()) continue;
    bool complete = parse_u64(line.major) && parse_u64(line.minor) && !line.name.empty();
    double sectors = 0;
    for (int field = 1; field <= 10; ++field) {
      const auto number = parse_u64(next_word(text));
      complete = complete && number.has_value();
      if ((field == 3 || field == 7) && number) sectors += static_cast<double>(*number);
      if (field == 10 && number) line.busy_seconds = static_cast<double>(*number) * 1e-3;
    }
    line.moved_bytes = sectors * 512;
    if (complete) return true;
    malformed = true;
  }
  return false;
}

}  // namespace bottleneck
