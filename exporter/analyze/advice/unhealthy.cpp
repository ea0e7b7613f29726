// Its own health check says no, for a minute.
#include "exporter/analyze/advice/advice.h"
#include "exporter/analyze/narrative.h"

namespace bottleneck::advice {
namespace unhealthy {
namespace {

double since(const AdviceContext& context) { return wide(context.events.unhealthy_seconds); }

Condition check(const AdviceContext& context) {
  Condition condition;
  condition.severity =
      since(context) >= context.all.judgement.unhealthy_seconds ? Severity::kHigh : Severity::kCleared;
  condition.over = !(since(context) > 0);
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  text.description = "Its health check has failed for " + duration(since(context)) + ".";
  if (context.judgement.judged && context.judgement.category != Category::kNone &&
      context.judgement.category != Category::kLifecycle) {
    text.description += " At the same time: " + std::string(sentence(context.judgement)) + ".";
  }
  text.suggestion =
      "Run the check by hand inside it and read what it says; a check that times out under load says the "
      "same.";
  text.clears = "The check succeeds.";
}

}  // namespace
}  // namespace unhealthy

const Advice kUnhealthy = {
    .id = AdviceId::kUnhealthy,
    .resource = Resource::kLifecycle,
    .enter = nullptr,
    .leave = nullptr,
    .early = true,
    .check = unhealthy::check,
    .gauge = unhealthy::since,
    .describe = unhealthy::describe,
};

}  // namespace bottleneck::advice
