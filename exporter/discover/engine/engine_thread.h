// The thread behind EngineSource: what it knows, and what it asks when. For its two files; others see
// engine_source.h.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "exporter/base/clock.h"
#include "exporter/discover/engine/engine_source.h"
#include "exporter/discover/engine/engine_tracker.h"

namespace bottleneck {

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
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  using OnBody = std::function<void(const std::string& body)>;
  using OnError = std::function<void(const Error& error)>;

  static std::int64_t now() { return system_clock().monotonic_ns(); }

  // engine_source.cpp: the thread's life, and the engine's.
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
  void failed(const Error& error);
  void publish();
  // engine_requests.cpp: what is asked of one that answers.
  void list();
  void open_events();
  bool on_event_data(std::string_view data);
  void events_ended(const Error& error);
  void inspect_some();
  void ask_image();
  void take_stats_requests();
  void ask_stats();
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

}  // namespace bottleneck
