#include "exporter/report/ruled_out.h"

#include <initializer_list>

#include "exporter/analyze/advice/text.h"
#include "exporter/analyze/narrative.h"

namespace bottleneck {
namespace {

using S = Signal;

std::vector<Signal> signals_of(Category category) {
  switch (category) {
    case Category::kCpuQuota:
      return {S::kCpuQuota};
    case Category::kCpuContention:
      return {S::kCpuStarve};
    case Category::kCpuDemand:
      return {S::kCpuStarve, S::kCpuUtil, S::kCpuThread};
    case Category::kMemoryLimit:
      return {S::kMemStall, S::kMemSpace, S::kMemOom};
    case Category::kMemoryHost:
      return {S::kMemStall, S::kMemOom};
    case Category::kMemoryLeak:
      return {S::kMemLeak};
    case Category::kIo:
      return {S::kIoStall, S::kIoDevice};
    case Category::kIoLimit:
      return {S::kIoLimit};
    case Category::kNetwork:
      return {S::kNetDrops, S::kNetRetransmits, S::kNetListen, S::kNetConntrack};
    case Category::kPids:
      return {S::kPidsTasks, S::kPidsFiles};
    case Category::kLifecycle:
      return {S::kLifeRestarts, S::kLifeUnhealthy};
    case Category::kNone:
      break;
  }
  return {};
}

/// The largest that has a value; false when none has.
bool largest_of(const Judgement& judgement, const std::vector<Signal>& signals, Signal& largest) {
  bool found = false;
  for (const Signal signal : signals) {
    const float value = judgement.of(signal).value;
    if (!is_present(value) || (found && value <= judgement.of(largest).value)) continue;
    largest = signal;
    found = true;
  }
  return found;
}

std::string without_value(const Judgement& judgement, Category category) {
  switch (category) {
    case Category::kCpuQuota:
      return "no CPU quota is known, of its own or above it";
    case Category::kIoLimit:
      return "no I/O limit is known";
    case Category::kMemoryLeak:
      return judgement.memory_leak.state == LeakState::kTooEarly ? "too early to tell growth from warming up"
                                                                 : "its memory does not grow steadily";
    default:
      return "nothing of it is measured here";
  }
}

/// Two causes of one symptom: what tells them apart from the chosen one. Null when the pair has nothing
/// special.
const char* told_apart(Category chosen, Category other) {
  if (chosen == Category::kCpuDemand && other == Category::kCpuContention)
    return "its own use, not other work, fills the CPUs that it may use";
  if (chosen == Category::kCpuContention && other == Category::kCpuDemand)
    return "it does not get the CPUs that it may use: other work has them";
  if (chosen == Category::kCpuQuota && other == Category::kCpuContention)
    return "what waiting there is comes from its own quota";
  if (chosen == Category::kMemoryHost && other == Category::kMemoryLimit)
    return "it has no limit, or stalls below it: the shortage is the host's";
  if ((chosen == Category::kMemoryLimit || chosen == Category::kMemoryLeak) && other == Category::kMemoryHost)
    return "the limit that it meets is its own or its parent's, not the host's";
  if (chosen == Category::kMemoryLeak && other == Category::kMemoryLimit)
    return "a larger limit would only be reached later: its memory grows steadily";
  return nullptr;
}

std::string against(const Judgement& judgement, const JudgementParameters& parameters, Category category,
                    Signal signal) {
  const SignalReading& reading = judgement.of(signal);
  const std::string deciding = deciding_number(signal, reading);
  const std::string score = "score " + advice::number(static_cast<double>(reading.value)) +
                            (deciding.empty() ? "" : " (" + deciding + ")");
  if (static_cast<double>(reading.value) < parameters.band_low)
    return score + " is below " + advice::number(parameters.band_low);
  if (const char* reason = told_apart(judgement.category, category)) return reason;
  const ResourceJudgement& resource = judgement.of(resource_of(category));
  if (resource.induced) return score + ": " + std::string(resource.induced_by);
  const float leading = judgement.of(speaker(judgement)).value;
  if (reading.value < leading)
    return score + " is smaller than the cause's " + advice::number(static_cast<double>(leading));
  return score + ", but " + std::string(text_of(judgement.test));
}

}  // namespace

std::vector<RuledOut> ruled_out(const Judgement& judgement, const JudgementParameters& parameters) {
  std::vector<RuledOut> out;
  if (!judgement.judged) return out;
  for (std::size_t i = 1; i < kCategoryCount; ++i) {
    const auto category = static_cast<Category>(i);
    if (category == judgement.category) continue;
    Signal signal = Signal::kCpuQuota;
    if (largest_of(judgement, signals_of(category), signal)) {
      out.push_back({category, against(judgement, parameters, category, signal), judgement.of(signal).value});
    } else {
      out.push_back({category, without_value(judgement, category), kNoRate});
    }
  }
  return out;
}

}  // namespace bottleneck
