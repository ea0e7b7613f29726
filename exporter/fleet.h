// All watched containers with their readers and recent past: the state of the sampler's thread. Nothing here is
// shared; the HTTP workers see published snapshots only.
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

/// One container, running or stopped.
struct Tracked {
  std::uint64_t key = 0;
  std::unique_ptr<ContainerReader> reader;    ///< null: it has no cgroup (stopped, or on another host)
  std::shared_ptr<const Identity> identity;   ///< null until its name is decided; not exposed before
  std::shared_ptr<const RuntimeInfo> info;    ///< null: no runtime has told of it
  History history;
  std::uint32_t turn = 0;  ///< spreads the slow readings of a fleet over their interval
};

class Fleet {
 public:
  /// `config` and `clock` outlive the fleet.
  Fleet(const ValidConfig& config, CgroupLayout layout, const Clock& clock);

  /// Takes a container in and reads it once. `ref` null: there is no cgroup to read.
  Tracked& add(std::uint64_t key, const CgroupRef* ref, int runtime_pid);
  void remove(std::uint64_t key);
  [[nodiscard]] Tracked* find(std::uint64_t key);

  /// Reads the containers of one slice of a pulse interval. `pulse` counts intervals since the start.
  void read_slice(std::uint64_t pulse, std::uint32_t slice, std::uint32_t slices);
  /// Number of slices that keep each below about 1 ms.
  [[nodiscard]] std::uint32_t slices() const;
  void read_host(bool detail);
  /// Makes the numbers of all busy containers at most 1 s old; calls `between` every few containers, so that due
  /// slices are not kept waiting.
  void freshen(const std::function<void()>& between);

  [[nodiscard]] const std::vector<std::unique_ptr<Tracked>>& containers() const { return tracked_; }
  Sampler& sampler() { return sampler_; }

 private:
  void read(Tracked& tracked, std::uint64_t pulse);

  const ValidConfig& config_;
  const Clock& clock_;
  Sampler sampler_;
  std::vector<std::unique_ptr<Tracked>> tracked_;
  std::unordered_map<std::uint64_t, std::size_t> index_;  ///< key -> position in tracked_
  std::uint32_t next_turn_ = 0;
};

}  // namespace bottleneck
