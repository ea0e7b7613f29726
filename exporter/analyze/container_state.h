// What the judgement remembers of one name from tick to tick.
#pragma once

#include <string>

#include "exporter/analyze/advice/book.h"
#include "exporter/analyze/confidence.h"
#include "exporter/analyze/events.h"
#include "exporter/analyze/leak.h"
#include "exporter/analyze/neighbours.h"
#include "exporter/analyze/outcome.h"
#include "exporter/analyze/sizing.h"
#include "exporter/analyze/trend.h"

namespace bottleneck {

struct ContainerState {
  std::string name;
  Judgement judgement;
  std::int64_t last_ns = 0;  ///< of the last tick; 0: none in this process
  double last_data_seconds = 0;
  double cgroup_seconds = kAbsent;  ///< last tick with a cgroup, monotonic; absent: none, or its end is told
  double exits_before = kAbsent;    ///< ends then counted, but for kills
  double leaks_seconds = kAbsent;   ///< last tick that the leak rules saw, monotonic, be it of a run before
  double seen_unix = 0;
  bool kept = false;  ///< read back after a restart of the exporter
  bool live = false;  ///< had a cgroup at the last tick

  Events events;
  FastScores fast_scores;
  std::array<BandKeeper, kResourceCount> bands;
  BandKeeper overall_band;
  MemoryTrend trend;
  LeakDetector memory_leak{1048576};  // less than 1 MiB in a window is no leak worth a word
  LeakDetector file_leak{8};
  LeakDetector thread_leak{8};
  Sizer sizer;
  AdviceBook advice;
  OutcomeWatch outcome;

  NeighbourBins bins;
  Suspicions suspicions;
  std::int64_t neighbour_minute = -1;
  std::string accused_by;  ///< the last victim that named it
  float accused_correlation = kNoRate;
  std::int64_t accused_ns = 0;

  std::string device;  ///< it uses most
  float device_bytes = kNoRate;
  double regression_seconds = kAbsent;  ///< when images were compared last
  double volatility_seconds = kAbsent;
};

}  // namespace bottleneck
