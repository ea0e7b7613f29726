// Most of a busy disk's work is this container's, and another one waits for that disk.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace io_noisy_neighbour {
namespace {

Condition check(const AdviceContext& context) {
  Condition condition;
  const RecommendationParameters& p = context.p();
  const bool busy =
      wide(context.device_busy) >= p.io_neighbour_busy && wide(context.device_share) >= p.io_neighbour_share;
  const bool victim =
      context.fleet.io_victim != nullptr && wide(context.fleet.io_victim_stall) >= p.io_neighbour_stall;
  condition.severity = busy && victim ? Severity::kMedium : Severity::kCleared;
  condition.over = !busy || !victim;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "The disk " + in_quotes(context.evidence.device.device) + " is " +
                     percent(wide(context.device_busy)) + " busy, and " +
                     percent(wide(context.device_share)) + " of what is moved on it is this one's";
  if (context.fleet.io_victim != nullptr)
    text.description += "; " + in_quotes(*context.fleet.io_victim) + " waits for it";
  text.description += ".";
  text.suggestion = "Limit its I/O, run it at another time, or give it a disk of its own.";
  text.clears =
      lasting("Another's io.stall below " + number(context.p().io_neighbour_stall) + ", or a disk with room",
              context.p().leave_seconds);
}

}  // namespace
}  // namespace io_noisy_neighbour

const Advice kIoNoisyNeighbour = {
    .id = AdviceId::kIoNoisyNeighbour,
    .resource = Resource::kIo,
    .check = io_noisy_neighbour::check,
    .gauge = [](const AdviceContext& context) { return wide(context.device_share); },
    .describe = io_noisy_neighbour::describe,
};

}  // namespace bottleneck::advice
