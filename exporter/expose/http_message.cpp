#include "exporter/expose/http_message.h"

#include <array>

#include "exporter/base/text.h"
#include "exporter/base/utf8.h"

namespace bottleneck {
namespace {

/// Takes the part before `separator` off `rest`, blanks trimmed.
std::string_view take(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = trim(rest.substr(0, end));
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

/// Quality in thousandths: "1", "0.75"; a malformed one counts as 0, so that it is never preferred.
int quality(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1') || text.size() > 5) return 0;
  int value = (text[0] - '0') * 1000;
  if (text.size() == 1) return value;
  if (text[1] != '.') return 0;
  int place = 100;
  for (const char digit : text.substr(2)) {
    if (digit < '0' || digit > '9') return 0;
    value += (digit - '0') * place;
    place /= 10;
  }
  return value > 1000 ? 0 : value;
}

struct MediaRange {
  std::string_view type;
  std::string_view version;
  int quality = 1000;
};

MediaRange parse_range(std::string_view text) {
  MediaRange range;
  range.type = take(text, ';');
  while (!text.empty()) {
    std::string_view parameter = take(text, ';');
    const std::string_view name = take(parameter, '=');
    std::string_view value = trim(parameter);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    if (equals_ignoring_case(name, "q")) range.quality = quality(value);
    if (equals_ignoring_case(name, "version")) range.version = value;
  }
  return range;
}

/// How well a type is wanted, and how exactly that was said: the more exact range decides, not the better
/// one.
struct Preference {
  int exactness = 0;
  int quality = 0;

  void consider(int how_exact, int value) {
    const bool better = how_exact > exactness || (how_exact == exactness && value > quality);
    if (better) *this = {how_exact, value};
  }
};

/// 0: no match; 1: any type; 2: the type's group; 3: the type; 4: with its version.
int match(const MediaRange& range, std::string_view type, std::string_view version) {
  if (range.type == "*/*") return 1;
  const std::string group = std::string(type.substr(0, type.find('/'))) + "/*";
  if (equals_ignoring_case(range.type, group)) return 2;
  if (!equals_ignoring_case(range.type, type)) return 0;
  if (range.version.empty()) return 3;
  return range.version == version ? 4 : 0;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return -1;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

bool has_token(std::string_view header, std::string_view token) {
  while (!header.empty()) {
    if (equals_ignoring_case(take(header, ','), token)) return true;
  }
  return false;
}

TextFormat negotiate_format(std::string_view accept) {
  Preference text;
  Preference open_metrics;
  while (!accept.empty()) {
    const MediaRange range = parse_range(take(accept, ','));
    if (const int exact = match(range, "text/plain", "0.0.4"); exact > 0) text.consider(exact, range.quality);
    if (const int exact = match(range, "application/openmetrics-text", "1.0.0"); exact > 0) {
      open_metrics.consider(exact, range.quality);
    }
  }
  const bool preferred = open_metrics.quality > text.quality ||
                         (open_metrics.quality == text.quality && open_metrics.exactness > text.exactness);
  return preferred && open_metrics.quality > 0 ? TextFormat::kOpenMetrics100 : TextFormat::kText004;
}

bool accepts_gzip(std::string_view accept_encoding) {
  Preference gzip;
  while (!accept_encoding.empty()) {
    const MediaRange range = parse_range(take(accept_encoding, ','));
    if (range.type == "*") gzip.consider(1, range.quality);
    const bool named = equals_ignoring_case(range.type, "gzip") || equals_ignoring_case(range.type, "x-gzip");
    if (named) gzip.consider(2, range.quality);
  }
  return gzip.quality > 0;
}

std::optional<std::string> url_decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus_is_blank) c = ' ';
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    out += c;
  }
  return out;
}

std::optional<QueryParameters> parse_query(std::string_view query) {
  constexpr std::size_t kMost = 1000;
  QueryParameters parameters;
  while (!query.empty()) {
    std::string_view value = take(query, '&');
    if (value.empty()) continue;
    const std::string_view name = take(value, '=');
    auto decoded_name = url_decode(name, true);
    auto decoded_value = url_decode(value, true);
    if (!decoded_name || !decoded_value || parameters.size() == kMost) return std::nullopt;
    parameters.emplace_back(std::move(*decoded_name), std::move(*decoded_value));
  }
  return parameters;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && !text.empty() && text.back() == '=') {
    text.remove_suffix(1);
    ++padding;
  }
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const char c : text) {
    const int digit = base64_digit(c);
    if (digit < 0) return std::nullopt;
    bits = ((bits << 6U) | static_cast<unsigned>(digit)) & 0xffffffU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>((bits >> static_cast<unsigned>(held)) & 0xffU);
  }
  return out;
}

std::string html_escape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const char c = text.front();
    const std::string_view name = c == '&'    ? "&amp;"
                                  : c == '<'  ? "&lt;"
                                  : c == '>'  ? "&gt;"
                                  : c == '"'  ? "&quot;"
                                  : c == '\'' ? "&#39;"
                                              : "";
    if (!name.empty()) {
      out += name;
    } else {
      out += length == 0 ? kReplacementCharacter : text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace bottleneck
