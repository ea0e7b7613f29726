#include "exporter/pipeline.h"

#include "exporter/window/demand_reading.h"
#include "exporter/window/life.h"

namespace bottleneck {

Pipeline::Pipeline(const ValidConfig& config)
    : all_(with_demonstration({config.judgement, config.recommendation, config.budgets})),
      store_(config.storage),
      judge_(config) {}

void Pipeline::begin(std::int64_t now_ns, const HostValues& host,
                     const std::vector<HostDeviceSample>& devices) {
  now_ns_ = now_ns;
  host_.add(now_ns, host, devices);
  host_.fill(host_evidence_);
  judge_.begin(host_evidence_, now_ns);
}

void Pipeline::take_demand(double unix_seconds, Member& member) {
  member.demand_ns = now_ns_;
  member.record = &store_.record(member.subject.name, member.subject.image_id, unix_seconds);
  member.record->now.add(demand_reading(member.evidence, all_.judgement), unix_seconds,
                         static_cast<double>(now_ns_) * 1e-9);
}

const Judgement& Pipeline::tick(double unix_seconds, Member& member) {
  Evidence& evidence = member.evidence;
  if (!member.live) {
    evidence = Evidence();
    evidence.now_ns = now_ns_;
  } else {
    member.history.add(member.sample, member.extras);
    member.history.fill(member.sample, member.extras, now_ns_, evidence);
    quotas_.fill(member.subject.cgroup.cpu, evidence);
  }
  evidence.unix_seconds = unix_seconds;
  evidence.life = life_evidence(member.told, member.sample.values, member.extras);
  if (member.live && now_ns_ - member.demand_ns >= 10 * kSecondNs) take_demand(unix_seconds, member);
  if (member.record != nullptr) {
    evidence.demand = &member.record->now.summary(unix_seconds, all_.judgement);
    evidence.minutes = member.record->now.minutes();
    evidence.minutes_before = member.record->before != nullptr ? member.record->before->minutes()
                                                               : std::span<const MinuteEvidence>();
  }
  return judge_.tick(member.subject, evidence);
}

void Pipeline::tick(std::int64_t now_ns, double unix_seconds, const HostValues& host,
                    const std::vector<HostDeviceSample>& devices, std::map<std::string, Member>& members) {
  begin(now_ns, host, devices);
  for (auto& [name, member] : members) tick(unix_seconds, member);
}

void Pipeline::forget_old(double unix_seconds) {
  judge_.forget_old(unix_seconds);
  store_.forget_old(unix_seconds);
}

}  // namespace bottleneck
