// Looks at the disk for names now and then, on a thread of its own: disks can be slow.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "exporter/discover/disk_names.h"

namespace bottleneck {

class DiskSource {
 public:
  /// `wake` is called on the thread when something new can be taken.
  DiskSource(DiskNamesOptions options, double period_seconds, std::function<void()> wake);
  ~DiskSource() { stop(); }
  DiskSource(const DiskSource&) = delete;
  DiskSource& operator=(const DiskSource&) = delete;

  void start();
  void stop();
  /// Look now: a container without a name has appeared. At most ten times a second.
  void poke();

  // Thread safe; neither waits for the disk.
  /// In a stable order; later ones are appended. See DiskNames::refresh().
  [[nodiscard]] std::vector<SourceStatePtr> states() const;
  std::vector<ContainerFact> take_facts();

 private:
  void run();

  DiskNames names_;  ///< the thread's own
  const double period_seconds_;
  const std::function<void()> wake_;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<SourceStatePtr> states_;
  std::vector<ContainerFact> facts_;
  bool poked_ = false;
  bool stopping_ = false;
};

}  // namespace bottleneck
