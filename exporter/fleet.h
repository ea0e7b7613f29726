// All watched containers with their readers and recent past: the state of the sampler's thread. Nothing here
// is shared; the HTTP workers see published snapshots only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "exporter/sample/sampler.h"
#include "exporter/window/history.h"

namespace bottleneck {

/// One container whose numbers are read here: from its cgroup, or from its engine's stats.
struct Tracked {
  std::string key;
  ContainerReader reader;
  History history;
  std::uint32_t turn = 0;  ///< spreads the slow readings of a fleet over their interval
  std::uint64_t mark = 0;  ///< of the last sync() that saw it
};

class Fleet {
 public:
  /// `config` and `clock` outlive the fleet.
  Fleet(const ValidConfig& config, CgroupLayout layout, const Clock& clock);

  /// Makes the fleet what the cgroup tree shows: new containers are read at once, those that went are let go.
  /// A recreated cgroup (another inode) is a new container. At most `most` are read; the rest is left out in
  /// the order of `refs`.
  void sync(const std::vector<CgroupRef>& refs, std::size_t most);
  /// A container of an engine elsewhere, for its stats; kept while it is asked for between two syncs.
  Tracked& track_remote(const std::string& id);
  void use_engine_stats(Tracked& tracked, std::string_view body);
  /// By cgroup path, or by id for a remote one; null when it is not read.
  [[nodiscard]] Tracked* find(const std::string& key);

  /// Reads the containers of one slice of a pulse interval. `pulse` counts intervals since the start. With
  /// `scrape_near` also what a scrape within the next interval would have to read: the same reads, but nobody
  /// waits for them.
  void read_slice(std::uint64_t pulse, std::uint32_t slice, std::uint32_t slices, bool scrape_near);
  /// Number of slices that keep each below about 1 ms.
  [[nodiscard]] std::uint32_t slices() const;
  void read_host(bool detail);
  /// Makes the numbers of all busy containers at most 1 s old; calls `between` every few containers, so that
  /// due slices are not kept waiting.
  void freshen(const std::function<void()>& between);

  [[nodiscard]] const std::vector<std::unique_ptr<Tracked>>& containers() const { return tracked_; }
  /// Another one when a container was added or removed: what find() gave before may be gone.
  [[nodiscard]] std::uint64_t generation() const { return generation_; }
  Sampler& sampler() { return sampler_; }

 private:
  void read_details(std::uint64_t pulse, bool scrape_near);
  void freshen_batch();
  Tracked& add(const std::string& key);
  void remove_at(std::size_t position);

  const ValidConfig& config_;
  const Clock& clock_;
  Sampler sampler_;
  std::vector<std::unique_ptr<Tracked>> tracked_;
  std::vector<Tracked*> slice_;                         ///< scratch: those of the slice that is read
  std::vector<ContainerReader*> batch_;                 ///< scratch: those of a reading
  std::unordered_map<std::string, std::size_t> index_;  ///< key -> position in tracked_
  std::uint32_t next_turn_ = 0;
  std::uint64_t mark_ = 0;
  std::uint64_t generation_ = 1;
};

}  // namespace bottleneck
