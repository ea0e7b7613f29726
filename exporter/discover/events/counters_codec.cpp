// What is kept of the counters over restarts of the exporter.
#include <algorithm>
#include <utility>

#include "exporter/base/log.h"
#include "exporter/discover/events/counters.h"
#include "exporter/discover/state_file.h"

namespace bottleneck {
namespace {

Json to_json(const EventCounts& counts) {
  Json json = to_json(EventDelta{counts.starts, counts.ooms, counts.exits});
  if (counts.image_changed) json["image_changed"] = *counts.image_changed;
  if (counts.limits_changed) json["limits_changed"] = *counts.limits_changed;
  return json;
}

EventCounts counts_from(const Json& json) {
  EventCounts counts;
  const EventDelta happened = event_delta_from(&json);
  counts.starts = happened.starts;
  counts.ooms = happened.ooms;
  counts.exits = happened.exits;
  counts.image_changed = number_at(&json, "image_changed");
  counts.limits_changed = number_at(&json, "limits_changed");
  return counts;
}

}  // namespace

void EventCounters::load() {
  if (options_.path.empty()) return;
  const auto state = load_state_file(options_.path, kVersion);
  if (!state) {
    if (state.error().code != ErrorCode::kAbsent && state.error().code != ErrorCode::kMalformed) {
      log(LogLevel::kWarn, "remembered event counters cannot be read", {{"error", state.error().message}});
    }
    return;
  }
  continued_ = true;
  since_ = std::min(number_at(&*state, "saved").value_or(options_.now), options_.now);
  const Json* kernel = member(*state, "kernel_log");
  kernel_position_ = {std::string(text_at(kernel, "boot_id")), count_at(kernel, "sequence")};
  if (const Json* names = member(*state, "names"); names != nullptr && names->is_object()) {
    for (const auto& [name, json] : names->items()) {
      Named& named = names_[name];
      named.counts = counts_from(json);
      named.image = text_at(&json, "image");
      if (member(json, "limits") != nullptr) named.limits = count_at(&json, "limits");
      named.seen = number_at(&json, "seen").value_or(0);
    }
  }
  if (const Json* containers = member(*state, "containers");
      containers != nullptr && containers->is_object()) {
    for (const auto& [key, json] : containers->items()) {
      Entry& entry = entries_[key];
      entry.subject = ContainerRuns::from_json(json);
      entry.name = text_at(&json, "name");
      entry.named = !entry.name.empty();
      entry.first = options_.now;
      entry.last = number_at(&json, "seen").value_or(0);
      if (entry.subject.unsettled() || entry.subject.has_delta()) active_.insert(key);
      entry.subject.resume(found_by_restart(options_.now));
    }
  }
}

Json EventCounters::take_changes(double now, bool last) {
  if (last) {
    for (auto& [key, one] : entries_) {
      one.subject.settle(context(now), true);
      flush(key, one, now);
    }
    dirty_ = true;
  }
  forget_old(now);
  Json names = Json::object();
  for (const auto& [name, named] : names_) {
    Json json = to_json(named.counts);
    json["seen"] = named.seen;
    if (!named.image.empty()) json["image"] = named.image;
    if (named.limits) json["limits"] = *named.limits;
    names[name] = std::move(json);
  }
  Json containers = Json::object();
  for (const auto& [key, one] : entries_) {
    if (!one.subject.known()) continue;
    Json json = one.subject.to_json();
    json["seen"] = one.last;
    if (one.named) json["name"] = one.name;
    containers[key] = std::move(json);
  }
  Json kernel{{"boot_id", kernel_position_.boot_id}, {"sequence", kernel_position_.sequence}};
  dirty_ = false;
  return Json{{"saved", now},
              {"names", std::move(names)},
              {"containers", std::move(containers)},
              {"kernel_log", std::move(kernel)}};
}

Status EventCounters::save(double now, bool last) {
  if (!dirty() && (!last || options_.path.empty())) return ok();
  Status saved = save_state_file(options_.path, kVersion, take_changes(now, last));
  dirty_ = !saved.has_value();
  return saved;
}

}  // namespace bottleneck
