// What containers share: disks, and the host's memory. Looked through each ten seconds, over all of them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exporter/analyze/container_state.h"

namespace bottleneck {

struct TextHash : std::hash<std::string_view> {
  using is_transparent = void;
};
using ContainerStates =
    std::unordered_map<std::string, std::unique_ptr<ContainerState>, TextHash, std::equal_to<>>;

class FleetSurvey {
 public:
  /// Looks all containers through when ten seconds have passed since the last time.
  void update(const ContainerStates& states, std::int64_t now_ns);
  /// What moves on the device, of all containers; NaN when nothing does.
  [[nodiscard]] float device_bytes(std::string_view device) const;
  /// The container that waits most for a device, other than `name`; null when none waits.
  const std::string* worst_victim(std::string_view device, std::string_view name, float& stall) const;
  /// For texts: "'a' (12 MiB a minute), 'b' (...)".
  [[nodiscard]] const std::string& growers() const { return growers_; }

 private:
  struct Victim {
    std::string name;
    float stall = 0;
  };
  struct Device {
    std::string name;
    float bytes = 0;
    Victim worst;
    Victim second;
  };
  Device& device_of(std::string_view name);
  void add_victim(Device& device, const ContainerState& state, float stall);
  void name_growers(const ContainerStates& states, std::int64_t now_ns);

  std::vector<Device> devices_;
  std::string growers_;
  std::int64_t last_ns_ = 0;
};

}  // namespace bottleneck
