// The sampler: numbers right now. Owned by one thread; the app decides what is read when.
#pragma once

#include <memory>
#include <string_view>

#include "exporter/sample/host_reader.h"
#include "exporter/sample/limits_reader.h"
#include "exporter/sample/network_reader.h"

namespace bottleneck {

class Sampler {
 public:
  /// `config` and `clock` outlive the sampler.
  Sampler(const ValidConfig& config, CgroupLayout layout, const Clock& clock);

  /// Starts to watch a container: opens it and reads everything of it once. A container that cannot be read
  /// has no numbers and is `unreadable`.
  void watch(ContainerReader& reader, const CgroupRef& ref);
  void forget(ContainerReader& reader);

  /// Each second. Sets `gone` where the cgroup was removed.
  void pulse(Batch readers);
  /// Each 10 s and when a scrape finds the numbers older than 1 s. `slow` adds what is read each 10 s only:
  /// processes and TCP counters.
  void detail(Batch readers, bool slow);
  /// At discovery, when the runtime says that limits changed, and each minute. begin_limits_pass() first.
  void limits(ContainerReader& reader);
  /// Limits, start and details: of a young one, and where a process became known that its cgroup does not
  /// tell.
  void read_all(ContainerReader& reader);
  void begin_limits_pass() { limits_.begin_pass(); }
  /// What CPU quotas above containers took, now; valid until the next call.
  const std::vector<AncestorQuota>& ancestor_quotas() { return limits_.read_quotas(context_); }
  /// Numbers from a stats body of the engine, for a reader that is `unreadable`.
  void use_docker_stats(ContainerReader& reader, std::string_view body);

  void host_pulse();
  void host_detail();
  [[nodiscard]] const HostState& host() const { return host_; }

  CollectorCells& cells() { return context_.cells; }
  [[nodiscard]] const CgroupLayout& layout() const { return context_.layout; }

 private:
  bool enabled(Collector collector) const { return config_.metrics.enabled(collector); }
  void find_host_namespace();
  void set_supported();
  void read_frozen(ContainerReader& reader);
  void read_own_io(ContainerReader& reader);
  void read_network(ContainerReader& reader, bool slow);
  void read_own_processes(ContainerReader& reader, bool slow);
  void read_start_time(ContainerReader& reader);
  [[nodiscard]] bool has_pressure() const;
  [[nodiscard]] bool may_hang_on_one_thread(ContainerReader& reader) const;

  const ValidConfig& config_;
  const Clock& clock_;
  ReadContext context_;
  LimitsReader limits_;
  NetworkOwners owners_;
  HostState host_;
  std::size_t kept_left_ = 0;  ///< descriptors that may still be kept open
  std::uint32_t idle_every_ = 5;
  std::vector<ContainerReader*> due_;       ///< scratch of pulse()
  std::vector<ContainerReader*> detailed_;  ///< scratch of detail(), which pulse() calls for young ones
};

}  // namespace bottleneck
