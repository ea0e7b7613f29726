// Joins the pipeline to the fleet: live containers, the host, and what is kept on disk. Owned by the
// sampler's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "exporter/fleet.h"
#include "exporter/housekeeper.h"
#include "exporter/pipeline.h"
#include "exporter/snapshot_builder.h"

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
  [[nodiscard]] const Judgement* find(std::string_view name) const { return pipeline_.judge().find(name); }
  [[nodiscard]] const Outcomes& outcomes() const { return pipeline_.judge().outcomes(); }
  [[nodiscard]] const DemandStore& demand() const { return pipeline_.demand(); }

  /// Forgets who is long gone, and hands what is to be kept to the housekeeper when it is time, or `now`.
  void keep_house(std::int64_t now_ns, bool now = false);

 private:
  struct Known {
    std::shared_ptr<const Identity> identity;
    std::shared_ptr<const RuntimeInfo> runtime;
    Subject subject;
  };
  void load(std::int64_t now_ns);
  Known& known(const ContainerParts& parts);
  [[nodiscard]] CgroupDirectories directories_of(const std::string& path) const;
  [[nodiscard]] std::string state_path() const;

  const ValidConfig& config_;
  const CgroupLayout& layout_;
  const Clock& clock_;
  Housekeeper& housekeeper_;
  Pipeline pipeline_;
  std::string storage_driver_;
  std::vector<Known> known_;  ///< by slot
  ContainerValues told_;      ///< scratch
  std::int64_t saved_ns_ = 0;
};

}  // namespace bottleneck
