// What one name wants with one image: distributions of CPU demand and unreclaimable memory of the last 24
// hours and 8 days, peaks, and the last two hours by minute. Kept on disk; times are those of the calendar.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "exporter/config/judgement.h"
#include "exporter/model/evidence.h"
#include "exporter/window/sketch.h"

namespace bottleneck {

/// The year 2286, seconds since the epoch: beyond it a clock is not to be believed.
inline constexpr double kLatestUnix = 1e10;

/// One 10 s value of a container.
struct DemandReading {
  double cpu_demand = kAbsent;     ///< cores, corrected for throttling
  double unreclaimable = kAbsent;  ///< bytes
  double active_file = kAbsent;    ///< bytes
  double packets = kAbsent;        ///< a second
  bool cpu_trouble = false;        ///< throttled or CPU pressure
  bool memory_trouble = false;     ///< memory pressure; a kill is noted apart
};

/// A day or an hour, for trends.
struct DemandPeriod {
  double unix_seconds = 0;  ///< its beginning
  double seconds = 0;       ///< its length
  double observed_seconds = 0;
  double cpu_p50 = kAbsent;
  double cpu_p98 = kAbsent;
  double memory_p50 = kAbsent;
  double memory_peak = kAbsent;
};

class DemandHistory {
 public:
  static constexpr double kReadingSeconds = 10;
  static constexpr std::size_t kMinutes = 120;

  /// Adds a reading; `monotonic_seconds` tells a clock that was set from time that has passed: after a jump
  /// of more than half an hour the history moves along.
  void add(const DemandReading& reading, double unix_seconds, double monotonic_seconds);

  /// A kill for lack of memory, `age_seconds` before now: it is trouble as pressure is. Ignored while no
  /// reading has taken the history along with a clock that was set; tell of it again.
  void note_kill(double age_seconds, double unix_seconds);

  /// Decayed by age; computed anew at most each 10 min (each minute in the first hour).
  const DemandSummary& summary(double unix_seconds, const JudgementParameters& parameters);
  /// Oldest first; valid until the next add().
  [[nodiscard]] std::span<const MinuteEvidence> minutes() const { return {minutes_.data(), minute_count_}; }
  /// Hours and days that have data, oldest first.
  [[nodiscard]] std::vector<DemandPeriod> hours() const;
  [[nodiscard]] std::vector<DemandPeriod> days() const;
  [[nodiscard]] bool empty() const { return newest_hour_ < 0; }

  void write(StateWriter& writer) const;
  void read(StateReader& reader);

 private:
  struct Period {
    std::int32_t number = -1;  ///< hours or days since the epoch; -1: empty
    std::uint32_t readings = 0;
    float memory_peak = kNoRate;
    float active_file = kNoRate;  ///< mean
    Sketch cpu;
    Sketch memory;
    void add(const DemandReading& reading);
    void merge(const Period& hour);
    void write(StateWriter& writer) const;
    void read(StateReader& reader);
  };
  void follow_clock(double unix_seconds, double monotonic_seconds);
  void shift(std::int32_t hours);
  Period& open_hour(std::int32_t hour);
  void fold(const Period& hour);
  void add_minute(const DemandReading& reading, double unix_seconds);
  void close_minute();
  void compute(double unix_seconds, const JudgementParameters& parameters);
  [[nodiscard]] double peak_of_memory(double unix_seconds, double half_life_hours) const;
  static DemandPeriod period_of(const Period& period, double length);

  std::array<Period, 24> hours_;
  std::array<Period, 8> days_;
  std::int32_t newest_hour_ = -1;
  double last_unix_ = kAbsent;
  double last_monotonic_ = kAbsent;
  double cpu_trouble_unix_ = kAbsent;
  double memory_trouble_unix_ = kAbsent;

  std::array<MinuteEvidence, kMinutes> minutes_;
  std::size_t minute_count_ = 0;
  std::array<DemandReading, 6> minute_readings_;
  std::size_t minute_reading_count_ = 0;
  std::int64_t minute_ = -1;

  DemandSummary summary_;
  double summary_unix_ = kAbsent;
};

}  // namespace bottleneck
