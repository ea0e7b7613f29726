#include "exporter/pipeline.h"

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

const Judgement& Pipeline::judge(std::int64_t now_ns, double unix_seconds, const Moment& moment) {
  static const ContainerValues nothing;
  evidence_ = Evidence();
  evidence_.now_ns = now_ns;
  if (moment.sample != nullptr) {
    moment.history->fill(*moment.sample, moment.extras, now_ns, evidence_);
    quotas_.fill(moment.cgroup_path, evidence_);
  }
  evidence_.unix_seconds = unix_seconds;
  evidence_.life =
      life_evidence(moment.told, moment.sample != nullptr ? moment.sample->values : nothing, moment.extras);
  store_.follow(moment.subject, all_.judgement, evidence_);
  const Judgement& judgement = judge_.tick(moment.subject, evidence_);
  // The judge counts kills by name, from every source and over cgroups that are gone; what sizes are made
  // from must know of them as long as it is kept.
  const auto kill_age = static_cast<double>(judgement.of(Signal::kMemOom).inputs[0]);
  if (is_present(kill_age)) store_.note_kill(moment.subject.name, kill_age, unix_seconds);
  return judgement;
}

const Judgement& Pipeline::tick(double unix_seconds, Member& member) {
  Moment moment{member.subject, member.told, member.extras, nullptr, nullptr, member.subject.cgroup.cpu};
  if (member.live) {
    member.history.add(member.sample, member.extras);
    moment.sample = &member.sample;
    moment.history = &member.history;
  }
  return judge(now_ns_, unix_seconds, moment);
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

void Pipeline::forget(std::string_view name) {
  judge_.forget(name);
  store_.forget(name);
}

}  // namespace bottleneck
