// One thread runs all the time while most of what the container may use is idle.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace cpu_single_thread {
namespace {

constexpr double kSaturated = 0.98;

double thread(const AdviceContext& context) {
  return wide(context.judgement.of(Signal::kCpuThread).inputs[0]);
}

Condition check(const AdviceContext& context) {
  Condition condition = at_least(wide(context.signal(Signal::kCpuThread)), context.p().cpu_single_thread_in,
                                 context.p().cpu_single_thread_out, Severity::kLow);
  if (condition.severity != Severity::kCleared && thread(context) >= kSaturated)
    condition.severity = Severity::kMedium;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "Its busiest thread runs " + percent(thread(context)) +
                     " of the time, while the container uses " + cores(wide(context.score().cpu_cores)) +
                     " of the " + cores(context.evidence.cpu_effective_limit) + " it may use.";
  text.suggestion =
      "More CPUs will not help: only a faster one, less work on that thread, or work spread over several "
      "threads, "
      "processes or replicas.";
  text.clears = lasting("Score cpu.thread below " + number(context.p().cpu_single_thread_out),
                        context.p().leave_seconds);
}

}  // namespace
}  // namespace cpu_single_thread

const Advice kCpuSingleThread = {
    .id = AdviceId::kCpuSingleThread,
    .resource = Resource::kCpu,
    .check = cpu_single_thread::check,
    .gauge = cpu_single_thread::thread,
    .describe = cpu_single_thread::describe,
};

}  // namespace bottleneck::advice
