// A large image costs at each start on a new host; told where it is started often.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace image_large {
namespace {

constexpr double kGB = 1e9;

Condition check(const AdviceContext& context) {
  const RecommendationParameters& p = context.p();
  const LifeEvidence& life = context.evidence.life;
  const bool large = life.image_bytes > p.image_gb * kGB || life.image_layers > p.image_layers;
  const bool often = wide(context.events.starts_of_day) >= p.often_starts;
  Condition condition;
  condition.over = !large || !often;
  condition.severity = condition.over ? Severity::kCleared : Severity::kLow;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  const LifeEvidence& life = context.evidence.life;
  text.description = "Its image " + in_quotes(context.subject.image) + " has " + bytes(life.image_bytes);
  if (is_present(life.image_layers)) text.description += " in " + number(life.image_layers) + " layers";
  text.description += " and was started " + times(wide(context.events.starts_of_day)) + " in a day.";
  text.suggestion = "A smaller base image, a multi-stage build, no caches of package managers in layers.";
  text.clears = lasting("A smaller image, or fewer starts", context.p().leave_seconds);
}

}  // namespace
}  // namespace image_large

const Advice kImageLarge = {
    .id = AdviceId::kImageLarge,
    .resource = Resource::kLifecycle,
    .check = image_large::check,
    .gauge = [](const AdviceContext& context) { return context.evidence.life.image_bytes; },
    .describe = image_large::describe,
};

}  // namespace bottleneck::advice
