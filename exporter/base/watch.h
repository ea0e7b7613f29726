// Word of directories that come and go (inotify), and a wake-up that can be polled (eventfd).
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "exporter/base/file.h"
#include "exporter/base/result.h"

namespace bottleneck {

enum class WatchEventKind : unsigned char {
  kCreated,   ///< a directory `name` appeared in the watched one
  kRemoved,   ///< a directory `name` went
  kEnded,     ///< the watch itself ended: its directory is gone, or it was removed by us
  kOverflow,  ///< the kernel's queue was full: events are lost, look again at everything
};

struct WatchEvent {
  WatchEventKind kind = WatchEventKind::kOverflow;
  int watch = -1;  ///< as add() returned it
  std::string_view name;
};

/// Watches directories for sub-directories, not below them. inotify(7).
class DirectoryWatcher {
 public:
  /// kUnavailable when the user's inotify instances are used up.
  static Result<DirectoryWatcher> create();

  /// kUnavailable: the user's watches are used up. A directory that is watched already gives the same number.
  Result<int> add(const std::string& path);
  void remove(int watch);
  /// Hands on what has happened so far; never waits. After `kMaxReads` buffers the rest is left for the next
  /// call (fd() stays readable), so that a storm cannot hold the caller.
  void drain(const std::function<void(const WatchEvent&)>& visit);
  [[nodiscard]] int fd() const { return fd_.get(); }

  static constexpr int kMaxReads = 64;

 private:
  explicit DirectoryWatcher(FileDescriptor fd) : fd_(std::move(fd)) {}
  FileDescriptor fd_;
};

/// Waits until one of the descriptors is readable (-1 is skipped) or the time is over. poll(2).
void wait_readable(std::initializer_list<int> descriptors, std::int64_t timeout_ns);

/// A flag of one thread that another can poll. Both calls are thread safe and never wait.
class WakeEvent {
 public:
  WakeEvent();
  void signal() const;
  /// True when it was set; clears it.
  bool clear() const;
  /// Readable while set; -1 when the process has no descriptor left (then signal() is lost, and a timer must
  /// serve).
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  FileDescriptor fd_;
};

}  // namespace bottleneck
