// Demand histories to and from bytes.
#include "exporter/window/demand_history.h"

namespace bottleneck {
namespace {

bool is_count(float value) { return !is_present(value) || (value >= 0 && value < 1e18F); }

}  // namespace

void DemandHistory::Period::write(StateWriter& writer) const {
  writer.put(number);
  writer.put(readings);
  writer.put(memory_peak);
  writer.put(active_file);
  cpu.write(writer);
  memory.write(writer);
}

void DemandHistory::Period::read(StateReader& reader) {
  number = reader.get<std::int32_t>();
  readings = reader.get<std::uint32_t>();
  memory_peak = reader.get<float>();
  active_file = reader.get<float>();
  cpu.read(reader);
  memory.read(reader);
  if (number < 0 || !is_count(memory_peak) || !is_count(active_file)) reader.fail();
}

void DemandHistory::write(StateWriter& writer) const {
  const auto write_periods = [&](const auto& periods) {
    std::uint8_t count = 0;
    for (const Period& period : periods)
      count = static_cast<std::uint8_t>(count + (period.number >= 0 ? 1 : 0));
    writer.put(count);
    for (const Period& period : periods) {
      if (period.number >= 0) period.write(writer);
    }
  };
  write_periods(hours_);
  write_periods(days_);
  writer.put(newest_hour_);
  writer.put(cpu_trouble_unix_);
  writer.put(memory_trouble_unix_);
  writer.put(static_cast<std::uint8_t>(minute_count_));
  for (std::size_t i = 0; i < minute_count_; ++i) {
    writer.put(minutes_[i].cpu_cores);
    writer.put(minutes_[i].unreclaimable);
    writer.put(minutes_[i].packets);
  }
}

void DemandHistory::read(StateReader& reader) {
  const auto read_periods = [&](auto& periods) {
    const auto count = reader.get<std::uint8_t>();
    if (count > periods.size()) return reader.fail();
    for (std::uint8_t i = 0; i < count && !reader.failed(); ++i) {
      Period period;
      period.read(reader);
      if (reader.failed()) return;
      periods[static_cast<std::size_t>(period.number) % periods.size()] = std::move(period);
    }
  };
  read_periods(hours_);
  read_periods(days_);
  newest_hour_ = reader.get<std::int32_t>();
  cpu_trouble_unix_ = reader.get<double>();
  memory_trouble_unix_ = reader.get<double>();
  minute_count_ = reader.get<std::uint8_t>();
  const auto plausible = [](double unix_seconds) {
    return !(unix_seconds < 0) && !(unix_seconds > kLatestUnix);
  };
  if (minute_count_ > kMinutes || newest_hour_ < -1 ||
      newest_hour_ > static_cast<std::int32_t>(kLatestUnix / 3600) || !plausible(cpu_trouble_unix_) ||
      !plausible(memory_trouble_unix_)) {
    minute_count_ = 0;
    return reader.fail();
  }
  for (std::size_t i = 0; i < minute_count_; ++i) {
    minutes_[i].cpu_cores = reader.get<float>();
    minutes_[i].unreclaimable = reader.get<float>();
    minutes_[i].packets = reader.get<float>();
  }
}

}  // namespace bottleneck
