#include "exporter/window/demand_history.h"

#include <algorithm>
#include <cmath>

namespace bottleneck {
namespace {

constexpr double kHour = 3600;
constexpr std::int32_t kHoursOfDay = 24;
constexpr double kJumpSeconds = 1800;
constexpr double kSummarySeconds = 600;
constexpr double kYoungSummarySeconds = 60;

void raise(float& peak, double value) {
  if (is_present(value) && !(static_cast<double>(peak) >= value)) peak = static_cast<float>(value);
}

/// Mean of `count` values and one more.
void add_to_mean(float& mean, double value, double count) {
  if (!is_present(value)) return;
  mean =
      is_present(mean) ? static_cast<float>(mean + (value - mean) / (count + 1)) : static_cast<float>(value);
}

float median_of(const std::array<DemandReading, 6>& readings, std::size_t count,
                double DemandReading::*member) {
  std::array<double, 6> sorted{};
  std::size_t present = 0;
  for (std::size_t i = 0; i < count && i < readings.size(); ++i) {
    const double value = readings[i].*member;
    if (!is_present(value)) continue;
    std::size_t at = present++;
    for (; at > 0 && sorted[at - 1] > value; --at) sorted[at] = sorted[at - 1];
    sorted[at] = value;
  }
  if (present == 0) return kNoRate;
  return static_cast<float>((sorted[(present - 1) / 2] + sorted[present / 2]) / 2);
}

}  // namespace

void DemandHistory::Period::add(const DemandReading& reading) {
  // Both, whichever has a value: the first rate comes a reading after the first number.
  cpu.reserve();
  memory.reserve();
  cpu.add(reading.cpu_demand);
  memory.add(reading.unreclaimable);
  raise(memory_peak, reading.unreclaimable);
  add_to_mean(active_file, reading.active_file, readings);
  ++readings;
}

void DemandHistory::Period::merge(const Period& hour) {
  cpu.merge(hour.cpu);
  memory.merge(hour.memory);
  raise(memory_peak, static_cast<double>(hour.memory_peak));
  if (is_present(hour.active_file)) {
    const double all = static_cast<double>(readings) + hour.readings;
    const double sum =
        static_cast<double>(active_file) * readings + static_cast<double>(hour.active_file) * hour.readings;
    active_file = is_present(active_file) && all > 0 ? static_cast<float>(sum / all) : hour.active_file;
  }
  readings += hour.readings;
}

void DemandHistory::add(const DemandReading& reading, double unix_seconds, double monotonic_seconds) {
  if (!(unix_seconds >= 0) || unix_seconds > kLatestUnix) return;
  follow_clock(unix_seconds, monotonic_seconds);
  const auto now_hour = static_cast<std::int32_t>(unix_seconds / kHour);
  Period& hour = open_hour(std::max(now_hour, newest_hour_));
  hour.add(reading);
  if (reading.cpu_trouble) cpu_trouble_unix_ = unix_seconds;
  if (reading.memory_trouble) memory_trouble_unix_ = unix_seconds;
  add_minute(reading, unix_seconds);
}

void DemandHistory::note_kill(double age_seconds, double unix_seconds) {
  if (!(std::abs(unix_seconds - last_unix_) < kJumpSeconds)) return;
  const double then = unix_seconds - age_seconds;
  if (then >= 0 && !(memory_trouble_unix_ >= then)) memory_trouble_unix_ = then;
}

void DemandHistory::follow_clock(double unix_seconds, double monotonic_seconds) {
  const auto hour = static_cast<std::int32_t>(unix_seconds / kHour);
  const double jump = (unix_seconds - last_unix_) - (monotonic_seconds - last_monotonic_);
  last_unix_ = unix_seconds;
  last_monotonic_ = monotonic_seconds;
  if (newest_hour_ < 0) return;
  std::int32_t hours = 0;
  if (is_present(jump) && std::abs(jump) > kJumpSeconds) {
    hours = static_cast<std::int32_t>(std::lround(jump / kHour));
  } else if (!is_present(jump) && newest_hour_ > hour + 1) {
    hours = hour - newest_hour_;  // kept by a clock that was ahead
  }
  if (hours == 0) return;
  shift(hours);
  cpu_trouble_unix_ += hours * kHour;
  memory_trouble_unix_ += hours * kHour;
}

void DemandHistory::shift(std::int32_t by) {
  const auto moved = [](auto& periods, std::int32_t step) {
    auto old = std::move(periods);
    periods = {};
    for (Period& period : old) {
      if (period.number < 0 || period.number + step < 0) continue;
      period.number += step;
      periods[static_cast<std::size_t>(period.number) % periods.size()] = std::move(period);
    }
  };
  moved(hours_, by);
  moved(days_, static_cast<std::int32_t>(std::lround(by / 24.0)));
  newest_hour_ = std::max(newest_hour_ + by, 0);
}

DemandHistory::Period& DemandHistory::open_hour(std::int32_t hour) {
  Period& period = hours_[static_cast<std::size_t>(hour) % hours_.size()];
  if (period.number == hour) return period;
  if (newest_hour_ >= 0) {
    Period& closed = hours_[static_cast<std::size_t>(newest_hour_) % hours_.size()];
    closed.cpu.shrink();
    closed.memory.shrink();
  }
  for (Period& old : hours_) {  // after a pause more than one is older than a day
    if (old.number < 0 || old.number > hour - static_cast<std::int32_t>(hours_.size())) continue;
    fold(old);
    old = {};
  }
  period.number = newest_hour_ = hour;
  return period;
}

void DemandHistory::fold(const Period& hour) {
  const std::int32_t number = hour.number / kHoursOfDay;
  Period& day = days_[static_cast<std::size_t>(number) % days_.size()];
  if (day.number > number) return;  // older than all days that are kept
  if (day.number != number) day = {};
  day.number = number;
  day.merge(hour);
  day.cpu.shrink();
  day.memory.shrink();
}

void DemandHistory::add_minute(const DemandReading& reading, double unix_seconds) {
  const auto minute = static_cast<std::int64_t>(unix_seconds / 60);
  if (minute != minute_ || minute_reading_count_ == minute_readings_.size()) close_minute();
  minute_ = minute;
  minute_readings_[minute_reading_count_++] = reading;
}

void DemandHistory::close_minute() {
  // Half a minute is no minute: the beginning, and what a slowed pulse leaves.
  const bool enough = minute_reading_count_ >= minute_readings_.size() / 2;
  const std::size_t count = minute_reading_count_;
  minute_reading_count_ = 0;
  if (!enough) return;
  if (minute_count_ == kMinutes) {
    std::move(minutes_.begin() + 1, minutes_.end(), minutes_.begin());
    --minute_count_;
  }
  MinuteEvidence& minute = minutes_[minute_count_++];
  minute.cpu_cores = median_of(minute_readings_, count, &DemandReading::cpu_demand);
  minute.unreclaimable = median_of(minute_readings_, count, &DemandReading::unreclaimable);
  minute.packets = median_of(minute_readings_, count, &DemandReading::packets);
}

const DemandSummary& DemandHistory::summary(double unix_seconds, const JudgementParameters& parameters) {
  const double interval = summary_.hours < 1 ? kYoungSummarySeconds : kSummarySeconds;
  const double age = unix_seconds - summary_unix_;
  if (!(age >= 0 && age < interval)) compute(unix_seconds, parameters);
  return summary_;
}

void DemandHistory::compute(double unix_seconds, const JudgementParameters& parameters) {
  static thread_local WeightedSketch cpu;
  static thread_local WeightedSketch memory;
  cpu.clear();
  memory.clear();
  double readings = 0;
  std::array<float, 32> active{};
  std::size_t actives = 0;
  const auto add = [&](const Period& period, double begin_hours, double length_hours) {
    if (period.number < 0) return;
    const double age = std::max(0.0, unix_seconds / kHour - begin_hours - length_hours / 2);
    const auto weight = static_cast<float>(std::exp2(-age / parameters.size_half_life_hours));
    cpu.add(period.cpu, weight);
    memory.add(period.memory, weight);
    readings += period.readings;
    if (is_present(period.active_file)) active[actives++] = period.active_file;
  };
  for (const Period& hour : hours_) add(hour, hour.number, 1);
  for (const Period& day : days_) add(day, static_cast<double>(day.number) * kHoursOfDay, kHoursOfDay);
  summary_ = {};
  summary_.hours = readings * kReadingSeconds / kHour;
  summary_.cpu_p50 = cpu.quantile(0.5);
  summary_.cpu_p90 = cpu.quantile(0.9);
  summary_.cpu_p98 = cpu.quantile(0.98);
  summary_.cpu_most = cpu.quantile(1);
  summary_.memory_p50 = memory.quantile(0.5);
  summary_.memory_p98 = memory.quantile(0.98);
  summary_.memory_peak = peak_of_memory(unix_seconds, parameters.size_peak_half_life_hours);
  if (actives > 0) {
    const auto middle = active.begin() + static_cast<std::ptrdiff_t>(actives / 2);
    std::nth_element(active.begin(), middle, active.begin() + static_cast<std::ptrdiff_t>(actives));
    summary_.active_file = static_cast<double>(*middle);
  }
  summary_.cpu_trouble_age = unix_seconds - cpu_trouble_unix_;
  summary_.memory_trouble_age = unix_seconds - memory_trouble_unix_;
  summary_unix_ = unix_seconds;
}

/// The peak of the last day; a higher one before it fades towards that with its half-life.
double DemandHistory::peak_of_memory(double unix_seconds, double half_life_hours) const {
  float recent = kNoRate;
  for (const Period& hour : hours_) {
    if (hour.number >= 0) raise(recent, static_cast<double>(hour.memory_peak));
  }
  double peak = static_cast<double>(recent);
  for (const Period& day : days_) {
    if (day.number < 0 || !is_present(day.memory_peak)) continue;
    const double base = is_present(recent) ? static_cast<double>(recent) : 0;
    const double age = unix_seconds / kHour - (static_cast<double>(day.number) + 1) * kHoursOfDay;
    const double faded = base + (static_cast<double>(day.memory_peak) - base) *
                                    std::exp2(-std::max(0.0, age) / half_life_hours);
    if (!(peak >= faded)) peak = faded;
  }
  return peak;
}

DemandPeriod DemandHistory::period_of(const Period& period, double length) {
  DemandPeriod out;
  out.unix_seconds = period.number * length;
  out.seconds = length;
  out.observed_seconds = period.readings * kReadingSeconds;
  out.cpu_p50 = period.cpu.quantile(0.5);
  out.cpu_p98 = period.cpu.quantile(0.98);
  out.memory_p50 = period.memory.quantile(0.5);
  out.memory_peak = static_cast<double>(period.memory_peak);
  return out;
}

std::vector<DemandPeriod> DemandHistory::hours() const {
  std::vector<DemandPeriod> out;
  for (const Period& hour : hours_) {
    if (hour.number >= 0) out.push_back(period_of(hour, kHour));
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.unix_seconds < b.unix_seconds; });
  return out;
}

std::vector<DemandPeriod> DemandHistory::days() const {
  std::vector<DemandPeriod> out;
  for (const Period& day : days_) {
    if (day.number >= 0) out.push_back(period_of(day, kHour * kHoursOfDay));
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return a.unix_seconds < b.unix_seconds; });
  return out;
}

}  // namespace bottleneck
