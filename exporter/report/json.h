// JSON for the reports: absent numbers are absent keys, texts from outside may hold any bytes.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace bottleneck {

using OrderedJson = nlohmann::ordered_json;

/// Leaves the key out when the number is absent or infinite.
void put(OrderedJson& object, const char* key, double value);
/// The same; shows the digits that a float has: 0.9, not 0.8999999761581421.
void put(OrderedJson& object, const char* key, float value);
/// Leaves the key out when the text is empty.
void put(OrderedJson& object, const char* key, std::string_view text);

/// One line with a newline at its end; what is no UTF-8 is replaced.
std::string dump(const OrderedJson& json);

}  // namespace bottleneck
