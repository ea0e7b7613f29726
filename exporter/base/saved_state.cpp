#include "exporter/base/saved_state.h"

#include <array>

#include "exporter/base/file.h"
#include "exporter/base/log.h"
#include "exporter/base/text.h"

namespace bottleneck {
namespace {

constexpr std::size_t kLongestHeader = 200;

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? 0xedb88320U ^ (value >> 1U) : value >> 1U;
    table[i] = value;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();

std::string header_of(StateKind kind, std::string_view bytes) {
  return "bottleneck " + std::string(kind.name) + " " + std::to_string(kind.version) + " " +
         std::to_string(bytes.size()) + " " + std::to_string(crc32_of(bytes)) + "\n";
}

}  // namespace

std::uint32_t crc32_of(std::string_view bytes) {
  std::uint32_t value = 0xffffffffU;
  for (const char c : bytes) {
    value = kCrcTable[(value ^ static_cast<unsigned char>(c)) & 0xffU] ^ (value >> 8U);
  }
  return value ^ 0xffffffffU;
}

Error set_state_aside(const std::string& path, const std::string& why) {
  const auto moved = move_file(path, path + ".damaged");
  log(LogLevel::kWarn, moved ? "state file is damaged, set aside as .damaged" : "state file is damaged",
      {{"path", path}, {"error", why}});
  return Error{ErrorCode::kMalformed, path + ": " + why};
}

Result<std::string> load_saved_state(const std::string& path, StateKind kind, std::size_t most_bytes) {
  auto text = read_file(path, most_bytes + kLongestHeader);
  if (!text && text.error().code == ErrorCode::kMalformed) return set_state_aside(path, text.error().message);
  if (!text) return text.error();
  const std::size_t end = text->find('\n');
  if (end > kLongestHeader) return set_state_aside(path, "no header");
  const std::string_view bytes = std::string_view(*text).substr(end + 1);
  std::string_view header = std::string_view(*text).substr(0, end);
  const std::string_view program = next_word(header);
  const std::string_view name = next_word(header);
  if (program != "bottleneck" || name != kind.name) return set_state_aside(path, "another kind of file");
  if (next_word(header) != std::to_string(kind.version)) return set_state_aside(path, "another version");
  if (std::string_view(*text).substr(0, end + 1) != header_of(kind, bytes)) {
    return set_state_aside(path, "length or checksum do not fit");
  }
  return std::string(bytes);
}

Status write_saved_state(const std::string& path, StateKind kind, std::string_view bytes) {
  const std::size_t slash = path.rfind('/');
  Status made = slash == std::string::npos || slash == 0 ? ok() : make_directories(path.substr(0, slash));
  Status saved = made ? write_file_atomically(path, header_of(kind, bytes) + std::string(bytes)) : made;
  if (!saved) {
    log_limited("saved-state:" + path, LogLevel::kWarn, "state cannot be kept, it is lost with a restart",
                {{"path", path}, {"error", saved.error().message}});
  }
  return saved;
}

}  // namespace bottleneck
