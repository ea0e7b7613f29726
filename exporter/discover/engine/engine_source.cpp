#include "exporter/discover/engine/engine_source.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include "exporter/base/clock.h"
#include "exporter/base/file.h"
#include "exporter/base/log.h"
#include "exporter/base/text.h"
#include "exporter/discover/engine/engine_tracker.h"

namespace bottleneck {
namespace {

constexpr std::size_t kInspectsAtOnce = 4;  // more only make the daemon busier
constexpr std::size_t kStatsAtOnce = 8;     // before API 1.41 each takes a second, spent waiting
constexpr std::size_t kListBytes = std::size_t{64} << 20U;
constexpr std::size_t kEventBytes = std::size_t{1} << 20U;
constexpr std::int64_t kPublishNs = 20'000'000;
constexpr std::int64_t kPublishBusyNs =
    200'000'000;  // while many inspections come in: a map of thousands each time
// Sizes of images are of no hurry: one at a time, when nothing else is asked for.
constexpr std::int64_t kImageNs = kSecondNs;
constexpr std::int64_t kStatsKeptNs = 300 * kSecondNs;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

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

class EngineThread final : public EngineSource {
 public:
  EngineThread(EngineOptions options, Callbacks callbacks, std::unique_ptr<EngineClient> client)
      : options_(std::move(options)),
        callbacks_(std::move(callbacks)),
        client_(std::move(client)),
        tracker_(options_.labels),
        random_(static_cast<std::minstd_rand::result_type>(now())) {
    state_.source = options_.endpoint.host;
    state_.may_tell = true;
    state_.lists_all = true;
    state_.live = true;
    state_.remote = is_remote_host(options_.endpoint.host);
    find_owner();
    published_ = std::make_shared<const EngineState>(state_);
    stats_published_ = std::make_shared<const EngineStatsMap>();
  }
  EngineThread(const EngineThread&) = delete;
  EngineThread& operator=(const EngineThread&) = delete;
  ~EngineThread() override { stop(); }

  void start() override {
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  void stop() override {
    stopping_ = true;
    client_->wake();
    if (thread_.joinable()) thread_.join();
  }
  EngineStatePtr state() const override {
    const std::lock_guard lock(mutex_);
    return published_;
  }
  std::vector<ContainerFact> take_facts() override {
    const std::lock_guard lock(mutex_);
    return std::exchange(facts_, {});
  }
  void request_stats(const std::vector<std::string>& ids) override {
    {
      const std::lock_guard lock(mutex_);
      stats_asked_.insert(ids.begin(), ids.end());
    }
    client_->wake();
  }
  std::shared_ptr<const EngineStatsMap> stats() const override {
    const std::lock_guard lock(mutex_);
    return stats_published_;
  }

 private:
  using OnBody = std::function<void(const std::string& body)>;
  using OnError = std::function<void(const Error& error)>;

  static std::int64_t now() { return system_clock().monotonic_ns(); }

  void run();
  void do_what_is_due();
  [[nodiscard]] double seconds_to_wait() const;
  void ask(std::string_view endpoint, std::string path, std::size_t max_bytes, OnBody on_body,
           OnError on_error);
  void probe();
  void ask_details();
  void find_owner();
  void came_up();
  void went_down(const Error& error);
  void ping();
  void list();
  void open_events();
  bool on_event_data(std::string_view data);
  void events_ended(const Error& error);
  void inspect_some();
  void ask_image();
  void ask_stats();
  void take_stats_requests();
  void failed(const Error& error);
  void publish();
  double jittered(double seconds) {
    return seconds * (0.75 + 0.5 * std::generate_canonical<double, 16>(random_));
  }

  const EngineOptions options_;
  const Callbacks callbacks_;
  const std::unique_ptr<EngineClient> client_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};

  // The thread's own.
  EngineTracker tracker_;
  EngineState state_;
  std::minstd_rand random_;
  EngineStatsMap stats_;
  std::deque<std::string> stats_queue_;
  std::set<std::string> stats_running_;
  std::string event_line_;
  std::size_t inspecting_ = 0;
  std::uint64_t epoch_ = 0;  ///< counts the times the engine went down
  bool up_ = false;
  bool list_ok_ = true;
  bool probing_ = false;
  bool pinging_ = false;
  bool listing_ = false;
  bool events_open_ = false;
  bool told_down_ = false;
  bool dirty_ = false;
  bool containers_changed_ = false;
  bool stats_dirty_ = false;
  bool asking_image_ = false;
  double backoff_ = 0;
  double events_backoff_ = 0;
  std::int64_t next_probe_ = 0;
  std::int64_t next_ping_ = kNever;
  std::int64_t next_list_ = kNever;
  std::int64_t next_events_ = kNever;
  std::int64_t next_publish_ = 0;
  std::int64_t next_image_ = 0;

  mutable std::mutex mutex_;  ///< of what follows
  EngineStatePtr published_;
  std::shared_ptr<const EngineStatsMap> stats_published_;
  std::vector<ContainerFact> facts_;
  std::set<std::string> stats_asked_;
};

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

}  // namespace

Result<std::unique_ptr<EngineSource>> EngineSource::create(EngineOptions options, Callbacks callbacks) {
  auto client = EngineClient::create(options.endpoint, std::min(2.0, options.timeout_seconds));
  if (!client) return client.error();
  return std::unique_ptr<EngineSource>(
      std::make_unique<EngineThread>(std::move(options), std::move(callbacks), std::move(*client)));
}

}  // namespace bottleneck
