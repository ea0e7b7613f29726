// Samples to judgements, joined as the program joins them: windows, kept demand, host, judge.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "exporter/analyze/judge.h"
#include "exporter/config/config.h"
#include "exporter/window/ancestor_quotas.h"
#include "exporter/window/demand_reading.h"
#include "exporter/window/demand_store.h"
#include "exporter/window/history.h"
#include "exporter/window/host_history.h"
#include "exporter/window/life.h"

namespace bottleneck {

struct Member {
  Subject subject;
  Sample sample;
  ContainerValues told;  ///< rows of the runtime and of the exporter's own counters
  Extras extras;
  bool live = true;  ///< has a cgroup

  History history;
  DemandRecord* record = nullptr;
  std::int64_t demand_ns = 0;
  Evidence evidence;
};

class Pipeline {
 public:
  explicit Pipeline(const ValidConfig& config = {})
      : config_(config),
        all_(with_demonstration({config.judgement, config.recommendation, config.budgets})),
        store_(config.storage),
        judge_(config) {}

  /// One interval: the host, then each member.
  void tick(std::int64_t now_ns, double unix_seconds, const HostValues& host,
            const std::vector<HostDeviceSample>& devices, std::map<std::string, Member>& members) {
    host_.add(now_ns, host, devices);
    host_.fill(host_evidence_);
    judge_.begin(host_evidence_, now_ns);
    for (auto& [name, member] : members) tick_member(now_ns, unix_seconds, member);
  }

  HostEvidence& host() { return host_evidence_; }
  Judge& judge() { return judge_; }
  AncestorQuotas& quotas() { return quotas_; }

 private:
  void tick_member(std::int64_t now_ns, double unix_seconds, Member& member) {
    Evidence& evidence = member.evidence;
    if (!member.live) {
      evidence = Evidence();
      evidence.now_ns = now_ns;
    } else {
      member.history.add(member.sample, member.extras);
      member.history.fill(member.sample, member.extras, now_ns, evidence);
      quotas_.fill(member.subject.cgroup.cpu, evidence);
    }
    evidence.unix_seconds = unix_seconds;
    evidence.life = life_evidence(member.told, member.sample.values, member.extras);
    if (member.live && now_ns - member.demand_ns >= 10 * kSecondNs) {
      member.demand_ns = now_ns;
      member.record = &store_.record(member.subject.name, member.subject.image_id, unix_seconds);
      member.record->now.add(demand_reading(evidence, all_.judgement), unix_seconds,
                             static_cast<double>(now_ns) * 1e-9);
    }
    if (member.record != nullptr) {
      evidence.demand = &member.record->now.summary(unix_seconds, all_.judgement);
      evidence.minutes = member.record->now.minutes();
      evidence.minutes_before = member.record->before != nullptr ? member.record->before->minutes()
                                                                 : std::span<const MinuteEvidence>();
    }
    judge_.tick(member.subject, evidence);
  }

  ValidConfig config_;
  AllParameters all_;
  HostHistory host_;
  HostEvidence host_evidence_;
  AncestorQuotas quotas_;
  DemandStore store_;
  Judge judge_;
};

}  // namespace bottleneck
