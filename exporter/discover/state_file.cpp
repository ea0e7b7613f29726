#include "exporter/discover/state_file.h"

#include "exporter/base/file.h"
#include "exporter/base/log.h"

namespace bottleneck {
namespace {

Error set_aside(const std::string& path, const std::string& why) {
  const auto moved = move_file(path, path + ".damaged");
  log(LogLevel::kWarn, moved ? "state file is damaged, set aside as .damaged" : "state file is damaged",
      {{"path", path}, {"error", why}});
  return Error{ErrorCode::kMalformed, path + ": " + why};
}

}  // namespace

Result<Json> load_state_file(const std::string& path, int version) {
  auto text = read_file(path);
  if (!text && text.error().code == ErrorCode::kMalformed) return set_aside(path, text.error().message);
  if (!text) return text.error();
  auto state = parse_json(*text);
  if (!state) return set_aside(path, state.error().message);
  if (!state->is_object()) return set_aside(path, "no object");
  if (integer_at(&*state, "version") != version) return set_aside(path, "another version");
  return state;
}

Status save_state_file(const std::string& path, int version, Json state) {
  state["version"] = version;
  const std::size_t slash = path.rfind('/');
  Status made = slash == std::string::npos || slash == 0 ? ok() : make_directories(path.substr(0, slash));
  Status saved = made ? write_file_atomically(path, dump_json(state) + "\n") : made;
  if (!saved) {
    log_limited("state-file:" + path, LogLevel::kWarn, "state cannot be kept, it is lost with a restart",
                {{"path", path}, {"error", saved.error().message}});
  }
  return saved;
}

}  // namespace bottleneck
