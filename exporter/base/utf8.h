// UTF-8 of text that came from outside. Nothing here allocates or throws.
#pragma once

#include <cstddef>
#include <string_view>

namespace bottleneck {

/// Bytes of the valid UTF-8 sequence that `text` starts with, 0 when it starts with none (RFC 3629: no
/// overlong forms, no surrogates, nothing above U+10FFFF).
constexpr std::size_t utf8_sequence(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80U) return 1;
  if (first >= 0xc2U && first < 0xe0U) return follows(1) ? 2 : 0;
  if (first >= 0xe0U && first < 0xf0U) {
    const bool overlong = first == 0xe0U && byte(1) < 0xa0U;
    const bool surrogate = first == 0xedU && byte(1) >= 0xa0U;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0U && first < 0xf5U) {
    const bool overlong = first == 0xf0U && byte(1) < 0x90U;
    const bool beyond = first == 0xf4U && byte(1) >= 0x90U;
    return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

/// What stands in for a byte that is no UTF-8: U+FFFD.
inline constexpr std::string_view kReplacementCharacter = "\xef\xbf\xbd";

}  // namespace bottleneck
