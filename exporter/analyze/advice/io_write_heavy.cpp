// Mostly writing, much, for a quarter of an hour.
#include "exporter/analyze/advice/advice.h"
#include "exporter/analyze/sizing.h"

namespace bottleneck::advice {
namespace io_write_heavy {
namespace {

constexpr double kMB = 1e6;

double written(const AdviceContext& context) { return wide(context.score().written_bytes); }

Condition check(const AdviceContext& context) {
  const double all = written(context) + wide(context.score().read_bytes);
  Condition condition =
      at_least(all, context.p().io_heavy_mib * kMiB, 0.7 * context.p().io_heavy_mib * kMiB, Severity::kLow);
  const double share = written(context) / all;
  if (!(share >= context.p().io_heavy_share)) condition.severity = Severity::kCleared;
  if (!(share >= 0.9 * context.p().io_heavy_share)) condition.over = true;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  const bool very = written(context) > context.p().io_very_high_written_mb * kMB;
  text.description = std::string(very ? "It writes very much: " : "It writes ") +
                     byte_rate(written(context)) + ", and reads " +
                     byte_rate(wide(context.score().read_bytes)) + ".";
  text.suggestion =
      "See what is written: logs at too fine a level, temporary files that could be in memory, a database "
      "that commits "
      "each row. Flash wears with it.";
  text.clears = lasting("Less than " + byte_rate(0.7 * context.p().io_heavy_mib * kMiB) + ", or a mix",
                        context.p().leave_seconds);
}

}  // namespace
}  // namespace io_write_heavy

const Advice kIoWriteHeavy = {
    .id = AdviceId::kIoWriteHeavy,
    .resource = Resource::kIo,
    .enter = &RecommendationParameters::long_seconds,
    .check = io_write_heavy::check,
    .gauge = io_write_heavy::written,
    .describe = io_write_heavy::describe,
};

}  // namespace bottleneck::advice
