// Events of a name over recreated cgroups: kills, restarts, starts, health. Counters come from outside and
// may begin anywhere; what counts is when they move.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "exporter/base/codec.h"
#include "exporter/model/evidence.h"

namespace bottleneck {

inline constexpr double kKilledExit = 137;  ///< exit code of an end by SIGKILL: 128 + 9

/// What events say at a moment.
struct EventFacts {
  float oom_age = kNoRate;  ///< seconds since the last kill; infinite: none; absent: no source would tell
  float oom_kills = 0;      ///< in the last hour
  OomScope oom_scope = OomScope::kUnknown;
  float restarts = kNoRate;           ///< in the last hour, that nobody asked for; absent: nobody counts them
  float restarts_recent = 0;          ///< in the last `restart_seconds`
  float starts_of_day = 0;            ///< of the last 24 h
  float unhealthy_seconds = kNoRate;  ///< absent without a health check
  float startup = kNoRate;            ///< seconds of the last start
  float startup_median = kNoRate;     ///< of the (up to five) before it; absent with fewer than three
  bool killed_from_outside = false;   ///< the last end was exit 137 without an OOM kill
};

class Events {
 public:
  /// `known`: the exporter ran before this name appeared, so what its counters show has just happened.
  /// `dated` false: they may tell of a time in which nobody watched; what they gained is not counted.
  void update(const LifeEvidence& life, double now_seconds, double dt, bool known, double restart_seconds,
              bool dated = true);
  [[nodiscard]] const EventFacts& facts() const { return facts_; }

  /// Times are kept as ages: `now_seconds` is on the same clock as in update().
  void write(StateWriter& writer, double now_seconds) const;
  /// `passed`: seconds of real time since they were written.
  void read(StateReader& reader, double now_seconds, double passed);

 private:
  /// How often something happened, and when: exact for the newest times, the older the coarser.
  class Times {
   public:
    explicit Times(double span) : span_(span) {}
    void add(double now, double count);
    [[nodiscard]] float within(double now, double seconds) const;
    /// Absent: never.
    [[nodiscard]] double last() const { return last_; }
    void write(StateWriter& writer, double now) const;
    void read(StateReader& reader, double now, double passed);

   private:
    struct Entry {
      double at;
      double count;
    };
    static constexpr std::size_t kMost = 256;
    double span_;  ///< seconds that may be asked for
    double last_ = kAbsent;
    std::vector<Entry> entries_;  ///< oldest first; empty in a healthy container
  };
  void count_kills(const LifeEvidence& life, double now, bool known, bool dated);
  void count_starts(const LifeEvidence& life, double now, bool known, bool dated);
  void note_startup(const LifeEvidence& life);

  Times kills_{3600};
  Times restarts_{86400};
  Times starts_{86400};
  bool seen_ = false;
  bool kills_told_ = false;   ///< a source of kills exists
  bool starts_told_ = false;  ///< a source of restarts exists
  double oom_events_ = kAbsent;
  double oom_kills_ = kAbsent;
  double oom_flag_ = kAbsent;
  double starts_counter_ = kAbsent;
  double restarts_counter_ = kAbsent;
  double stopped_counter_ = kAbsent;
  double expected_ = 0;  ///< starts that follow a stop somebody asked for
  float unhealthy_ = 0;
  double start_time_ = kAbsent;
  std::array<float, 6> startups_ = {kNoRate, kNoRate, kNoRate, kNoRate, kNoRate, kNoRate};  ///< newest first
  OomScope scope_ = OomScope::kUnknown;
  EventFacts facts_;
};

}  // namespace bottleneck
