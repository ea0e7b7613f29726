// Files that keep state over a restart: a line that says what they hold, then bytes with a checksum. Replaced
// atomically; a damaged file is set aside, never overwritten, never trusted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/base/result.h"

namespace bottleneck {

/// What a file holds, and in which form: another kind or version is not read.
struct StateKind {
  std::string_view name;  ///< one word
  unsigned version = 1;
};

/// The bytes kept in `path`. A missing file is kAbsent. One that is damaged (another kind or version, a wrong
/// length or checksum, larger than `most_bytes`) is renamed to `<path>.damaged`, logged, and kMalformed: the
/// caller starts anew.
Result<std::string> load_saved_state(const std::string& path, StateKind kind, std::size_t most_bytes);
/// Writes `bytes` atomically; the directory is made if needed. A failure is logged at most once a minute.
Status write_saved_state(const std::string& path, StateKind kind, std::string_view bytes);
/// Sets `path` aside as damaged; for content that turns out to make no sense after load_saved_state().
Error set_state_aside(const std::string& path, const std::string& why);

/// CRC-32 as in zlib.
std::uint32_t crc32_of(std::string_view bytes);

}  // namespace bottleneck
