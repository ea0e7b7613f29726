// What became of each collector's readings: counts, success and the log lines of the error table.
#pragma once

#include <array>
#include <string_view>

#include "exporter/base/error_table.h"
#include "exporter/model/snapshot.h"

namespace bottleneck {

class CollectorCells {
 public:
  explicit CollectorCells(const std::array<bool, kCollectorCount>& enabled);

  /// Records a failed reading of `file` of container `who` as the error table says. Nothing is thrown,
  /// nothing else stops: a failure never leaves its cell.
  void note(Collector collector, ErrorCode code, std::string_view who, std::string_view file);
  /// Something of this collector was read: the kernel and the mounts offer it.
  void seen(Collector collector) { at(collector).supported = true; }
  void add_duration(Collector collector, double seconds) { pass_[index(collector)].duration += seconds; }
  /// Ends a pass over all containers: success and duration are those of the pass.
  void end_pass();
  [[nodiscard]] const std::array<CollectorState, kCollectorCount>& states() const { return states_; }
  CollectorState& at(Collector collector) { return states_[index(collector)]; }

 private:
  struct Pass {
    bool failed = false;
    double duration = 0;
  };
  static std::size_t index(Collector collector) { return static_cast<std::size_t>(collector); }

  std::array<CollectorState, kCollectorCount> states_{};
  std::array<Pass, kCollectorCount> pass_{};
};

}  // namespace bottleneck
