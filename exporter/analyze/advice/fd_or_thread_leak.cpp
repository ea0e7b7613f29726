// Open files or threads by the leak rule: two whole windows in which they only grew.
#include "exporter/analyze/advice/advice.h"

namespace bottleneck::advice {
namespace fd_or_thread_leak {
namespace {

bool files(const AdviceContext& context) {
  return context.judgement.file_leak.state >= LeakState::kSuspected;
}
bool threads(const AdviceContext& context) {
  return context.judgement.thread_leak.state >= LeakState::kSuspected;
}

Condition check(const AdviceContext& context) {
  Condition condition;
  condition.over = !files(context) && !threads(context);
  if (condition.over) return condition;
  const LeakReading& leak = files(context) ? context.judgement.file_leak : context.judgement.thread_leak;
  const bool near = leak.limit_seconds < context.p().leak_high_hours * 3600;
  condition.severity = near ? Severity::kHigh : Severity::kMedium;
  return condition;
}

void describe(const AdviceContext& context, FindingText& text) {
  const bool is_files = files(context);
  const LeakReading& leak = is_files ? context.judgement.file_leak : context.judgement.thread_leak;
  text.description = std::string(is_files ? "Open files" : "Threads") + " only grew for two windows of " +
                     duration(wide(leak.window_seconds)) + ", by " + percent(wide(leak.growth)) +
                     " in the last: " + number(leak.slope * 3600) + " more an hour.";
  if (is_present(leak.limit_seconds)) {
    text.description += " At this pace the limit is reached in " + duration(leak.limit_seconds) + ".";
  }
  text.suggestion =
      is_files
          ? "Find what is opened and never closed: connections of a pool, files on an error path, watches."
          : "Find what is started and never ends: a thread for each request, timers, pools made anew.";
  text.clears =
      "A whole window with tau below " + number(context.all.judgement.leak_leave_tau) + ", or a restart.";
}

}  // namespace
}  // namespace fd_or_thread_leak

const Advice kFdOrThreadLeak = {
    .id = AdviceId::kFdOrThreadLeak,
    .resource = Resource::kPids,
    .enter = nullptr,
    .leave = nullptr,
    .check = fd_or_thread_leak::check,
    .gauge =
        [](const AdviceContext& context) {
          return fd_or_thread_leak::files(context) ? context.judgement.file_leak.slope
                                                   : context.judgement.thread_leak.slope;
        },
    .describe = fd_or_thread_leak::describe,
};

}  // namespace bottleneck::advice
