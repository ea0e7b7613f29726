#include "exporter/discover/disk_source.h"

#include <chrono>
#include <iterator>
#include <utility>

namespace bottleneck {

DiskSource::DiskSource(DiskNamesOptions options, double period_seconds, std::function<void()> wake)
    : names_(std::move(options)), period_seconds_(period_seconds), wake_(std::move(wake)) {}

void DiskSource::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void DiskSource::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DiskSource::poke() {
  {
    const std::lock_guard lock(mutex_);
    poked_ = true;
  }
  changed_.notify_all();
}

std::vector<SourceStatePtr> DiskSource::states() const {
  const std::lock_guard lock(mutex_);
  return states_;
}

std::vector<ContainerFact> DiskSource::take_facts() {
  const std::lock_guard lock(mutex_);
  return std::exchange(facts_, {});
}

void DiskSource::run() {
  constexpr std::size_t kMostFacts = 100'000;
  constexpr auto kLeast = std::chrono::milliseconds(100);
  const auto period = std::chrono::duration<double>(period_seconds_);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    std::vector<SourceStatePtr> states = names_.refresh();
    std::vector<ContainerFact> facts = names_.take_facts();
    lock.lock();
    const bool news = states != states_ || !facts.empty();
    states_ = std::move(states);
    if (facts_.size() + facts.size() > kMostFacts) facts_.clear();  // nobody takes them
    facts_.insert(facts_.end(), std::make_move_iterator(facts.begin()), std::make_move_iterator(facts.end()));
    if (news && wake_) {
      lock.unlock();
      wake_();
      lock.lock();
    }
    changed_.wait_for(lock, kLeast, [this] { return stopping_; });
    changed_.wait_for(lock, period, [this] { return stopping_ || poked_; });
    poked_ = false;
  }
}

}  // namespace bottleneck
