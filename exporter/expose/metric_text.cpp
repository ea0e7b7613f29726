#include "exporter/expose/metric_text.h"

#include "exporter/base/utf8.h"

namespace bottleneck {
namespace {

constexpr bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
}

std::string_view type_name(TextFormat format, MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      return "histogram";
    case MetricType::kInfo:
      return format == TextFormat::kOpenMetrics100 ? "info" : "gauge";
  }
  return "gauge";
}

void append_help(TextBuffer& out, TextFormat format, std::string_view help) {
  for (const char c : help) {
    const bool quote = c == '"' && format == TextFormat::kOpenMetrics100;
    if (c == '\\' || quote) out.append('\\');
    if (c == '\n') {
      out.append("\\n");
    } else {
      out.append(c);
    }
  }
}

}  // namespace

void append_label_value(TextBuffer& out, std::string_view value) {
  while (!value.empty()) {
    std::size_t plain = 0;
    while (plain < value.size() && is_plain(value[plain])) ++plain;
    out.append(value.substr(0, plain));
    value.remove_prefix(plain);
    if (value.empty()) return;
    const char c = value.front();
    const std::size_t length = utf8_sequence(value);
    if (c == '\n') {
      out.append("\\n");
    } else if (c == '"' || c == '\\') {
      out.append('\\');
      out.append(c);
    } else {
      out.append(length == 0 ? kReplacementCharacter : value.substr(0, length));
    }
    value.remove_prefix(length == 0 ? 1 : length);
  }
}

std::string label_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool digit = c >= '0' && c <= '9';
    if (digit && out.empty()) out += '_';
    out += letter || digit ? c : '_';
  }
  while (out.starts_with("__")) out.erase(0, 1);
  return out.empty() ? "_" : out;
}

std::string_view family_name(TextFormat format, std::string_view name, MetricType type) {
  if (format == TextFormat::kText004) return name;
  const std::string_view suffix = type == MetricType::kCounter ? "_total"
                                  : type == MetricType::kInfo  ? "_info"
                                                               : "";
  if (!suffix.empty() && name.ends_with(suffix)) name.remove_suffix(suffix.size());
  return name;
}

void append_head(TextBuffer& out, TextFormat format, std::string_view name, MetricType type,
                 std::string_view help) {
  const std::string_view family = family_name(format, name, type);
  out.append("# HELP ");
  out.append(family);
  out.append(' ');
  append_help(out, format, help);
  out.append("\n# TYPE ");
  out.append(family);
  out.append(' ');
  out.append(type_name(format, type));
  out.append('\n');
}

std::string_view content_type(TextFormat format) {
  return format == TextFormat::kOpenMetrics100 ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                               : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace bottleneck
