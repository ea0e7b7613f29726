// Another container waits for the CPU whenever this one uses it: named by at least one victim in three of
// five minutes.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace cpu_noisy_neighbour {
namespace {

constexpr double kWeightFactor = 0.25;

Condition check(const AdviceContext& context) {
  Condition condition;
  condition.severity = context.fleet.accused ? Severity::kMedium : Severity::kCleared;
  condition.over = !context.fleet.accused;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description =
      "It uses " + cores(wide(context.score().cpu_cores)) + " of the host's " + cores(context.host.cpus);
  if (context.fleet.accused_by != nullptr) {
    text.description += ", and " + in_quotes(*context.fleet.accused_by) +
                        " waits for the CPU when it does (correlation " +
                        number(wide(context.fleet.accused_correlation)) + " over ten minutes)";
  }
  text.description += ".";
  text.suggestion =
      "Give it a smaller CPU weight, so that it yields when others want the CPU, or a limit; or move it to "
      "another host.";
  text.clears = lasting("No container names it", context.p().long_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  const double weight = context.evidence.cpu_weight;
  return change_cpu_weight(context.subject, weight, weight * kWeightFactor);
}

}  // namespace
}  // namespace cpu_noisy_neighbour

const Advice kCpuNoisyNeighbour = {
    .id = AdviceId::kCpuNoisyNeighbour,
    .resource = Resource::kCpu,
    .enter = nullptr,  // three of five minutes have passed already
    .leave = &RecommendationParameters::long_seconds,
    .check = cpu_noisy_neighbour::check,
    .gauge = [](const AdviceContext& context) { return wide(context.score().cpu_cores); },
    .describe = cpu_noisy_neighbour::describe,
    .change = cpu_noisy_neighbour::change,
};

}  // namespace bottleneck::advice
