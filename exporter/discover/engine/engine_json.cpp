#include "exporter/discover/engine/engine_json.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/discover/json_text.h"

namespace bottleneck {
namespace {

constexpr double kNs = 1e-9;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::optional<int> small_int(std::optional<std::int64_t> value) {
  if (!value || *value < std::numeric_limits<int>::min() || *value > std::numeric_limits<int>::max()) {
    return std::nullopt;
  }
  return static_cast<int>(*value);
}

std::optional<int> int_of(std::string_view text) { return small_int(parse_i64(text)); }

template <class Map>
void keep_labels(const Json* labels, const LabelOptions& options, Map& out) {
  if (labels == nullptr || !labels->is_object()) return;
  for (const auto& [key, value] : labels->items()) {
    if (value.is_string() && keeps_label(key, options))
      out.emplace(key, *value.template get_ptr<const std::string*>());
  }
}

/// The engine keeps the last checks only (Docker: 5), of earlier runs too. The first healthy one of this run
/// is surely in the log when nothing can have dropped out: it is not full, or it still begins before the run.
std::optional<double> first_healthy(const Json* log, double started) {
  constexpr std::size_t kLogLength = 5;
  if (log == nullptr || !log->is_array() || log->empty()) return std::nullopt;
  const auto start_of = [](const Json& check) { return parse_rfc3339(text_at(&check, "Start")); };
  const auto oldest = start_of(log->front());
  if (!oldest || (log->size() >= kLogLength && *oldest >= started)) return std::nullopt;
  for (const Json& check : *log) {
    const auto begin = start_of(check);
    if (begin && *begin >= started && integer_at(&check, "ExitCode") == 0)
      return parse_rfc3339(text_at(&check, "End"));
  }
  return std::nullopt;
}

/// In the API the state has a name; in Docker's file it is a set of flags.
RunState state_of(const Json* state) {
  if (const auto status = text_at(state, "Status"); !status.empty()) return parse_run_state(status);
  if (bool_at(state, "Running") == true) {
    if (bool_at(state, "Paused") == true) return RunState::kPaused;
    return bool_at(state, "Restarting") == true ? RunState::kRestarting : RunState::kRunning;
  }
  if (bool_at(state, "Dead") == true || bool_at(state, "RemovalInProgress") == true) return RunState::kDead;
  if (bool_at(state, "Running") != false) return RunState::kUnknown;
  return parse_rfc3339(text_at(state, "StartedAt")) ? RunState::kExited : RunState::kCreated;
}

void fill_state(const Json* state, RuntimeInfo& info) {
  info.state = state_of(state);
  info.started = parse_rfc3339(text_at(state, "StartedAt"));
  info.finished = parse_rfc3339(text_at(state, "FinishedAt"));
  // A start clears them, though the last end is still dated.
  if (info.finished && !info.is_running()) {
    info.exit_code = small_int(integer_at(state, "ExitCode"));
    info.oom_killed = bool_at(state, "OOMKilled");
  }
  if (const auto pid = small_int(integer_at(state, "Pid")); pid && *pid > 0) info.pid = pid;
  const Json* health = member(state, "Health");
  if (health == nullptr) health = member(state, "Healthcheck");  // Podman before 4
  info.health = parse_health(text_at(health, "Status"));
  if (info.health == Health::kHealthy && info.started)
    info.healthy = first_healthy(member(health, "Log"), *info.started);
}

struct ActionName {
  std::string_view text;
  EngineAction action;
};
// Docker's names, and Podman's where they differ.
constexpr std::array kActions = {
    ActionName{"create", EngineAction::kCreate},  ActionName{"start", EngineAction::kStart},
    ActionName{"die", EngineAction::kDie},        ActionName{"died", EngineAction::kDie},
    ActionName{"kill", EngineAction::kKill},      ActionName{"stop", EngineAction::kStop},
    ActionName{"restart", EngineAction::kStop},   ActionName{"oom", EngineAction::kOom},
    ActionName{"pause", EngineAction::kPause},    ActionName{"unpause", EngineAction::kUnpause},
    ActionName{"rename", EngineAction::kRename},  ActionName{"health_status", EngineAction::kHealth},
    ActionName{"update", EngineAction::kUpdate},  ActionName{"destroy", EngineAction::kDestroy},
    ActionName{"remove", EngineAction::kDestroy},
};

EngineAction action_of(std::string_view text) {
  for (const ActionName& row : kActions) {
    if (row.text == text) return row.action;
  }
  return EngineAction::kOther;
}

std::int64_t event_time(const Json* json) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  if (const auto exact = integer_at(json, "timeNano")) return std::max<std::int64_t>(*exact, 0);
  const std::int64_t seconds = integer_at(json, "time").value_or(0);
  return seconds > 0 && seconds < std::numeric_limits<std::int64_t>::max() / kSecond ? seconds * kSecond : 0;
}

void fill_attributes(const Json* attributes, const LabelOptions& options, EngineEvent& event) {
  event.name = plain_name(text_at(attributes, "name"));
  event.image = text_at(attributes, "image");
  event.exit_code = int_of(text_at(attributes, "exitCode"));
  if (!event.exit_code) event.exit_code = int_of(text_at(attributes, "containerExitCode"));
  event.signal = int_of(text_at(attributes, "signal"));
  keep_labels(attributes, options, event.labels);  // labels are attributes among the others
}

/// Microseconds of the period that a quota counts in; nothing where --cpus holds, or no limit.
std::optional<double> cpu_period_of(const Json* host_config) {
  constexpr double kKernelsOwn = 100'000;
  if (number_at(host_config, "NanoCpus").value_or(0) > 0) return std::nullopt;
  const double period = number_at(host_config, "CpuPeriod").value_or(0);
  if (period > 0) return period;
  if (number_at(host_config, "CpuQuota").value_or(0) > 0) return kKernelsOwn;
  return std::nullopt;
}

void fill_host_config(const Json* config, RuntimeInfo& info) {
  info.auto_remove = bool_at(config, "AutoRemove");
  info.cpu_period = cpu_period_of(config);
}

/// What the engine answers and what it writes to disk alike.
Status fill_common(const Json& json, const char* id_key, const LabelOptions& options, RuntimeInfo& info) {
  info.id = text_at(&json, id_key);
  if (info.id.empty()) return Error{ErrorCode::kMalformed, "a container without an id"};
  info.name = plain_name(text_at(&json, "Name"));
  const Json* config = member(&json, "Config");
  info.image = text_at(config, "Image");
  info.image_id = text_at(&json, "Image");
  keep_labels(member(config, "Labels"), options, info.labels);
  info.created = parse_rfc3339(text_at(&json, "Created"));
  fill_host_config(member(&json, "HostConfig"), info);
  if (const auto count = integer_at(&json, "RestartCount"); count && *count >= 0) {
    info.restarts = static_cast<std::uint64_t>(*count);
  }
  fill_state(member(&json, "State"), info);
  return ok();
}

}  // namespace

