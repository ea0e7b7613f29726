#include "exporter/hub.h"

#include <chrono>
#include <utility>

namespace bottleneck {
namespace {

// Demand moves by the hour, and takes milliseconds to hand over.
constexpr std::int64_t kDemandNs = 60 * kSecondNs;
// Filling a snapshot takes milliseconds.
constexpr std::chrono::seconds kFillPatience{2};

}  // namespace

std::shared_ptr<const Snapshot> SnapshotHub::fresh(double timeout_seconds) {
  std::unique_lock lock(mutex_);
  const std::int64_t oldest_ns = clock_.monotonic_ns() - kSecondNs;
  const auto is_fresh = [&] { return stopped_ || (current_ && published_ns_ >= oldest_ns); };
  if (!is_fresh()) {
    ++waiting_;
    wake_.signal();
    published_.wait_for(lock, std::chrono::duration<double>(timeout_seconds), is_fresh);
    --waiting_;
  }
  return current_;
}

std::shared_ptr<const Snapshot> SnapshotHub::current() const {
  std::unique_lock lock(mutex_);
  published_.wait_for(lock, kFillPatience, [&] { return stopped_ || current_ || !published_once(); });
  return current_;
}

bool SnapshotHub::requested() {
  wake_.clear();
  const std::lock_guard lock(mutex_);
  return waiting_ > 0;
}

std::shared_ptr<Snapshot> SnapshotHub::reusable() {
  const std::lock_guard lock(mutex_);
  // Holders come through current_ under this mutex: one that only the pool and current_ hold is read by
  // nobody. The published one is taken first, so that a fleet's numbers are in memory once, not twice.
  for (const std::shared_ptr<Snapshot>& snapshot : pool_) {
    if (!snapshot || snapshot != current_ || snapshot.use_count() != 2) continue;
    current_.reset();
    return snapshot;
  }
  for (std::shared_ptr<Snapshot>& snapshot : pool_) {
    if (!snapshot) snapshot = std::make_shared<Snapshot>();
    if (snapshot.use_count() == 1) return snapshot;
  }
  return std::make_shared<Snapshot>();  // slow readers hold them all: give them time, at the price of one
                                        // allocation
}

void SnapshotHub::publish(std::shared_ptr<Snapshot> snapshot) {
  {
    const std::lock_guard lock(mutex_);
    current_ = std::move(snapshot);
    published_ns_ = clock_.monotonic_ns();
  }
  published_.notify_all();
}

std::shared_ptr<const std::string> SnapshotHub::demand(double timeout_seconds) {
  std::unique_lock lock(mutex_);
  const std::int64_t oldest_ns = clock_.monotonic_ns() - kDemandNs;
  const auto is_there = [&] { return stopped_ || (demand_ && demand_ns_ >= oldest_ns); };
  if (!is_there()) {
    ++waiting_for_demand_;
    wake_.signal();
    published_.wait_for(lock, std::chrono::duration<double>(timeout_seconds), is_there);
    --waiting_for_demand_;
  }
  return demand_;
}

bool SnapshotHub::demand_requested() {
  const std::lock_guard lock(mutex_);
  return waiting_for_demand_ > 0;
}

void SnapshotHub::publish_demand(std::string bytes) {
  auto shared = std::make_shared<const std::string>(std::move(bytes));
  {
    const std::lock_guard lock(mutex_);
    demand_ = std::move(shared);
    demand_ns_ = clock_.monotonic_ns();
  }
  published_.notify_all();
}

void SnapshotHub::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  published_.notify_all();
}

}  // namespace bottleneck
