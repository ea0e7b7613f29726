// `explain` and `advise`: questions to a running exporter, over its HTTP API.
#pragma once

#include <string>
#include <string_view>

#include "exporter/base/result.h"

namespace bottleneck {

inline constexpr std::string_view kDefaultUrl = "http://127.0.0.1:10110";

/// Bytes other than letters, digits and -._~ as %XX.
std::string url_encode(std::string_view text);

/// A running exporter, and how to be let in.
struct ExporterAddress {
  std::string url;            ///< "http://host:port", also https; empty: kDefaultUrl
  std::string ca_file;        ///< PEM; empty: the authorities of the host
  std::string user;           ///< empty: none is asked for
  std::string password_file;  ///< its first line; "-" is standard input
};

/// The body of a GET at `path`, within 10 s. Errors are sentences for people: nobody listens, no such
/// container, users are asked for, an answer that is none; a password is in none of them. A password goes
/// over https, or stays on this machine.
Result<std::string> ask_exporter(const ExporterAddress& address, const std::string& path);

/// Answers of a running exporter.
Result<std::string> ask_explanation(const ExporterAddress& address, const std::string& container);
/// `container` empty: all.
Result<std::string> ask_advice(const ExporterAddress& address, const std::string& container);

/// For standard output: such an answer as text of 80 columns, or as it came, without a character that
/// controls a terminal. kMalformed when it is none, whoever gave it.
Result<std::string> shown_explanation(std::string_view answer, bool as_json);
Result<std::string> shown_advice(std::string_view answer, bool as_json);

}  // namespace bottleneck
