// What the thread asks of an engine that answers: lists, events, inspections, images, statistics.
#include <algorithm>

#include "exporter/base/log.h"
#include "exporter/base/text.h"
#include "exporter/discover/engine/engine_thread.h"

namespace bottleneck {
namespace {

constexpr std::size_t kInspectsAtOnce = 4;  // more only make the daemon busier
constexpr std::size_t kStatsAtOnce = 8;     // before API 1.41 each takes a second, spent waiting
constexpr std::size_t kListBytes = std::size_t{64} << 20U;
constexpr std::size_t kEventBytes = std::size_t{1} << 20U;
// Sizes of images are of no hurry: one at a time, when nothing else is asked for.
constexpr std::int64_t kImageNs = kSecondNs;

/// Ids become part of a path that is asked for.
bool is_plain_id(std::string_view id) { return id.size() >= 12 && id.size() <= 128 && is_hex(id); }

/// "sha256:<hex>", or the hex alone.
bool is_plain_image_id(std::string_view id) {
  constexpr std::string_view kAlgorithm = "sha256:";
  if (id.starts_with(kAlgorithm)) id.remove_prefix(kAlgorithm.size());
  return is_plain_id(id);
}

std::string events_path(bool is_docker, std::int64_t since_ns) {
  // The filter keeps health checks (exec_create, exec_start, exec_die) off the wire; Podman has other names
  // for some.
  std::string path = "/events?filters=%7B%22type%22%3A%5B%22container%22%5D";
  if (is_docker) {
    path += "%2C%22event%22%3A%5B";
    bool first = true;
    for (const char* name : {"create", "start", "die", "kill", "stop", "oom", "pause", "unpause", "rename",
                             "health_status", "update", "destroy"}) {
      path += std::string(first ? "" : "%2C") + "%22" + name + "%22";
      first = false;
    }
    path += "%5D";
  }
  path += "%7D";
  if (since_ns > 0) {
    std::string fraction = std::to_string(since_ns % kSecondNs);
    fraction.insert(0, 9 - fraction.size(), '0');
    path += "&since=" + std::to_string(since_ns / kSecondNs) + "." + fraction;
  }
  return path;
}

}  // namespace

void EngineThread::list() {
  listing_ = true;
  next_list_ = now() + to_ns(jittered(options_.resync_seconds));
  const std::uint64_t mark = tracker_.mark();
  const auto on_error = [this](const Error& error) {
    listing_ = false;
    list_ok_ = false;
    backoff_ = std::clamp(backoff_ * 2, options_.backoff_seconds, options_.backoff_seconds * 10);
    next_list_ = now() + to_ns(jittered(backoff_));
    next_ping_ = now();  // is it only this, or does it hang?
    failed(error);
    log_limited("engine-list", LogLevel::kWarn, "engine's containers cannot be listed",
                {{"engine", options_.endpoint.host}, {"error", error.message}});
  };
  const auto on_body = [this, mark, on_error](const std::string& body) {
    const auto containers = parse_container_list(body, options_.labels);
    if (!containers) return on_error(containers.error());
    listing_ = false;
    list_ok_ = true;
    backoff_ = 0;
    tracker_.forget_removed(system_clock().unix_seconds());
    tracker_.apply_list(*containers, mark);
    state_.answered = true;
    dirty_ = true;
  };
  ask("list", "/containers/json?all=true", kListBytes, on_body, on_error);
}

void EngineThread::open_events() {
  events_open_ = true;
  event_line_.clear();
  next_list_ = now() + kSecondNs;  // some engines send no headers before the first event
  EngineRequest request;
  request.path = events_path(state_.engine == "docker", tracker_.last_event_ns());
  request.timeout_seconds = options_.timeout_seconds;
  const std::int64_t begin = now();
  request.on_headers = [this, begin] {
    next_list_ = now();
    events_backoff_ = 0;
    if (callbacks_.on_request) {
      callbacks_.on_request("events", static_cast<double>(now() - begin) / static_cast<double>(kSecondNs),
                            true);
    }
  };
  request.on_data = [this](std::string_view data) { return on_event_data(data); };
  client_->get(std::move(request), [this, epoch = epoch_](const Result<EngineAnswer>& answer) {
    if (epoch != epoch_) return;
    events_ended(answer ? Error{ErrorCode::kUnavailable, "the event stream ended"} : answer.error());
  });
}

/// Events come as lines, in pieces of any size. False for one without end.
bool EngineThread::on_event_data(std::string_view data) {
  while (!data.empty()) {
    const std::size_t end = data.find('\n');
    event_line_.append(data.substr(0, end));
    if (event_line_.size() > kEventBytes) return false;
    if (end == std::string_view::npos) return true;
    data.remove_prefix(end + 1);
    if (!trim(event_line_).empty()) {
      const auto event = parse_engine_event(event_line_, options_.labels);
      if (event && is_plain_id(event->id)) {
        tracker_.apply_event(*event);
      } else if (!event && event.error().code == ErrorCode::kMalformed) {
        failed(Error{ErrorCode::kMalformed, "event: " + event.error().message});
        log_limited("engine-event", LogLevel::kWarn, "an engine's event is not understood",
                    {{"engine", options_.endpoint.host}, {"error", event.error().message}});
      }
    }
    event_line_.clear();
  }
  return true;
}

void EngineThread::events_ended(const Error& error) {
  events_open_ = false;
  failed(error);
  if (callbacks_.on_request) callbacks_.on_request("events", 0, false);
  events_backoff_ =
      std::clamp(events_backoff_ * 2, options_.backoff_seconds / 5, options_.backoff_seconds * 10);
  next_events_ = now() + to_ns(jittered(events_backoff_));
  if (!pinging_) next_ping_ = now();  // has the engine gone?
}

void EngineThread::inspect_some() {
  if (inspecting_ >= kInspectsAtOnce) return;
  for (const EngineTracker::Wanted& wanted : tracker_.take_wanted(kInspectsAtOnce - inspecting_)) {
    if (!is_plain_id(wanted.id)) continue;
    ++inspecting_;
    const auto on_body = [this, wanted](const std::string& body) {
      --inspecting_;
      auto info = parse_container_inspect(body, options_.labels);
      if (info) return tracker_.apply_inspect(wanted, std::move(*info));
      failed(info.error());
      log_limited("engine-inspect", LogLevel::kWarn, "an engine's answer is not understood",
                  {{"engine", options_.endpoint.host}, {"id", wanted.id}, {"error", info.error().message}});
    };
    const auto on_error = [this, wanted](const Error& error) {
      --inspecting_;
      if (error.code == ErrorCode::kGone) return tracker_.apply_gone(wanted);
      // One container can be locked in an engine that is well otherwise: a ping tells.
      failed(error);
      if (!pinging_) next_ping_ = now();
    };
    ask("inspect", "/containers/" + wanted.id + "/json", std::size_t{4} << 20U, on_body, on_error);
  }
}

void EngineThread::ask_image() {
  if (asking_image_ || inspecting_ > 0 || tracker_.has_wanted() || now() < next_image_) return;
  const std::string image = tracker_.take_wanted_image();
  if (!is_plain_image_id(image)) return;
  asking_image_ = true;
  const auto ended = [this] {
    asking_image_ = false;
    next_image_ = now() + kImageNs;
  };
  const auto on_body = [this, image, ended](const std::string& body) {
    ended();
    const auto facts = parse_image_inspect(body);
    if (facts) return tracker_.apply_image(image, *facts);
    failed(facts.error());
  };
  const auto on_error = [this, ended](const Error& error) {
    ended();
    if (error.code != ErrorCode::kGone) failed(error);
  };
  ask("image", "/images/" + image + "/json", std::size_t{4} << 20U, on_body, on_error);
}

void EngineThread::take_stats_requests() {
  std::set<std::string> asked;
  {
    const std::lock_guard lock(mutex_);
    asked.swap(stats_asked_);
  }
  if (asked.empty() || !up_) return;
  for (const std::string& id : stats_queue_) asked.erase(id);
  for (const std::string& id : asked) {
    if (!stats_running_.contains(id) && is_plain_id(id)) stats_queue_.push_back(id);
  }
}

void EngineThread::ask_stats() {
  while (stats_running_.size() < kStatsAtOnce && !stats_queue_.empty()) {
    const std::string id = std::move(stats_queue_.front());
    stats_queue_.pop_front();
    stats_running_.insert(id);
    const auto on_body = [this, id](const std::string& body) {
      stats_running_.erase(id);
      stats_[id] = EngineStats{std::make_shared<const std::string>(body), now()};
      stats_dirty_ = true;
    };
    const auto on_error = [this, id](const Error& error) {
      stats_running_.erase(id);
      if (error.code != ErrorCode::kGone) failed(error);
    };
    ask("stats", "/containers/" + id + "/stats?stream=false&one-shot=true", std::size_t{1} << 20U, on_body,
        on_error);
  }
}

}  // namespace bottleneck
