// File and flags -> ValidConfig, or everything that is wrong with them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "exporter/base/file.h"
#include "exporter/config/config.h"

namespace bottleneck {

/// A flag as it was given: a switch has the value "true" or "false".
struct FlagValue {
  std::string flag;  ///< as in the schema: "--web.listen-address"
  std::string value;
};

/// What a configuration is made of. Kept by main, so that SIGHUP loads the same again.
struct ConfigInputs {
  std::string file;              ///< YAML; empty: none
  std::vector<FlagValue> flags;  ///< override the file
  std::string docker_host;       ///< DOCKER_HOST of the environment, for docker.hosts `auto`
  std::function<bool(const std::string&)> exists = path_exists;
};

struct LoadOutcome {
  std::optional<ValidConfig> config;  ///< absent when there is an error
  /// Each one line: "file:line:col: key: message" or "--flag: message". All of them, not the first.
  std::vector<std::string> errors;
};

LoadOutcome load_config(const ConfigInputs& inputs);

}  // namespace bottleneck
