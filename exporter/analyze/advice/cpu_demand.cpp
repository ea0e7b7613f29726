// It uses all that it may, and nobody takes it away: more CPUs, more replicas, or less work.
#include <cmath>

#include "exporter/analyze/advice/advice.h"
#include "exporter/analyze/sizing.h"

namespace bottleneck::advice {
namespace cpu_demand {
namespace {

enum class Binding { kQuota, kAncestor, kCpuset, kHost };

Binding binding(const AdviceContext& context) {
  const Evidence& evidence = context.evidence;
  const double effective = evidence.cpu_effective_limit;
  if (is_present(evidence.cpu_limit) && evidence.cpu_limit <= effective) return Binding::kQuota;
  if (is_present(evidence.above_limit) && evidence.above_limit <= effective) return Binding::kAncestor;
  if (is_present(evidence.cpuset_cpus) && evidence.cpuset_cpus < context.host.cpus) return Binding::kCpuset;
  return effective < context.host.cpus ? Binding::kAncestor : Binding::kHost;
}

/// Of what more CPUs would cure: one thread at its end (cpu.thread) has CPU_SINGLE_THREAD.
double score(const AdviceContext& context) {
  return std::fmax(wide(context.signal(Signal::kCpuStarve)), wide(context.signal(Signal::kCpuUtil)));
}

Condition check(const AdviceContext& context) {
  Condition condition = at_least(score(context), context.p().cpu_starved_in, context.p().cpu_starved_out,
                                 Severity::kLow, context.all.judgement.band_high, Severity::kMedium);
  const bool thread = context.judgement.deciding_signal == Signal::kCpuThread;
  if (!context.category(Category::kCpuDemand) || thread) condition.severity = Severity::kCleared;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "It uses " + cores(wide(context.score().cpu_cores)) + " of the " +
                     cores(context.evidence.cpu_effective_limit) + " it may use";
  const double waiting = wide(context.judgement.of(Signal::kCpuStarve).inputs[1]);
  if (is_present(waiting)) text.description += ", its tasks wait " + percent(waiting) + " of the time";
  text.description += ", and no other work takes the CPUs from it. ";
  switch (binding(context)) {
    case Binding::kQuota:
      text.description += "What binds is its own quota.";
      text.suggestion = "Raise the CPU limit, run more replicas, or give it less work.";
      break;
    case Binding::kAncestor:
      text.description += "What binds is the quota of a parent cgroup.";
      text.suggestion = "Raise the quota of the parent cgroup, run more replicas, or give it less work.";
      break;
    case Binding::kCpuset:
      text.description += "What binds is its cpuset.";
      text.suggestion = "Give it more CPUs in its cpuset, run more replicas elsewhere, or give it less work.";
      break;
    case Binding::kHost:
      text.description += "What binds is the host.";
      text.suggestion = "Use a host with more CPUs, run replicas on others, or give it less work.";
      break;
  }
  text.clears = lasting("Scores cpu.starve and cpu.util below " + number(context.p().cpu_starved_out),
                        context.p().leave_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  const double limit = context.evidence.cpu_limit;
  if (binding(context) != Binding::kQuota) return {};
  const double to = round_cores(context.all.judgement.size_cpu_raise * limit);
  if (to > usable_cpus(context.evidence, context.host))
    return {};  // not known, in a recorded series: no ceiling
  return change_cpu_limit(context.subject, limit, to);
}

}  // namespace
}  // namespace cpu_demand

const Advice kCpuDemand = {
    .id = AdviceId::kCpuDemand,
    .resource = Resource::kCpu,
    .check = cpu_demand::check,
    .gauge = cpu_demand::score,
    .describe = cpu_demand::describe,
    .change = cpu_demand::change,
};

}  // namespace bottleneck::advice
