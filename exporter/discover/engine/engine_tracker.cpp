#include "exporter/discover/engine/engine_tracker.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <iterator>

namespace bottleneck {
namespace {

// After a reconnect the engine repeats events from a time on; it keeps the last 256 itself.
constexpr std::size_t kRecentEvents = 512;
// Docker tells of a "stop" after the end that it asked for.
constexpr double kStopFollowsSeconds = 30;

/// Signals that only tell a process something.
bool ends_nothing(int signal) {
  static constexpr std::array kHarmless = {SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, SIGSTOP};
  return std::find(kHarmless.begin(), kHarmless.end(), signal) != kHarmless.end();
}

}  // namespace

void EngineTracker::touch(Entry& entry) {
  entry.version = ++version_;
  entry.published = nullptr;
  changed_ = true;
}

void EngineTracker::want(const std::string& id, bool soon) {
  if (!wanted_ids_.insert(id).second) return;
  (soon ? wanted_ : wanted_later_).push_back(id);
}

std::vector<EngineTracker::Wanted> EngineTracker::take_wanted(std::size_t most) {
  std::vector<Wanted> out;
  while (out.size() < most && has_wanted()) {
    auto& queue = wanted_.empty() ? wanted_later_ : wanted_;
    const std::string id = std::move(queue.front());
    queue.pop_front();
    wanted_ids_.erase(id);
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second.removed > 0) continue;
    found->second.inspected = false;  // until it has been: whatever fails, the next list asks again
    out.push_back({id, found->second.version});
  }
  return out;
}

std::string EngineTracker::take_wanted_image() {
  for (const auto& [id, entry] : entries_) {
    const std::string& image = entry.info.image_id;
    if (image.empty() || !entry.info.is_running() || images_.contains(image)) continue;
    images_.emplace(image, ImageFacts{});
    return image;
  }
  return {};
}

void EngineTracker::apply_image(const std::string& image_id, const ImageFacts& facts) {
  images_[image_id] = facts;
  for (auto& [id, entry] : entries_) {
    if (entry.info.image_id != image_id) continue;
    add_image_facts(entry.info);
    entry.published = nullptr;  // no new version: it says nothing of the container's own state
    changed_ = true;
  }
}

void EngineTracker::add_image_facts(RuntimeInfo& info) const {
  const auto found = images_.find(info.image_id);
  if (found == images_.end()) return;
  info.image_bytes = found->second.bytes;
  info.image_layers = found->second.layers;
}

void EngineTracker::forget_unused_images() {
  std::set<std::string_view> used;
  for (const auto& [id, entry] : entries_) used.insert(entry.info.image_id);
  std::erase_if(images_, [&](const auto& item) { return !used.contains(item.first); });
}

void EngineTracker::tell(ContainerFact::Kind kind, const RuntimeInfo& info, double time,
                         const EngineEvent* event) {
  if (facts_.size() >= kMostFacts) return;
  ContainerFact fact;
  fact.kind = kind;
  fact.id = info.id;
  fact.name = stable_name(info, owner_);
  fact.time = time;
  if (event != nullptr) fact.exit_code = event->exit_code;
  if (kind == ContainerFact::Kind::kEnded) fact.expected = info.stop_expected;
  if (kind == ContainerFact::Kind::kSeen) fact.stands_as(info);
  facts_.push_back(std::move(fact));
}

void EngineTracker::apply_list(const std::vector<ListedContainer>& list, std::uint64_t mark) {
  std::set<std::string_view> listed;
  for (const ListedContainer& one : list) {
    listed.insert(one.info.id);
    const auto found = entries_.find(one.info.id);
    if (found == entries_.end()) {
      Entry& entry = entries_[one.info.id];
      entry.info = one.info;
      touch(entry);
      want(one.info.id, one.info.is_running());
      continue;
    }
    Entry& entry = found->second;
    const bool differs = entry.info.state != one.info.state || entry.info.health != one.info.health;
    if (!entry.inspected || differs) want(one.info.id, one.info.is_running());
    if (entry.version > mark || one.info.name.empty() || entry.info.name == one.info.name) continue;
    entry.info.name = one.info.name;
    touch(entry);
  }
  for (auto item = entries_.begin(); item != entries_.end();) {
    const Entry& entry = item->second;
    const bool stays = listed.contains(item->first) || entry.version > mark || entry.removed > 0;
    item = stays ? std::next(item) : remove(item, 0);
  }
  forget_unused_images();
}

void EngineTracker::apply_inspect(const Wanted& asked, RuntimeInfo info) {
  const auto found = entries_.find(asked.id);
  if (found == entries_.end() || info.id != asked.id) return;
  Entry& entry = found->second;
  if (entry.version != asked.version) {
    want(asked.id, true);
    return;
  }
  const RuntimeInfo& before = entry.info;
  // The engine notes a start before it tells of it: a later time is another run.
  const bool same_run = before.started && info.started && *info.started <= *before.started;
  if (same_run && !info.healthy && info.is_running()) info.healthy = before.healthy;
  info.limit_updates = before.limit_updates;
  const bool same_end = before.finished && info.finished && *info.finished <= *before.finished;
  if (same_end) {
    info.stop_expected = before.stop_expected;
    if (!info.exit_code) info.exit_code = before.exit_code;
    if (!info.oom_killed) info.oom_killed = before.oom_killed;
  }
  add_image_facts(info);
  if (!same_run) {
    entry.followed = false;
    entry.asked_to_end = false;
  }
  entry.started_exactly = info.started.has_value();
  entry.inspected = true;
  if (entry.info != info) {
    entry.info = std::move(info);
    touch(entry);
  }
  tell(ContainerFact::Kind::kSeen, entry.info, 0);
}

