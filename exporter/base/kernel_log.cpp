#include "exporter/base/kernel_log.h"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "exporter/base/text.h"

namespace bottleneck {
namespace {

/// Takes a number and the ',' or ';' after it off `text`.
std::optional<std::uint64_t> take_number(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  if (end == std::string_view::npos) return std::nullopt;
  const auto number = parse_u64(text.substr(0, end));
  text.remove_prefix(end + 1);
  return number;
}

}  // namespace

std::optional<KernelRecord> parse_kernel_record(std::string_view line) {
  const std::size_t semicolon = line.find(';');
  if (semicolon == std::string_view::npos || line.front() == ' ') return std::nullopt;
  std::string_view head = line.substr(0, semicolon + 1);
  const auto priority = take_number(head, ',');
  const auto sequence = take_number(head, ',');
  // Flags, and what later kernels may add, follow a ','.
  const auto time = take_number(head, head.find(',') == std::string_view::npos ? ';' : ',');
  constexpr std::uint64_t kMostPriority = std::uint64_t{8} * 128;
  constexpr std::uint64_t kMostTime = std::uint64_t{1} << 62U;
  if (!priority || !sequence || !time || *priority > kMostPriority || *time > kMostTime) return std::nullopt;
  return KernelRecord{.priority = static_cast<unsigned>(*priority),
                      .sequence = *sequence,
                      .time_us = static_cast<std::int64_t>(*time),
                      .text = line.substr(semicolon + 1)};
}

Result<KernelLog> KernelLog::open(bool from_end, const std::string& path) {
  auto fd = open_stream(path);
  if (!fd) return fd.error();
  KernelLog log(std::move(*fd));
  if (from_end) lseek(log.fd_.get(), 0, SEEK_END);
  return log;
}

bool KernelLog::drain(const std::function<void(const KernelRecord&)>& visit) {
  std::array<char, 16384> buffer{};
  bool complete = true;
  for (int reads = 0; reads < kMaxReads; ++reads) {
    const ssize_t n = ::read(fd_.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EPIPE) {  // overwritten before it was read; the next read goes on with the oldest
      complete = false;
      continue;
    }
    if (n <= 0) return complete;
    std::string_view rest(buffer.data(), static_cast<std::size_t>(n));
    std::string_view line;
    while (next_line(rest, line)) {
      if (const auto record = parse_kernel_record(line)) visit(*record);
    }
  }
  return complete;
}

}  // namespace bottleneck
