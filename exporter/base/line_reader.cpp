#include "exporter/base/line_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace bottleneck {
namespace {

Error failure(const std::string& what, int number) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc's is
  return Error{ErrorCode::kUnavailable, what + ": " + std::strerror(number)};
}

}  // namespace

Result<LineReader> LineReader::open(const std::string& path) {
  FileDescriptor file(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                  : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return failure(path, errno);
  return LineReader(std::move(file));
}

Status LineReader::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  ssize_t size = 0;
  do {
    size = ::read(file_.get(), buffer_.data() + end_, buffer_.size() - end_);
  } while (size < 0 && errno == EINTR);
  if (size < 0) return failure("reading", errno);
  at_end_ = size == 0;
  end_ += static_cast<std::size_t>(size);
  return ok();
}

Result<bool> LineReader::next(std::string_view& line) {
  cut_ = false;
  std::size_t searched = 0;
  while (true) {
    const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
    const std::size_t newline = rest.find('\n', searched);
    const bool full = newline == std::string_view::npos && rest.size() > kLongestLine;
    if (newline == std::string_view::npos && !full && !at_end_) {
      searched = rest.size();
      if (const Status filled = fill(); !filled) return filled.error();
      continue;
    }
    if (rest.empty()) return false;
    line = rest.substr(0, std::min(newline, kLongestLine));
    begin_ += newline == std::string_view::npos ? rest.size() : newline + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!full) return true;
    cut_ = true;
    line = line.substr(0, 0);
    while (true) {  // to the end of the long line
      const std::string_view tail(buffer_.data() + begin_, end_ - begin_);
      const std::size_t end = tail.find('\n');
      begin_ += end == std::string_view::npos ? tail.size() : end + 1;
      if (end != std::string_view::npos || at_end_) return true;
      if (const Status filled = fill(); !filled) return filled.error();
    }
  }
}

}  // namespace bottleneck
