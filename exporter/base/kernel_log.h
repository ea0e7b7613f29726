// The kernel's log as a stream of records. Source: Documentation/ABI/testing/dev-kmsg.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/base/file.h"
#include "exporter/base/result.h"

namespace bottleneck {

struct KernelRecord {
  unsigned priority = 0;       ///< facility * 8 + level; below 8 it is the kernel's own
  std::uint64_t sequence = 0;  ///< counts all records since boot
  std::int64_t time_us = 0;    ///< since boot, on the kernel's clock
  std::string_view text;
};

/// One line of the stream: "6,339,5140900,-;NET: Registered protocol family". Nothing for a continuation line
/// or garbage.
std::optional<KernelRecord> parse_kernel_record(std::string_view line);

class KernelLog {
 public:
  /// kDenied without CAP_SYSLOG (kernel.dmesg_restrict), kAbsent where the device is not there (a container
  /// without it). `from_end`: only what comes from now on; else all that the kernel still holds.
  static Result<KernelLog> open(bool from_end, const std::string& path = "/dev/kmsg");

  /// Hands on what has come; never waits. After `kMaxReads` records the rest is left for the next call. False
  /// when the kernel has dropped records before they were read.
  bool drain(const std::function<void(const KernelRecord&)>& visit);
  /// Readable when there is more.
  [[nodiscard]] int fd() const { return fd_.get(); }

  static constexpr int kMaxReads = 20'000;

 private:
  explicit KernelLog(FileDescriptor fd) : fd_(std::move(fd)) {}
  FileDescriptor fd_;
};

}  // namespace bottleneck
