#include "exporter/report/json.h"

#include <array>
#include <charconv>
#include <cmath>

namespace bottleneck {

void put(OrderedJson& object, const char* key, double value) {
  if (std::isfinite(value)) object[key] = value;
}

void put(OrderedJson& object, const char* key, float value) {
  if (!std::isfinite(value)) return;
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  double digits = 0;
  std::from_chars(text.data(), end, digits);
  object[key] = digits;
}

void put(OrderedJson& object, const char* key, std::string_view text) {
  if (!text.empty()) object[key] = text;
}

std::string dump(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace bottleneck
