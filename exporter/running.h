// The sampler with its thread, and what a reload replaces.
#pragma once

#include <memory>
#include <mutex>
#include <thread>

#include "exporter/expose/routes.h"
#include "exporter/sampler_loop.h"

namespace bottleneck {

/// One configuration at work: discovery, sampler, hub and the sampler's thread, from start to orderly end.
class Sampling {
 public:
  /// kInvalid when the configuration cannot be worked with. `self` outlives it.
  static Result<std::unique_ptr<Sampling>> start(const ValidConfig& config, SelfMetrics& self);
  ~Sampling();
  Sampling(const Sampling&) = delete;
  Sampling& operator=(const Sampling&) = delete;

  SnapshotHub& hub() { return hub_; }

 private:
  Sampling(std::unique_ptr<const ValidConfig> config, std::unique_ptr<Discovery> discovery);

  std::unique_ptr<const ValidConfig> config_;
  std::unique_ptr<Discovery> discovery_;
  SnapshotHub hub_;
  SamplerLoop loop_;
  std::thread thread_;
};

/// What the HTTP workers ask: the configuration and sampling in force, replaced as a whole by a reload.
class Running {
 public:
  explicit Running(SelfMetrics& self) : self_(self) {}
  /// Starts sampling with `config` in place of what ran before. On an error the old goes on. The old is ended
  /// only when the new one has numbers, so that scrapes never find none.
  Status replace(const ValidConfig& config);
  /// For the handlers; this object outlives them.
  Sources sources();

 private:
  std::shared_ptr<Sampling> current();

  SelfMetrics& self_;
  std::mutex mutex_;
  std::shared_ptr<const ValidConfig> config_;
  std::shared_ptr<Sampling> sampling_;
};

}  // namespace bottleneck
