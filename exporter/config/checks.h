// What a text of the configuration may be. Each returns "expected ..." or nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bottleneck {

std::string check_absolute_path(std::string_view text);
std::string check_absolute_path_or_empty(std::string_view text);
/// host:port with an IPv4 address or a host name; an empty host means every address; port 0 lets the kernel
/// choose.
std::string check_listen_address(std::string_view text);
std::string check_url_path(std::string_view text);
/// POSIX extended syntax; empty is allowed and matches nothing.
std::string check_regex(std::string_view text);
/// unix:///path, tcp://host:port or auto.
std::string check_docker_host(std::string_view text);
/// A label of a container: no blanks, no control characters.
std::string check_container_label(std::string_view text);
/// Any path, relative ones included; empty is allowed.
std::string check_file_path(std::string_view text);

/// A number from `low` to `high`. The words are those of the command line: "'abc' is no number".
std::string check_between(std::string_view text, std::int64_t low, std::int64_t high);

}  // namespace bottleneck
