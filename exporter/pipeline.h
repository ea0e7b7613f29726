// Samples to judgements: windows, kept demand, host and judge, joined once for live containers, for a
// recorded series and for the tests. No clock, no files: the caller says what time it is.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/analyze/judge.h"
#include "exporter/config/config.h"
#include "exporter/window/ancestor_quotas.h"
#include "exporter/window/demand_store.h"
#include "exporter/window/history.h"
#include "exporter/window/host_history.h"

namespace bottleneck {

/// What there is of one container at one moment.
struct Moment {
  const Subject& subject;
  const ContainerValues& told;  ///< rows of the runtime and of the exporter's own counters
  const Extras& extras;
  /// Its last numbers, already in `history`; both null: it has no cgroup.
  const Sample* sample = nullptr;
  const History* history = nullptr;
  std::string_view cgroup_path;  ///< as the paths of quotas() are
};

/// One container on its way through the pipeline. The caller fills the first part before each tick.
struct Member {
  Subject subject;
  Sample sample;
  ContainerValues told;
  Extras extras;
  bool live = true;  ///< has a cgroup

  History history;
};

class Pipeline {
 public:
  explicit Pipeline(const ValidConfig& config = {});

  /// Before the containers of an interval: the host as it is now.
  void begin(std::int64_t now_ns, const HostValues& host, const std::vector<HostDeviceSample>& devices);
  /// One container at `now_ns`, not before the time of begin(). The result is valid until its next one, or
  /// forget_old().
  const Judgement& judge(std::int64_t now_ns, double unix_seconds, const Moment& moment);
  /// Takes the sample of a member into its history, and judges it at the time of begin().
  const Judgement& tick(double unix_seconds, Member& member);
  /// begin() and tick() for all.
  void tick(std::int64_t now_ns, double unix_seconds, const HostValues& host,
            const std::vector<HostDeviceSample>& devices, std::map<std::string, Member>& members);
  /// Lets go of names that were not seen for long.
  void forget_old(double unix_seconds);
  /// Lets go of one, whenever it was seen.
  void forget(std::string_view name);

  HostEvidence& host() { return host_evidence_; }
  Judge& judge() { return judge_; }
  [[nodiscard]] const Judge& judge() const { return judge_; }
  AncestorQuotas& quotas() { return quotas_; }
  DemandStore& demand() { return store_; }
  [[nodiscard]] const DemandStore& demand() const { return store_; }

 private:
  AllParameters all_;
  std::int64_t now_ns_ = 0;
  HostHistory host_;
  HostEvidence host_evidence_;
  AncestorQuotas quotas_;
  DemandStore store_;
  Judge judge_;
  Evidence evidence_;  ///< scratch
};

}  // namespace bottleneck
