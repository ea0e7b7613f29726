#include "exporter/discover/events/counters.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "exporter/discover/naming.h"
#include "exporter/discover/runtimes.h"

namespace bottleneck {
namespace {

// What ended while nobody watched is known before any runtime was asked: a busy one takes long to answer
// first.
constexpr double kFirstEndWaits = 6;
// A name is decided within the time that it is waited for; a container that was gone before it had one never
// gets it.
constexpr double kNameWaitSeconds = 15;
constexpr double kForgetNameSeconds = 30 * 86400.0;
constexpr double kForgetContainerSeconds = 2 * 86400.0;
constexpr std::size_t kMostNames = 20'000;
constexpr std::size_t kMostContainers = 20'000;

template <class Map, class Seen>
void keep_newest(Map& map, std::size_t most, Seen seen) {
  if (map.size() <= most) return;
  std::vector<double> times;
  times.reserve(map.size());
  for (const auto& [key, value] : map) times.push_back(seen(value));
  const auto cut = times.begin() + static_cast<std::ptrdiff_t>(times.size() - most);
  std::nth_element(times.begin(), cut, times.end());
  std::erase_if(map, [&](const auto& item) { return seen(item.second) < *cut; });
}

}  // namespace

const std::string& subject_key(const CgroupRef& ref) {
  return has_runtime_id(ref.runtime) ? ref.id : ref.path;
}

EventCounters::EventCounters(Options options) : options_(std::move(options)), since_(options_.now) {
  load();
  if (kernel_position_.boot_id == options_.boot_id) return;
  // Sequence and inode numbers begin anew with every boot.
  const bool rebooted = !kernel_position_.boot_id.empty() && !options_.boot_id.empty();
  kernel_position_ = {options_.boot_id, 0};
  if (!rebooted) return;
  for (auto& [key, one] : entries_) {
    one.subject.host_restarted(context(options_.now));
    changed(key, one, options_.now);
  }
}

ContainerRuns::Context EventCounters::context(double now) const {
  return {.now = now,
          .since = since_,
          .kernel_log = options_.kernel_log,
          .end_wait_seconds = options_.end_wait_seconds};
}

/// Of ends that the state or the first look told of: no runtime was asked yet, and a busy one takes long.
ContainerRuns::Context EventCounters::found_by_restart(double now) const {
  ContainerRuns::Context found = context(now);
  found.end_wait_seconds *= kFirstEndWaits;
  return found;
}

EventCounters::Named& EventCounters::named_of(const std::string& name) {
  const auto [found, added] = names_.try_emplace(name);
  if (added) ++generation_;
  return found->second;
}

EventCounters::Entry& EventCounters::entry(const std::string& key, double now) {
  const auto [found, added] = entries_.try_emplace(key);
  Entry& entry = found->second;
  if (added) entry.first = now;
  entry.last = now;
  return entry;
}

void EventCounters::changed(const std::string& key, Entry& entry, double now) {
  dirty_ = true;
  if (entry.subject.unsettled() || entry.subject.has_delta()) active_.insert(key);
  if (!entry.named) return;
  if (entry.ooms_visible) named_of(entry.name).counts.ooms_visible = true;
  flush(key, entry, now);
}

void EventCounters::flush(const std::string& key, Entry& entry, double now) {
  const EventDelta delta = entry.subject.take();
  if (delta.empty()) return;
  Named& named = named_of(entry.name.empty() ? short_id(key) : entry.name);
  named.seen = now;
  named.counts.starts += delta.starts;
  named.counts.ooms += delta.ooms;
  if (delta.ooms > 0) named.counts.oom_scope = std::exchange(entry.oom_scope, OomScope::kUnknown);
  for (std::size_t i = 0; i < kExitReasonCount; ++i) named.counts.exits[i] += delta.exits[i];
  dirty_ = true;
}

void EventCounters::observe_cgroups(std::span<const CgroupRef> refs, std::uint64_t version, double now) {
  if (first_observed_ && version == refs_version_) return;
  refs_version_ = version;
  ++mark_;
  keys_by_path_.clear();
  for (const CgroupRef& ref : refs) {
    const std::string key = subject_key(ref);
    keys_by_path_[ref.path] = key;
    Entry& one = entry(key, now);
    one.mark = mark_;
    if (one.inode == ref.inode) continue;
    if (one.inode != 0) one.subject.cgroup_vanished(one.inode, context(now));
    // At the very first look nobody knows when it began, unless an earlier life of ours knew all that were
    // there.
    one.subject.cgroup_appeared(ref.inode, first_observed_ || continued_, context(now));
    one.inode = ref.inode;
    changed(key, one, now);
  }
  for (auto& [key, one] : entries_) {
    // Of a run that an earlier life of ours knew, the inode is in the subject only.
    const std::uint64_t inode = first_observed_ ? one.inode : one.subject.inode();
    if (one.mark == mark_ || inode == 0) continue;
    one.subject.cgroup_vanished(inode, first_observed_ ? context(now) : found_by_restart(now));
    one.inode = 0;
    one.last = now;
    changed(key, one, now);
  }
  first_observed_ = true;
}

void EventCounters::apply(const ContainerFact& fact, double now) {
  const auto known = entries_.find(fact.id);
  // Nothing is to be remembered of a container only because it went.
  if (fact.kind == ContainerFact::Kind::kRemoved && known == entries_.end()) return;
  Entry& one = entry(fact.id, now);
  if (!one.named && !fact.name.empty()) one.name = fact.name;
  one.ooms_visible = true;  // runtimes tell of them, at the latest with the end
  one.subject.apply(fact, context(now));
  changed(fact.id, one, now);
}

/// The container that a path lies in: a cgroup that is there, or one that was gone before it was seen.
std::string EventCounters::key_of_path(std::string_view path) const {
  for (std::string_view part = path; part.size() > 1; part = part.substr(0, part.rfind('/'))) {
    if (const auto found = keys_by_path_.find(std::string(part)); found != keys_by_path_.end())
      return found->second;
    if (const auto match = recognise_path(part)) {
      return has_runtime_id(match->runtime) ? match->id : std::string(part);
    }
  }
  return {};
}

OomScope EventCounters::scope_of(const OomLine& line, const std::string& key) const {
  if (line.host) return OomScope::kHost;
  if (line.limit.empty()) return OomScope::kUnknown;
  // Its own, one within it, or the one around it that its runtime made for it.
  if (key_of_path(line.limit) == key) return OomScope::kOwnLimit;
  const bool above = line.path.starts_with(line.limit) &&
                     (line.limit == "/" || line.path.substr(line.limit.size()).starts_with('/'));
  return above ? OomScope::kAncestor : OomScope::kUnknown;
}

/// Of a kill that was just counted, or is about to be.
void EventCounters::set_oom_scope(Entry& entry, OomScope scope) {
  if (scope == OomScope::kUnknown) return;
  if (entry.named && !entry.subject.has_delta()) {
    named_of(entry.name).counts.oom_scope = scope;
  } else {
    entry.oom_scope = scope;
  }
}

void EventCounters::kernel_oom(const OomLine& line, double time, double now) {
  const std::string key = key_of_path(line.path);
  if (key.empty()) return;  // of the host's own
  Entry& one = entry(key, now);
  one.subject.oom(OomSource::kKernelLog, time, context(now));
  set_oom_scope(one, scope_of(line, key));
  changed(key, one, now);
}

void EventCounters::oom_counter(const std::string& key, std::uint64_t kills, double limit_ooms, double now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  Entry& one = found->second;
  one.subject.oom_counter(kills, context(now));
  const bool own_limit = limit_ooms > std::exchange(one.limit_ooms, limit_ooms);
  if (one.subject.has_delta()) {
    if (own_limit) set_oom_scope(one, OomScope::kOwnLimit);
    changed(key, one, now);
  }
  if (one.ooms_visible) return;
  one.ooms_visible = true;
  if (one.named) named_of(one.name).counts.ooms_visible = true;
}

void EventCounters::named(const std::string& key, const std::string& name, double now) {
  Entry& one = entry(key, now);
  one.name = name;
  one.named = true;
  Named& named = named_of(name);
  if (now - named.seen > 3600) dirty_ = true;
  named.seen = now;
  if (one.ooms_visible || options_.kernel_log) named.counts.ooms_visible = true;
  flush(key, one, now);
}

void EventCounters::image(const std::string& name, std::string_view image, double when) {
  if (image.empty()) return;
  Named& named = named_of(name);
  if (named.image == image) return;
  if (!named.image.empty()) named.counts.image_changed = when;
  named.image = image;
  dirty_ = true;
}

void EventCounters::limits(const std::string& name, std::uint64_t fingerprint, double when) {
  fingerprint &= (std::uint64_t{1} << 62U) - 1;  // kept as a JSON number that every reader takes
  Named& named = named_of(name);
  if (named.limits == fingerprint) return;
  if (named.limits) named.counts.limits_changed = when;
  named.limits = fingerprint;
  dirty_ = true;
}

void EventCounters::settle(double now) {
  for (auto key = active_.begin(); key != active_.end();) {
    const auto found = entries_.find(*key);
    if (found == entries_.end()) {
      key = active_.erase(key);
      continue;
    }
    Entry& one = found->second;
    one.subject.settle(context(now));
    if (one.named || now - one.first >= kNameWaitSeconds) flush(*key, one, now);
    key = one.subject.unsettled() || one.subject.has_delta() ? std::next(key) : active_.erase(key);
  }
}

const EventCounts* EventCounters::find(const std::string& name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : &found->second.counts;
}

void EventCounters::forget_old(double now) {
  for (auto& [key, one] : entries_) {
    if (one.inode == 0) continue;
    one.last = now;
    if (one.named) named_of(one.name).seen = now;
  }
  std::erase_if(entries_, [&](const auto& item) {
    const Entry& one = item.second;
    return one.inode == 0 && !one.subject.has_delta() && !one.subject.unsettled() &&
           now - one.last > kForgetContainerSeconds;
  });
  ++generation_;
  std::erase_if(names_, [&](const auto& item) { return now - item.second.seen > kForgetNameSeconds; });
  keep_newest(entries_, kMostContainers, [](const Entry& one) { return one.last; });
  keep_newest(names_, kMostNames, [](const Named& named) { return named.seen; });
}

}  // namespace bottleneck
