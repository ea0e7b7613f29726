// Containers that their engine dropped: gone, or shown for a while with the end that nobody saw.
#include <algorithm>
#include <iterator>
#include <limits>

#include "exporter/discover/engine/engine_tracker.h"
#include "exporter/discover/source.h"

namespace bottleneck {
namespace {

// So many that their engine removed are shown at most.
constexpr std::size_t kMostRemoved = 50;
// Whether an engine removes by itself is known after an inspection. Before: it does so at once, people do
// not.
constexpr double kByItselfSeconds = 2;

/// It failed, nobody asked it to end, and the engine takes it away by itself.
bool fails_unseen(const RuntimeInfo& info, double removed) {
  if (!info.finished || info.is_running() || info.exit_code.value_or(0) == 0 || info.stop_expected == true)
    return false;
  return info.auto_remove.value_or(removed - *info.finished <= kByItselfSeconds);
}

}  // namespace

/// `time` 0: not known. Returns the next entry.
EngineTracker::Entries::iterator EngineTracker::remove(Entries::iterator found, double time) {
  Entry& entry = found->second;
  tell(ContainerFact::Kind::kRemoved, entry.info, time);
  ++version_;
  changed_ = true;
  const double removed = std::max(time, entry.info.finished.value_or(0));
  if (!fails_unseen(entry.info, removed)) return entries_.erase(found);
  entry.removed = removed;
  entry.info.state = RunState::kExited;  // an inspection in the midst of the removal calls it dead
  touch(entry);
  return std::next(found);
}

void EngineTracker::forget_removed(double unix_seconds) {
  std::size_t kept = 0;
  std::erase_if(entries_, [&](const auto& item) {
    const double removed = item.second.removed;
    if (removed == 0) return false;
    const bool old = !(unix_seconds - removed <= kEndSeconds);
    changed_ |= old;
    kept += old ? 0 : 1;
    return old;
  });
  for (; kept > kMostRemoved; --kept) drop_oldest_removed();
}

void EngineTracker::drop_oldest_removed() {
  const auto oldest =
      std::min_element(entries_.begin(), entries_.end(), [](const auto& one, const auto& other) {
        const auto rank = [](double removed) {
          return removed > 0 ? removed : std::numeric_limits<double>::max();
        };
        return rank(one.second.removed) < rank(other.second.removed);
      });
  entries_.erase(oldest);
  changed_ = true;
}

}  // namespace bottleneck
