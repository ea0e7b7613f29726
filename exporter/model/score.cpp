#include "exporter/model/score.h"

#include <algorithm>
#include <cmath>

namespace bottleneck {
namespace {

using U = InputUnit;

constexpr std::array<SignalInfo, kSignalCount> kSignals = {{
    {"cpu.quota",
     Resource::kCpu,
     "wanted CPU time that the quota takes",
     {{{"d", "throttled / (throttled + used)", U::kShare},
       {"p", "throttled periods / periods", U::kShare},
       {"limit", "quota", U::kCores},
       {"used", "CPU use", U::kCores}}}},
    {"cpu.starve",
     Resource::kCpu,
     "time in which a task waits for a CPU",
     {{{"s", "waiting that the own quota does not explain", U::kShare},
       {"some", "CPU pressure, or run delay", U::kShare},
       {"p", "throttled periods / periods", U::kShare},
       {"d", "throttled / (throttled + used)", U::kShare}}}},
    {"cpu.util",
     Resource::kCpu,
     "use of the CPUs it may use",
     {{{"u", "use / effective limit", U::kShare},
       {"used", "CPU use", U::kCores},
       {"limit", "effective limit", U::kCores},
       {}}}},
    {"cpu.thread",
     Resource::kCpu,
     "one saturated thread",
     {{{"t", "busiest thread", U::kShare},
       {"used", "CPU use", U::kCores},
       {"limit", "effective limit", U::kCores},
       {}}}},
    {"mem.stall",
     Resource::kMemory,
     "time lost to reclaim and reading back",
     {{{"some", "memory pressure, or what stands in for it", U::kShare},
       {"full", "memory pressure of all tasks at once", U::kShare},
       {"r", "refaulted bytes a second / limit", U::kShare},
       {"hits", "limit hits", U::kPerSecond}}}},
    {"mem.space",
     Resource::kMemory,
     "unreclaimable memory near the limit",
     {{{"x", "unreclaimable / effective limit", U::kShare},
       {"unreclaimable", "unreclaimable memory", U::kBytes},
       {"limit", "effective limit", U::kBytes},
       {}}}},
    {"mem.oom",
     Resource::kMemory,
     "killed for lack of memory",
     {{{"age", "since the last kill", U::kSeconds}, {"kills", "kills of the last hour", U::kCount}, {}, {}}}},
    {"mem.leak",
     Resource::kMemory,
     "memory that only grows",
     {{{"T", "time to the limit", U::kSeconds},
       {"tau", "Kendall's tau of the block minima", U::kShare},
       {"slope", "growth", U::kBytesPerSecond},
       {"growth", "growth over the window", U::kShare}}}},
    {"io.stall",
     Resource::kIo,
     "time lost to waiting for the disk",
     {{{"some", "I/O pressure, or what stands in for it", U::kShare},
       {"full", "I/O pressure of all tasks at once", U::kShare},
       {"bytes", "read and written", U::kBytesPerSecond},
       {"requests", "requests", U::kPerSecond}}}},
    {"io.limit",
     Resource::kIo,
     "I/O at its limit",
     {{{"x", "rate / limit", U::kShare}, {"limit", "limit", U::kBytesPerSecond}, {}, {}}}},
    {"io.device",
     Resource::kIo,
     "busy device times own share",
     {{{"busy", "device busy", U::kShare}, {"share", "own share of it", U::kShare}, {}, {}}}},
    {"net.drops",
     Resource::kNetwork,
     "dropped packets",
     {{{"ratio", "dropped / packets", U::kShare}, {"packets", "packets", U::kCount}, {}, {}}}},
    {"net.retransmits",
     Resource::kNetwork,
     "TCP segments sent again",
     {{{"ratio", "sent again / sent", U::kShare}, {"segments", "segments", U::kCount}, {}, {}}}},
    {"net.listen",
     Resource::kNetwork,
     "connections refused by a full accept queue",
     {{{"rate", "full accept queues", U::kPerSecond}, {}, {}, {}}}},
    {"net.conntrack",
     Resource::kNetwork,
     "the host's connection table",
     {{{"x", "connections / limit", U::kShare}, {}, {}, {}}}},
    {"pids.tasks",
     Resource::kPids,
     "tasks near their limit",
     {{{"x", "tasks / limit", U::kShare},
       {"refused", "forks refused", U::kCount},
       {"tasks", "tasks", U::kCount},
       {"limit", "limit", U::kCount}}}},
    {"pids.files",
     Resource::kPids,
     "open files near their limit",
     {{{"x", "open files / limit", U::kShare},
       {"files", "open files of the worst process", U::kCount},
       {"limit", "limit", U::kCount},
       {}}}},
    {"life.restarts",
     Resource::kLifecycle,
     "restarts that nobody asked for",
     {{{"rate", "restarts", U::kPerHour}, {}, {}, {}}}},
    {"life.unhealthy",
     Resource::kLifecycle,
     "health check failing",
     {{{"time", "unhealthy for", U::kSeconds}, {}, {}, {}}}},
}};

constexpr std::array<std::string_view, kResourceCount> kResources = {"cpu",     "memory", "io",
                                                                     "network", "pids",   "lifecycle"};
constexpr std::array<std::string_view, kCategoryCount> kCategories = {
    "none",        "cpu_quota", "cpu_contention", "cpu_demand", "memory_limit", "memory_leak",
    "memory_host", "io",        "io_limit",       "network",    "pids",         "lifecycle"};
constexpr std::array<std::string_view, kCategoryCount> kSentences = {
    "nothing holds it back",
    "held by its CPU quota",
    "other work takes the CPUs it needs",
    "uses all the CPU it may use",
    "its memory limit is too small",
    "its memory only grows",
    "the host is short of memory",
    "waits for the disk",
    "held by its I/O limit",
    "loses network traffic",
    "runs out of tasks or open files",
    "does not stay up and healthy",
};
constexpr std::array<std::string_view, kEvidenceKindCount> kKinds = {
    "none",    "quota_counters", "psi",         "run_delay", "delay_accounting", "refaults", "kernel_events",
    "d_state", "device_share",   "utilisation", "usage",     "traffic",          "runtime",  "trend"};

}  // namespace

const SignalInfo& info_of(Signal signal) { return kSignals[static_cast<std::size_t>(signal)]; }
std::string_view name_of(Resource resource) { return kResources[static_cast<std::size_t>(resource)]; }
std::string_view name_of(Category category) { return kCategories[static_cast<std::size_t>(category)]; }
std::string_view sentence_of(Category category) { return kSentences[static_cast<std::size_t>(category)]; }
std::string_view name_of(EvidenceKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::string_view name_of(Band band) {
  static constexpr std::array<std::string_view, 5> kBands = {"none", "low", "medium", "high", "critical"};
  return kBands[static_cast<std::size_t>(band)];
}

Resource resource_of(Category category) {
  switch (category) {
    case Category::kNone:
    case Category::kCpuQuota:
    case Category::kCpuContention:
    case Category::kCpuDemand:
      return Resource::kCpu;
    case Category::kMemoryLimit:
    case Category::kMemoryLeak:
    case Category::kMemoryHost:
      return Resource::kMemory;
    case Category::kIo:
    case Category::kIoLimit:
      return Resource::kIo;
    case Category::kNetwork:
      return Resource::kNetwork;
    case Category::kPids:
      return Resource::kPids;
    case Category::kLifecycle:
      return Resource::kLifecycle;
  }
  return Resource::kCpu;
}

float log_ramp(float x, float low, float high) {
  if (!is_present(x)) return x;
  if (x <= low || x <= 0) return 0;
  if (x >= high) return 1;
  return std::clamp(std::log(x / low) / std::log(high / low), 0.0F, 1.0F);
}

float linear_ramp(float x, float low, float high) {
  if (!is_present(x)) return x;
  if (x <= low) return 0;
  if (x >= high) return 1;
  return (x - low) / (high - low);
}

float value_of(const Term& term) {
  switch (term.shape) {
    case Shape::kNothing:
      return is_present(term.x) ? 0 : term.x;
    case Shape::kLog:
      return term.factor * log_ramp(term.x, term.low, term.high);
    case Shape::kLinear:
      return term.factor * linear_ramp(term.x, term.low, term.high);
    case Shape::kStep:
      return is_present(term.x) ? (term.x >= term.low ? term.factor : 0) : term.x;
    case Shape::kFade:
      // From 1 at low down to `factor` at high, then nothing.
      if (!is_present(term.x)) return term.x;
      if (term.x >= term.high) return 0;
      return 1 - (1 - term.factor) * linear_ramp(term.x, term.low, term.high);
  }
  return kNoRate;
}

float x_for(const Term& term, float wanted) {
  if (!(wanted >= 0) || term.factor <= 0) return kNoRate;
  const float part = wanted / term.factor;
  switch (term.shape) {
    case Shape::kLog:
      return part <= 1 ? term.low * std::pow(term.high / term.low, part) : kNoRate;
    case Shape::kLinear:
      return part <= 1 ? term.low + (term.high - term.low) * part : kNoRate;
    case Shape::kStep:
      return term.low;
    case Shape::kFade:
      if (wanted <= term.factor) return term.high;
      return wanted <= 1 ? term.low + (term.high - term.low) * (1 - wanted) / (1 - term.factor) : kNoRate;
    case Shape::kNothing:
      break;
  }
  return kNoRate;
}

}  // namespace bottleneck
