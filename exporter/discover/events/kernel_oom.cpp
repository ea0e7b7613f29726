#include "exporter/discover/events/kernel_oom.h"

#include "exporter/base/file.h"
#include "exporter/base/log.h"
#include "exporter/base/text.h"
#include "exporter/discover/events/oom_line.h"

namespace bottleneck {

std::string read_boot_id(const std::string& procfs) {
  const auto text = read_file(join_path(procfs, "sys/kernel/random/boot_id"), 256);
  return text ? std::string(trim(*text)) : std::string();
}

Result<KernelOomFollower> KernelOomFollower::follow(const EventCounters& counters, const std::string& path) {
  auto log = KernelLog::open(/*from_end=*/!counters.continued(), path);
  if (!log) return log.error();
  return KernelOomFollower(std::move(*log));
}

void KernelOomFollower::drain(EventCounters& counters, const Clock& clock) {
  const std::uint64_t done = counters.kernel_position().sequence;
  std::uint64_t newest = done;
  const double now = clock.unix_seconds();
  const double booted = now - static_cast<double>(clock.monotonic_ns()) / static_cast<double>(kSecondNs);
  const auto visit = [&](const KernelRecord& record) {
    if (record.sequence <= done) return;
    newest = std::max(newest, record.sequence);
    constexpr unsigned kFirstOfUsers =
        8;  // lower is the kernel itself: others may write here, and could write anything
    if (record.priority >= kFirstOfUsers) return;
    const auto line = parse_oom_line(record.text);
    if (line) counters.kernel_oom(*line, booted + static_cast<double>(record.time_us) * 1e-6, now);
  };
  const bool complete = log_.drain(std::ref(visit));  // by reference: a copy would be an allocation each pass
  if (newest != done) counters.set_kernel_position(newest);
  if (!complete) {
    log_limited("kernel-log-lost", LogLevel::kInfo, "the kernel dropped log lines before they were read");
  }
}

}  // namespace bottleneck
