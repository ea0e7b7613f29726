#include "exporter/analyze/events.h"

#include <algorithm>
#include <limits>

#include "exporter/analyze/stats.h"

namespace bottleneck {
namespace {

constexpr double kHour = 3600;
// Of the file: counts follow; a smaller number: so many times of one event each, as older versions kept them.
constexpr std::uint8_t kCounts = 0xff;
constexpr std::uint8_t kMostTimes = 16;

/// Increase of a counter that may begin anew at 0 with a new cgroup. `first`: what it began at.
double increase(double& before, double now, double first) {
  if (!is_present(now)) return 0;
  const double from = is_present(before) ? before : first;
  before = now;
  if (!is_present(from)) return 0;
  return now >= from ? now - from : now;
}

}  // namespace

void Events::Times::add(double now, double count) {
  if (!(count > 0)) return;
  last_ = now;
  std::erase_if(entries_, [&](const Entry& entry) { return now - entry.at > span_; });
  entries_.push_back({now, count});
  if (entries_.size() <= kMost) return;
  // Two neighbours become one, at the time of the later: those that are closest for their age.
  std::size_t best = 1;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i + 1 < entries_.size(); ++i) {
    const double width = (entries_[i + 1].at - entries_[i - 1].at) / (now - entries_[i + 1].at + 1);
    if (width < least) best = i;
    least = std::min(least, width);
  }
  entries_[best + 1].count += entries_[best].count;
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(best));
}

float Events::Times::within(double now, double seconds) const {
  double found = 0;
  for (const Entry& entry : entries_) found += now - entry.at <= seconds ? entry.count : 0;
  return static_cast<float>(found);
}

void Events::Times::write(StateWriter& writer, double now) const {
  writer.put(kCounts);
  writer.put(static_cast<float>(now - last_));
  writer.put(static_cast<std::uint16_t>(entries_.size()));
  for (const Entry& entry : entries_) {
    writer.put(static_cast<float>(now - entry.at));
    writer.put(static_cast<float>(entry.count));
  }
}

void Events::Times::read(StateReader& reader, double now, double passed) {
  const auto moment = [&] { return now - passed - static_cast<double>(reader.get<float>()); };
  const auto kept = reader.get<std::uint8_t>();
  if (kept != kCounts) {
    if (kept > kMostTimes) return reader.fail();
    for (std::uint8_t i = 0; i < kept && !reader.failed(); ++i) add(moment(), 1);
    return;
  }
  last_ = moment();
  const auto count = reader.get<std::uint16_t>();
  if (count > kMost) return reader.fail();
  for (std::uint16_t i = 0; i < count; ++i) {
    const double at = moment();
    const auto events = static_cast<double>(reader.get<float>());
    if (!is_present(at) || !(events > 0)) return reader.fail();
    entries_.push_back({at, events});
  }
}

void Events::update(const LifeEvidence& life, double now, double dt, bool known, double restart_seconds,
                    bool dated) {
  count_kills(life, now, known, dated);
  count_starts(life, now, known, dated);
  note_startup(life);
  seen_ = true;
  facts_ = {};
  if (kills_told_) {
    facts_.oom_age = is_present(kills_.last()) ? static_cast<float>(now - kills_.last())
                                               : std::numeric_limits<float>::infinity();
  }
  facts_.oom_kills = kills_.within(now, kHour);
  facts_.oom_scope = scope_;
  if (starts_told_) {
    facts_.restarts = restarts_.within(now, kHour);
    facts_.restarts_recent = restarts_.within(now, restart_seconds);
    facts_.starts_of_day = starts_.within(now, 24 * kHour);
  }
  if (is_present(life.unhealthy)) {
    unhealthy_ = life.unhealthy > 0 ? unhealthy_ + static_cast<float>(dt) : 0;
    facts_.unhealthy_seconds = unhealthy_;
  }
  facts_.startup = startups_[0];
  std::array<float, 5> before{};
  std::size_t count = 0;
  for (std::size_t i = 1; i < startups_.size(); ++i) {
    if (is_present(startups_[i])) before[count++] = startups_[i];
  }
  if (count >= 3) facts_.startup_median = median({before.data(), count});
  const bool recent_kill = is_present(facts_.oom_age) && facts_.oom_age < 600;
  facts_.killed_from_outside =
      life.exit_code == kKilledExit && !(life.oom_killed > 0) && !recent_kill && kills_told_;
}

