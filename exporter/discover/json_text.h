// JSON from outside: parsed without exceptions, bounded in depth, read with types checked.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/base/result.h"

namespace bottleneck {

using Json = nlohmann::json;

/// kMalformed for anything but one whole JSON text that is nested at most `kDeepestJson` levels.
Result<Json> parse_json(std::string_view text);
inline constexpr int kDeepestJson = 64;
/// False when a text is nested deeper; quick, and no judge of validity.
bool depth_is_bounded(std::string_view text);

/// The member, or null when `object` is none or has no such key.
const Json* member(const Json& object, std::string_view key);
/// As member(), further down: member(member(object, "State"), "Health").
const Json* member(const Json* object, std::string_view key);
/// Empty when it is missing or no string. Points into the value.
std::string_view text_at(const Json* object, std::string_view key);
std::optional<std::int64_t> integer_at(const Json* object, std::string_view key);
std::optional<double> number_at(const Json* object, std::string_view key);
std::optional<bool> bool_at(const Json* object, std::string_view key);
/// An integer that counts something; 0 when it is missing, negative or none.
std::uint64_t count_at(const Json* object, std::string_view key);

/// One line; invalid UTF-8 is replaced.
std::string dump_json(const Json& value);

/// Seconds since the epoch of an RFC 3339 time with up to 9 decimals and "Z" or an offset; nothing for
/// anything else and for Go's zero time ("0001-01-01T00:00:00Z", which means "never").
std::optional<double> parse_rfc3339(std::string_view text);

}  // namespace bottleneck
