#include "exporter/analyze/workload.h"

#include <algorithm>
#include <array>

#include "exporter/analyze/stats.h"

namespace bottleneck {
namespace {

constexpr float kIdleCores = 0.02F;
constexpr float kIdleBytes = 65536;
constexpr float kHeavyBytes = 5 * 1048576;
constexpr float kHeavyShare = 0.7F;
constexpr double kMuch = 0.7;
constexpr double kLittle = 0.3;
constexpr std::size_t kHourMinutes = 60;
constexpr std::size_t kLeastMinutes = 50;
constexpr float kQuartilesToDeviation = 1.349F;  // of a normal distribution

float or_zero(float value) { return is_present(value) ? value : 0; }

WorkloadProfile profile_of(const Evidence& evidence, const HostEvidence& host) {
  const WindowEvidence& window = evidence.slow;
  const float bytes = or_zero(window.read_bytes) + or_zero(window.written_bytes);
  if (or_zero(window.cpu_cores) < kIdleCores && bytes < kIdleBytes) return WorkloadProfile::kIdle;
  if (bytes >= kHeavyBytes) {
    const float written = or_zero(window.written_bytes) / bytes;
    if (written >= kHeavyShare) return WorkloadProfile::kIoWriteHeavy;
    if (written <= 1 - kHeavyShare) return WorkloadProfile::kIoReadHeavy;
  }
  const double cpu = static_cast<double>(or_zero(window.cpu_cores)) / evidence.cpu_effective_limit;
  const double memory = has_memory_limit(evidence, host)
                            ? evidence.memory_unreclaimable / evidence.memory_effective_limit
                            : evidence.memory_unreclaimable / host.memory_total;
  if (cpu >= kMuch && !(memory >= kMuch)) return WorkloadProfile::kCpuBound;
  if (memory >= kMuch && cpu < kLittle) return WorkloadProfile::kMemoryBound;
  return WorkloadProfile::kBalanced;
}

/// Spread between the quartiles over the median, of one column of the last hour. Not the median deviation:
/// that is 0 for work that is at full load a little less than half of the time.
float volatility_of(std::span<const MinuteEvidence> minutes, float MinuteEvidence::*column, float& mean) {
  std::array<float, kHourMinutes> values;
  std::size_t count = 0;
  double sum = 0;
  for (const MinuteEvidence& minute : minutes.last(std::min(minutes.size(), kHourMinutes))) {
    if (!is_present(minute.*column)) continue;
    values[count++] = minute.*column;
    sum += static_cast<double>(minute.*column);
  }
  mean = kNoRate;
  if (count < kLeastMinutes) return kNoRate;
  mean = static_cast<float>(sum / static_cast<double>(count));
  const std::span<float> all(values.data(), count);
  const float middle = median(all);
  const float spread = quantile(all, 0.75F) - quantile(all, 0.25F);
  return middle > 0 ? spread / kQuartilesToDeviation / middle : 0;
}

}  // namespace

void describe_workload(const Evidence& evidence, const HostEvidence& host, Judgement& judgement) {
  judgement.profile = profile_of(evidence, host);
  const double cpu_limit = is_present(evidence.cpu_limit) ? evidence.cpu_limit : evidence.cpu_effective_limit;
  const double memory_limit =
      is_present(evidence.memory_limit) ? evidence.memory_limit : evidence.memory_effective_limit;
  const bool kept = evidence.demand != nullptr && evidence.demand->hours >= 1;
  const double cpu = kept ? evidence.demand->cpu_p90 : static_cast<double>(evidence.slow.cpu_cores);
  const double memory = kept ? evidence.demand->memory_peak : evidence.memory_unreclaimable;
  judgement.cpu_efficiency = static_cast<float>(std::min(1.0, cpu / cpu_limit));
  judgement.memory_efficiency = static_cast<float>(std::min(1.0, memory / memory_limit));
  if (!is_present(cpu / cpu_limit)) judgement.cpu_efficiency = kNoRate;
  if (!is_present(memory / memory_limit)) judgement.memory_efficiency = kNoRate;
}

void measure_volatility(const Evidence& evidence, Judgement& judgement) {
  float cpu_mean = kNoRate;
  float memory_mean = kNoRate;
  judgement.cpu_volatility = volatility_of(evidence.minutes, &MinuteEvidence::cpu_cores, cpu_mean);
  judgement.memory_volatility = volatility_of(evidence.minutes, &MinuteEvidence::unreclaimable, memory_mean);
  judgement.cpu_mean_use = static_cast<float>(static_cast<double>(cpu_mean) / evidence.cpu_effective_limit);
}

}  // namespace bottleneck
