#include "exporter/snapshot_builder.h"

#include <algorithm>

namespace bottleneck {
namespace {

constexpr std::pair<RunState, Field> kStates[] = {
    {RunState::kCreated, Field::state_created}, {RunState::kRunning, Field::state_running},
    {RunState::kPaused, Field::state_paused},   {RunState::kRestarting, Field::state_restarting},
    {RunState::kExited, Field::state_exited},   {RunState::kDead, Field::state_dead},
};
constexpr std::pair<Health, Field> kHealths[] = {
    {Health::kHealthy, Field::health_healthy},
    {Health::kUnhealthy, Field::health_unhealthy},
    {Health::kStarting, Field::health_starting},
};

template <class Optional>
void set_if_known(ContainerValues& values, Field field, const Optional& value) {
  if (value) values.set(field, static_cast<double>(*value));
}

}  // namespace

void set_runtime_values(const RuntimeInfo* info, bool has_cgroup, bool frozen, ContainerValues& values) {
  RunState state = info != nullptr ? info->state : RunState::kUnknown;
  // The tree knows better than a runtime whose last word is old: what has no cgroup does not run.
  if (state == RunState::kUnknown && has_cgroup) state = frozen ? RunState::kPaused : RunState::kRunning;
  for (const auto& [value, field] : kStates) {
    if (value == state) values.set(field, 1);
  }
  if (info == nullptr) return;
  for (const auto& [value, field] : kHealths) {
    if (value == info->health) values.set(field, 1);
  }
  set_if_known(values, Field::start_time, info->started);
  set_if_known(values, Field::created_time, info->created);
  set_if_known(values, Field::restarts, info->restarts);
  set_if_known(values, Field::exit_code, info->exit_code);
  set_if_known(values, Field::oom_killed, info->oom_killed);
  set_if_known(values, Field::stop_expected, info->stop_expected);
  if (info->started && info->healthy && *info->healthy >= *info->started) {
    values.set(Field::startup, *info->healthy - *info->started);
  }
}

void set_event_values(const EventCounts& counts, ContainerValues& values) {
  static constexpr Field kExits[] = {Field::exits_completed, Field::exits_error,   Field::exits_oom,
                                     Field::exits_killed,    Field::exits_stopped, Field::exits_unknown};
  if (counts.ooms_visible) values.set(Field::oom_events, static_cast<double>(counts.ooms));
  values.set(Field::starts, static_cast<double>(counts.starts));
  for (std::size_t i = 0; i < kExitReasonCount; ++i)
    values.set(kExits[i], static_cast<double>(counts.exits[i]));
  set_if_known(values, Field::image_changed, counts.image_changed);
  set_if_known(values, Field::limits_changed, counts.limits_changed);
}

void append_container(const ContainerParts& parts, const Judgement* judgement, const MetricsConfig& metrics,
                      std::int64_t now_ns, Snapshot& snapshot) {
  if (snapshot.container_count == snapshot.containers.size()) snapshot.containers.emplace_back();
  ContainerSnapshot& slot = snapshot.containers[snapshot.container_count++];
  slot.identity = parts.identity;
  static const Sample nothing;
  static const Judgement not_judged;
  slot.judgement = judgement != nullptr ? *judgement : not_judged;
  const bool live = parts.tracked != nullptr && !parts.tracked->reader.gone;
  slot.sample = live ? parts.tracked->reader.sample : nothing;
  ContainerValues& values = slot.sample.values;
  if (live) {
    parts.tracked->history.write_peaks(now_ns, values);
    if (slot.sample.pulse_ns != 0) {
      values.set(Field::sample_age, static_cast<double>(now_ns - slot.sample.pulse_ns) * 1e-9);
    }
  }
  if (metrics.enabled(Collector::kRuntime))
    set_runtime_values(parts.runtime.get(), live, live && parts.tracked->reader.frozen, values);
  if (metrics.enabled(Collector::kEvents) && parts.counts != nullptr) set_event_values(*parts.counts, values);
}

}  // namespace bottleneck
