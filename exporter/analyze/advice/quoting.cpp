// Text from outside in commands and files to paste.
#include "exporter/analyze/advice/change.h"
#include "exporter/base/utf8.h"

namespace bottleneck::advice {

std::string shell_word(std::string_view text) {
  if (text.empty()) return {};
  bool safe = true;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t length = utf8_sequence(rest);
    const auto c = static_cast<unsigned char>(rest.front());
    if (length == 0 || c < 0x20 || c == 0x7f) return {};
    const bool plain_char =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
        std::string_view("_@%+=:,./-").find(static_cast<char>(c)) != std::string_view::npos;
    safe = safe && plain_char;
    rest.remove_prefix(length);
  }
  if (safe) return std::string(text);
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      static constexpr std::string_view kHex = "0123456789abcdef";
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace bottleneck::advice
