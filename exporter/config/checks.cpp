#include "exporter/config/checks.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "exporter/base/pattern.h"
#include "exporter/base/text.h"
#include "exporter/config/suggest.h"

namespace bottleneck {
namespace {

bool has_control(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return true;
  }
  return false;
}

bool is_host(std::string_view host) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return host.find_first_not_of(kAllowed) == std::string_view::npos && host.size() <= 253;
}

/// The port after the last colon; nothing when there is none that is a number up to 65535.
std::optional<std::uint64_t> port_of(std::string_view text, std::string_view& host) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  host = text.substr(0, colon);
  const auto port = parse_u64(text.substr(colon + 1));
  return port && *port <= 65535 ? port : std::nullopt;
}

}  // namespace

std::string check_file_path(std::string_view text) {
  return has_control(text) || text.size() > 4000 ? "expected a path without control characters" : "";
}

std::string check_absolute_path(std::string_view text) {
  if (text.empty() || text.front() != '/') return "expected an absolute path";
  return check_file_path(text);
}

std::string check_absolute_path_or_empty(std::string_view text) {
  return text.empty() ? std::string() : check_absolute_path(text);
}

std::string check_listen_address(std::string_view text) {
  static const std::string expected = "expected host:port or :port, with a port from 0 to 65535";
  if (text.find('[') != std::string_view::npos || text.find(':') != text.rfind(':')) {
    return "expected an IPv4 address: IPv6 is not supported here";
  }
  std::string_view host;
  return port_of(text, host) && is_host(host) ? "" : expected;
}

std::string check_url_path(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._~-";
  const bool plain = text.find_first_not_of(kAllowed) == std::string_view::npos && text.size() <= 200;
  if (text.empty() || text.front() != '/' || !plain || text.find("..") != std::string_view::npos) {
    return "expected a path like /metrics, of letters, digits and /._~-";
  }
  if (text.starts_with("/-/") || text.starts_with("/api/")) return "expected a path outside /-/ and /api/";
  return "";
}

std::string check_regex(std::string_view text) {
  if (text.size() > 1000) return "expected a regular expression of at most 1000 characters";
  if (text.find('\0') != std::string_view::npos) return "expected a regular expression without a zero byte";
  const auto pattern = Pattern::compile(std::string(text));
  if (pattern) return "";
  return "expected a POSIX extended regular expression (" + pattern.error().message + ")";
}

std::string check_docker_host(std::string_view text) {
  if (text == "auto") return "";
  if (text.starts_with("unix://")) {
    const std::string_view path = text.substr(7);
    // sun_path of unix(7) has 108 bytes with its terminating zero.
    if (path.starts_with('/') && path.size() < 108 && !has_control(path)) return "";
    return "expected unix:// and an absolute path of at most 107 bytes";
  }
  if (text.starts_with("tcp://")) {
    std::string_view host;
    const auto port = port_of(text.substr(6), host);
    if (port && *port > 0 && !host.empty() && is_host(host)) return "";
    return "expected tcp://host:port";
  }
  return "expected unix:///path, tcp://host:port or auto";
}

std::string check_container_label(std::string_view text) {
  if (text.empty() || text.size() > 200 || has_control(text) || text.find(' ') != std::string_view::npos) {
    return "expected the name of a container label, without blanks";
  }
  return "";
}

std::string check_between(std::string_view text, std::int64_t low, std::int64_t high) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::invalid_argument || stop != end || std::isnan(value))
    return shown(text) + " is no number";
  if (error == std::errc() && value >= static_cast<double>(low) && value <= static_cast<double>(high))
    return {};
  return shown(text) + " is not between " + std::to_string(low) + " and " + std::to_string(high);
}

}  // namespace bottleneck
