// A container of plain numbers for tests: counters grow by rates, gauges are set, time goes on by steps.
#pragma once

#include <map>

#include "exporter/base/clock.h"
#include "exporter/window/history.h"

namespace bottleneck {

class Series {
 public:
  explicit Series(double start_seconds = 1000) : now_(start_seconds) { stamp(); }

  Series& set(Field field, double value) {
    sample.values.set(field, value);
    return *this;
  }
  /// The counter grows by `rate` a second from now on; it begins at 0.
  Series& grow(Field field, double rate) {
    if (!sample.values.has(field)) sample.values.set(field, 0);
    rates_[field] = rate;
    return *this;
  }
  /// Goes on by `seconds` without a reading.
  void pass(double seconds) {
    now_ += seconds;
    for (const auto& [field, rate] : rates_) {
      sample.values.set(field, sample.values.get(field) + rate * seconds);
    }
  }
  /// Steps of `interval` for `seconds`, read at each by `history`; the detail every ten seconds.
  void run(History& history, double seconds, double interval = 1) {
    for (double done = 0; done < seconds - 1e-9; done += interval) {
      pass(interval);
      stamp();
      history.add(sample, extras);
    }
  }
  void stamp() {
    sample.pulse_ns = now_ns();
    if (detail_at_ < 0 || now_ - detail_at_ > 10 - 1e-6) {
      sample.detail_ns = now_ns();
      detail_at_ = now_;
    }
  }
  [[nodiscard]] std::int64_t now_ns() const { return static_cast<std::int64_t>(now_ * 1e9 + 0.5); }
  [[nodiscard]] Evidence evidence(const History& history) const {
    Evidence out;
    history.fill(sample, extras, now_ns(), out);
    return out;
  }

  Sample sample;
  Extras extras;

 private:
  double now_;
  double detail_at_ = -1;
  std::map<Field, double> rates_;
};

}  // namespace bottleneck
