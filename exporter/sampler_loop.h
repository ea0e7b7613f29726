// The sampler's thread: reads the fleet in slices, follows discovery, publishes snapshots when workers ask.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "exporter/budget.h"
#include "exporter/discovery.h"
#include "exporter/fleet.h"
#include "exporter/hub.h"
#include "exporter/judging.h"
#include "exporter/scrape_rhythm.h"

namespace bottleneck {

class SamplerLoop {
 public:
  /// All outlive the loop.
  SamplerLoop(const ValidConfig& config, const Clock& clock, Discovery& discovery, SnapshotHub& hub);

  /// Runs until stop(). To be called on the sampler's own thread.
  void run();
  /// From any thread.
  void stop();

 private:
  void start();
  void start_interval(std::int64_t now_ns);
  bool run_due_slice(std::int64_t now_ns);
  [[nodiscard]] std::int64_t slice_due_ns() const;
  void run_slice();
  void judge(std::size_t slice, std::size_t slices);
  void follow_discovery(std::int64_t now_ns);
  void publish_fresh();
  void publish();
  [[nodiscard]] std::int64_t next_due_ns() const;

  const ValidConfig& config_;
  const Clock& clock_;
  Discovery& discovery_;
  SnapshotHub& hub_;
  Fleet fleet_;
  Judging judging_;
  CpuBudget budget_;
  ScrapeRhythm rhythm_;
  std::atomic<bool> stopping_{false};

  std::uint64_t pulse_ = 0;  ///< intervals since the start
  std::int64_t interval_start_ns_ = 0;
  std::int64_t interval_ns_ = kSecondNs;
  std::uint32_t slice_ = 0;
  std::uint32_t slices_ = 1;
  std::uint64_t ticks_skipped_ = 0;
  std::int64_t host_detail_ns_ = 0;
};

}  // namespace bottleneck