RunState parse_run_state(std::string_view text) {
  if (text == "created" || text == "configured" || text == "initialized") return RunState::kCreated;
  if (text == "running") return RunState::kRunning;
  if (text == "paused") return RunState::kPaused;
  if (text == "restarting") return RunState::kRestarting;
  if (text == "exited" || text == "stopped") return RunState::kExited;
  if (text == "dead" || text == "removing") return RunState::kDead;
  return RunState::kUnknown;
}

Health parse_health(std::string_view text) {
  if (text == "starting") return Health::kStarting;
  if (text == "healthy") return Health::kHealthy;
  if (text == "unhealthy") return Health::kUnhealthy;
  return Health::kNone;
}

std::string_view plain_name(std::string_view name) {
  if (name.starts_with('/')) name.remove_prefix(1);
  return name.find('/') == std::string_view::npos ? name : std::string_view{};
}

Result<EngineVersion> parse_engine_version(std::string_view body) {
  const auto json = parse_json(body);
  if (!json) return json.error();
  EngineVersion version{.engine = "docker", .version = std::string(text_at(&*json, "Version"))};
  if (const Json* components = member(&*json, "Components");
      components != nullptr && components->is_array()) {
    for (const Json& component : *components) {
      if (lower(text_at(&component, "Name")).find("podman") != std::string::npos) version.engine = "podman";
    }
  }
  if (version.version.empty()) return Error{ErrorCode::kMalformed, "no version in the engine's answer"};
  return version;
}

