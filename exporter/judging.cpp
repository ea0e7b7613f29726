#include "exporter/judging.h"

#include <utility>

#include "exporter/analyze/policy.h"
#include "exporter/base/log.h"
#include "exporter/base/saved_state.h"

namespace bottleneck {
namespace {

// The judge's memory is a few hundred bytes a name; a file beyond this is none of ours.
constexpr std::size_t kMostStateBytes = std::size_t{64} << 20U;

}  // namespace

Judging::Judging(const ValidConfig& config, const CgroupLayout& layout, const Clock& clock,
                 Housekeeper& housekeeper)
    : config_(config), layout_(layout), clock_(clock), housekeeper_(housekeeper), pipeline_(config) {
  pipeline_.host().is_v2 = layout.is_v2();
  saved_ns_ = clock.monotonic_ns();
  load(saved_ns_);
}

std::string Judging::state_path() const {
  return config_.storage.path.empty() ? std::string() : join_path(config_.storage.path, "judgement.state");
}

void Judging::load(std::int64_t now_ns) {
  const auto complain = [](std::string_view what, const Error& error) {
    if (error.code == ErrorCode::kAbsent) return;
    log(LogLevel::kWarn, "kept state cannot be read, it begins anew",
        {{"state", what}, {"error", error.message}});
  };
  if (state_path().empty()) return;
  const Status demand = pipeline_.demand().load();
  if (!demand) complain("demand", demand.error());
  const auto bytes = load_saved_state(state_path(), Judge::kKind, kMostStateBytes);
  if (!bytes) return complain("judgement", bytes.error());
  const Status parsed = pipeline_.judge().parse(*bytes, clock_.unix_seconds(), now_ns);
  if (!parsed) complain("judgement", set_state_aside(state_path(), parsed.error().message));
}

void Judging::begin(std::int64_t now_ns, Sampler& sampler, const HostInfo& host) {
  if (storage_driver_ != host.storage_driver) storage_driver_ = host.storage_driver;
  pipeline_.host().storage_driver = storage_driver_;
  for (const AncestorQuota& quota : sampler.ancestor_quotas())
    pipeline_.quotas().add(quota.path, now_ns, quota.reading);
  pipeline_.begin(now_ns, sampler.host().values, sampler.host().devices);
}

/// As a person on the host finds it, wherever its file system is mounted for us.
CgroupDirectories Judging::directories_of(const std::string& path) const {
  const auto on_host = [&](Controller controller) {
    const std::string& root = layout_.root(layout_.is_v2() ? Controller::kUnified : controller);
    if (root.empty() || path.empty() || !root.starts_with(config_.paths.cgroupfs)) return std::string();
    return HostPaths().cgroupfs + root.substr(config_.paths.cgroupfs.size()) + path;
  };
  CgroupDirectories directories;
  directories.is_v2 = layout_.is_v2();
  directories.cpu = on_host(Controller::kCpu);
  directories.memory = on_host(Controller::kMemory);
  directories.io = on_host(Controller::kBlkio);
  directories.pids = on_host(Controller::kPids);
  return directories;
}

Judging::Known& Judging::known(const ContainerParts& parts) {
  if (parts.slot >= known_.size()) known_.resize(parts.slot + 1);
  Known& known = known_[parts.slot];
  if (known.identity == parts.identity && known.runtime == parts.runtime) return known;
  known.identity = parts.identity;
  known.runtime = parts.runtime;
  const std::string path = parts.tracked != nullptr ? parts.tracked->reader.ref.path : std::string();
  known.subject = make_subject(*parts.identity, parts.runtime.get(), directories_of(path));
  known.subject.storage_driver = storage_driver_;
  return known;
}

void Judging::judge(const ContainerParts& parts, std::int64_t now_ns) {
  const Known& container = known(parts);
  const bool live = parts.tracked != nullptr && !parts.tracked->reader.gone;
  told_.clear();
  set_runtime_values(parts.runtime.get(), live, live && parts.tracked->reader.frozen, told_);
  if (parts.counts != nullptr) set_event_values(*parts.counts, told_);
  Extras extras = live ? parts.tracked->reader.extras : Extras();
  if (parts.counts != nullptr) extras.oom_scope = parts.counts->oom_scope;
  if (parts.runtime != nullptr) {
    extras.image_bytes = parts.runtime->image_bytes.value_or(kAbsent);
    extras.image_layers = parts.runtime->image_layers.value_or(kAbsent);
  }
  Moment moment{container.subject, told_, extras, nullptr, nullptr, {}};
  if (live && parts.tracked->reader.sample.pulse_ns != 0) {
    moment.sample = &parts.tracked->reader.sample;
    moment.history = &parts.tracked->history;
    moment.cgroup_path = parts.tracked->reader.ref.path;
  }
  pipeline_.judge(now_ns, clock_.unix_seconds(), moment);
}

void Judging::keep_house(std::int64_t now_ns, bool now) {
  if (!now && now_ns - saved_ns_ < static_cast<std::int64_t>(config_.storage.save_seconds * 1e9)) return;
  saved_ns_ = now_ns;
  const double unix_seconds = clock_.unix_seconds();
  pipeline_.forget_old(unix_seconds);
  if (state_path().empty()) return;
  const auto keep = [&](const std::string& path, StateKind kind, std::string bytes) {
    housekeeper_.write_later(
        path, [path, kind, bytes = std::move(bytes)] { return write_saved_state(path, kind, bytes); });
  };
  keep(demand().path(), DemandStore::kKind, demand().serialise());
  keep(state_path(), Judge::kKind, pipeline_.judge().serialise(unix_seconds, now_ns));
}

}  // namespace bottleneck
