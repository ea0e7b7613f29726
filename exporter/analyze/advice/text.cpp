#include "exporter/analyze/advice/text.h"

#include <array>
#include <charconv>
#include <cmath>

#include "exporter/base/utf8.h"

namespace bottleneck::advice {
namespace {

constexpr std::size_t kLongestName = 120;

/// At most `digits` significant digits, no exponent, no trailing zeros.
std::string significant(double value, int digits) {
  if (std::isnan(value)) return "unknown";
  if (std::isinf(value)) return value > 0 ? "infinite" : "-infinite";
  if (value == 0) return "0";
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
  const int decimals = std::max(0, std::min(9, digits - magnitude));
  return decimal(value, decimals);
}

std::string two_units(double seconds, double large, const char* large_name, double small,
                      const char* small_name) {
  const double larges = std::floor(seconds / large);
  const double smalls = std::floor((seconds - larges * large) / small);
  std::string text = significant(larges, 6) + large_name;
  if (smalls > 0 && larges < 10) text += " " + significant(smalls, 3) + small_name;
  return text;
}

}  // namespace

std::string decimal(double value, int decimals) {
  std::array<char, 400> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, decimals);
  std::string text(buffer.data(), end.ptr);
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

std::string percent(double share) { return significant(share * 100, share >= 1 ? 3 : 2) + " %"; }

std::string cores(double value) {
  const std::string text = significant(value, 3);
  return text + (text == "1" ? " CPU" : " CPUs");
}

std::string bytes(double value) {
  static constexpr std::array<const char*, 6> kUnits = {" B", " KiB", " MiB", " GiB", " TiB", " PiB"};
  std::size_t unit = 0;
  while (std::abs(value) >= 1023.5 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return significant(value, value >= 100 ? 4 : 3) + kUnits[unit];
}

std::string byte_rate(double value) { return bytes(value) + "/s"; }

std::string duration(double seconds) {
  if (std::isnan(seconds)) return "unknown";
  if (std::isinf(seconds)) return "for ever";
  if (seconds < 90) return significant(seconds, 2) + " s";
  if (seconds < 5400) return significant(std::round(seconds / 60), 3) + " min";
  if (seconds < 172800) return two_units(seconds, 3600, " h", 60, " min");
  return two_units(seconds, 86400, " d", 3600, " h");
}

std::string number(double value) { return significant(value, value >= 1000 ? 6 : 3); }

std::string times(double count) { return count == 1 ? "once" : significant(count, 6) + " times"; }

std::string lasting(std::string_view what, double seconds) {
  return std::string(what) + " for " + duration(seconds) + ".";
}

std::string in_quotes(std::string_view name) {
  std::string out = "'";
  while (!name.empty() && out.size() < kLongestName) {
    const std::size_t length = utf8_sequence(name);
    const auto first = static_cast<unsigned char>(name.front());
    if (length == 0 || first < 0x20 || first == 0x7f) {
      out += kReplacementCharacter;
      name.remove_prefix(1);
      continue;
    }
    out += name.substr(0, length);
    name.remove_prefix(length);
  }
  if (!name.empty()) out += "...";
  return out + "'";
}

}  // namespace bottleneck::advice
