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
// A full disk or a folder that may not be written is not mended sooner, and each try is a line in the log.
constexpr std::int64_t kRetryNs = 60 * kSecondNs;
// A walk costs the disk as much as a backup's scan does.
constexpr std::int64_t kMeasureIntervalNs = 300 * kSecondNs;

}  // namespace

Housekeeper::Housekeeper(DiskNamesOptions options, const Clock& clock, std::function<void()> wake)
    : names_(std::move(options)), clock_(clock), wake_(std::move(wake)), thread_([this] { run(); }) {}

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

std::map<std::string, StorageUse> Housekeeper::storage_use() {
  const std::lock_guard lock(mutex_);
  return storage_;
}

void Housekeeper::want_storage(std::map<std::string, std::string> layers, bool walk) {
  const std::lock_guard lock(mutex_);
  layers_ = std::move(layers);
  walk_ = walk;
}

void Housekeeper::look_again() {
  {
    const std::lock_guard lock(mutex_);
    look_wanted_ = true;
  }
  work_.notify_all();
}

void Housekeeper::write_later(const std::string& path, int version, Json state) {
  write_later(path,
              [path, version, state = std::move(state)] { return save_state_file(path, version, state); });
}

void Housekeeper::write_later(const std::string& path, std::function<Status()> write) {
  {
    const std::lock_guard lock(mutex_);
    pending_[path] = std::move(write);
  }
  work_.notify_all();
}

void Housekeeper::run() {
  look();
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      work_.wait_for(lock, kLookInterval, [this] { return stopping_ || look_wanted_ || may_write(); });
      if (!stopping_ && look_wanted_) work_.wait_for(lock, kLookDelay, [this] { return stopping_; });
    }
    write_pending();
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    look();
    measure_storage();
  }
}

void Housekeeper::measure_storage() {
  const std::int64_t now_ns = clock_.monotonic_ns();
  std::map<std::string, std::string> layers;
  bool walk = false;
  {
    const std::lock_guard lock(mutex_);
    // Layers that are new are measured with the next look, all of them each few minutes.
    const bool all = measured_ns_ == 0 || now_ns - measured_ns_ >= kMeasureIntervalNs;
    if (all && !layers_.empty()) measured_ns_ = now_ns;
    std::erase_if(storage_, [&](const auto& entry) { return !layers_.contains(entry.first); });
    for (const auto& [id, directory] : layers_) {
      if (all || !storage_.contains(id)) layers.emplace(id, directory);
    }
    walk = walk_;
  }
  for (const auto& [id, directory] : layers) {
    const StorageUse use = read_writable_layer(directory, walk);
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    storage_[id] = use;
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

bool Housekeeper::may_write() const { return !pending_.empty() && clock_.monotonic_ns() >= retry_ns_; }

void Housekeeper::write_pending() {
  std::map<std::string, std::function<Status()>> pending;
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && !may_write()) return;
    pending.swap(pending_);
  }
  for (auto& [path, write] : pending) {
    if (write()) continue;
    const std::lock_guard lock(mutex_);
    if (stopping_) continue;
    retry_ns_ = clock_.monotonic_ns() + kRetryNs;
    pending_.try_emplace(path, std::move(write));
  }
}

}  // namespace bottleneck
