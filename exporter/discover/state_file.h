// Small state files of the exporter's own: read with care, set aside when damaged, replaced atomically.
#pragma once

#include <string>

#include "exporter/base/result.h"
#include "exporter/discover/json_text.h"

namespace bottleneck {

/// The object in `path`. A missing file is kAbsent. A damaged one (no JSON object, or `version` not the one
/// given) is renamed to `<path>.damaged`, logged, and kMalformed: the caller starts anew and nothing is
/// overwritten.
Result<Json> load_state_file(const std::string& path, int version);
/// Writes `state` with its version, atomically; the directory is made if needed. A failure is logged at most
/// once a minute.
Status save_state_file(const std::string& path, int version, Json state);

}  // namespace bottleneck
