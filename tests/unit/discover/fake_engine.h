// An engine that misbehaves on demand: an HTTP server on a unix socket, one thread a connection, for tests
// only.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace bottleneck::testing {

class FakeEngine {
 public:
  /// What a path is answered with. Raw bytes are sent as they are; `hang` answers nothing until the engine is
  /// stopped.
  struct Answer {
    int status = 200;
    std::string body;
    std::string raw;
    std::size_t repeat_to = 0;  ///< the body is repeated up to this size
    bool hang = false;
  };
  using Handler = std::function<Answer(const std::string& path)>;

  explicit FakeEngine(std::string path) : path_(std::move(path)) { start(); }
  ~FakeEngine() { stop(); }
  FakeEngine(const FakeEngine&) = delete;
  FakeEngine& operator=(const FakeEngine&) = delete;

  void on_request(Handler handler) {
    const std::lock_guard lock(mutex_);
    handler_ = std::move(handler);
  }
  void start() {
    stopping_ = false;
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof(address.sun_path) - 1);
    unlink(path_.c_str());
    bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    listen(listener_, 16);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  /// Like a kill: every connection breaks off, the socket stays behind.
  void stop() {
    if (!acceptor_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      changed_.notify_all();
      for (const int fd : connections_) shutdown(fd, SHUT_RDWR);
    }
    acceptor_.join();
    std::vector<std::thread> threads;
    {
      const std::lock_guard lock(mutex_);
      threads.swap(threads_);
    }
    for (std::thread& thread : threads) thread.join();
    close(listener_);
  }
  /// Sends bytes on every open event stream, in chunks as they are given.
  void send_event(const std::string& bytes) {
    const std::lock_guard lock(mutex_);
    event_log_.push_back(bytes);
    changed_.notify_all();
  }
  /// Breaks the open event streams off, in the middle of a chunk.
  void cut_events() {
    const std::lock_guard lock(mutex_);
    ++cuts_;
    changed_.notify_all();
  }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::size_t count(const std::string& prefix) {
    std::size_t n = 0;
    for (const std::string& path : requests()) n += path.starts_with(prefix) ? 1U : 0U;
    return n;
  }

 private:
  void accept_all() {
    for (;;) {
      pollfd fd{listener_, POLLIN, 0};
      const int ready = poll(&fd, 1, 10);
      {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
      }
      if (ready <= 0) continue;
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      const std::lock_guard lock(mutex_);
      connections_.push_back(connection);
      threads_.emplace_back([this, connection] { serve(connection); });
    }
  }
  static bool send_all(int fd, const std::string& text) {
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t n = send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return false;
      sent += static_cast<std::size_t>(n);
    }
    return true;
  }
  bool read_request(int fd, std::string& buffer, std::string& path) {
    while (buffer.find("\r\n\r\n") == std::string::npos) {
      char chunk[4096];
      const ssize_t n = recv(fd, chunk, sizeof(chunk), 0);
      if (n <= 0) return false;
      buffer.append(chunk, static_cast<std::size_t>(n));
    }
    path = buffer.substr(4, buffer.find(' ', 4) - 4);
    buffer.erase(0, buffer.find("\r\n\r\n") + 4);
    return true;
  }
  void serve(int fd) {
    std::string buffer;
    std::string path;
    bool open = true;
    while (open && read_request(fd, buffer, path)) {
      Handler handler;
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(path);
        handler = handler_;
      }
      const Answer answer = handler ? handler(path) : Answer{404, "{}", "", 0, false};
      if (answer.hang) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopping_.load(); });
        break;
      }
      open = path.starts_with("/events") && answer.status == 200 && answer.raw.empty()
                 ? stream_events(fd, answer)
                 : send_answer(fd, answer);
    }
    shutdown(fd, SHUT_RDWR);
    const std::lock_guard lock(mutex_);
    std::erase(connections_, fd);
    close(fd);
  }
  static bool send_answer(int fd, const Answer& answer) {
    if (!answer.raw.empty()) {
      send_all(fd, answer.raw);
      return false;
    }
    const std::size_t size = std::max(answer.body.size(), answer.repeat_to);
    std::string head = "HTTP/1.1 " + std::to_string(answer.status) +
                       " X\r\nContent-Type: application/json\r\n" +
                       "Content-Length: " + std::to_string(size) + "\r\n\r\n";
    if (!send_all(fd, head + answer.body)) return false;
    for (std::size_t sent = answer.body.size(); sent < size; sent += answer.body.size()) {
      if (!send_all(fd, answer.body.substr(0, size - sent))) return false;
    }
    return true;
  }
  bool stream_events(int fd, const Answer& answer) {
    std::size_t next = 0;
    unsigned cuts = 0;
    {
      const std::lock_guard lock(mutex_);
      next = event_log_.size();
      cuts = cuts_;
    }
    constexpr const char* kHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    if (!send_all(fd, kHead)) return false;
    if (!answer.body.empty() && !send_chunk(fd, answer.body)) return false;
    for (;;) {
      std::vector<std::string> fresh;
      bool cut = false;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopping_ || cuts != cuts_ || next < event_log_.size(); });
        fresh.assign(event_log_.begin() + static_cast<std::ptrdiff_t>(next), event_log_.end());
        next = event_log_.size();
        cut = stopping_ || cuts != cuts_;
      }
      for (const std::string& bytes : fresh) {
        if (!send_chunk(fd, bytes)) return false;
      }
      if (cut) {
        send_all(fd, "40\r\n{\"Type\":\"container\",\"Act");
        return false;
      }
    }
  }
  static bool send_chunk(int fd, const std::string& bytes) {
    char size[32];
    std::snprintf(size, sizeof(size), "%zx\r\n", bytes.size());
    return send_all(fd, size + bytes + "\r\n");
  }

  const std::string path_;
  int listener_ = -1;
  std::thread acceptor_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> stopping_{false};
  Handler handler_;
  std::vector<int> connections_;
  std::vector<std::thread> threads_;
  std::vector<std::string> requests_;
  std::vector<std::string> event_log_;
  unsigned cuts_ = 0;
};

}  // namespace bottleneck::testing