void Events::count_kills(const LifeEvidence& life, double now, bool known, bool dated) {
  const double first = known && !seen_ ? 0 : kAbsent;
  // By name first: a cgroup's own counter dies with it. The runtime's word is the last resort.
  double kills = 0;
  if (is_present(life.oom_events)) {
    kills = increase(oom_events_, life.oom_events, first);
  } else if (is_present(life.oom_kills)) {
    kills = increase(oom_kills_, life.oom_kills, first);
  } else if (is_present(life.oom_killed)) {
    kills = increase(oom_flag_, life.oom_killed, first);
  }
  kills_told_ |= is_present(life.oom_events) || is_present(life.oom_kills) || is_present(life.oom_killed);
  kills_.add(now, dated ? kills : 0);
  // Known a moment after the kill, at times.
  if (kills > 0 || life.oom_scope != OomScope::kUnknown) scope_ = life.oom_scope;
}

void Events::count_starts(const LifeEvidence& life, double now, bool known, bool dated) {
  // The first start of a name is no restart.
  const double first = known && !seen_ ? 1 : kAbsent;
  expected_ += increase(stopped_counter_, life.exits_stopped, known && !seen_ ? 0 : kAbsent);
  double restarts = 0;
  if (is_present(life.starts)) {
    double began = increase(starts_counter_, life.starts, first);
    starts_.add(now, dated ? began : 0);
    const double asked = std::min(began, expected_);
    expected_ -= asked;
    restarts = began - asked;
    increase(restarts_counter_, life.restarts, kAbsent);
  } else if (is_present(life.restarts)) {
    restarts = increase(restarts_counter_, life.restarts, first - 1);
    starts_.add(now, dated ? restarts : 0);
  }
  starts_told_ |= is_present(life.starts) || is_present(life.restarts);
  restarts_.add(now, dated ? restarts : 0);
}

void Events::note_startup(const LifeEvidence& life) {
  if (!is_present(life.startup_seconds) || !is_present(life.start_time) || life.start_time == start_time_)
    return;
  start_time_ = life.start_time;
  std::move_backward(startups_.begin(), startups_.end() - 1, startups_.end());
  startups_[0] = static_cast<float>(life.startup_seconds);
}

void Events::write(StateWriter& writer, double now) const {
  kills_.write(writer, now);
  restarts_.write(writer, now);
  starts_.write(writer, now);
  for (const double value : {oom_events_, oom_kills_, oom_flag_, starts_counter_, restarts_counter_,
                             stopped_counter_, expected_, start_time_}) {
    writer.put(value);
  }
  for (const float value : startups_) writer.put(value);
  writer.put(unhealthy_);
  writer.put(static_cast<std::uint8_t>(scope_));
  writer.put(static_cast<std::uint8_t>((kills_told_ ? 1U : 0U) | (starts_told_ ? 2U : 0U)));
}

void Events::read(StateReader& reader, double now, double passed) {
  kills_.read(reader, now, passed);
  restarts_.read(reader, now, passed);
  starts_.read(reader, now, passed);
  for (double* value : {&oom_events_, &oom_kills_, &oom_flag_, &starts_counter_, &restarts_counter_,
                        &stopped_counter_, &expected_, &start_time_}) {
    *value = reader.get<double>();
  }
  for (float& value : startups_) value = reader.get<float>();
  unhealthy_ = reader.get<float>();
  const auto scope = reader.get<std::uint8_t>();
  if (scope > static_cast<std::uint8_t>(OomScope::kHost)) return reader.fail();
  scope_ = static_cast<OomScope>(scope);
  const auto told = reader.get<std::uint8_t>();
  kills_told_ = (told & 1U) != 0;
  starts_told_ = (told & 2U) != 0;
  seen_ = true;
}

}  // namespace bottleneck
