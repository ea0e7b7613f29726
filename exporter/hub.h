// Where the sampler's thread and the HTTP workers meet: a published snapshot, and requests for a fresh one.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "exporter/base/clock.h"
#include "exporter/base/watch.h"
#include "exporter/model/snapshot.h"

namespace bottleneck {

class SnapshotHub {
 public:
  /// `clock` outlives the hub.
  explicit SnapshotHub(const Clock& clock) : clock_(clock) {}

  /// For workers: a snapshot at most 1 s old, waited for up to `timeout_seconds`; then the last one there is.
  /// Null before the first. Scrapers that ask at the same time share one.
  std::shared_ptr<const Snapshot> fresh(double timeout_seconds);
  /// The last one; null before the first. Waits while it is being filled anew.
  [[nodiscard]] std::shared_ptr<const Snapshot> current() const;

  /// For the sampler: readable while somebody waits.
  [[nodiscard]] const WakeEvent& wake() const { return wake_; }
  /// True when somebody waits for a fresh one; clears the wake event.
  bool requested();
  /// A snapshot to fill, and to publish() soon: the published one while nobody reads it, else an old one that
  /// nobody reads any more, so that a steady pass allocates nothing.
  std::shared_ptr<Snapshot> reusable();
  void publish(std::shared_ptr<Snapshot> snapshot);

  /// For workers: the kept demand as DemandStore::serialise() gives it, at most a minute old; waited for up
  /// to `timeout_seconds`. Null when none came.
  std::shared_ptr<const std::string> demand(double timeout_seconds);
  /// For the sampler: true when somebody waits for it.
  [[nodiscard]] bool demand_requested();
  void publish_demand(std::string bytes);

  /// Lets all waiting workers go, now and later; the end of the program.
  void stop();

 private:
  [[nodiscard]] bool published_once() const { return published_ns_ != 0; }

  const Clock& clock_;
  WakeEvent wake_;
  mutable std::mutex mutex_;
  mutable std::condition_variable published_;
  std::shared_ptr<const Snapshot> current_;  ///< null before the first, and while the last one is filled anew
  std::array<std::shared_ptr<Snapshot>, 3> pool_;
  std::int64_t published_ns_ = 0;  ///< 0: never
  std::uint64_t waiting_ = 0;
  std::shared_ptr<const std::string> demand_;
  std::int64_t demand_ns_ = 0;  ///< when it was published; 0: never
  std::uint64_t waiting_for_demand_ = 0;
  bool stopped_ = false;
};

}  // namespace bottleneck
