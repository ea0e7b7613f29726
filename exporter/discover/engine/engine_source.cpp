#include <algorithm>

#include "exporter/base/file.h"
#include "exporter/base/log.h"
#include "exporter/discover/engine/engine_thread.h"

namespace bottleneck {
namespace {

constexpr std::int64_t kPublishNs = 20'000'000;
constexpr std::int64_t kPublishBusyNs =
    200'000'000;  // while many inspections come in: a map of thousands each time
constexpr std::int64_t kStatsKeptNs = 300 * kSecondNs;

}  // namespace

void EngineThread::run() {
  while (!stopping_) {
    do_what_is_due();
    client_->poll(seconds_to_wait());
    publish();
  }
  client_->cancel_all();
}

void EngineThread::do_what_is_due() {
  const std::int64_t at = now();
  take_stats_requests();
  if (!up_) {
    if (!probing_ && at >= next_probe_) probe();
    return;
  }
  if (!pinging_ && at >= next_ping_) ping();
  if (!events_open_ && at >= next_events_) open_events();
  if (!listing_ && at >= next_list_) list();
  inspect_some();
  ask_image();
  ask_stats();
}

double EngineThread::seconds_to_wait() const {
  std::int64_t next = now() + 60 * kSecondNs;
  if (!up_ && !probing_) next = std::min(next, next_probe_);
  if (up_) {
    if (!pinging_) next = std::min(next, next_ping_);
    if (!events_open_) next = std::min(next, next_events_);
    if (!listing_) next = std::min(next, next_list_);
    if (next_image_ > now()) next = std::min(next, next_image_);
  }
  if (dirty_ || stats_dirty_) next = std::min(next, next_publish_);
  return static_cast<double>(std::max<std::int64_t>(next - now(), 0)) / static_cast<double>(kSecondNs);
}

void EngineThread::ask(std::string_view endpoint, std::string path, std::size_t max_bytes, OnBody on_body,
                       OnError on_error) {
  EngineRequest request;
  request.path = std::move(path);
  request.timeout_seconds = options_.timeout_seconds;
  request.max_bytes = max_bytes;
  const std::int64_t begin = now();
  const auto done = [this, endpoint, begin, epoch = epoch_, on_body = std::move(on_body),
                     on_error = std::move(on_error)](const Result<EngineAnswer>& answer) {
    const double seconds = static_cast<double>(now() - begin) / static_cast<double>(kSecondNs);
    // That a container is gone is an answer.
    const bool answered = answer.has_value() || answer.error().code == ErrorCode::kGone;
    if (callbacks_.on_request) callbacks_.on_request(endpoint, seconds, answered);
    if (answered) {
      state_.last_success = system_clock().unix_seconds();
      state_.last_success_ns = now();
    }
    if (epoch != epoch_) return;  // it ended together with one that found the engine down
    if (answer) {
      on_body(answer->body);
    } else {
      on_error(answer.error());
    }
  };
  client_->get(std::move(request), done);
}

void EngineThread::failed(const Error& error) {
  state_.last_error = error.message;
  dirty_ = true;
}

void EngineThread::probe() {
  probing_ = true;
  const auto on_body = [this](const std::string& body) {
    const auto version = parse_engine_version(body);
    if (!version) return went_down(version.error());
    state_.engine = version->engine;
    state_.engine_version = version->version;
    state_.runtime = version->engine == "podman" ? Runtime::kPodman : Runtime::kDocker;
    ask_details();
  };
  ask("version", "/version", std::size_t{1} << 20U, on_body,
      [this](const Error& error) { went_down(error); });
}

void EngineThread::ask_details() {
  const auto on_body = [this](const std::string& body) {
    // Without it only the name of the storage driver is missing.
    if (const auto details = parse_engine_info(body)) {
      state_.storage_driver = details->storage_driver;
      state_.data_root = details->data_root;
    }
    came_up();
  };
  ask("info", "/info", std::size_t{4} << 20U, on_body, [this](const Error& error) { went_down(error); });
}

/// A rootless engine's socket belongs to its user.
void EngineThread::find_owner() {
  const std::string path = socket_path(options_.endpoint.host);
  const auto identity = path.empty() ? Result<FileIdentity>(ErrorCode::kAbsent) : stat_file(path);
  state_.owner = identity ? identity->owner : 0;
  tracker_.set_owner(state_.owner);
}

void EngineThread::came_up() {
  find_owner();
  probing_ = false;
  up_ = true;
  list_ok_ = true;
  backoff_ = 0;
  events_backoff_ = 0;
  next_events_ = now();
  next_list_ = kNever;  // open_events() sets it: nothing may happen between the list and the stream
  next_ping_ = now() + to_ns(jittered(options_.ping_seconds));
  dirty_ = true;
  log(LogLevel::kInfo, told_down_ ? "engine answers again" : "engine answers",
      {{"engine", options_.endpoint.host}, {"version", state_.engine + " " + state_.engine_version}});
  told_down_ = false;
}

void EngineThread::went_down(const Error& error) {
  failed(error);
  ++epoch_;
  client_->cancel_all();
  probing_ = pinging_ = listing_ = events_open_ = up_ = false;
  inspecting_ = 0;
  asking_image_ = false;
  stats_running_.clear();
  stats_queue_.clear();
  backoff_ = std::clamp(backoff_ * 2, options_.backoff_seconds, options_.backoff_seconds * 10);
  next_probe_ = now() + to_ns(jittered(backoff_));
  if (!told_down_) {
    log(LogLevel::kWarn, "engine does not answer; names and health stay as they were",
        {{"engine", options_.endpoint.host}, {"error", error.message}});
  }
  told_down_ = true;
}

void EngineThread::ping() {
  pinging_ = true;
  const auto on_body = [this](const std::string&) {
    pinging_ = false;
    next_ping_ = now() + to_ns(jittered(options_.ping_seconds));
    dirty_ = true;  // the time of the last success is told
  };
  ask("ping", "/_ping", 4096, on_body, [this](const Error& error) { went_down(error); });
}

void EngineThread::publish() {
  std::vector<ContainerFact> facts = tracker_.take_facts();
  const bool has_facts = !facts.empty();
  const std::int64_t at = now();
  bool news = has_facts;
  containers_changed_ = tracker_.take_changed() || containers_changed_;
  dirty_ = dirty_ || containers_changed_;
  state_.ok = up_ && list_ok_;
  EngineStatePtr next;
  std::shared_ptr<const EngineStatsMap> next_stats;
  if ((dirty_ || stats_dirty_) && at >= next_publish_) {
    next_publish_ = at + (tracker_.has_wanted() ? kPublishBusyNs : kPublishNs);
    if (dirty_) {
      if (std::exchange(containers_changed_, false)) state_.containers = tracker_.containers();
      next = std::make_shared<const EngineState>(state_);
    }
    if (stats_dirty_) {
      std::erase_if(stats_, [at](const auto& item) { return at - item.second.time_ns > kStatsKeptNs; });
      next_stats = std::make_shared<const EngineStatsMap>(stats_);
    }
    dirty_ = stats_dirty_ = false;
    news = true;
  }
  if (!news) return;
  {
    const std::lock_guard lock(mutex_);
    if (next) published_ = std::move(next);
    if (next_stats) stats_published_ = std::move(next_stats);
    if (facts_.size() + facts.size() > kMostFacts) facts_.clear();  // nobody takes them
    facts_.insert(facts_.end(), std::make_move_iterator(facts.begin()), std::make_move_iterator(facts.end()));
  }
  if (callbacks_.wake) callbacks_.wake();
}

Result<std::unique_ptr<EngineSource>> EngineSource::create(EngineOptions options, Callbacks callbacks) {
  auto client = EngineClient::create(options.endpoint, std::min(2.0, options.timeout_seconds));
  if (!client) return client.error();
  return std::unique_ptr<EngineSource>(
      std::make_unique<EngineThread>(std::move(options), std::move(callbacks), std::move(*client)));
}

}  // namespace bottleneck
