// Lines of a file of any size, in bounded memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/file.h"

namespace bottleneck {

class LineReader {
 public:
  /// A longer line is given empty, and `cut()` says so.
  static constexpr std::size_t kLongestLine = std::size_t{64} << 10U;

  /// "-" is standard input.
  static Result<LineReader> open(const std::string& path);
  explicit LineReader(FileDescriptor file) : file_(std::move(file)), buffer_(kLongestLine + 1) {}

  /// The next line without its newline (nor a carriage return before it), valid until the next call; false at
  /// the end. The last line needs no newline. Errors: of reading.
  Result<bool> next(std::string_view& line);
  [[nodiscard]] bool cut() const { return cut_; }

 private:
  Status fill();

  FileDescriptor file_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool at_end_ = false;
  bool cut_ = false;
};

}  // namespace bottleneck