Result<EngineDetails> parse_engine_info(std::string_view body) {
  const auto json = parse_json(body);
  if (!json) return json.error();
  return EngineDetails{.storage_driver = std::string(text_at(&*json, "Driver")),
                       .data_root = std::string(text_at(&*json, "DockerRootDir"))};
}

Result<ImageFacts> parse_image_inspect(std::string_view body) {
  const auto json = parse_json(body);
  if (!json) return json.error();
  ImageFacts facts;
  const auto bytes = number_at(&*json, "Size");
  if (bytes && *bytes > 0) facts.bytes = bytes;
  const Json* root = member(&*json, "RootFS");
  const Json* layers = root == nullptr ? nullptr : member(*root, "Layers");
  if (layers != nullptr && layers->is_array()) facts.layers = static_cast<double>(layers->size());
  return facts;
}

Result<RuntimeInfo> parse_container_inspect(std::string_view body, const LabelOptions& options) {
  const auto json = parse_json(body);
  if (!json) return json.error();
  RuntimeInfo info;
  if (const Status filled = fill_common(*json, "Id", options, info); !filled) return filled.error();
  info.upper_dir = text_at(member(member(&*json, "GraphDriver"), "Data"), "UpperDir");
  return info;
}

Result<DockerConfigFile> parse_docker_config(std::string_view text, const LabelOptions& options) {
  const auto json = parse_json(text);
  if (!json) return json.error();
  DockerConfigFile file;
  RuntimeInfo& info = file.info;
  if (const Status filled = fill_common(*json, "ID", options, info); !filled) return filled.error();
  const bool ended = info.state == RunState::kExited || info.state == RunState::kDead;
  if (ended && info.finished) info.stop_expected = bool_at(&*json, "HasBeenManuallyStopped");
  file.driver = text_at(&*json, "Driver");
  return file;
}

Status read_docker_host_config(std::string_view text, RuntimeInfo& info) {
  const auto json = parse_json(text);
  if (!json) return json.error();
  fill_host_config(&*json, info);
  return ok();
}

Result<EngineEvent> parse_engine_event(std::string_view line, const LabelOptions& options) {
  const auto json = parse_json(line);
  if (!json) return json.error();
  if (!json->is_object()) return Error{ErrorCode::kMalformed, "an event is an object"};
  const std::string_view type = text_at(&*json, "Type");
  if (!type.empty() && type != "container") return ErrorCode::kAbsent;
  const Json* actor = member(&*json, "Actor");
  EngineEvent event;
  event.id = text_at(actor, "ID");
  if (event.id.empty()) event.id = text_at(&*json, "id");
  if (event.id.empty()) return Error{ErrorCode::kMalformed, "an event without a container"};
  std::string_view action = text_at(&*json, "Action");
  if (action.empty()) action = text_at(&*json, "status");
  // "health_status: healthy", "exec_start: /bin/sh -c ..."
  const std::size_t colon = action.find(": ");
  event.action = action_of(action.substr(0, colon));
  const Json* attributes = member(actor, "Attributes");
  if (event.action == EngineAction::kHealth) {
    event.health = parse_health(colon == std::string_view::npos ? text_at(attributes, "health_status")
                                                                : trim(action.substr(colon + 2)));
    if (event.health == Health::kNone) event.health = parse_health(text_at(&*json, "HealthStatus"));
  }
  fill_attributes(attributes, options, event);
  event.time_ns = event_time(&*json);
  event.time = static_cast<double>(event.time_ns) * kNs;
  return event;
}

}  // namespace bottleneck
