// What is kept of a container's runs over restarts of the exporter.
#include <algorithm>

#include "exporter/discover/events/runs.h"

namespace bottleneck {

Json to_json(const EventDelta& delta) {
  return {{"starts", delta.starts}, {"ooms", delta.ooms}, {"exits", delta.exits}};
}

EventDelta event_delta_from(const Json* json) {
  EventDelta delta{count_at(json, "starts"), count_at(json, "ooms"), {}};
  const Json* exits = json == nullptr ? nullptr : member(*json, "exits");
  if (exits == nullptr || !exits->is_array()) return delta;
  for (std::size_t i = 0; i < std::min(exits->size(), delta.exits.size()); ++i) {
    if ((*exits)[i].is_number_unsigned()) delta.exits[i] = (*exits)[i].get<std::uint64_t>();
  }
  return delta;
}

Json ContainerRuns::run_to_json(const Run& run) {
  Json json{{"start", run.start},
            {"told", run.told},
            {"inode", run.inode},
            {"open", run.open},
            {"end", run.end},
            {"counted", run.kills.counted},
            {"kernel_log", run.kills.kernel_log},
            {"cgroup", run.kills.cgroup},
            {"engine", run.kills.engine},
            {"last_kill", run.kills.last}};
  if (run.oom_base) json["oom_base"] = *run.oom_base;
  if (run.settled) return json;
  json["settled"] = false;
  json["end_told"] = run.end_told;
  if (run.exit_code) json["exit_code"] = *run.exit_code;
  if (run.expected) json["expected"] = *run.expected;
  json["told_at_end"] = run.kills.told_at_end;
  return json;
}

ContainerRuns::Run ContainerRuns::run_from_json(const Json& json) {
  Run run;
  run.start = number_at(&json, "start").value_or(0);
  run.told = bool_at(&json, "told").value_or(false);
  run.start_told = run.told;
  run.inode = count_at(&json, "inode");
  run.open = bool_at(&json, "open").value_or(false);
  run.end = number_at(&json, "end").value_or(0);
  run.kills.counted = count_at(&json, "counted");
  run.kills.kernel_log = count_at(&json, "kernel_log");
  run.kills.cgroup = count_at(&json, "cgroup");
  run.kills.engine = count_at(&json, "engine");
  run.kills.last = number_at(&json, "last_kill").value_or(0);
  if (member(json, "oom_base") != nullptr) run.oom_base = count_at(&json, "oom_base");
  run.settled = run.open || bool_at(&json, "settled").value_or(true);
  run.end_told = bool_at(&json, "end_told").value_or(false);
  if (const auto code = integer_at(&json, "exit_code")) run.exit_code = static_cast<int>(*code);
  run.expected = bool_at(&json, "expected");
  run.kills.told_at_end = bool_at(&json, "told_at_end").value_or(false);
  return run;
}

Json ContainerRuns::to_json() const {
  Json json = run_to_json(current_);
  for (const Run& run : ending_) json["ending"].push_back(run_to_json(run));
  if (restarts_) json["restarts"] = *restarts_;
  if (has_delta()) json["untaken"] = bottleneck::to_json(delta_);
  return json;
}

ContainerRuns ContainerRuns::from_json(const Json& json) {
  ContainerRuns subject;
  subject.known_ = true;
  subject.current_ = run_from_json(json);
  if (const Json* ending = member(json, "ending"); ending != nullptr && ending->is_array()) {
    for (const Json& run : *ending) subject.ending_.push_back(run_from_json(run));
    std::erase_if(subject.ending_, [](const Run& run) { return run.settled; });
  }
  if (member(json, "restarts") != nullptr) subject.restarts_ = count_at(&json, "restarts");
  subject.delta_ = event_delta_from(member(json, "untaken"));
  return subject;
}

}  // namespace bottleneck
