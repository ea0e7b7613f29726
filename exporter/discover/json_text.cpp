#include "exporter/discover/json_text.h"

#include <algorithm>
#include <limits>

#include "exporter/base/text.h"

namespace bottleneck {
namespace {

/// Days since 1970-01-01 of a Gregorian date (the usual era arithmetic, exact for every year).
std::int64_t days_from_civil(std::int64_t year, std::int64_t month, std::int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = year / 400;  // years here are positive
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

/// Takes `digits` digits and then `separator` off `text`; -1 when they are not there.
std::int64_t take_number(std::string_view& text, std::size_t digits, char separator) {
  if (text.size() < digits) return -1;
  const auto value = parse_u64(text.substr(0, digits));
  text.remove_prefix(digits);
  if (separator != '\0') {
    if (text.empty() || text.front() != separator) return -1;
    text.remove_prefix(1);
  }
  return value ? static_cast<std::int64_t>(*value) : -1;
}

std::optional<double> take_fraction(std::string_view& text) {
  if (text.empty() || text.front() != '.') return 0.0;
  text.remove_prefix(1);
  double scale = 0.1;
  double fraction = 0;
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
    fraction += (text[digits] - '0') * scale;
    scale /= 10;
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return fraction;
}

/// Seconds that "Z", "+02:00" or "-05:30" is ahead of UTC.
std::optional<std::int64_t> offset_of(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const std::int64_t sign = text[0] == '+' ? 1 : -1;
  text.remove_prefix(1);
  const std::int64_t hours = take_number(text, 2, ':');
  const std::int64_t minutes = take_number(text, 2, '\0');
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  return sign * (hours * 3600 + minutes * 60);
}

}  // namespace

bool depth_is_bounded(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepestJson) return false;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return true;
}

Result<Json> parse_json(std::string_view text) {
  if (!depth_is_bounded(text)) return Error{ErrorCode::kMalformed, "JSON nested too deeply"};
  Json value = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return Error{ErrorCode::kMalformed, "not JSON"};
  return value;
}

const Json* member(const Json& object, std::string_view key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

const Json* member(const Json* object, std::string_view key) {
  return object == nullptr ? nullptr : member(*object, key);
}

std::string_view text_at(const Json* object, std::string_view key) {
  const Json* value = member(object, key);
  if (value == nullptr || !value->is_string()) return {};
  return *value->get_ptr<const std::string*>();
}

std::optional<std::int64_t> integer_at(const Json* object, std::string_view key) {
  const Json* value = member(object, key);
  if (value == nullptr || !value->is_number_integer()) return std::nullopt;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
    return std::nullopt;
  }
  return value->get<std::int64_t>();
}

std::optional<double> number_at(const Json* object, std::string_view key) {
  const Json* value = member(object, key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->get<double>();
}

std::optional<bool> bool_at(const Json* object, std::string_view key) {
  const Json* value = member(object, key);
  if (value == nullptr || !value->is_boolean()) return std::nullopt;
  return value->get<bool>();
}

std::uint64_t count_at(const Json* object, std::string_view key) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(integer_at(object, key).value_or(0), 0));
}

std::string dump_json(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<double> parse_rfc3339(std::string_view text) {
  const std::int64_t year = take_number(text, 4, '-');
  const std::int64_t month = take_number(text, 2, '-');
  if (text.size() < 3 || (text[2] != 'T' && text[2] != 't' && text[2] != ' ')) return std::nullopt;
  const std::int64_t day = take_number(text, 2, text[2]);
  const std::int64_t hour = take_number(text, 2, ':');
  const std::int64_t minute = take_number(text, 2, ':');
  const std::int64_t second = take_number(text, 2, '\0');
  if (year <= 1 || month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return std::nullopt;
  const auto fraction = take_fraction(text);
  const auto offset = offset_of(text);
  if (!fraction || !offset) return std::nullopt;
  const std::int64_t whole =
      days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - *offset;
  return static_cast<double>(whole) + *fraction;
}

}  // namespace bottleneck
