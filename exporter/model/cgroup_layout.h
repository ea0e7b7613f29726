// How the cgroup hierarchies of a host are mounted.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "exporter/model/catalogue.h"

namespace bottleneck {

enum class CgroupVersion : std::uint8_t {
  kNone,    ///< no cgroup file system where it was looked for
  kV1,      ///< controllers in hierarchies of their own
  kHybrid,  ///< v1 controllers, and a v2 mount that carries the pressure files
  kV2,
};

struct CgroupLayout {
  CgroupVersion version = CgroupVersion::kNone;
  /// Directory of each controller's hierarchy; empty: not mounted. On v2 all are the one mount.
  std::array<std::string, kControllerCount> roots;

  [[nodiscard]] const std::string& root(Controller controller) const {
    return roots[static_cast<std::size_t>(controller)];
  }
  [[nodiscard]] bool is_v2() const { return version == CgroupVersion::kV2; }
};

constexpr std::string_view name_of(CgroupVersion version) {
  switch (version) {
    case CgroupVersion::kNone:
      return "none";
    case CgroupVersion::kV1:
      return "v1";
    case CgroupVersion::kHybrid:
      return "hybrid";
    case CgroupVersion::kV2:
      return "v2";
  }
  return "none";
}

}  // namespace bottleneck
