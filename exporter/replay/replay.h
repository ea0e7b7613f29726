// `replay`: a recorded series through the windows and the judgement of the service.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "exporter/base/line_reader.h"
#include "exporter/config/config.h"
#include "exporter/replay/output.h"

namespace bottleneck {

struct ReplayOptions {
  std::string file;  ///< for messages
  ReplayFormat format = ReplayFormat::kCsv;
  double every_seconds = 0;  ///< 0: every moment
  bool strict = false;       ///< a bad row ends it
};

/// Streams `lines` in bounded memory; `out` gets judgements, `complain` one line for each bad row (the first
/// hundred) and a count at the end. Exit code: 0; 1 when reading fails; 2 for a wrong header, for no row that
/// can be used, and with `strict` for a bad row.
int replay(LineReader& lines, const ValidConfig& config, const ReplayOptions& options,
           const ReplayOutput::Write& out, const std::function<void(const std::string&)>& complain);

/// What `replay --columns` prints: the format, and every column.
std::string replay_help();

}  // namespace bottleneck
