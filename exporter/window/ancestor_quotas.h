// CPU quotas of cgroups above containers: a container without a limit of its own is held by that of its
// slice. Each ancestor is read once for all containers below it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/base/clock.h"
#include "exporter/model/evidence.h"
#include "exporter/window/ring.h"

namespace bottleneck {

class AncestorQuotas {
 public:
  /// Takes a reading of the ancestor at `path`. One without a quota is forgotten.
  void add(std::string_view path, std::int64_t now_ns, const QuotaReading& reading);
  /// Writes the worst ancestor (largest throttled share) of the container at `path` into the evidence; absent
  /// when no ancestor has a quota. Its name stays valid while the ancestor is known.
  void fill(std::string_view path, Evidence& evidence) const;

 private:
  enum Channel : std::size_t { kPeriods, kThrottledPeriods, kThrottled, kUsed, kChannels };
  struct Ancestor {
    DeltaRing<kChannels, 0, 60, kSecondNs> seconds;
    DeltaRing<kChannels, 0, 30, 10 * kSecondNs> tens;
    std::array<double, kChannels> counters{};
    std::int64_t last_ns = 0;
    double limit_cores = kAbsent;
  };
  static void fill_window(const RingSums<kChannels>& sums, WindowEvidence& window);
  std::map<std::string, std::unique_ptr<Ancestor>, std::less<>> ancestors_;
};

}  // namespace bottleneck
