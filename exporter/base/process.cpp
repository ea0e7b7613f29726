#include "exporter/base/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <limits>
#include <optional>
#include <string_view>

#include "exporter/base/clock.h"
#include "exporter/base/file.h"
#include "exporter/base/text.h"

namespace bottleneck {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double to_number(std::optional<std::uint64_t> value) {
  return value ? static_cast<double>(*value) : kUnknown;
}

/// "12345 (name) S 1 ...": field 22 is the start, in ticks since boot. The name may hold blanks and brackets.
double start_ticks(std::string_view stat) {
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return kUnknown;
  std::string_view rest = stat.substr(name_end + 1);
  for (int field = 3; field < 22; ++field) next_word(rest);
  return to_number(parse_u64(next_word(rest)));
}

/// "btime 1700000000" of /proc/stat.
double boot_time(std::string_view stat) {
  for (std::string_view line; next_line(stat, line);) {
    if (next_word(line) == "btime") return to_number(parse_u64(next_word(line)));
  }
  return kUnknown;
}

/// Neither changes while the process lives.
double start_time() {
  static const double start = [] {
    const Result<std::string> own = read_file("/proc/self/stat");
    const Result<std::string> host = read_file("/proc/stat");
    if (!own || !host) return kUnknown;
    return boot_time(*host) + start_ticks(*own) / static_cast<double>(sysconf(_SC_CLK_TCK));
  }();
  return start;
}

/// Linux 6.2 and newer say the number as the directory's size; before, it is counted.
double open_files() {
  const Result<FileIdentity> directory = stat_file("/proc/self/fd");
  if (directory && directory->size > 0) return static_cast<double>(directory->size);
  const Result<FileDescriptor> fd = open_directory("/proc/self/fd");
  if (!fd) return kUnknown;
  double number = 0;
  if (!visit_directory(fd->get(), [&](std::string_view) { ++number; })) return kUnknown;
  return number - 2;  // the two that the count itself holds open
}

}  // namespace

ProcessUsage process_usage() {
  ProcessUsage usage;
  usage.cpu_seconds = process_cpu_seconds();
  usage.start_time_unix_seconds = start_time();
  usage.open_files = open_files();
  rlimit limit{};
  const bool known = getrlimit(RLIMIT_NOFILE, &limit) == 0;
  usage.open_files_limit = known ? static_cast<double>(limit.rlim_cur) : kUnknown;
  const Result<std::string> statm = read_file("/proc/self/statm");
  std::string_view pages = statm ? std::string_view(*statm) : std::string_view();
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  usage.virtual_bytes = to_number(parse_u64(next_word(pages))) * page;
  usage.resident_bytes = to_number(parse_u64(next_word(pages))) * page;
  return usage;
}

}  // namespace bottleneck
