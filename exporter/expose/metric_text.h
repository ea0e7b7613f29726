// The small parts of both text formats: numbers, label values, HELP and TYPE.
// Text 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/; OpenMetrics 1.0.0:
// https://github.com/OpenObservability/OpenMetrics/blob/main/specification/OpenMetrics.md
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/expose/text_buffer.h"

namespace bottleneck {

enum class TextFormat : std::uint8_t { kText004, kOpenMetrics100 };

inline constexpr std::size_t kNumberBytes =
    32;  ///< the longest number that write_number() writes, and a newline

/// Whole numbers without exponent as long as a double holds them exactly, others in the shortest form that
/// reads back the same. No locale.
inline char* write_number(char* place, double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (value > -kExact && value < kExact) {
    const auto whole = static_cast<std::int64_t>(value);
    if (static_cast<double>(whole) == value) return std::to_chars(place, place + kNumberBytes, whole).ptr;
    return std::to_chars(place, place + kNumberBytes, value).ptr;
  }
  const std::string_view special = std::isnan(value)   ? "NaN"
                                   : std::isinf(value) ? (value > 0 ? "+Inf" : "-Inf")
                                                       : "";
  if (special.empty()) return std::to_chars(place, place + kNumberBytes, value).ptr;
  special.copy(place, special.size());
  return place + special.size();
}

inline void append_number(TextBuffer& out, double value) {
  out.commit(write_number(out.room(kNumberBytes), value));
}

/// Escapes backslash, quote and newline; what is no UTF-8 becomes U+FFFD.
void append_label_value(TextBuffer& out, std::string_view value);
/// A label name that the formats accept: other characters become '_', and no name starts with "__" or a
/// digit.
std::string label_name(std::string_view name);

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram, kInfo };

/// The HELP and TYPE lines of the family whose samples are called `name` ("..._total", "..._info" included).
void append_head(TextBuffer& out, TextFormat format, std::string_view name, MetricType type,
                 std::string_view help);

/// The family's name: OpenMetrics has none of the suffixes "_total" and "_info" in it.
std::string_view family_name(TextFormat format, std::string_view name, MetricType type);

std::string_view content_type(TextFormat format);

}  // namespace bottleneck
