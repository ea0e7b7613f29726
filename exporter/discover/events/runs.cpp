#include "exporter/discover/events/runs.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace bottleneck {
namespace {

// Engines date a start exactly in their answers and some time later in their events; the cgroup is made
// before both.
constexpr double kSameRunSeconds = 5;
constexpr double kSameEndSeconds = 2;
constexpr double kTick = 0.001;
// Podman dates the end of a very short run some milliseconds before its start.
constexpr double kSkew = 1;
// The end is dated by another clock than the kernel log's.
constexpr double kKillAfterEndSeconds = 0.1;
// The kernel log and a "stop" may come a moment after the end.
constexpr double kSettleSeconds = 1;
constexpr std::size_t kMostEnding = 64;
constexpr int kKilledCode = 137;

}  // namespace

std::string_view name_of(ExitReason reason) {
  static constexpr std::array<std::string_view, kExitReasonCount> kNames = {
      "completed", "error", "oom", "killed", "stopped", "unknown"};
  return kNames[static_cast<std::size_t>(reason)];
}

void ContainerRuns::apply(const ContainerFact& fact, const Context& context) {
  switch (fact.kind) {
    case ContainerFact::Kind::kStarted:
      started(fact.time, context);
      break;
    case ContainerFact::Kind::kEnded:
      ended(fact, context);
      break;
    case ContainerFact::Kind::kExpected:
      turned_out_expected(fact.time);
      break;
    case ContainerFact::Kind::kOom:
      oom(OomSource::kEngine, fact.time, context);
      break;
    case ContainerFact::Kind::kSeen:
      seen(fact, context);
      break;
    case ContainerFact::Kind::kRemoved:
      break;
  }
}

void ContainerRuns::begin(double time, bool told, std::uint64_t inode, bool count) {
  if (!current_.settled) ending_.push_back(current_);
  current_ = Run{};
  current_.start = time;
  current_.told = told;
  current_.inode = inode;
  current_.open = true;
  if (count) {
    ++delta_.starts;
    current_.oom_base = 0;  // a new cgroup counts from 0
  }
  ++begun_;
  known_ = true;
}

void ContainerRuns::close(double time, bool told, const Context& context) {
  current_.open = false;
  current_.settled = false;
  current_.end = time;
  current_.ended_at = context.now;
  current_.end_wait = context.end_wait_seconds;
  current_.end_told = told;
}

/// A runtime's word that comes after the cgroup was seen, and perhaps after it went.
bool ContainerRuns::belongs_to_a_run_seen_by_its_cgroup(double time) {
  return any_run([&](Run& run) {
    const bool fits = run.inode != 0 && !run.told && time >= run.start - kSameRunSeconds &&
                      (run.open || time <= run.end + kSameRunSeconds);
    if (!fits) return false;
    run.told = true;
    run.start = time;
    return true;
  });
}

void ContainerRuns::started(double time, const Context& context) {
  if (!belongs_to_a_run_seen_by_its_cgroup(time)) {
    if (known_ && time <= current_.start) return;
    // The event of a run that an answer has told of; a short one may even be over. While its cgroup is there
    // it is of that run however late a busy engine dates it: another run has another cgroup, and comes after
    // an end.
    const bool goes_on = current_.open && current_.inode != 0;
    const bool near =
        time < current_.start + kSameRunSeconds && (current_.open || time <= current_.end + kSameEndSeconds);
    const bool same = !current_.start_told && (goes_on || near);
    if (same) {
      current_.start = time;
    } else {
      if (current_.open) close(time, true, context);  // an end that nobody saw
      begin(time, true, 0, true);
    }
  }
  current_.start_told = true;
}

void ContainerRuns::first_seen(const ContainerFact& fact, const Context& context) {
  known_ = true;
  if (!fact.started) return;
  begin(*fact.started, true, 0, *fact.started > context.since);
  if (fact.running) return;
  if (fact.finished && *fact.finished > context.since) {
    seen_ended(fact, context);
  } else {
    current_.open = false;
    current_.end = fact.finished.value_or(*fact.started);
  }
}

void ContainerRuns::seen(const ContainerFact& fact, const Context& context) {
  if (!known_) {
    first_seen(fact, context);
    restarts_ = fact.restarts;
    begun_ = 0;
    return;
  }
  if (fact.started && !belongs_to_a_run_seen_by_its_cgroup(*fact.started) &&
      *fact.started > current_.start + kTick) {
    // The engine counts restarts: it may have been more than the one that shows.
    std::uint64_t missed = 0;
    if (restarts_ && fact.restarts && *fact.restarts > *restarts_ + begun_ + 1) {
      missed = *fact.restarts - *restarts_ - begun_ - 1;
    }
    delta_.starts += missed;
    delta_.exits[static_cast<std::size_t>(ExitReason::kUnknown)] += missed;
    if (current_.open) close(*fact.started, true, context);
    begin(*fact.started, true, 0, true);
  }
  if (!fact.running && fact.finished) seen_ended(fact, context);
  if (fact.restarts) {
    restarts_ = fact.restarts;
    begun_ = 0;
  }
}

