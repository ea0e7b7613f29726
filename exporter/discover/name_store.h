// Names that were decided, remembered across restarts of the exporter: a series does not change its name when
// a source appears or goes.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "exporter/base/result.h"
#include "exporter/discover/json_text.h"

namespace bottleneck {

class NameStore {
 public:
  /// Reads `path` (names.json in the storage path); a missing or damaged one starts empty. Empty: nothing is
  /// kept.
  explicit NameStore(std::string path);

  /// Null when the id was never named.
  [[nodiscard]] const std::string* find(const std::string& id) const;
  void remember(const std::string& id, const std::string& name, double unix_seconds);
  /// Says that the container still exists; what has not been seen for a week is forgotten.
  void touch(const std::string& id, double unix_seconds);

  [[nodiscard]] bool dirty() const { return dirty_ && !path_.empty(); }
  /// What is to be written to path() with kVersion, by somebody who may wait for the disk. Not dirty after
  /// it.
  Json take_changes(double unix_seconds);
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Writes when dirty. Waits for the disk: not for the sampling thread's hot path.
  Status save(double unix_seconds);
  [[nodiscard]] std::size_t size() const { return names_.size(); }

  static constexpr int kVersion = 1;
  static constexpr double kForgetSeconds = 7 * 86400.0;
  static constexpr std::size_t kMost = 20'000;

 private:
  struct Remembered {
    std::string name;
    double seen = 0;
  };
  void forget_old(double unix_seconds);

  std::string path_;
  std::unordered_map<std::string, Remembered> names_;
  bool dirty_ = false;
};

}  // namespace bottleneck
