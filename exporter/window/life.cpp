#include "exporter/window/life.h"

namespace bottleneck {

LifeEvidence life_evidence(const ContainerValues& told, const ContainerValues& own, const Extras& extras) {
  LifeEvidence life;
  life.paused = told.get(Field::state_paused) == 1;
  bool state_known = false;
  for (const Field row : {Field::state_created, Field::state_running, Field::state_paused,
                          Field::state_restarting, Field::state_exited, Field::state_dead}) {
    state_known |= told.has(row);
  }
  life.running = !state_known || life.paused || told.get(Field::state_running) == 1;
  life.start_time = told.has(Field::start_time) ? told.get(Field::start_time) : own.get(Field::start_time);
  life.startup_seconds = told.get(Field::startup);
  life.restarts = told.get(Field::restarts);
  life.oom_events = told.get(Field::oom_events);
  life.oom_kills = own.get(Field::memory_oom_kills);
  life.starts = told.get(Field::starts);
  for (const Field row : {Field::exits_completed, Field::exits_error, Field::exits_oom, Field::exits_killed,
                          Field::exits_stopped, Field::exits_unknown}) {
    if (told.has(row)) life.exits = (is_present(life.exits) ? life.exits : 0) + told.get(row);
  }
  life.exits_stopped = told.get(Field::exits_stopped);
  life.exits_killed = told.get(Field::exits_killed);
  life.exit_code = told.get(Field::exit_code);
  life.oom_killed = told.get(Field::oom_killed);
  if (told.get(Field::health_unhealthy) == 1) {
    life.unhealthy = 1;
  } else if (told.get(Field::health_healthy) == 1 || told.get(Field::health_starting) == 1) {
    life.unhealthy = 0;
  }
  life.image_changed = told.get(Field::image_changed);
  life.limits_changed = told.get(Field::limits_changed);
  life.oom_scope = extras.oom_scope;
  life.image_bytes = extras.image_bytes;
  life.image_layers = extras.image_layers;
  return life;
}

}  // namespace bottleneck
