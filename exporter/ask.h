// `explain` and `advise`: questions to a running exporter, over its HTTP API.
#pragma once

#include <string>
#include <string_view>

#include "exporter/base/result.h"

namespace bottleneck {

inline constexpr std::string_view kDefaultUrl = "http://127.0.0.1:10110";

/// Bytes other than letters, digits and -._~ as %XX.
std::string url_encode(std::string_view text);

/// The body of a GET at `url` ("http://host:port", also https) and `path`, within 10 s. Errors are sentences
/// for people: nobody listens, no such container, users are asked for, an answer that is none.
Result<std::string> ask_exporter(const std::string& url, const std::string& path);

/// Text (80 columns) or, with `as_json`, the answer as it came, for standard output.
Result<std::string> ask_explanation(const std::string& url, const std::string& container, bool as_json);
/// `container` empty: all.
Result<std::string> ask_advice(const std::string& url, const std::string& container, bool as_json);

}  // namespace bottleneck
