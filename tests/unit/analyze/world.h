// A host with containers of plain numbers, for tests of the judge that need more than a timeline can say.
#pragma once

#include "exporter/pipeline.h"

namespace bottleneck {

class World {
 public:
  explicit World(const ValidConfig& config = {}) : pipeline(config) {
    host.set(Field::host_cpus, 4);
    host.set(Field::host_cpu_busy, 0);
    host.set(Field::host_memory_total, 8e9);
    host.set(Field::host_memory_available, 5e9);
  }

  Member& add(const std::string& name) {
    Member& made = members[name];
    made.subject.name = made.subject.runtime_name = name;
    made.subject.runtime = Runtime::kDocker;
    for (const auto& [field, value] : {std::pair{Field::cpu_effective_limit, 4.0},
                                       {Field::memory_usage, 64e6},
                                       {Field::memory_unreclaimable, 32e6},
                                       {Field::memory_effective_limit, 8e9},
                                       {Field::pressure_cpu_some, 0.0},
                                       {Field::pressure_memory_some, 0.0},
                                       {Field::pressure_memory_full, 0.0},
                                       {Field::pressure_io_some, 0.0},
                                       {Field::pressure_io_full, 0.0},
                                       {Field::cpu_usage, 0.0}}) {
      made.sample.values.set(field, value);
    }
    rates[name][Field::cpu_usage] = 0.1;
    return made;
  }
  void set(const std::string& name, Field field, double value) {
    members[name].sample.values.set(field, value);
  }
  void tell(const std::string& name, Field field, double value) { members[name].told.set(field, value); }
  void grow(const std::string& name, Field field, double rate) {
    ContainerValues& values = members[name].sample.values;
    if (!values.has(field)) values.set(field, 0);
    rates[name][field] = rate;
  }
  /// A container held by a quota: the share `d` of what it wants is taken.
  void add_throttled(const std::string& name, double limit, double d) {
    add(name);
    throttle(name, limit, d);
  }
  void throttle(const std::string& name, double limit, double d) {
    set(name, Field::cpu_limit, limit);
    set(name, Field::cpu_effective_limit, limit);
    grow(name, Field::cpu_usage, limit);
    grow(name, Field::cpu_periods, 10);
    grow(name, Field::cpu_throttled_periods, d > 0 ? 8 : 0);
    grow(name, Field::cpu_throttled, d * limit / (1 - d));
  }

  /// A container under a memory limit, none of it ever killed.
  void add_limited(const std::string& name) {
    add(name);
    set(name, Field::memory_limit, 64e6);
    set(name, Field::memory_effective_limit, 64e6);
    tell(name, Field::oom_events, 0);
  }

  void run(double seconds, double interval = 1) {
    for (double done = 0; done < seconds - 1e-9; done += interval) step(interval);
  }
  void step(double interval) {
    now += interval;
    unix_seconds += interval;
    for (auto& [name, fields] : rates) {
      for (const auto& [field, rate] : fields) {
        ContainerValues& values = members[name].sample.values;
        values.set(field, values.get(field) + rate * interval);
      }
    }
    for (auto& [name, member] : members) {
      member.sample.pulse_ns = now_ns();
      if (now_ns() - member.sample.detail_ns >= 10 * kSecondNs) member.sample.detail_ns = now_ns();
    }
    pipeline.tick(now_ns(), unix_seconds, host, devices, members);
  }
  /// A new cgroup under the same name.
  void restart(const std::string& name) {
    Member& member = members[name];
    member.history = History();
    member.live = true;
    member.sample.values.set(Field::cpu_usage, 0);
    member.told.set(Field::start_time, unix_seconds);
  }

  [[nodiscard]] std::int64_t now_ns() const { return static_cast<std::int64_t>(now * 1e9); }
  const Judgement& judgement(const std::string& name) { return *pipeline.judge().find(name); }
  bool given(const std::string& name, AdviceId id) {
    const Finding* finding = judgement(name).find(id);
    return finding != nullptr && finding->active();
  }

  /// The line of a recommendation that is given.
  std::string change_of(const std::string& name, AdviceId id) {
    return judgement(name).find(id)->text->change;
  }

  Pipeline pipeline;
  HostValues host;
  std::vector<HostDeviceSample> devices;
  std::map<std::string, Member> members;
  std::map<std::string, std::map<Field, double>> rates;
  double now = 5000;
  double unix_seconds = 1'700'000'000;
};

}  // namespace bottleneck
