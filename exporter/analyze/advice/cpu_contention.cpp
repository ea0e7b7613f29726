// Runnable, but others run: not its own quota, and not its own threads alone.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace cpu_contention {
namespace {

constexpr double kWeightFactor = 4;

Condition check(const AdviceContext& context) {
  Condition condition = at_least(wide(context.signal(Signal::kCpuStarve)), context.p().cpu_starved_in,
                                 context.p().cpu_starved_out, Severity::kMedium,
                                 context.all.judgement.band_high, Severity::kHigh);
  if (!context.category(Category::kCpuContention)) condition.severity = Severity::kCleared;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  const SignalReading& starve = context.judgement.of(Signal::kCpuStarve);
  text.description = "For " + percent(wide(starve.inputs[0])) +
                     " of the last minute a task of it waited for a CPU. It used " +
                     cores(wide(context.score().cpu_cores)) + " of the " +
                     cores(context.evidence.cpu_effective_limit) +
                     " it may use, while all work of the host used " + cores(wide(context.host.busy_cores)) +
                     " of " + cores(context.host.cpus);
  if (wide(context.host.steal) >= context.all.judgement.steal) {
    text.description += ", and the hypervisor took " + percent(wide(context.host.steal));
  }
  text.description += ".";
  std::string suspects;
  for (const NeighbourReading& neighbour : context.judgement.neighbours) {
    if (neighbour.resource != Resource::kCpu) continue;
    suspects += (suspects.empty() ? "" : ", ") + in_quotes(neighbour.name) + " (correlation " +
                number(wide(neighbour.correlation)) + ")";
  }
  if (!suspects.empty()) text.description += " What goes with its waiting: " + suspects + ".";
  text.suggestion =
      "Give it a larger CPU weight, which costs nothing while CPUs are idle; limit or move what takes the "
      "CPUs, or add "
      "CPUs.";
  text.clears =
      lasting("Score cpu.starve below " + number(context.p().cpu_starved_out), context.p().leave_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  const double weight = context.evidence.cpu_weight;
  return change_cpu_weight(context.subject, weight, weight * kWeightFactor);
}

}  // namespace
}  // namespace cpu_contention

const Advice kCpuContention = {
    .id = AdviceId::kCpuContention,
    .resource = Resource::kCpu,
    .check = cpu_contention::check,
    .gauge =
        [](const AdviceContext& context) { return wide(context.judgement.of(Signal::kCpuStarve).inputs[0]); },
    .describe = cpu_contention::describe,
    .change = cpu_contention::change,
};

}  // namespace bottleneck::advice
