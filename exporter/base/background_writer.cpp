#include "exporter/base/background_writer.h"

#include <utility>

namespace bottleneck {

BackgroundWriter::BackgroundWriter() : thread_([this] { run(); }) {}

BackgroundWriter::~BackgroundWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void BackgroundWriter::submit(const std::string& key, std::function<void()> write) {
  {
    const std::lock_guard lock(mutex_);
    waiting_[key] = std::move(write);
  }
  changed_.notify_all();
}

void BackgroundWriter::drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.empty() && !busy_; });
}

void BackgroundWriter::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const auto next = waiting_.begin();
    const std::function<void()> write = std::move(next->second);
    waiting_.erase(next);
    busy_ = true;
    lock.unlock();
    write();
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace bottleneck
