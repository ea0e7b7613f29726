// Mostly reading, much, for a quarter of an hour.
#include "exporter/analyze/advice/advice.h"
#include "exporter/analyze/sizing.h"

namespace bottleneck::advice {
namespace io_read_heavy {
namespace {

constexpr double kMB = 1e6;

double read(const AdviceContext& context) { return wide(context.score().read_bytes); }

Condition check(const AdviceContext& context) {
  const double all = read(context) + wide(context.score().written_bytes);
  Condition condition =
      at_least(all, context.p().io_heavy_mib * kMiB, 0.7 * context.p().io_heavy_mib * kMiB, Severity::kLow);
  const double share = read(context) / all;
  if (!(share >= context.p().io_heavy_share)) condition.severity = Severity::kCleared;
  if (!(share >= 0.9 * context.p().io_heavy_share)) condition.over = true;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  const bool very = read(context) > context.p().io_very_high_read_mb * kMB;
  text.description = std::string(very ? "It reads very much: " : "It reads ") + byte_rate(read(context)) +
                     ", and writes " + byte_rate(wide(context.score().written_bytes)) + ".";
  text.suggestion =
      "Keep in memory what is read again: a larger cache, an index instead of a scan, less to read.";
  text.clears = lasting("Less than " + byte_rate(0.7 * context.p().io_heavy_mib * kMiB) + ", or a mix",
                        context.p().leave_seconds);
}

}  // namespace
}  // namespace io_read_heavy

const Advice kIoReadHeavy = {
    .id = AdviceId::kIoReadHeavy,
    .resource = Resource::kIo,
    .enter = &RecommendationParameters::long_seconds,
    .check = io_read_heavy::check,
    .gauge = io_read_heavy::read,
    .describe = io_read_heavy::describe,
};

}  // namespace bottleneck::advice
