// Names of files below /proc.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace bottleneck {

/// "<pid><rest>" without an allocation; valid until the next call on the same buffer.
class ProcPath {
 public:
  const char* of(int pid, std::string_view rest) {
    char* end = std::to_chars(text_.data(), text_.data() + 12, pid).ptr;
    end = std::copy(rest.begin(), rest.end(), end);
    *end = '\0';
    return text_.data();
  }

 private:
  std::array<char, 64> text_{};
};

}  // namespace bottleneck
