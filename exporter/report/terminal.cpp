#include "exporter/report/terminal.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "exporter/base/text.h"
#include "exporter/base/utf8.h"

namespace bottleneck {
namespace {

/// C1 controls, and the marks by which text could look like other text: bidirectional ones, line separators.
bool is_harmful(std::string_view sequence) {
  if (sequence.size() == 2) return sequence[0] == '\xc2' && static_cast<unsigned char>(sequence[1]) < 0xa0;
  if (sequence.size() != 3 || sequence[0] != '\xe2') return sequence == "\xef\xbb\xbf";
  const auto second = static_cast<unsigned char>(sequence[1]);
  const auto third = static_cast<unsigned char>(sequence[2]);
  if (second == 0x80) return (third >= 0x8b && third <= 0x8f) || (third >= 0xa8 && third <= 0xae);
  return second == 0x81 && third >= 0xa6 && third <= 0xa9;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text) columns += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1 : 0;
  return columns;
}

}  // namespace

std::string plain(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const auto first = static_cast<unsigned char>(text.front());
    const bool bad = length == 0 || first < 0x20 || first == 0x7f || is_harmful(text.substr(0, length));
    out += bad ? kReplacementCharacter : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string wrapped(std::string_view text, std::string_view first) {
  const std::string safe = plain(text);
  std::string_view rest = safe;
  std::string out;
  std::string line(first);
  const std::string indent(columns_of(first), ' ');
  bool begun = false;
  for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) {
    if (begun && columns_of(line) + 1 + columns_of(word) > kTerminalColumns) {
      out += line + "\n";
      line = indent;
      begun = false;
    }
    if (begun) line += ' ';
    line += word;
    begun = true;
  }
  return out + line + "\n";
}

std::string verbatim(std::string_view text, std::string_view indent) {
  std::string out;
  std::string_view line;
  while (next_line(text, line)) out += std::string(indent) + plain(line) + "\n";
  return out;
}

std::string utc_text(double unix_seconds) {
  constexpr double kYear10000 = 253402300800.0;
  if (!(unix_seconds >= 0 && unix_seconds < kYear10000)) return {};
  const std::chrono::sys_seconds point{std::chrono::seconds(static_cast<std::int64_t>(unix_seconds))};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(point - day);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d UTC", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

}  // namespace bottleneck
