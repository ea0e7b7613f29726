// Samples to judgements: windows, kept demand, host and judge, joined once for a recorded series and for the
// tests. No clock, no files: the caller says what time it is.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "exporter/analyze/judge.h"
#include "exporter/config/config.h"
#include "exporter/window/ancestor_quotas.h"
#include "exporter/window/demand_store.h"
#include "exporter/window/history.h"
#include "exporter/window/host_history.h"

namespace bottleneck {

/// One container on its way through the pipeline. The caller fills the first part before each tick.
struct Member {
  Subject subject;
  Sample sample;
  ContainerValues told;  ///< rows of the runtime and of the exporter's own counters
  Extras extras;
  bool live = true;  ///< has a cgroup

  History history;
  DemandRecord* record = nullptr;
  std::int64_t demand_ns = 0;  ///< of the last reading that the kept demand took
  Evidence evidence;
};

class Pipeline {
 public:
  explicit Pipeline(const ValidConfig& config = {});

  /// Before the members of an interval: the host as it is now.
  void begin(std::int64_t now_ns, const HostValues& host, const std::vector<HostDeviceSample>& devices);
  /// One member at the time of begin(). The result is valid until its next tick, or forget_old().
  const Judgement& tick(double unix_seconds, Member& member);
  /// Both, for all.
  void tick(std::int64_t now_ns, double unix_seconds, const HostValues& host,
            const std::vector<HostDeviceSample>& devices, std::map<std::string, Member>& members);
  /// Lets go of names that were not seen for long. A member that was not ticked for eight days must not be
  /// ticked again.
  void forget_old(double unix_seconds);

  HostEvidence& host() { return host_evidence_; }
  Judge& judge() { return judge_; }
  AncestorQuotas& quotas() { return quotas_; }

 private:
  void take_demand(double unix_seconds, Member& member);

  AllParameters all_;
  std::int64_t now_ns_ = 0;
  HostHistory host_;
  HostEvidence host_evidence_;
  AncestorQuotas quotas_;
  DemandStore store_;
  Judge judge_;
};

}  // namespace bottleneck
