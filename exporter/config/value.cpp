// Values of schema rows: from text into their member, and back into YAML.
#include <array>
#include <charconv>
#include <cmath>
#include <type_traits>

#include "exporter/base/text.h"
#include "exporter/config/schema.h"
#include "exporter/config/suggest.h"

namespace bottleneck {
namespace {

template <class E>
struct Choice {
  std::string_view name;
  E value;
};

constexpr auto choices_of(const Profile*) {
  return std::array<Choice<Profile>, 3>{
      {{"fleet", Profile::kFleet}, {"standard", Profile::kStandard}, {"full", Profile::kFull}}};
}
constexpr auto choices_of(const LogLevel*) {
  return std::array<Choice<LogLevel>, 4>{{{"debug", LogLevel::kDebug},
                                          {"info", LogLevel::kInfo},
                                          {"warn", LogLevel::kWarn},
                                          {"error", LogLevel::kError}}};
}
constexpr auto choices_of(const LogFormat*) {
  return std::array<Choice<LogFormat>, 2>{{{"logfmt", LogFormat::kLogfmt}, {"json", LogFormat::kJson}}};
}

template <class E>
std::string choice_list(const E* tag) {
  const auto choices = choices_of(tag);
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (i > 0) text += i + 1 == choices.size() ? " or " : ", ";
    text += choices[i].name;
  }
  return text;
}

std::string number_text(double value) {
  std::array<char, 32> buffer{};
  return {buffer.data(),
          std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed).ptr};
}

std::string yaml_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string not_this(const std::string& expected, std::string_view text) {
  return expected + ", not " + shown(text);
}

std::string range_text(const SchemaRow& row) {
  return number_text(row.least) + " to " + number_text(row.most);
}

std::string parse_into(const SchemaRow&, std::string_view text, bool* slot) {
  if (text != "true" && text != "false") return not_this("expected true or false", text);
  *slot = text == "true";
  return {};
}

std::string parse_into(const SchemaRow& row, std::string_view text, int* slot) {
  const auto value = parse_i64(text);
  const bool inside =
      value && static_cast<double>(*value) >= row.least && static_cast<double>(*value) <= row.most;
  if (!inside) return not_this("expected a whole number from " + range_text(row), text);
  *slot = static_cast<int>(*value);
  return {};
}

std::string parse_into(const SchemaRow& row, std::string_view text, double* slot) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  const bool whole = error == std::errc() && stop == end && !text.empty();
  // A NaN is in no range.
  if (!whole || !(value >= row.least && value <= row.most)) {
    return not_this("expected a number from " + range_text(row), text);
  }
  *slot = value;
  return {};
}

std::string parse_into(const SchemaRow& row, std::string_view text, std::string* slot) {
  const std::string wrong = row.check != nullptr ? row.check(text) : std::string();
  if (!wrong.empty()) return not_this(wrong, text);
  *slot = text;
  return {};
}

template <class E>
requires std::is_enum_v<E> std::string parse_into(const SchemaRow&, std::string_view text, E* slot) {
  for (const auto& choice : choices_of(slot)) {
    if (choice.name != text) continue;
    *slot = choice.value;
    return {};
  }
  return not_this("expected " + choice_list(slot), text);
}

std::string store_list(const SchemaRow& row, const std::vector<std::string>& items,
                       std::vector<std::string>& list) {
  for (const std::string& item : items) {
    std::string unused;
    if (std::string wrong = parse_into(row, item, &unused); !wrong.empty()) return wrong;
  }
  list = items;
  return {};
}

template <class T>
constexpr bool kIsList = std::is_same_v<T, std::vector<std::string>>;

}  // namespace

std::string store_value(const SchemaRow& row, const std::vector<std::string>& items, ValidConfig& config) {
  return std::visit(
      [&](auto* slot) -> std::string {
        if constexpr (kIsList<std::remove_pointer_t<decltype(slot)>>) {
          return store_list(row, items, *slot);
        } else {
          if (items.size() != 1) return "expected one value, not a list";
          return parse_into(row, items.front(), slot);
        }
      },
      row.slot(config));
}

std::string type_of(const SchemaRow& row) {
  ValidConfig config;
  return std::visit(
      [](auto* slot) -> std::string {
        using T = std::remove_pointer_t<decltype(slot)>;
        if constexpr (std::is_same_v<T, bool>) return "true or false";
        if constexpr (std::is_same_v<T, int>) return "whole number";
        if constexpr (std::is_same_v<T, double>) return "number";
        if constexpr (std::is_same_v<T, std::string>) return "text";
        if constexpr (kIsList<T>) return "list of texts";
        if constexpr (std::is_enum_v<T>) return choice_list(slot);
      },
      row.slot(config));
}

std::string range_of(const SchemaRow& row) { return row.most > row.least ? range_text(row) : std::string(); }

std::string yaml_value(const SchemaRow& row, ValidConfig config) {
  return std::visit(
      [](auto* slot) -> std::string {
        using T = std::remove_pointer_t<decltype(slot)>;
        if constexpr (std::is_same_v<T, bool>) {
          return *slot ? "true" : "false";
        } else if constexpr (std::is_arithmetic_v<T>) {
          return number_text(*slot);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return yaml_quoted(*slot);
        } else if constexpr (kIsList<T>) {
          std::string text = "[";
          for (const std::string& item : *slot) text += (text.size() > 1 ? ", " : "") + yaml_quoted(item);
          return text + "]";
        } else {
          for (const auto& choice : choices_of(slot)) {
            if (choice.value == *slot) return std::string(choice.name);
          }
          return {};
        }
      },
      row.slot(config));
}

}  // namespace bottleneck
