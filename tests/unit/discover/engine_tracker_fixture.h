// A tracker that is told events and answers.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "exporter/discover/engine/engine_tracker.h"

namespace bottleneck {

class TrackerTest : public ::testing::Test {
 protected:
  using Kind = ContainerFact::Kind;
  static inline const std::string kA = std::string(64, 'a');
  static inline const std::string kB = std::string(64, 'b');

  void event(EngineAction action, double time, std::optional<int> code = {}, const std::string& id = kA) {
    EngineEvent event;
    event.action = action;
    event.id = id;
    event.name = "web";
    event.image = "nginx:1";
    event.time = time;
    event.time_ns = static_cast<std::int64_t>(time * 1e9);
    if (action == EngineAction::kDie) event.exit_code = code;
    if (action == EngineAction::kKill) event.signal = code;
    if (action == EngineAction::kHealth) event.health = Health::kHealthy;
    tracker_.apply_event(event);
  }
  static RuntimeInfo running(double started, const std::string& id = kA) {
    RuntimeInfo info;
    info.id = id;
    info.name = "web";
    info.state = RunState::kRunning;
    info.started = started;
    return info;
  }
  static RuntimeInfo exited(double started, double finished, int code) {
    RuntimeInfo info = running(started);
    info.state = RunState::kExited;
    info.finished = finished;
    info.exit_code = code;
    return info;
  }
  void inspect(const RuntimeInfo& info) {
    for (const auto& wanted : tracker_.take_wanted(100)) {
      if (wanted.id == info.id) tracker_.apply_inspect(wanted, info);
    }
  }
  static ListedContainer listed(const RuntimeInfo& info) { return ListedContainer{info}; }
  RuntimeInfo get(const std::string& id = kA) {
    const auto map = tracker_.containers();
    const auto found = map->find(id);
    return found == map->end() ? RuntimeInfo{} : *found->second;
  }
  std::vector<Kind> kinds() {
    std::vector<Kind> out;
    for (const ContainerFact& fact : tracker_.take_facts()) out.push_back(fact.kind);
    return out;
  }
  std::vector<std::string> wanted() {
    std::vector<std::string> out;
    for (const auto& one : tracker_.take_wanted(100)) out.push_back(one.id);
    return out;
  }

  /// Another tracker, which sees a container start and asks about it.
  RuntimeInfo begin_anew(std::optional<bool> auto_remove) {
    tracker_ = EngineTracker{LabelOptions{}};
    event(EngineAction::kStart, 10);
    RuntimeInfo info = running(10);
    info.auto_remove = auto_remove;
    inspect(info);
    return info;
  }

  EngineTracker tracker_{LabelOptions{}};
};

}  // namespace bottleneck