void ContainerRuns::seen_ended(const ContainerFact& fact, const Context& context) {
  if (current_.open && *fact.finished >= current_.start - kSkew) close(*fact.finished, true, context);
  if (current_.open || current_.settled) return;
  // That its cgroup is gone may have been seen long after it went: while nobody watched.
  const bool before = !current_.end_told && *fact.finished >= current_.start && *fact.finished < current_.end;
  if (!before && std::abs(*fact.finished - current_.end) > kSameEndSeconds) return;
  if (before) current_.end = *fact.finished;
  current_.end_told = true;
  if (fact.exit_code) current_.exit_code = fact.exit_code;
  if (fact.expected) current_.expected = current_.expected.value_or(false) || *fact.expected;
  if (fact.oom_killed == true) {
    current_.kills.told_at_end = true;
    current_.kills.last = *fact.finished;
    recount(current_, context);
  }
}

void ContainerRuns::ended(const ContainerFact& fact, const Context& context) {
  const auto fill = [&](Run& run) {
    run.end_told = true;
    if (fact.exit_code) run.exit_code = fact.exit_code;
    if (fact.expected) run.expected = run.expected.value_or(false) || *fact.expected;
  };
  const bool explained = any_run([&](Run& run) {
    if (run.open || run.settled || run.end_told) return false;
    fill(run);
    return true;
  });
  if (explained) return;
  if (current_.open && fact.time >= current_.start - kSkew) {
    close(fact.time, true, context);
    fill(current_);
    return;
  }
  if (current_.open || (known_ && fact.time <= current_.end + kSameEndSeconds)) {
    if (!current_.open && !current_.settled && std::abs(fact.time - current_.end) <= kSameEndSeconds)
      fill(current_);
    return;
  }
  begin(fact.time, true, 0, false);  // its start was before our time
  close(fact.time, true, context);
  fill(current_);
}

void ContainerRuns::turned_out_expected(double time) {
  if (!current_.open && !current_.settled) {
    current_.expected = true;
  } else if (!ending_.empty() && time >= ending_.back().end) {
    ending_.back().expected = true;
  }
}

void ContainerRuns::cgroup_appeared(std::uint64_t inode, bool count, const Context& context) {
  if (current_.inode == inode) return;
  if (current_.open && current_.inode == 0) {
    current_.inode = inode;
    return;
  }
  if (current_.open) close(context.now, false, context);
  begin(context.now, false, inode, count);
}

void ContainerRuns::cgroup_vanished(std::uint64_t inode, const Context& context) {
  if (current_.open && current_.inode == inode) close(context.now, false, context);
}

void ContainerRuns::host_restarted(const Context& context) {
  if (!current_.open || current_.inode == 0) return;
  close(context.since, false, context);
  current_.inode = 0;  // numbers are given anew
}

ContainerRuns::Run& ContainerRuns::run_at(double time) {
  for (Run& run : ending_) {
    if (time <= run.end + kKillAfterEndSeconds) return run;
  }
  return current_;
}

void ContainerRuns::oom(OomSource source, double time, const Context& context) {
  Run& run = run_at(time);
  if (source == OomSource::kKernelLog) ++run.kills.kernel_log;
  if (source == OomSource::kEngine) ++run.kills.engine;
  run.kills.last = std::max(run.kills.last, time);
  known_ = true;
  recount(run, context);
}

void ContainerRuns::oom_counter(std::uint64_t kills, const Context& context) {
  if (!current_.oom_base) current_.oom_base = kills;  // what was before our time is not counted
  if (kills <= *current_.oom_base) {
    current_.oom_base = kills;
    return;
  }
  current_.kills.cgroup += kills - *current_.oom_base;
  current_.oom_base = kills;
  current_.kills.last = context.now;
  recount(current_, context);
}

/// Each source counts the same kills of a run: together they know of as many as the one that saw most.
void ContainerRuns::recount(Run& run, const Context& context) {
  const std::uint64_t by_engine = context.kernel_log ? 0 : run.kills.engine;
  const std::uint64_t total = std::max({run.kills.kernel_log, run.kills.cgroup, by_engine,
                                        static_cast<std::uint64_t>(run.kills.told_at_end ? 1 : 0)});
  if (total <= run.kills.counted) return;
  delta_.ooms += total - run.kills.counted;
  run.kills.counted = total;
}

void ContainerRuns::decide(Run& run) {
  ExitReason reason = ExitReason::kUnknown;
  const bool oom_at_end = run.kills.counted > 0 && run.kills.last >= run.end - kSameRunSeconds;
  if (run.expected == true) {
    reason = ExitReason::kStopped;
  } else if ((run.kills.told_at_end || oom_at_end) && run.exit_code.value_or(kKilledCode) == kKilledCode) {
    reason = ExitReason::kOom;
  } else if (run.exit_code) {
    reason = *run.exit_code == 0             ? ExitReason::kCompleted
             : *run.exit_code == kKilledCode ? ExitReason::kKilled
                                             : ExitReason::kError;
  }
  ++delta_.exits[static_cast<std::size_t>(reason)];
  run.settled = true;
}

void ContainerRuns::settle(const Context& context, bool all) {
  any_run([&](Run& run) {
    if (run.open || run.settled) return false;
    const double wait = run.end_told ? kSettleSeconds : run.end_wait;
    const bool crowded = ending_.size() > kMostEnding;
    if (all || crowded || context.now - run.ended_at >= wait) decide(run);
    return false;
  });
  std::erase_if(ending_, [](const Run& run) { return run.settled; });
}

bool ContainerRuns::unsettled() const { return !ending_.empty() || (!current_.open && !current_.settled); }

void ContainerRuns::resume(const Context& context) {
  any_run([&](Run& run) {
    run.ended_at = context.now;
    run.end_wait = context.end_wait_seconds;
    return false;
  });
}

}  // namespace bottleneck
