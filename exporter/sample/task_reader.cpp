#include "exporter/sample/task_reader.h"

#include <algorithm>
#include <functional>

#include "exporter/base/text.h"
#include "exporter/sample/parsers/process_files.h"
#include "exporter/sample/proc_path.h"

namespace bottleneck {
namespace {

void read_task(ReadContext& context, int directory, TaskWants wants, TaskTimes& task) {
  ProcPath path;
  if (const auto text = context.buffer.read_at(directory, path.of(task.id, "/schedstat"))) {
    const SchedStat times = parse_schedstat(*text);
    task.run = times.run_seconds;
    task.delay = times.delay_seconds;
  }
  if (!wants.io_delay) return;
  if (const auto text = context.buffer.read_at(directory, path.of(task.id, "/stat"))) {
    const PidStat stat = parse_pid_stat(*text);
    task.io_delay = stat.io_delay_seconds;
    task.blocked = stat.state == 'D';
  }
}

/// Into context.tasks, by id. False when there are more than `most`.
bool list_tasks(ReadContext& context, const std::vector<int>& pids, TaskWants wants, std::size_t most) {
  std::vector<TaskTimes>& tasks = context.tasks;
  tasks.clear();
  bool all = true;
  for (const int pid : pids) {
    ProcPath path;
    const auto directory = open_directory_at(context.procfs.get(), path.of(pid, "/task"));
    if (!directory) continue;  // it ended: no news
    const auto visit = [&](std::string_view name) {
      const auto id = parse_u64(name);
      if (!id || *id > (1U << 22U)) return;
      if (tasks.size() >= most) {
        all = false;
        return;
      }
      TaskTimes& task = tasks.emplace_back();
      task.id = static_cast<int>(*id);
      task.process = pid;
      read_task(context, directory->get(), wants, task);
    };
    if (!visit_directory(directory->get(), std::ref(visit))) continue;
    if (!all) break;
  }
  std::sort(tasks.begin(), tasks.end(), [](const auto& one, const auto& other) { return one.id < other.id; });
  return all;
}

/// Positive increase; 0 when an end is missing.
double increase(double before, double now) { return now > before ? now - before : 0; }

struct Increases {
  double busiest = 0;
  double delay = 0;
  double io_delay = 0;
};

/// Both lists are sorted by id.
Increases compare(const std::vector<TaskTimes>& before, const std::vector<TaskTimes>& now) {
  Increases sums;
  auto old = before.begin();
  for (const TaskTimes& task : now) {
    while (old != before.end() && old->id < task.id) ++old;
    if (old == before.end()) break;
    if (old->id != task.id || old->process != task.process) continue;
    sums.busiest = std::max(sums.busiest, increase(old->run, task.run));
    sums.delay += increase(old->delay, task.delay);
    sums.io_delay += increase(old->io_delay, task.io_delay);
  }
  return sums;
}

void choose_watched(ContainerReader& reader) {
  reader.watched.clear();
  for (const bool blocked : {true, false}) {
    for (const TaskTimes& task : reader.tasks) {
      if (reader.watched.size() >= kWatchedTasks) return;
      if (task.blocked == blocked) reader.watched.push_back(task);
    }
  }
}

void use_io_delay(ContainerReader& reader, const Increases& sums) {
  for (const TaskTimes& task : reader.tasks) reader.io_delay_seen |= task.io_delay > 0;
  reader.io_delay_total += sums.io_delay;
  reader.extras.io_delay = reader.io_delay_seen ? reader.io_delay_total : kAbsent;
  choose_watched(reader);
}

}  // namespace

void read_tasks(ReadContext& context, ContainerReader& reader, const std::vector<int>& pids,
                TaskWants wants) {
  const std::size_t most = wants.run_delay || wants.io_delay ? kMaxTasks : kMaxTasksForBusiest;
  const bool all = list_tasks(context, pids, wants, most);
  const std::int64_t now_ns = context.clock->monotonic_ns();
  const Increases sums = compare(reader.tasks, context.tasks);
  const double seconds = static_cast<double>(now_ns - reader.tasks_ns) * 1e-9;
  // 0 of a container that uses a CPU: the kernel keeps no times of tasks.
  const bool told = wants.busiest && all && reader.tasks_ns != 0 && seconds > 0 && sums.busiest > 0;
  reader.extras.busiest_thread = told ? std::min(1.0, sums.busiest / seconds) : kAbsent;
  reader.tasks.swap(context.tasks);
  reader.tasks_ns = now_ns;
  if (wants.io_delay) use_io_delay(reader, sums);
  if (!wants.run_delay) return;
  reader.run_delay_total += sums.delay;
  const bool any = std::any_of(reader.tasks.begin(), reader.tasks.end(),
                               [](const TaskTimes& task) { return is_present(task.delay); });
  if (any) reader.sample.values.set(Field::cpu_run_delay, reader.run_delay_total);
}

void forget_tasks(ContainerReader& reader) {
  reader.tasks.clear();
  reader.tasks_ns = 0;
  reader.extras.busiest_thread = kAbsent;
}

void watch_blocked(ReadContext& context, ContainerReader& reader) {
  reader.extras.blocked = kAbsent;
  if (reader.io_delay_seen) return;
  for (const TaskTimes& task : reader.watched) {
    // A task can be looked up below its own id, wherever its process is.
    ProcPath path;
    const auto text = context.buffer.read_at(context.procfs.get(), path.of(task.id, "/stat"));
    if (!text) continue;
    const bool blocked = parse_pid_stat(*text).state == 'D';
    reader.extras.blocked = blocked || reader.extras.blocked > 0 ? 1 : 0;
  }
}

}  // namespace bottleneck
