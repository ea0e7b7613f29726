// One container, and what sources say of its runs.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

#include "exporter/discover/events/runs.h"

namespace bottleneck {

class SubjectTest : public ::testing::Test {
 protected:
  using Kind = ContainerFact::Kind;
  ContainerRuns::Context at(double now) {
    context_.now = now;
    return context_;
  }
  void started(double time) { apply(Kind::kStarted, time); }
  void ended(double time, std::optional<int> code = {}, std::optional<bool> expected = {}) {
    ContainerFact fact = fact_of(Kind::kEnded, time);
    fact.exit_code = code;
    fact.expected = expected;
    subject_.apply(fact, at(time));
  }
  void apply(Kind kind, double time) { subject_.apply(fact_of(kind, time), at(time)); }
  static ContainerFact fact_of(Kind kind, double time) {
    ContainerFact fact;
    fact.kind = kind;
    fact.time = time;
    return fact;
  }
  void seen_running(double now, double start, std::uint64_t restarts = 0) {
    ContainerFact fact = fact_of(Kind::kSeen, 0);
    fact.started = start;
    fact.running = true;
    fact.restarts = restarts;
    subject_.apply(fact, at(now));
  }
  void seen_ended(double now, double start, double end, int code, std::uint64_t restarts = 0,
                  bool oom = false) {
    ContainerFact fact = fact_of(Kind::kSeen, 0);
    fact.started = start;
    fact.finished = end;
    fact.exit_code = code;
    fact.restarts = restarts;
    fact.oom_killed = oom;
    subject_.apply(fact, at(now));
  }
  void settle(double now) { subject_.settle(at(now)); }
  void expect(std::uint64_t starts, std::uint64_t ooms,
              std::vector<std::pair<ExitReason, std::uint64_t>> exits) {
    const EventDelta total = subject_.take();
    EXPECT_EQ(total.starts, starts) << "starts";
    EXPECT_EQ(total.ooms, ooms) << "ooms";
    EventDelta wanted;
    for (const auto& [reason, count] : exits) wanted.exits[static_cast<std::size_t>(reason)] = count;
    for (std::size_t i = 0; i < kExitReasonCount; ++i) {
      EXPECT_EQ(total.exits[i], wanted.exits[i]) << name_of(static_cast<ExitReason>(i));
    }
  }

  ContainerRuns subject_;
  ContainerRuns::Context context_{.now = 100, .since = 100, .kernel_log = false, .end_wait_seconds = 10};
};

}  // namespace bottleneck
