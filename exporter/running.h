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

  /// Shared with workers, so that it may outlive the rest.
  [[nodiscard]] const std::shared_ptr<SnapshotHub>& hub() const { return hub_; }

 private:
  Sampling(std::unique_ptr<const ValidConfig> config, std::unique_ptr<Discovery> discovery);

  std::unique_ptr<const ValidConfig> config_;
  std::unique_ptr<Discovery> discovery_;
  std::shared_ptr<SnapshotHub> hub_;
  SamplerLoop loop_;
  std::thread thread_;
};

/// What the HTTP workers ask: the configuration and sampling in force, replaced as a whole by a reload.
class Running {
 public:
  explicit Running(SelfMetrics& self) : self_(self) {}
  /// Starts sampling with `config` in place of what ran before, which ends first: it writes the state that
  /// the new one reads. Scrapes get its last numbers meanwhile. On an error the old configuration is started
  /// again.
  Status replace(const ValidConfig& config);
  /// For the handlers; this object outlives them.
  Sources sources();
  /// The kept demand, at most a minute old; null when the sampler does not answer. Any thread.
  std::shared_ptr<const std::string> demand();

 private:
  Status start(const ValidConfig& config);
  std::shared_ptr<SnapshotHub> hub();

  SelfMetrics& self_;
  std::mutex mutex_;
  std::shared_ptr<const ValidConfig> config_;
  std::shared_ptr<SnapshotHub> hub_;    ///< of sampling_, or of the one before while it is replaced
  std::unique_ptr<Sampling> sampling_;  ///< of the main thread alone
};

}  // namespace bottleneck
