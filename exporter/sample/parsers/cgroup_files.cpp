#include "exporter/sample/parsers/cgroup_files.h"

#include <unistd.h>

namespace bottleneck {
namespace {

// v1 reports "no limit" as LONG_MAX rounded down to a page, or twice that for memory plus swap on some
// kernels.
constexpr std::uint64_t kV1NoLimit = 0x7FFFFFFFFFFF0000ULL;

double page_bytes() {
  static const auto bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  return bytes;
}

bool is_device(std::string_view word) {
  const size_t colon = word.find(':');
  if (colon == std::string_view::npos) return false;
  return parse_u64(word.substr(0, colon)) && parse_u64(word.substr(colon + 1));
}

/// The number behind "total=" of a pressure line, in seconds.
bool parse_total(std::string_view line, double& seconds) {
  const size_t at = line.rfind("total=");
  if (at == std::string_view::npos) return false;
  const auto micros = parse_u64(trim(line.substr(at + 6)));
  if (!micros) return false;
  seconds = static_cast<double>(*micros) * 1e-6;
  return true;
}

}  // namespace

double to_base_unit(std::uint64_t raw, Unit unit) {
  const auto number = static_cast<double>(raw);
  switch (unit) {
    case Unit::kOne:
      return number;
    case Unit::kMicroseconds:
      return number * 1e-6;
    case Unit::kNanoseconds:
      return number * 1e-9;
    case Unit::kTicks:
      return number / 100;  // USER_HZ is 100 in every kernel's user interface
    case Unit::kPages:
      return number * page_bytes();
    case Unit::kLimit:
      return raw >= kV1NoLimit ? kAbsent : number;
    case Unit::kReservation:
      return raw >= kV1NoLimit || raw == 0 ? kAbsent : number;
  }
  return number;
}

SingleNumber parse_single_number(std::string_view text, Unit unit) {
  text = trim(text);
  if (text == "max") return {};
  const auto raw = parse_u64(text);
  if (!raw) return {kAbsent, true};
  return {to_base_unit(*raw, unit), false};
}

Pressure parse_pressure(std::string_view text) {
  Pressure pressure;
  std::string_view line;
  while (next_line(text, line)) {
    if (line.starts_with("some ")) {
      pressure.malformed |= !parse_total(line, pressure.some);
    } else if (line.starts_with("full ")) {
      pressure.malformed |= !parse_total(line, pressure.full);
    } else {
      pressure.malformed |= !line.empty();
    }
  }
  pressure.malformed |= !is_present(pressure.some) && !is_present(pressure.full);
  return pressure;
}

SingleNumber parse_cpu_max(std::string_view text) {
  const std::string_view quota = next_word(text = trim(text));
  const auto period = parse_u64(next_word(text));
  if (quota == "max") return {};
  const auto micros = parse_u64(quota);
  if (!micros || !period || *period == 0) return {kAbsent, true};
  return {static_cast<double>(*micros) / static_cast<double>(*period), false};
}

QuotaStat parse_cpu_stat_quota(std::string_view text) {
  QuotaStat stat;
  std::string_view line;
  while (next_line(text, line)) {
    const std::string_view key = next_word(line);
    const auto number = parse_u64(trim(line));
    if (!number) continue;
    if (key == "usage_usec") stat.usage_seconds = to_base_unit(*number, Unit::kMicroseconds);
    if (key == "nr_periods") stat.periods = static_cast<double>(*number);
    if (key == "nr_throttled") stat.throttled_periods = static_cast<double>(*number);
    if (key == "throttled_usec") stat.throttled_seconds = to_base_unit(*number, Unit::kMicroseconds);
    if (key == "throttled_time") stat.throttled_seconds = to_base_unit(*number, Unit::kNanoseconds);
  }
  return stat;
}

SingleNumber parse_cfs_quota(std::string_view quota, std::string_view period) {
  const auto micros = parse_i64(trim(quota));
  if (micros && *micros < 0) return {};
  const auto length = parse_u64(trim(period));
  if (!micros || !length || *length == 0) return {kAbsent, true};
  return {static_cast<double>(*micros) / static_cast<double>(*length), false};
}

SingleNumber parse_cpu_list(std::string_view text) {
  text = trim(text);
  if (text.empty()) return {};
  double count = 0;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view range = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    const size_t dash = range.find('-');
    const auto first = parse_u64(range.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_u64(range.substr(dash + 1));
    // More CPUs than any kernel can have: text that is not ours to trust.
    if (!first || !last || *last < *first || *last >= 65536) return {kAbsent, true};
    count += static_cast<double>(*last - *first + 1);
  }
  return {count, false};
}

bool next_io_line(std::string_view& rest, DeviceLine& line, bool& malformed) {
  std::string_view text;
  while (next_line(rest, text)) {
    line = DeviceLine{};
    line.device = next_word(text);
    if (line.device.empty()) continue;
    if (!is_device(line.device)) {
      malformed = true;
      continue;
    }
    for (std::string_view word = next_word(text); !word.empty(); word = next_word(text)) {
      const size_t equals = word.find('=');
      if (equals == std::string_view::npos) {
        // Some kernels print devices without numbers in front, on the same line: "7:1 7:0 8:16 rbytes=..."
        if (is_device(word)) line.device = word;
        continue;
      }
      const std::string_view key = word.substr(0, equals);
      int index = -1;
      if (key == "rbytes" || key == "rbps") index = 0;
      if (key == "wbytes" || key == "wbps") index = 1;
      if (key == "rios" || key == "riops") index = 2;
      if (key == "wios" || key == "wiops") index = 3;
      if (index < 0) continue;
      const SingleNumber number = parse_single_number(word.substr(equals + 1), Unit::kOne);
      malformed |= number.malformed;
      line.numbers[index] = number.value;
    }
    return true;
  }
  return false;
}

bool next_blkio_line(std::string_view& rest, BlkioLine& line, bool& malformed) {
  std::string_view text;
  while (next_line(rest, text)) {
    const std::string_view device = next_word(text);
    if (device.empty() || device == "Total") continue;
    const std::string_view operation = next_word(text);
    const auto number = parse_u64(next_word(text));
    if (!is_device(device) || !number) {
      malformed = true;
      continue;
    }
    if (operation != "Read" && operation != "Write") continue;
    line = {device, operation == "Write", static_cast<double>(*number)};
    return true;
  }
  return false;
}

bool next_throttle_line(std::string_view& rest, ThrottleLine& line, bool& malformed) {
  std::string_view text;
  while (next_line(rest, text)) {
    const std::string_view device = next_word(text);
    if (device.empty()) continue;
    const auto number = parse_u64(next_word(text));
    if (!is_device(device) || !number) {
      malformed = true;
      continue;
    }
    line = {device, static_cast<double>(*number)};
    return true;
  }
  return false;
}

double parse_memory_stat_kernel(std::string_view text) {
  double sum = kAbsent;
  std::string_view line;
  while (next_line(text, line)) {
    const std::string_view key = next_word(line);
    const bool whole = key == "kernel";
    if (!whole && key != "kernel_stack" && key != "pagetables" && key != "percpu" && key != "slab") continue;
    const auto bytes = parse_u64(next_word(line));
    if (!bytes) continue;
    if (whole) return static_cast<double>(*bytes);
    sum = (is_present(sum) ? sum : 0) + static_cast<double>(*bytes);
  }
  return sum;
}

bool parse_cgroup_events_frozen(std::string_view text) {
  std::string_view line;
  while (next_line(text, line)) {
    if (next_word(line) == "frozen") return trim(line) == "1";
  }
  return false;
}

bool parse_freezer_state_frozen(std::string_view text) { return trim(text) == "FROZEN"; }

std::optional<int> first_process(std::string_view text) {
  std::string_view line;
  while (next_line(text, line)) {
    const auto pid = parse_u64(trim(line));
    if (pid && *pid > 0 && *pid < (1U << 22U) + 1U) return static_cast<int>(*pid);
  }
  return std::nullopt;
}

}  // namespace bottleneck
