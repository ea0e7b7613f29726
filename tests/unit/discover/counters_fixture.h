// Counters that keep their state in a folder of the test.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "exporter/discover/events/counters.h"
#include "tests/unit/discover/temp_tree.h"

namespace bottleneck {

inline CgroupRef ref_of(const std::string& id, std::uint64_t inode) {
  CgroupRef ref;
  ref.runtime = Runtime::kDocker;
  ref.id = id;
  ref.path = "/docker/" + id;
  ref.inode = inode;
  return ref;
}

inline ContainerFact fact_of(ContainerFact::Kind kind, const std::string& id, const std::string& name,
                             double time) {
  ContainerFact fact;
  fact.kind = kind;
  fact.id = id;
  fact.name = name;
  fact.time = time;
  return fact;
}

inline std::uint64_t exits(const EventCounts& counts, ExitReason reason) {
  return counts.exits[static_cast<std::size_t>(reason)];
}

class CountersTest : public ::testing::Test {
 protected:
  using Kind = ContainerFact::Kind;
  static inline const std::string kA = std::string(63, 'a') + "1";
  static inline const std::string kB = std::string(63, 'b') + "2";

  EventCounters make(double now, bool kernel_log = false, const std::string& boot = "boot-1") {
    EventCounters::Options options;
    options.path = files_.at("state/events.json");
    options.now = now;
    options.boot_id = boot;
    options.kernel_log = kernel_log;
    return EventCounters(options);
  }
  testing::TempTree files_;
};

}  // namespace bottleneck
