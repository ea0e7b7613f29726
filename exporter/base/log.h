// The log: one line an event to standard error, logfmt or JSON. Text from outside is escaped; secrets are
// never passed.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace bottleneck {

enum class LogLevel : unsigned char { kDebug, kInfo, kWarn, kError };
enum class LogFormat : unsigned char { kLogfmt, kJson };

using LogField = std::pair<std::string_view, std::string_view>;

void set_log(LogLevel least, LogFormat format);
/// Writes `msg` and the fields. Thread safe.
void log(LogLevel level, std::string_view msg, std::initializer_list<LogField> fields = {});
/// As log(), at most once a minute for each `key` (and once ever for each when `once`). Lines left out are
/// counted and told with the next one of that key.
void log_limited(std::string_view key, LogLevel level, std::string_view msg,
                 std::initializer_list<LogField> fields = {}, bool once = false);

/// UTC with milliseconds, "2024-01-31T12:00:00.123Z"; `unix_seconds` are not negative. For tests.
std::string format_log_time(double unix_seconds);
/// One formatted line, without newline; for tests.
std::string format_log_line(LogFormat format, std::string_view time, LogLevel level, std::string_view msg,
                            std::initializer_list<LogField> fields);

}  // namespace bottleneck
