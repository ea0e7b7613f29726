#include "exporter/running.h"

#include "exporter/app.h"

namespace bottleneck {
namespace {

// Longer than any pass of thousands of containers, shorter than a scrape's default timeout of 10 s.
constexpr double kFreshTimeoutSeconds = 5;

}  // namespace

Result<std::unique_ptr<Sampling>> Sampling::start(const ValidConfig& config, SelfMetrics& self) {
  auto own = std::make_unique<const ValidConfig>(config);  // it outlives what refers to it
  const auto observe = [&self](std::string_view endpoint, double seconds, bool) {
    self.observe_docker_request(endpoint, seconds);
  };
  auto discovery = Discovery::create(*own, system_clock(), observe);
  if (!discovery) return discovery.error();
  return std::unique_ptr<Sampling>(new Sampling(std::move(own), std::move(*discovery)));
}

Sampling::Sampling(std::unique_ptr<const ValidConfig> config, std::unique_ptr<Discovery> discovery)
    : config_(std::move(config)),
      discovery_(std::move(discovery)),
      hub_(std::make_shared<SnapshotHub>(system_clock())),
      loop_(*config_, system_clock(), *discovery_, *hub_),
      thread_([this] { loop_.run(); }) {}

Sampling::~Sampling() {
  hub_->stop();
  loop_.stop();
  thread_.join();
}

Status Running::start(const ValidConfig& config) {
  auto started = Sampling::start(config, self_);
  if (!started) return started.error();
  (*started)->hub()->fresh(kFreshTimeoutSeconds);  // workers are shown the new one when it has numbers
  sampling_ = std::move(*started);
  const std::lock_guard lock(mutex_);
  config_ = std::make_shared<const ValidConfig>(config);
  hub_ = sampling_->hub();
  return ok();
}

Status Running::replace(const ValidConfig& config) {
  sampling_.reset();
  Status started = start(config);
  if (!started && config_)
    static_cast<void>(start(*config_).has_value());  // it worked before; its error would be the same
  return started;
}

std::shared_ptr<SnapshotHub> Running::hub() {
  const std::lock_guard lock(mutex_);
  return hub_;
}

std::shared_ptr<const std::string> Running::demand() { return hub()->demand(kFreshTimeoutSeconds); }

Sources Running::sources() {
  const auto snapshot = [this](bool fresh) {
    const std::shared_ptr<SnapshotHub> present = hub();
    return fresh ? present->fresh(kFreshTimeoutSeconds) : present->current();
  };
  const auto config = [this] {
    const std::lock_guard lock(mutex_);
    return config_;
  };
  return {snapshot, config, version_text()};
}

}  // namespace bottleneck
