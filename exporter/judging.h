// Joins windows, kept demand and the judge to the fleet. Owned by the sampler's thread; the only place that
// makes evidence of live containers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "exporter/analyze/judge.h"
#include "exporter/fleet.h"
#include "exporter/housekeeper.h"
#include "exporter/snapshot_builder.h"
#include "exporter/window/ancestor_quotas.h"
#include "exporter/window/demand_store.h"
#include "exporter/window/host_history.h"

namespace bottleneck {

class Judging {
 public:
  /// All outlive it. Takes what an earlier life kept; what cannot be read is logged and begun anew.
  Judging(const ValidConfig& config, const CgroupLayout& layout, const Clock& clock,
          Housekeeper& housekeeper);

  /// Before the containers of an interval: the host as it is now.
  void begin(std::int64_t now_ns, Sampler& sampler, const HostInfo& host);
  /// One container, running or stopped.
  void judge(const ContainerParts& parts, std::int64_t now_ns);
  /// Null when the name was never judged; valid until it is judged again.
  [[nodiscard]] const Judgement* find(std::string_view name) const { return judge_.find(name); }
  [[nodiscard]] const Outcomes& outcomes() const { return judge_.outcomes(); }
  [[nodiscard]] const DemandStore& demand() const { return demand_; }

  /// Forgets who is long gone, and hands what is to be kept to the housekeeper when it is time, or `now`.
  void keep_house(std::int64_t now_ns, bool now = false);

 private:
  struct Member {
    std::shared_ptr<const Identity> identity;
    std::shared_ptr<const RuntimeInfo> runtime;
    Subject subject;
    DemandRecord* record = nullptr;
    std::int64_t demand_ns = 0;
    double seen_unix = 0;
  };
  void load(std::int64_t now_ns);
  Member& member_of(const ContainerParts& parts);
  void fill(const ContainerParts& parts, std::int64_t now_ns);
  void follow_demand(Member& member, std::int64_t now_ns);
  [[nodiscard]] CgroupDirectories directories_of(const std::string& path) const;
  [[nodiscard]] std::string state_path() const;

  const ValidConfig& config_;
  const CgroupLayout& layout_;
  const Clock& clock_;
  Housekeeper& housekeeper_;
  AllParameters parameters_;
  DemandStore demand_;
  Judge judge_;
  HostHistory host_;
  HostEvidence host_evidence_;
  std::string storage_driver_;
  AncestorQuotas quotas_;
  std::unordered_map<std::string, Member> members_;  ///< by name
  ContainerValues told_;                             ///< scratch
  Evidence evidence_;                                ///< scratch
  std::int64_t saved_ns_ = 0;
};

}  // namespace bottleneck
