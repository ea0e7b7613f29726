#include "exporter/judging.h"

#include <utility>

#include "exporter/analyze/policy.h"
#include "exporter/base/log.h"
#include "exporter/base/saved_state.h"
#include "exporter/window/demand_reading.h"
#include "exporter/window/life.h"

namespace bottleneck {
namespace {

constexpr std::int64_t kDemandNs = static_cast<std::int64_t>(DemandHistory::kReadingSeconds) * kSecondNs;
// The judge's memory is a few hundred bytes a name; a file beyond this is none of ours.
constexpr std::size_t kMostStateBytes = std::size_t{64} << 20U;
constexpr double kForgetMemberSeconds = 3600;

}  // namespace

Judging::Judging(const ValidConfig& config, const CgroupLayout& layout, const Clock& clock,
                 Housekeeper& housekeeper)
    : config_(config),
      layout_(layout),
      clock_(clock),
      housekeeper_(housekeeper),
      parameters_(with_demonstration({config.judgement, config.recommendation, config.budgets})),
      demand_(config.storage),
      judge_(config) {
  host_evidence_.is_v2 = layout.is_v2();
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
  const Status demand = demand_.load();
  if (!demand) complain("demand", demand.error());
  const auto bytes = load_saved_state(state_path(), Judge::kKind, kMostStateBytes);
  if (!bytes) return complain("judgement", bytes.error());
  const Status parsed = judge_.parse(*bytes, clock_.unix_seconds(), now_ns);
  if (!parsed) complain("judgement", set_state_aside(state_path(), parsed.error().message));
}

void Judging::begin(std::int64_t now_ns, Sampler& sampler, const HostInfo& host) {
  host_.add(now_ns, sampler.host().values, sampler.host().devices);
  host_.fill(host_evidence_);
  if (storage_driver_ != host.storage_driver) storage_driver_ = host.storage_driver;
  host_evidence_.storage_driver = storage_driver_;
  for (const AncestorQuota& quota : sampler.ancestor_quotas()) quotas_.add(quota.path, now_ns, quota.reading);
  judge_.begin(host_evidence_, now_ns);
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

Judging::Member& Judging::member_of(const ContainerParts& parts) {
  Member& member = members_[parts.identity->name];
  if (member.identity == parts.identity && member.runtime == parts.runtime) return member;
  member.identity = parts.identity;
  member.runtime = parts.runtime;
  const std::string path = parts.tracked != nullptr ? parts.tracked->reader.ref.path : std::string();
  member.subject = make_subject(*parts.identity, parts.runtime.get(), directories_of(path));
  member.subject.storage_driver = storage_driver_;
  return member;
}

void Judging::fill(const ContainerParts& parts, std::int64_t now_ns) {
  static const ContainerValues nothing;
  const bool live = parts.tracked != nullptr && !parts.tracked->reader.gone;
  told_.clear();
  set_runtime_values(parts.runtime.get(), live, live && parts.tracked->reader.frozen, told_);
  if (parts.counts != nullptr) set_event_values(*parts.counts, told_);
  evidence_ = Evidence();
  evidence_.now_ns = now_ns;
  const Extras extras;
  if (live && parts.tracked->reader.sample.pulse_ns != 0) {
    parts.tracked->history.fill(parts.tracked->reader.sample, extras, now_ns, evidence_);
    quotas_.fill(parts.tracked->reader.ref.path, evidence_);
  }
  evidence_.unix_seconds = clock_.unix_seconds();
  evidence_.life = life_evidence(told_, live ? parts.tracked->reader.sample.values : nothing, extras);
}

void Judging::follow_demand(Member& member, std::int64_t now_ns) {
  const double now = evidence_.unix_seconds;
  if (evidence_.has_cgroup && now_ns - member.demand_ns >= kDemandNs) {
    member.demand_ns = now_ns;
    member.record = &demand_.record(member.subject.name, member.subject.image_id, now);
    member.record->now.add(demand_reading(evidence_, parameters_.judgement), now,
                           static_cast<double>(now_ns) * 1e-9);
  }
  if (member.record == nullptr) return;
  evidence_.demand = &member.record->now.summary(now, parameters_.judgement);
  evidence_.minutes = member.record->now.minutes();
  if (member.record->before) evidence_.minutes_before = member.record->before->minutes();
}

void Judging::judge(const ContainerParts& parts, std::int64_t now_ns) {
  Member& member = member_of(parts);
  fill(parts, now_ns);
  member.seen_unix = evidence_.unix_seconds;
  follow_demand(member, now_ns);
  judge_.tick(member.subject, evidence_);
}

void Judging::keep_house(std::int64_t now_ns, bool now) {
  if (!now && now_ns - saved_ns_ < static_cast<std::int64_t>(config_.storage.save_seconds * 1e9)) return;
  saved_ns_ = now_ns;
  const double unix_seconds = clock_.unix_seconds();
  // Members first: they point into the records.
  std::erase_if(members_, [&](const auto& item) {
    return unix_seconds - item.second.seen_unix > kForgetMemberSeconds;
  });
  judge_.forget_old(unix_seconds);
  demand_.forget_old(unix_seconds);
  if (state_path().empty()) return;
  const auto keep = [&](const std::string& path, StateKind kind, std::string bytes) {
    housekeeper_.write_later(
        path, [path, kind, bytes = std::move(bytes)] { return write_saved_state(path, kind, bytes); });
  };
  keep(demand_.path(), DemandStore::kKind, demand_.serialise());
  keep(state_path(), Judge::kKind, judge_.serialise(unix_seconds, now_ns));
}

}  // namespace bottleneck