void EngineTracker::apply_gone(const Wanted& asked) {
  const auto found = entries_.find(asked.id);
  if (found == entries_.end() || found->second.version != asked.version || found->second.removed > 0) return;
  remove(found, 0);
}

bool EngineTracker::is_replay(const EngineEvent& event) {
  auto key = std::make_tuple(event.time_ns, event.id, event.action);
  if (event.time_ns <= last_event_ns_ && std::find(recent_.begin(), recent_.end(), key) != recent_.end())
    return true;
  recent_.push_back(std::move(key));
  if (recent_.size() > kRecentEvents) recent_.pop_front();
  last_event_ns_ = std::max(last_event_ns_, event.time_ns);
  return false;
}

EngineTracker::Entry& EngineTracker::entry_of(const EngineEvent& event) {
  Entry& entry = entries_[event.id];
  RuntimeInfo& info = entry.info;
  if (info.id.empty()) {
    info.id = event.id;
    info.image = event.image;
    info.labels = event.labels;
    if (event.action == EngineAction::kCreate) {
      info.created = event.time;
      info.state = RunState::kCreated;
    } else {
      want(event.id, true);
    }
  }
  if (!event.name.empty()) info.name = event.name;
  return entry;
}

void EngineTracker::apply_event(const EngineEvent& event) {
  if (event.action == EngineAction::kOther || is_replay(event)) return;
  if (event.action == EngineAction::kDestroy) {
    const auto found = entries_.find(event.id);
    if (found != entries_.end() && found->second.removed == 0) remove(found, event.time);
    return;
  }
  Entry& entry = entry_of(event);
  switch (event.action) {
    case EngineAction::kStart:
      began(entry, event);
      break;
    case EngineAction::kDie:
      ended(entry, event);
      break;
    case EngineAction::kKill:
      if (!ends_nothing(event.signal.value_or(SIGKILL))) entry.asked_to_end = true;
      break;
    case EngineAction::kStop:
      asked_to_stop(entry, event);
      break;
    case EngineAction::kOom:
      tell(ContainerFact::Kind::kOom, entry.info, event.time);
      break;
    case EngineAction::kPause:
      entry.info.state = RunState::kPaused;
      break;
    case EngineAction::kUnpause:
      entry.info.state = RunState::kRunning;
      break;
    case EngineAction::kUpdate:
      ++entry.info.limit_updates;
      want(event.id, true);
      break;
    case EngineAction::kHealth:
      health_changed(entry, event);
      break;
    default:
      break;
  }
  touch(entry);
}

void EngineTracker::began(Entry& entry, const EngineEvent& event) {
  RuntimeInfo& info = entry.info;
  want(event.id, true);
  // An inspection may have told of this run before its event came.
  const bool known =
      info.is_running() && entry.started_exactly && info.started && *info.started <= event.time;
  entry.followed = true;
  if (known) return;
  info.state = RunState::kRunning;
  info.started = event.time;
  info.healthy.reset();
  info.pid.reset();
  entry.started_exactly = false;
  entry.asked_to_end = false;
  tell(ContainerFact::Kind::kStarted, info, event.time);
}

void EngineTracker::ended(Entry& entry, const EngineEvent& event) {
  RuntimeInfo& info = entry.info;
  want(event.id, true);
  const bool of_a_run_before = entry.started_exactly && info.started && event.time < *info.started;
  if (!of_a_run_before) {
    if (info.is_running()) info.state = RunState::kExited;
    info.finished = event.time;
    info.exit_code = event.exit_code;
    info.oom_killed.reset();
    info.pid.reset();
    info.stop_expected = entry.asked_to_end;
    entry.asked_to_end = false;
    entry.followed = false;
  }
  tell(ContainerFact::Kind::kEnded, info, event.time, &event);
}

void EngineTracker::asked_to_stop(Entry& entry, const EngineEvent& event) {
  RuntimeInfo& info = entry.info;
  if (info.is_running()) {
    entry.asked_to_end = true;  // Podman tells of it before the end, Docker after
    return;
  }
  if (!info.finished || event.time - *info.finished > kStopFollowsSeconds) return;
  info.stop_expected = true;
  tell(ContainerFact::Kind::kExpected, info, event.time);
}

void EngineTracker::health_changed(Entry& entry, const EngineEvent& event) const {
  RuntimeInfo& info = entry.info;
  info.health = event.health;
  // The first of this run is only known when the run was followed from its start.
  if (event.health == Health::kHealthy && entry.followed && !info.healthy) info.healthy = event.time;
}

std::shared_ptr<const RuntimeMap> EngineTracker::containers() {
  auto map = std::make_shared<RuntimeMap>();
  map->reserve(entries_.size());
  for (auto& [id, entry] : entries_) {
    if (!entry.published) entry.published = std::make_shared<const RuntimeInfo>(entry.info);
    map->emplace(id, entry.published);
  }
  return map;
}

}  // namespace bottleneck
