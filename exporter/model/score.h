// Words of a judgement: resources, signals, categories, bands, and one signal with everything that explains
// it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "exporter/model/evidence.h"

namespace bottleneck {

enum class Resource : std::uint8_t { kCpu, kMemory, kIo, kNetwork, kPids, kLifecycle };
inline constexpr std::size_t kResourceCount = 6;

enum class Category : std::uint8_t {
  kNone,
  kCpuQuota,
  kCpuContention,
  kCpuDemand,
  kMemoryLimit,
  kMemoryLeak,
  kMemoryHost,
  kIo,
  kIoLimit,
  kNetwork,
  kPids,
  kLifecycle,
};
inline constexpr std::size_t kCategoryCount = 12;

enum class Band : std::uint8_t { kNone, kLow, kMedium, kHigh, kCritical };

/// Sub-scores; a resource's score is the largest of its own.
enum class Signal : std::uint8_t {
  kCpuQuota,
  kCpuStarve,
  kCpuUtil,
  kCpuThread,
  kMemStall,
  kMemSpace,
  kMemOom,
  kMemLeak,
  kIoStall,
  kIoLimit,
  kIoDevice,
  kNetDrops,
  kNetRetransmits,
  kNetListen,
  kNetConntrack,
  kPidsTasks,
  kPidsFiles,
  kLifeRestarts,
  kLifeUnhealthy,
};
inline constexpr std::size_t kSignalCount = 19;

/// Kinds of evidence; independent of each other where two of them agree.
enum class EvidenceKind : std::uint8_t {
  kNone,
  kQuotaCounters,    ///< periods and throttled time; I/O against its limit
  kPressure,         ///< PSI
  kRunDelay,         ///< schedstat
  kDelayAccounting,  ///< taskstats
  kRefaults,
  kKernelEvents,  ///< OOM kills, limit hits, refused forks
  kBlockedTasks,  ///< tasks in D state
  kDeviceShare,   ///< busy device times own share
  kUtilisation,   ///< use over limit
  kUsage,         ///< bytes, tasks or files over their limit
  kTraffic,       ///< packets and segments
  kRuntime,       ///< restarts and health
  kTrend,         ///< the leak rule
};
inline constexpr std::size_t kEvidenceKindCount = 14;

/// How a number becomes a score.
enum class Shape : std::uint8_t {
  kNothing,
  kLog,     ///< factor x L(x; low, high)
  kLinear,  ///< factor x R(x; low, high)
  kStep,    ///< factor when x >= low, else 0
  kFade,    ///< 1 until x = low, then down to factor at high, then 0
};

/// A number put into a formula. All is there that a text needs to show it, and to say what would clear it.
struct Term {
  float x = kNoRate;
  float low = 0;
  float high = 0;
  float factor = 1;
  Shape shape = Shape::kNothing;
  std::uint8_t input = 0;  ///< which of the signal's inputs x is
  bool operator==(const Term&) const = default;
};

inline constexpr std::size_t kSignalInputs = 4;

/// One signal of one window. `value` NaN: it could not be measured, or the question does not arise.
struct SignalReading {
  float value = kNoRate;
  float quality = 0;  ///< 0..1, of the kind of evidence
  EvidenceKind kind = EvidenceKind::kNone;
  Term term;  ///< the one that gave the value
  std::array<float, kSignalInputs> inputs = {kNoRate, kNoRate, kNoRate, kNoRate};  ///< see info_of(signal)
};
using Signals = std::array<SignalReading, kSignalCount>;

enum class InputUnit : std::uint8_t {
  kShare,
  kCores,
  kBytes,
  kBytesPerSecond,
  kPerSecond,
  kPerHour,
  kSeconds,
  kCount
};

struct SignalInput {
  std::string_view name;  ///< as in the formulas: "d"; empty: unused
  std::string_view text;  ///< for people
  InputUnit unit = InputUnit::kShare;
};

struct SignalInfo {
  std::string_view name;  ///< "cpu.quota"
  Resource resource;
  std::string_view title;  ///< "CPU time taken by the quota"
  std::array<SignalInput, kSignalInputs> inputs;
};

const SignalInfo& info_of(Signal signal);
inline Resource resource_of(Signal signal) { return info_of(signal).resource; }

/// As labels and JSON spell them.
std::string_view name_of(Resource resource);
std::string_view name_of(Category category);
std::string_view name_of(Band band);
std::string_view name_of(EvidenceKind kind);
/// The resource that a category is about; nothing sensible for kNone.
Resource resource_of(Category category);
/// "held by its own CPU limit"
std::string_view sentence_of(Category category);

/// L(x; low, high) = clamp(ln(x/low) / ln(high/low), 0, 1), 0 for x <= 0, NaN for NaN.
float log_ramp(float x, float low, float high);
/// R(x; low, high) = clamp((x-low) / (high-low), 0, 1), NaN for NaN.
float linear_ramp(float x, float low, float high);
/// The value of a term; NaN when its x is.
float value_of(const Term& term);
/// The x at which a term has the value `wanted`: what would have to become true. NaN when there is none.
float x_for(const Term& term, float wanted);

}  // namespace bottleneck
