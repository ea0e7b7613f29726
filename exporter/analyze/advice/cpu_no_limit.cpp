// Half of a busy host's CPU for one container, and nothing that would stop it at all of it.
#include <algorithm>

#include "exporter/analyze/advice/advice.h"
#include "exporter/analyze/sizing.h"

namespace bottleneck::advice {
namespace cpu_no_limit {
namespace {

constexpr double kUsualWeight = 100;    // of cgroup v2; 1024 shares are told as it
constexpr double kYieldingWeight = 75;  // half of the shares of v1 are a weight of 59
constexpr double kMostOfHost = 0.9;

/// Others come first. Not asked in Kubernetes: it makes weights of requests, small ones for all alike.
bool yields(const AdviceContext& context) {
  return context.subject.k8s_container.empty() && context.evidence.cpu_weight <= kYieldingWeight;
}

double share(const AdviceContext& context) { return wide(context.score().cpu_cores) / context.host.cpus; }

Condition check(const AdviceContext& context) {
  Condition condition = at_least(share(context), context.p().no_limit_cpu_share,
                                 0.8 * context.p().no_limit_cpu_share, Severity::kLow);
  const double busy = wide(context.host.busy_cores) / context.host.cpus;
  const bool limited = has_cpu_quota(context.evidence) ||
                       context.evidence.cpu_effective_limit < context.host.cpus || yields(context);
  if (!(busy >= context.p().no_limit_cpu_busy) || limited) condition.severity = Severity::kCleared;
  if (limited) condition.over = true;
  return condition;
}

double wanted(const AdviceContext& context) {
  const double size = context.judgement.cpu_size.recommended;
  const double now = round_cores(wide(context.score().cpu_cores));
  return is_present(size) ? std::max(size, now) : now;
}

/// A limit near the whole host protects nobody, one below what it uses holds it back: others come first then.
bool by_weight(const AdviceContext& context) { return wanted(context) > kMostOfHost * context.host.cpus; }

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "It uses " + cores(wide(context.score().cpu_cores)) + ", " + percent(share(context)) +
                     " of a host whose CPUs are " +
                     percent(wide(context.host.busy_cores) / context.host.cpus) +
                     " busy, and has no CPU limit.";
  text.suggestion =
      by_weight(context)
          ? "Give it a smaller CPU weight: it may still use what is free, and others come first."
          : "Set a limit, so that a fault in it cannot take the host from all others.";
  text.clears = lasting("A limit, a CPU weight below the usual, or less than " +
                            percent(0.8 * context.p().no_limit_cpu_share) + " of the host's CPU",
                        context.p().leave_seconds);
}

std::vector<Change> change(const AdviceContext& context) {
  if (by_weight(context))
    return change_cpu_weight(context.subject, context.evidence.cpu_weight, kUsualWeight / 2);
  return change_cpu_limit(context.subject, kAbsent, wanted(context));
}

}  // namespace
}  // namespace cpu_no_limit

const Advice kCpuNoLimit = {
    .id = AdviceId::kCpuNoLimit,
    .resource = Resource::kCpu,
    .check = cpu_no_limit::check,
    .gauge = cpu_no_limit::share,
    .describe = cpu_no_limit::describe,
    .change = cpu_no_limit::change,
};

}  // namespace bottleneck::advice
