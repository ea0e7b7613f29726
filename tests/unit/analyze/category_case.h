// What a category is chosen of, with numbers put in directly: a container with a memory limit, nothing wrong
// with it.
#pragma once

#include "exporter/analyze/category.h"

namespace bottleneck {

struct CategoryCase {
  Evidence evidence;
  HostEvidence host;
  JudgementParameters parameters;
  EventFacts events;
  LeakReading leak;
  Signals signals;
  float z = kNoRate;
  float growth = kNoRate;
  Category previous = Category::kNone;

  CategoryCase() {
    host.cpus = 4;
    host.busy_cores = 1;
    host.memory_total = 8e9;
    evidence.has_cgroup = true;
    evidence.cpu_effective_limit = 4;
    evidence.memory_limit = evidence.memory_effective_limit = 1e9;
    evidence.memory_usage = 0.95e9;
    evidence.score.cpu_cores = 0.5F;
    events.oom_age = std::numeric_limits<float>::infinity();
  }
  CategoryCase& with(Signal signal, double value) {
    signals[static_cast<std::size_t>(signal)].value = static_cast<float>(value);
    return *this;
  }
  CategoryChoice choose() {
    std::array<float, kResourceCount> scores{};
    score_resources(signals, scores, nullptr);
    const SignalContext context{evidence, host, parameters, events, leak, kNoRate, kNoRate};
    return choose_category({context, signals, scores, z, growth, previous});
  }
  Category category() { return choose().category; }
};

}  // namespace bottleneck
