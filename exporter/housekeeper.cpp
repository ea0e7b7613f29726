#include "exporter/housekeeper.h"

#include <chrono>
#include <iterator>

namespace bottleneck {
namespace {

using std::chrono::milliseconds;
// Engines write a container's files while they start it: looking at once would see half of them.
constexpr milliseconds kLookDelay{300};
// Without anybody asking: state, health and exits that only the disk tells.
constexpr milliseconds kLookInterval{10'000};

}  // namespace

Housekeeper::Housekeeper(DiskNamesOptions options, std::function<void()> wake)
    : names_(std::move(options)), wake_(std::move(wake)), thread_([this] { run(); }) {}

Housekeeper::~Housekeeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  thread_.join();
}

std::vector<SourceStatePtr> Housekeeper::disk_states() {
  const std::lock_guard lock(mutex_);
  return states_;
}

bool Housekeeper::looked() {
  const std::lock_guard lock(mutex_);
  return looked_;
}

std::vector<ContainerFact> Housekeeper::take_facts() {
  const std::lock_guard lock(mutex_);
  return std::exchange(facts_, {});
}

void Housekeeper::look_again() {
  {
    const std::lock_guard lock(mutex_);
    look_wanted_ = true;
  }
  work_.notify_all();
}

void Housekeeper::write_later(const std::string& path, int version, Json state) {
  {
    const std::lock_guard lock(mutex_);
    pending_[path] = {version, std::move(state)};
  }
  work_.notify_all();
}

void Housekeeper::run() {
  look();
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      work_.wait_for(lock, kLookInterval, [this] { return stopping_ || look_wanted_ || !pending_.empty(); });
      if (!stopping_ && look_wanted_) work_.wait_for(lock, kLookDelay, [this] { return stopping_; });
    }
    write_pending();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    look();
  }
}

void Housekeeper::look() {
  {
    const std::lock_guard lock(mutex_);
    look_wanted_ = false;
  }
  const std::vector<SourceStatePtr>& seen = names_.refresh();
  std::vector<ContainerFact> facts = names_.take_facts();
  bool changed = !facts.empty();
  {
    const std::lock_guard lock(mutex_);
    changed |= !looked_ || states_ != seen;
    states_ = seen;
    looked_ = true;
    facts_.insert(facts_.end(), std::make_move_iterator(facts.begin()), std::make_move_iterator(facts.end()));
  }
  if (changed) wake_();
}

void Housekeeper::write_pending() {
  std::map<std::string, Pending> pending;
  {
    const std::lock_guard lock(mutex_);
    pending.swap(pending_);
  }
  for (auto& [path, one] : pending) {
    Json again = one.state;
    if (save_state_file(path, one.version, std::move(one.state))) continue;
    const std::lock_guard lock(mutex_);
    if (stopping_) continue;
    pending_.try_emplace(path, Pending{one.version, std::move(again)});
  }
}

}  // namespace bottleneck
