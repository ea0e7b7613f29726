// Who holds the server's workers. The HTTP library gives a connection a thread until its request is whole: a
// few half-sent requests would keep every scrape waiting. When fewer than two workers are free, the
// connection that has kept one waiting longest is ended; so is one that has been taking its answer for too
// long. A connection is given a moment first: under load an honest client needs it to send its request.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "exporter/base/clock.h"
#include "exporter/base/socket.h"

namespace bottleneck {

class Connections {
 public:
  /// How connections are ended.
  struct Means {
    /// Makes a thread's poll(2) return with EINTR, upon which the library closes its connection.
    std::function<void(pthread_t)> interrupt;
    /// For one that is being answered, where the library does not heed that.
    std::function<void(const TcpConnection&)> shut_down;
  };
  /// A worker thread of the server.
  class Worker;

  Connections(std::size_t workers, const Clock& clock, Means means);
  ~Connections();

  /// The calling thread is a worker.
  Worker* add_worker();

  /// A connection waits for (the rest of) a request: new, shaking hands, or kept alive after one.
  void waiting(Worker* worker);
  /// A whole request is being answered.
  void serving(Worker* worker, const TcpConnection& connection);
  /// The connection is about to be closed: its descriptor is not touched from here on.
  void closing(Worker* worker);

  /// An interruption is lost when it comes just before the poll. Waits until one may have been, for the
  /// thread that reminds; false once quit() was called.
  bool wait_for_eviction();
  /// Interrupts again those that were to end and have not; ends what was too young to end before.
  void remind();
  void quit();

  /// Ends all that wait; with `all` also those that are being answered. For shutting down.
  void end(bool all);
  /// Answers under way.
  [[nodiscard]] std::size_t being_served() const;
  /// Connections ended so far to make room.
  [[nodiscard]] std::uint64_t evicted() const;

 private:
  void make_room(const Worker* newcomer);
  [[nodiscard]] Worker* oldest_evictable(const Worker* newcomer, std::int64_t now);
  void evict(Worker& worker);

  [[nodiscard]] bool any_evicted() const;

  mutable std::mutex mutex_;
  std::condition_variable eviction_;
  bool quit_ = false;
  bool crowded_ = false;  ///< too few workers are free, and nobody has waited long enough to be ended
  std::vector<std::unique_ptr<Worker>> workers_;
  const std::size_t expected_;
  const Clock& clock_;
  const Means means_;
  std::uint64_t evicted_ = 0;
};

/// The means of a real server. Installs an empty handler of SIGURG, which nothing else uses, once.
Connections::Means real_means();

}  // namespace bottleneck
