#include "exporter/base/watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "exporter/base/error_table.h"

namespace bottleneck {
namespace {

constexpr std::uint32_t kMask =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK;

Error error_here(std::string_view what) {
  const int err = errno;
  // ENOSPC and EMFILE are limits of the user, not of a disk.
  const ErrorCode code = err == ENOSPC || err == EMFILE ? ErrorCode::kUnavailable : error_from_errno(err);
  return Error{code, std::string(what) + ": " + std::strerror(err)};
}

void hand_on(const inotify_event& event, const char* name,
             const std::function<void(const WatchEvent&)>& visit) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) {
    visit({WatchEventKind::kOverflow, -1, {}});
  } else if ((event.mask & IN_IGNORED) != 0) {
    visit({WatchEventKind::kEnded, event.wd, {}});
  } else if ((event.mask & IN_ISDIR) != 0 && event.len > 0) {
    const bool created = (event.mask & (IN_CREATE | IN_MOVED_TO)) != 0;
    // The kernel pads the name with zeros.
    visit({created ? WatchEventKind::kCreated : WatchEventKind::kRemoved, event.wd,
           std::string_view(name, strnlen(name, event.len))});
  }
}

}  // namespace

Result<DirectoryWatcher> DirectoryWatcher::create() {
  FileDescriptor fd(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!fd.valid()) return error_here("inotify");
  return DirectoryWatcher(std::move(fd));
}

Result<int> DirectoryWatcher::add(const std::string& path) {
  const int watch = inotify_add_watch(fd_.get(), path.c_str(), kMask);
  if (watch < 0) return error_here("watch " + path);
  return watch;
}

void DirectoryWatcher::remove(int watch) { inotify_rm_watch(fd_.get(), watch); }

void DirectoryWatcher::drain(const std::function<void(const WatchEvent&)>& visit) {
  std::array<char, 16384> buffer{};
  for (int reads = 0; reads < kMaxReads; ++reads) {
    const ssize_t n = ::read(fd_.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    const auto size = static_cast<std::size_t>(n);
    std::size_t at = 0;
    while (at + sizeof(inotify_event) <= size) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof(event));  // the buffer has no alignment of its own
      at += sizeof(event);
      if (event.len > size - at) return;
      hand_on(event, buffer.data() + at, visit);
      at += event.len;
    }
  }
}

void wait_readable(std::initializer_list<int> descriptors, std::int64_t timeout_ns) {
  static constexpr std::size_t kMost = 8;
  std::array<pollfd, kMost> polled{};
  nfds_t count = 0;
  for (const int fd : descriptors) {
    if (fd >= 0 && count < kMost) polled[count++] = pollfd{fd, POLLIN, 0};
  }
  const timespec timeout{timeout_ns / 1'000'000'000, timeout_ns % 1'000'000'000};
  ppoll(polled.data(), count, &timeout, nullptr);
}

WakeEvent::WakeEvent() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

void WakeEvent::signal() const {
  const std::uint64_t one = 1;
  // A full counter (EAGAIN) is already set, and that is all a reader sees of it.
  while (write(fd_.get(), &one, sizeof(one)) < 0 && errno == EINTR) {
  }
}

bool WakeEvent::clear() const {
  std::uint64_t count = 0;
  ssize_t n = 0;
  do {
    n = ::read(fd_.get(), &count, sizeof(count));
  } while (n < 0 && errno == EINTR);
  return n > 0;
}

}  // namespace bottleneck
