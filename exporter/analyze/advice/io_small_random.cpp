// Many small requests, and work that waits for them.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace io_small_random {
namespace {

constexpr double kKiB = 1024;
constexpr double kOut = 0.7;

double requests(const AdviceContext& context) {
  return wide(context.score().reads) + wide(context.score().writes);
}
double mean_size(const AdviceContext& context) {
  return (wide(context.score().read_bytes) + wide(context.score().written_bytes)) / requests(context);
}

Condition check(const AdviceContext& context) {
  const RecommendationParameters& p = context.p();
  const double stall = wide(context.signal(Signal::kIoStall));
  const double size = mean_size(context);
  Condition condition = at_least(requests(context), p.io_small_rate, kOut * p.io_small_rate, Severity::kLow);
  if (!(size <= p.io_small_kib * kKiB) || !(stall >= p.io_small_stall))
    condition.severity = Severity::kCleared;
  if (!(size <= p.io_small_kib * kKiB / kOut) || !(stall >= kOut * p.io_small_stall)) condition.over = true;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = number(requests(context)) + " requests a second of " + bytes(mean_size(context)) +
                     " on average, while its tasks wait for the disk " +
                     percent(wide(context.judgement.of(Signal::kIoStall).inputs[0])) + " of the time.";
  text.suggestion =
      "Larger requests: batch writes, fewer fsync calls, read ahead, larger pages of the database; or a disk "
      "that is made "
      "for small ones.";
  text.clears =
      lasting("Fewer than " + number(kOut * context.p().io_small_rate) + " requests a second, or larger ones",
              context.p().leave_seconds);
}

}  // namespace
}  // namespace io_small_random

const Advice kIoSmallRandom = {
    .id = AdviceId::kIoSmallRandom,
    .resource = Resource::kIo,
    .check = io_small_random::check,
    .gauge = io_small_random::requests,
    .describe = io_small_random::describe,
};

}  // namespace bottleneck::advice
