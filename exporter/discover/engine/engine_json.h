// Answers of the Docker Engine API (1.24 and newer) and of Podman's compatible one, as values. Pure: text in,
// value out. Unknown members are ignored, missing ones leave a value empty, garbage is kMalformed.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/result.h"
#include "exporter/discover/naming.h"
#include "exporter/model/container.h"

namespace bottleneck {

/// GET /version and /info.
struct EngineVersion {
  std::string engine;   ///< "docker", "podman"
  std::string version;  ///< "20.10.24"
};
struct EngineDetails {
  std::string storage_driver;  ///< "overlay2"
  std::string data_root;       ///< "/var/lib/docker"
};
Result<EngineVersion> parse_engine_version(std::string_view body);
Result<EngineDetails> parse_engine_info(std::string_view body);

/// GET /images/<id>/json. Podman's has the same members.
struct ImageFacts {
  std::optional<double> bytes;
  std::optional<double> layers;
  bool operator==(const ImageFacts&) const = default;
};
Result<ImageFacts> parse_image_inspect(std::string_view body);

/// One element of GET /containers/json?all=true. What an inspect tells more exactly is not filled.
struct ListedContainer {
  RuntimeInfo info;  ///< id, name, image, image_id, labels, state, health, created
};
/// Read as a stream of tokens: the body of thousands of containers is not held as a tree.
Result<std::vector<ListedContainer>> parse_container_list(std::string_view body, const LabelOptions& options);

/// GET /containers/<id>/json. `healthy` only where the log of checks surely holds the first healthy one of
/// this run.
Result<RuntimeInfo> parse_container_inspect(std::string_view body, const LabelOptions& options);

/// Docker's own file <data-root>/containers/<id>/config.v2.json, for hosts whose socket is not given.
/// `driver` is its storage driver.
struct DockerConfigFile {
  RuntimeInfo info;
  std::string driver;
};
Result<DockerConfigFile> parse_docker_config(std::string_view text, const LabelOptions& options);

/// Its neighbour hostconfig.json: what was asked for at `docker run`.
Status read_docker_host_config(std::string_view text, RuntimeInfo& info);

enum class EngineAction : std::uint8_t {
  kCreate,
  kStart,
  kDie,
  kKill,
  kStop,
  kOom,
  kPause,
  kUnpause,
  kRename,
  kHealth,
  kUpdate,
  kDestroy,
  kOther,
};
/// One line of GET /events.
struct EngineEvent {
  EngineAction action = EngineAction::kOther;
  std::string id;
  std::string name;
  std::string image;
  std::map<std::string, std::string, std::less<>> labels;
  Health health = Health::kNone;  ///< of kHealth
  std::optional<int> exit_code;   ///< of kDie
  std::optional<int> signal;      ///< of kKill
  double time = 0;                ///< seconds since the epoch
  std::int64_t time_ns = 0;       ///< the same, exactly
};
/// kAbsent for an event of something else than a container.
Result<EngineEvent> parse_engine_event(std::string_view line, const LabelOptions& options);

RunState parse_run_state(std::string_view text);
Health parse_health(std::string_view text);
/// "/web" -> "web". A name with another slash is a link's.
std::string_view plain_name(std::string_view name);

}  // namespace bottleneck
