// Demand histories of all names, by name and image, and their file. Owned by the sampler's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "exporter/base/saved_state.h"
#include "exporter/config/config.h"
#include "exporter/model/subject.h"
#include "exporter/window/demand_history.h"

namespace bottleneck {

/// Of one name: the image that runs, and the one that ran before it.
struct DemandRecord {
  std::string image_id;  ///< empty: not known yet
  DemandHistory now;
  std::string before_image_id;
  std::unique_ptr<DemandHistory> before;
  double image_since_unix = kAbsent;  ///< when image_id was first seen after another one
  double seen_unix = 0;
  std::int64_t reading_ns = 0;  ///< monotonic, of the last reading taken in this process; 0: none
};

class DemandStore {
 public:
  static constexpr StateKind kKind{"demand", 1};
  static constexpr double kForgetSeconds = 9 * 86400.0;

  explicit DemandStore(const StorageConfig& config) : config_(config) {}

  /// Takes what the file keeps. Absent when there is none or nothing is kept; a damaged one is set aside.
  Status load();
  /// The bytes of the file, within the configured size: names unseen the longest are left out. Fast; write
  /// them with write_saved_state(path(), kKind, ...) on another thread.
  [[nodiscard]] std::string serialise() const;
  Status parse(std::string_view bytes);
  /// Empty: nothing is kept.
  [[nodiscard]] std::string path() const;

  /// Adds the 10 s value of `evidence` to what is kept of the subject, when it is time and there is a cgroup,
  /// and points the evidence's kept distributions to it; they stay valid until the next call for this name.
  void follow(const Subject& subject, const JudgementParameters& parameters, Evidence& evidence);
  /// The last kill for lack of memory under the name, as DemandHistory::note_kill(); without a record nothing
  /// is noted.
  void note_kill(std::string_view name, double age_seconds, double unix_seconds);
  /// The record of a name, made when it is new. Another image moves the present history to `before`; the one
  /// of before, rolled back to, becomes the present again. An image that is not known yet changes nothing.
  /// The record stays where it is until forget_old() drops it: seen no more for nine days.
  DemandRecord& record(std::string_view name, std::string_view image_id, double unix_seconds);
  [[nodiscard]] const DemandRecord* find(std::string_view name) const;
  /// Calls `visit(name, record)` for each, in no order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [name, record] : records_) visit(name, *record);
  }
  /// Drops what was not seen for long; references to those records end.
  void forget_old(double unix_seconds);
  /// Of one name, whenever it was seen.
  void forget(std::string_view name) {
    const auto found = records_.find(name);
    if (found != records_.end()) records_.erase(found);
  }
  [[nodiscard]] std::size_t size() const { return records_.size(); }

 private:
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  StorageConfig config_;
  std::unordered_map<std::string, std::unique_ptr<DemandRecord>, TextHash, std::equal_to<>> records_;
};

}  // namespace bottleneck
