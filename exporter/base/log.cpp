#include "exporter/base/log.h"

#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <map>
#include <mutex>

#include "exporter/base/clock.h"

namespace bottleneck {
namespace {

std::atomic<LogLevel> g_least{LogLevel::kInfo};
std::atomic<LogFormat> g_format{LogFormat::kLogfmt};

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

void append_quoted(std::string& out, std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xfU];
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_value(std::string& out, LogFormat format, std::string_view value) {
  const bool plain = !value.empty() && value.find_first_not_of(
                                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789_-./:%+,@") == std::string_view::npos;
  if (plain && format == LogFormat::kLogfmt) {
    out += value;
  } else {
    append_quoted(out, value);
  }
}

std::string time_now() { return format_log_time(system_clock().unix_seconds()); }

}  // namespace

std::string format_log_time(double unix_seconds) {
  const auto milliseconds = static_cast<std::int64_t>(std::floor(unix_seconds * 1e3));
  const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[64];
  std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  size += static_cast<std::size_t>(
      std::snprintf(text + size, sizeof text - size, ".%03dZ", static_cast<int>(milliseconds % 1000)));
  return {text, size};
}

std::string format_log_line(LogFormat format, std::string_view time, LogLevel level, std::string_view msg,
                            std::initializer_list<LogField> fields) {
  const bool json = format == LogFormat::kJson;
  std::string out(json ? "{" : "");
  bool first = true;
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!first) out += json ? "," : " ";
    first = false;
    if (json) {
      append_quoted(out, key);
      out += ':';
    } else {
      out += key;
      out += '=';
    }
    append_value(out, format, value);
  };
  add("ts", time);
  add("level", level_name(level));
  add("msg", msg);
  for (const auto& [key, value] : fields) add(key, value);
  if (json) out += '}';
  return out;
}

void set_log(LogLevel least, LogFormat format) {
  g_least = least;
  g_format = format;
}

void log(LogLevel level, std::string_view msg, std::initializer_list<LogField> fields) {
  if (level < g_least) return;
  std::string line = format_log_line(g_format, time_now(), level, msg, fields);
  line += '\n';
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void log_limited(std::string_view key, LogLevel level, std::string_view msg,
                 std::initializer_list<LogField> fields, bool once) {
  struct Seen {
    std::int64_t last_ns = 0;
    unsigned left_out = 0;
  };
  static constexpr std::size_t kMaxKeys = 4096;  // keys may hold text from outside: bounded
  static std::mutex mutex;
  static std::map<std::string, Seen, std::less<>> seen;
  unsigned left_out = 0;
  {
    const std::lock_guard lock(mutex);
    const std::int64_t now = system_clock().monotonic_ns();
    const auto found = seen.find(key);
    if (found == seen.end()) {
      if (seen.size() >= kMaxKeys) seen.clear();
      seen.emplace(key, Seen{now, 0});
    } else if (once || now - found->second.last_ns < 60 * kSecondNs) {
      ++found->second.left_out;
      return;
    } else {
      left_out = std::exchange(found->second.left_out, 0U);
      found->second.last_ns = now;
    }
  }
  if (left_out == 0) {
    log(level, msg, fields);
  } else {
    log(level, std::string(msg) + " (" + std::to_string(left_out) + " more like this were not logged)",
        fields);
  }
}

}  // namespace bottleneck
