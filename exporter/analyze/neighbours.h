// Noisy neighbours: whose use of a resource goes with another container's waiting for it
// (after Zhang et al., "CPI2", EuroSys 2013).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "exporter/config/judgement.h"
#include "exporter/model/judgement.h"

namespace bottleneck {

/// Use and waiting of one container in bins of 10 s over 10 min. Bins of all containers lie at the same place
/// for the same time.
class NeighbourBins {
 public:
  static constexpr std::size_t kBins = 60;
  static constexpr std::int64_t kBinNs = 10'000'000'000;
  struct Column {
    std::array<float, kBins> at{};
  };

  /// Takes the 10 s window when a bin ends; true when one did.
  bool add(const Evidence& evidence, float starve, float io_stall);
  [[nodiscard]] const Column& use(Resource resource) const {
    return resource == Resource::kIo ? io_use_ : cpu_use_;
  }
  [[nodiscard]] const Column& wait(Resource resource) const {
    return resource == Resource::kIo ? io_wait_ : cpu_wait_;
  }
  [[nodiscard]] std::int64_t bin() const { return bin_; }
  /// Mean over the bins that are known.
  [[nodiscard]] float mean_use(Resource resource) const;

 private:
  void put(std::size_t slot, float cpu, float starve, float io, float stall);
  Column cpu_use_;
  Column cpu_wait_;
  Column io_use_;
  Column io_wait_;
  std::int64_t bin_ = -1;
};

/// corr = sum of u_t (v_t > threshold ? 1 - threshold/v_t : v_t/threshold - 1), with u normalised to the sum
/// 1; over bins that both know. NaN with fewer than 12 of them.
float neighbour_correlation(const NeighbourBins& victim, const NeighbourBins& suspect, Resource resource,
                            float threshold);

/// Suspects of one victim over the last minutes.
class Suspicions {
 public:
  struct Suspect {
    std::string name;
    Resource resource = Resource::kCpu;
    float correlation = 0;
    float weight = 0;          ///< correlation times use: who matters most
    std::uint8_t minutes = 0;  ///< one bit a minute, the last one lowest
  };
  /// Begins a minute: every suspect is a minute older.
  void begin_minute();
  void accuse(const std::string& name, Resource resource, float correlation, float use);
  /// At most three, worst first, that were accused in `least` of the last five minutes.
  void name_worst(int least, std::vector<NeighbourReading>& out) const;
  [[nodiscard]] bool empty() const { return suspects_.empty(); }

 private:
  static constexpr std::size_t kMost = 12;
  std::vector<Suspect> suspects_;
};

}  // namespace bottleneck
