#include "exporter/expose/connections.h"

#include <algorithm>
#include <csignal>

namespace bottleneck {
namespace {

constexpr std::size_t kReserve = 2;
constexpr std::int64_t kLongestAnswer = 20 * kSecondNs;
// An honest request is whole within a millisecond of its connection; on a host with every CPU taken its
// sender may wait for a few time slices.
constexpr std::int64_t kPatience = kSecondNs / 20;

}  // namespace

class Connections::Worker {
 public:
  enum class State : unsigned char { kFree, kWaiting, kServing, kEvicted };
  pthread_t thread = pthread_self();
  State state = State::kFree;
  std::int64_t since_ns = 0;
  TcpConnection connection;  ///< while serving
};

Connections::Connections(std::size_t workers, const Clock& clock, Means means)
    : expected_(workers), clock_(clock), means_(std::move(means)) {}
Connections::~Connections() = default;

Connections::Worker* Connections::add_worker() {
  const std::lock_guard lock(mutex_);
  workers_.push_back(std::make_unique<Worker>());
  return workers_.back().get();
}

void Connections::waiting(Worker* worker) {
  const std::lock_guard lock(mutex_);
  // A handshake goes over into the wait for the request: one wait.
  if (worker->state != Worker::State::kWaiting) worker->since_ns = clock_.monotonic_ns();
  worker->state = Worker::State::kWaiting;
  make_room(worker);
}

void Connections::serving(Worker* worker, const TcpConnection& connection) {
  const std::lock_guard lock(mutex_);
  worker->state = Worker::State::kServing;
  worker->since_ns = clock_.monotonic_ns();
  worker->connection = connection;
}

void Connections::closing(Worker* worker) {
  const std::lock_guard lock(mutex_);
  worker->state = Worker::State::kFree;
}

bool Connections::any_evicted() const {
  return std::any_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return worker->state == Worker::State::kEvicted; });
}

bool Connections::wait_for_eviction() {
  std::unique_lock lock(mutex_);
  eviction_.wait(lock, [this] { return quit_ || crowded_ || any_evicted(); });
  return !quit_;
}

void Connections::remind() {
  const std::lock_guard lock(mutex_);
  for (const auto& worker : workers_) {
    if (worker->state == Worker::State::kEvicted) means_.interrupt(worker->thread);
  }
  if (crowded_) make_room(nullptr);
}

void Connections::quit() {
  const std::lock_guard lock(mutex_);
  quit_ = true;
  eviction_.notify_one();
}

void Connections::end(bool all) {
  const std::lock_guard lock(mutex_);
  for (const auto& worker : workers_) {
    if (worker->state == Worker::State::kWaiting) means_.interrupt(worker->thread);
    if (worker->state == Worker::State::kServing && all) means_.shut_down(worker->connection);
  }
}

std::size_t Connections::being_served() const {
  const std::lock_guard lock(mutex_);
  std::size_t number = 0;
  for (const auto& worker : workers_) number += worker->state == Worker::State::kServing ? 1U : 0U;
  return number;
}

std::uint64_t Connections::evicted() const {
  const std::lock_guard lock(mutex_);
  return evicted_;
}

Connections::Worker* Connections::oldest_evictable(const Worker* newcomer, std::int64_t now) {
  using State = Worker::State;
  Worker* oldest = nullptr;
  for (const auto& worker : workers_) {
    const bool too_slow = worker->state == State::kServing && now - worker->since_ns > kLongestAnswer;
    const bool evictable = worker.get() != newcomer && (worker->state == State::kWaiting || too_slow);
    if (evictable && (oldest == nullptr || worker->since_ns < oldest->since_ns)) oldest = worker.get();
  }
  return oldest;
}

void Connections::make_room(const Worker* newcomer) {
  using State = Worker::State;
  const std::int64_t now = clock_.monotonic_ns();
  for (;;) {
    const auto busy = std::count_if(workers_.begin(), workers_.end(), [](const auto& worker) {
      return worker->state == State::kWaiting || worker->state == State::kServing;
    });
    crowded_ = static_cast<std::size_t>(busy) + kReserve > expected_;
    if (!crowded_) return;
    Worker* const victim = oldest_evictable(newcomer, now);
    if (victim == nullptr || now - victim->since_ns < kPatience) {
      eviction_.notify_one();
      return;
    }
    evict(*victim);
  }
}

void Connections::evict(Worker& worker) {
  if (worker.state == Worker::State::kServing) means_.shut_down(worker.connection);
  if (worker.state == Worker::State::kWaiting) means_.interrupt(worker.thread);
  worker.state = Worker::State::kEvicted;
  ++evicted_;
  eviction_.notify_one();
}

Connections::Means real_means() {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  sigemptyset(&action.sa_mask);
  action.sa_flags = 0;  // no SA_RESTART: the call is to be interrupted
  sigaction(SIGURG, &action, nullptr);
  return {[](pthread_t thread) { pthread_kill(thread, SIGURG); },
          [](const TcpConnection& connection) { shut_down_connection(connection); }};
}

}  // namespace bottleneck
