// One tick on its way through the judgement; between the two files of the judge.
#pragma once

#include <array>

#include "exporter/analyze/judge.h"

namespace bottleneck {

struct Judge::Tick {
  const Subject& subject;
  const Evidence& evidence;
  ContainerState& state;
  Judgement& judgement;
  double now = 0;  ///< monotonic seconds
  double dt = 0;
  bool measured = false;
  float device_busy = kNoRate;
  float device_share = kNoRate;
  std::array<float, kResourceCount> scores{};
  std::array<float, kResourceCount> fast{};
};

}  // namespace bottleneck
