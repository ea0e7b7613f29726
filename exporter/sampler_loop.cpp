#include "exporter/sampler_loop.h"

#include <algorithm>

#include "exporter/base/log.h"
#include "exporter/snapshot_builder.h"

namespace bottleneck {
namespace {

// Slices that follow each other at once, with a look at who waits between them. Each time that a thread comes
// back from its sleep it finds cold caches: four slices at once cost a fifth less than four a quarter of a
// second apart. More would be a burst that a CPU limit of the exporter's own throttles.
constexpr std::uint32_t kSlicesAtOnce = 4;

}  // namespace

SamplerLoop::SamplerLoop(const ValidConfig& config, const Clock& clock, Discovery& discovery,
                         SnapshotHub& hub)
    : config_(config),
      clock_(clock),
      discovery_(discovery),
      hub_(hub),
      fleet_(config, discovery.layout(), clock),
      judging_(config, discovery.layout(), clock, discovery.housekeeper()),
      budget_(config.sampling) {}

void SamplerLoop::stop() {
  stopping_ = true;
  hub_.wake().signal();
}

void SamplerLoop::run() {
  start();
  while (!stopping_) {
    const std::int64_t now_ns = clock_.monotonic_ns();
    if (now_ns >= interval_start_ns_ + interval_ns_) start_interval(now_ns);
    run_due_slice(now_ns);
    follow_discovery(now_ns);
    if (hub_.requested()) publish_fresh();
    if (hub_.demand_requested()) hub_.publish_demand(judging_.demand().serialise());
    const std::int64_t wait_ns = next_due_ns() - clock_.monotonic_ns();
    if (wait_ns > 0 && !stopping_)
      wait_readable(
          {hub_.wake().fd(), discovery_.tree_fd(), discovery_.wake_fd(), discovery_.kernel_log_fd()},
          wait_ns);
  }
  judging_.keep_house(clock_.monotonic_ns(), /*now=*/true);
}

void SamplerLoop::start() {
  fleet_.read_host(/*detail=*/true);
  const std::int64_t now_ns = clock_.monotonic_ns();
  host_detail_ns_ = now_ns;
  follow_discovery(now_ns);
  fleet_.sampler().cells().end_pass();  // all containers were read once
  interval_start_ns_ = clock_.monotonic_ns();
  slices_ = fleet_.slices();
  judging_.begin(interval_start_ns_, fleet_.sampler(), *discovery_.host_info());
  publish();
}

void SamplerLoop::start_interval(std::int64_t now_ns) {
  // Slices that a stall kept from their turn are read now: their interval is measured, nothing is lost.
  while (slice_ < slices_) run_slice();
  budget_.update(now_ns, process_cpu_seconds());
  interval_ns_ = static_cast<std::int64_t>(budget_.interval_seconds() * 1e9);
  interval_start_ns_ += interval_ns_;
  if (now_ns >= interval_start_ns_ + interval_ns_) {
    // More than a whole interval late (a suspended host, a starved process): start anew instead of chasing.
    ticks_skipped_ += static_cast<std::uint64_t>((now_ns - interval_start_ns_) / interval_ns_);
    interval_start_ns_ = now_ns;
  }
  ++pulse_;
  slice_ = 0;
  slices_ = fleet_.slices();
  const auto detail_ns = static_cast<std::int64_t>(config_.sampling.detail_seconds * 1e9);
  const bool detail = now_ns - host_detail_ns_ >= detail_ns;
  if (detail) host_detail_ns_ = now_ns;
  fleet_.read_host(detail);
  judging_.begin(now_ns, fleet_.sampler(), *discovery_.host_info());
  judging_.keep_house(now_ns);
}

void SamplerLoop::run_slice() {
  fleet_.read_slice(pulse_, slice_, slices_, rhythm_.is_near(clock_.monotonic_ns(), interval_ns_));
  judge(slice_++, slices_);
}

void SamplerLoop::judge(std::size_t slice, std::size_t slices) {
  const std::int64_t now_ns = clock_.monotonic_ns();
  discovery_.for_each_of(fleet_, slice, slices,
                         [&](const ContainerParts& parts) { judging_.judge(parts, now_ns); });
}

std::int64_t SamplerLoop::slice_due_ns() const {
  const std::uint32_t bursts = (slices_ + kSlicesAtOnce - 1) / kSlicesAtOnce;
  const std::uint32_t burst = slice_ * bursts / slices_;
  return interval_start_ns_ + interval_ns_ * burst / bursts;
}

bool SamplerLoop::run_due_slice(std::int64_t now_ns) {
  if (slice_ >= slices_ || now_ns < slice_due_ns()) return false;
  run_slice();
  return true;
}

void SamplerLoop::follow_discovery(std::int64_t now_ns) {
  const Discovery::Changes changes = discovery_.update(now_ns);
  if (changes.refs)
    fleet_.sync(discovery_.refs(), static_cast<std::size_t>(config_.discovery.max_containers));
  discovery_.inform(fleet_, now_ns, changes);
}

void SamplerLoop::publish_fresh() {
  rhythm_.asked(clock_.monotonic_ns());
  fleet_.freshen([this] { run_due_slice(clock_.monotonic_ns()); });
  publish();
}

void SamplerLoop::publish() {
  std::shared_ptr<Snapshot> snapshot = hub_.reusable();
  const std::int64_t now_ns = clock_.monotonic_ns();
  snapshot->unix_seconds = clock_.unix_seconds();
  snapshot->container_count = 0;
  discovery_.for_each(fleet_, [&](const ContainerParts& parts) {
    // Counters are there from the first sample that shows a container.
    if (judging_.find(parts.identity->name) == nullptr) judging_.judge(parts, now_ns);
    append_container(parts, judging_.find(parts.identity->name), config_.metrics, now_ns, *snapshot);
  });
  snapshot->host_info = discovery_.host_info();
  snapshot->host = fleet_.sampler().host().values;
  snapshot->host_devices = fleet_.sampler().host().devices;
  snapshot->outcomes = judging_.outcomes();
  snapshot->collectors = fleet_.sampler().cells().states();
  discovery_.fill_collector(snapshot->collectors[static_cast<std::size_t>(Collector::kDocker)]);
  snapshot->sampling_interval_seconds = budget_.interval_seconds();
  snapshot->cpu_budget_ratio = budget_.ratio();
  snapshot->ticks_skipped = ticks_skipped_;
  snapshot->containers_dropped = discovery_.dropped();
  snapshot->containers_waiting = discovery_.waiting();
  snapshot->sampler_busy_seconds = thread_cpu_seconds();
  hub_.publish(std::move(snapshot));
}

std::int64_t SamplerLoop::next_due_ns() const {
  const std::int64_t slice_ns = slice_ < slices_ ? slice_due_ns() : interval_start_ns_ + interval_ns_;
  return std::min(slice_ns, discovery_.next_due_ns());
}

}  // namespace bottleneck
