#include "exporter/analyze/neighbours.h"

#include <algorithm>
#include <bit>

namespace bottleneck {
namespace {

constexpr int kLeastBins = 12;
constexpr std::size_t kMostNamed = 3;
constexpr std::uint8_t kFiveMinutes = 0x1f;

/// Of a bin; the one before the first has a negative number.
std::size_t slot_of(std::int64_t bin) {
  constexpr auto kBins = static_cast<std::int64_t>(NeighbourBins::kBins);
  return static_cast<std::size_t>((bin % kBins + kBins) % kBins);
}

}  // namespace

void NeighbourBins::put(std::size_t slot, float cpu, float starve, float io, float stall) {
  cpu_use_.at[slot] = cpu;
  cpu_wait_.at[slot] = starve;
  io_use_.at[slot] = io;
  io_wait_.at[slot] = stall;
}

bool NeighbourBins::add(const Evidence& evidence, float starve, float io_stall) {
  const std::int64_t bin = evidence.now_ns / kBinNs;
  if (bin == bin_) return false;
  const bool first = bin_ < 0 || bin < bin_ || bin - bin_ > static_cast<std::int64_t>(kBins);
  const std::int64_t from = first ? bin - static_cast<std::int64_t>(kBins) : bin_;
  for (std::int64_t missed = from; missed < bin - 1; ++missed) {
    put(slot_of(missed), kNoRate, kNoRate, kNoRate, kNoRate);
  }
  // The window that has just passed is that of the bin before.
  put(slot_of(bin - 1), evidence.fast.cpu_cores, starve,
      evidence.fast.read_bytes + evidence.fast.written_bytes, io_stall);
  bin_ = bin;
  return true;
}

float NeighbourBins::mean_use(Resource resource) const {
  float sum = 0;
  float count = 0;
  for (const float value : use(resource).at) {
    if (!is_present(value)) continue;
    sum += value;
    ++count;
  }
  return count > 0 ? sum / count : 0;
}

float neighbour_correlation(const NeighbourBins& victim, const NeighbourBins& suspect, Resource resource,
                            float threshold) {
  const NeighbourBins::Column& waits = victim.wait(resource);
  const NeighbourBins::Column& uses = suspect.use(resource);
  float total = 0;
  float sum = 0;
  int known = 0;
  for (std::size_t i = 0; i < NeighbourBins::kBins; ++i) {
    const float wait = waits.at[i];
    const float use = uses.at[i];
    if (!is_present(wait) || !is_present(use)) continue;
    ++known;
    total += use;
    sum += use * (wait > threshold ? 1 - threshold / wait : wait / threshold - 1);
  }
  return known >= kLeastBins && total > 0 ? sum / total : kNoRate;
}

void Suspicions::begin_minute() {
  for (Suspect& suspect : suspects_)
    suspect.minutes = static_cast<std::uint8_t>(suspect.minutes << 1U) & kFiveMinutes;
  std::erase_if(suspects_, [](const Suspect& suspect) { return suspect.minutes == 0; });
}

void Suspicions::accuse(const std::string& name, Resource resource, float correlation, float use) {
  auto known = std::find_if(suspects_.begin(), suspects_.end(), [&](const Suspect& suspect) {
    return suspect.name == name && suspect.resource == resource;
  });
  if (known == suspects_.end()) {
    if (suspects_.size() >= kMost) return;
    suspects_.push_back({name, resource, 0, 0, 0});
    known = suspects_.end() - 1;
  }
  known->correlation = correlation;
  known->weight = correlation * use;
  known->minutes |= 1U;
}

void Suspicions::name_worst(int least, std::vector<NeighbourReading>& out) const {
  std::array<const Suspect*, kMost> worst{};
  std::size_t count = 0;
  for (const Suspect& suspect : suspects_) {
    if (std::popcount(suspect.minutes) >= least) worst[count++] = &suspect;
  }
  std::sort(worst.begin(), worst.begin() + static_cast<std::ptrdiff_t>(count),
            [](const Suspect* one, const Suspect* other) { return one->weight > other->weight; });
  count = std::min(count, kMostNamed);
  out.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    out[i].name = worst[i]->name;
    out[i].resource = worst[i]->resource;
    out[i].correlation = worst[i]->correlation;
  }
}

}  // namespace bottleneck
