// What waits for the disk, on a thread of its own, so that the sampler never does: names read from disk,
// state written.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "exporter/base/clock.h"
#include "exporter/discover/disk_names.h"
#include "exporter/discover/state_file.h"
#include "exporter/sample/storage_reader.h"

namespace bottleneck {

class Housekeeper {
 public:
  /// `clock` outlives it. `wake` is called on the housekeeper's thread when names on disk changed.
  Housekeeper(DiskNamesOptions options, const Clock& clock, std::function<void()> wake);
  /// Writes what is still to be written, then ends the thread.
  ~Housekeeper();
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;

  // Called by the sampler's thread; none of these waits for the disk.
  /// The last look at the disk; empty before the first.
  std::vector<SourceStatePtr> disk_states();
  /// True once the disk was looked at: what it does not know now it may tell later, but need not.
  bool looked();
  std::vector<ContainerFact> take_facts();
  /// Look again soon: there is a container without a name.
  void look_again();
  /// Sizes of the writable layers last asked for, by container id. Reads them anew when asked again, each few
  /// minutes.
  std::map<std::string, StorageUse> storage_use();
  /// Which layers to look at: container id -> directory as we see it. `walk`: also those without a quota.
  void want_storage(std::map<std::string, std::string> layers, bool walk);
  /// Writes `state` to `path`; of several for one path the newest. A write that fails is tried again.
  void write_later(const std::string& path, int version, Json state);
  void write_later(const std::string& path, std::function<Status()> write);

 private:
  void run();
  void look();
  void write_pending();
  [[nodiscard]] bool may_write() const;  ///< with the mutex held
  void measure_storage();

  DiskNames names_;  ///< of the thread alone
  const Clock& clock_;
  std::function<void()> wake_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::vector<SourceStatePtr> states_;
  std::vector<ContainerFact> facts_;
  std::map<std::string, std::function<Status()>> pending_;
  std::map<std::string, std::string> layers_;
  std::map<std::string, StorageUse> storage_;
  bool walk_ = false;
  std::int64_t retry_ns_ = 0;     ///< a write failed: not before then
  std::int64_t measured_ns_ = 0;  ///< of the thread alone
  bool look_wanted_ = true;
  bool looked_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bottleneck
