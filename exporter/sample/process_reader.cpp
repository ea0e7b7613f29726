#include "exporter/sample/process_reader.h"

#include <string>

#include "exporter/base/text.h"
#include "exporter/sample/io_reader.h"
#include "exporter/sample/parsers/cgroup_files.h"
#include "exporter/sample/parsers/process_files.h"
#include "exporter/sample/proc_path.h"

namespace bottleneck {
namespace {

constexpr int kMaxDepth = 4;           // cgroups nested in a container
constexpr double kManyOpenFiles = 32;  // below it no process is near a limit, and its limit is not read

Controller procs_controller(const ReadContext& context, const ContainerReader& reader) {
  if (context.layout.is_v2()) return Controller::kUnified;
  for (const Controller controller :
       {Controller::kPids, Controller::kCpu, Controller::kMemory, Controller::kCpuacct}) {
    if (reader.directories[static_cast<std::size_t>(controller)].valid()) return controller;
  }
  return Controller::kUnified;
}

void add_processes(ReadContext& context, int directory, int depth, std::vector<int>& pids) {
  const auto text = context.buffer.read_at(directory, "cgroup.procs");
  if (text) {
    std::string_view rest = *text;
    std::string_view line;
    while (next_line(rest, line) && pids.size() < kMaxProcesses) {
      const auto pid = parse_u64(line);
      if (pid && *pid > 0 && *pid <= (1U << 22U)) pids.push_back(static_cast<int>(*pid));
    }
  }
  if (depth == 0 || pids.size() >= kMaxProcesses) return;
  // A cgroup directory has 2 links and one more for each child: most have none, and are not listed.
  const auto info = stat_descriptor(directory);
  if (!info || info->links == 2) return;
  std::vector<std::string> children;
  const auto visit = [&](std::string_view name) {
    if (name.find('.') == std::string_view::npos || name.ends_with(".scope") || name.ends_with(".slice") ||
        name.ends_with(".service")) {
      children.emplace_back(name);
    }
  };
  if (!visit_directory(directory, visit)) return;
  for (const std::string& child : children) {
    const auto below = open_directory_at(directory, child.c_str());
    if (below) add_processes(context, below->get(), depth - 1, pids);
  }
}

struct Totals {
  double threads = kAbsent;
  double open_files = kAbsent;
  double open_files_limit = kAbsent;
  double nearness = -1;  ///< open files over their limit, of the process reported
  double read_bytes = kAbsent;
  double written_bytes = kAbsent;
};

void note_process_error(ReadContext& context, const ContainerReader& reader, ErrorCode code,
                        std::string_view file) {
  // A process that ended between two readings is no news.
  if (code == ErrorCode::kGone || code == ErrorCode::kAbsent) return;
  context.cells.note(Collector::kProcesses, code, reader.ref.id, file);
}

/// Limit of open files of a process; absent when unknown. That of one process is kept until the limits are
/// read again: it hardly ever changes, and the file is a long one.
double files_limit(ReadContext& context, ContainerReader& reader, int pid) {
  if (reader.files_limit_process == pid) return reader.files_limit;
  ProcPath path;
  const auto text = context.buffer.read_at(context.procfs.get(), path.of(pid, "/limits"));
  const double limit = text ? parse_pid_limits_open_files(*text) : kAbsent;
  if (reader.files_limit_process == 0) {
    reader.files_limit_process = pid;
    reader.files_limit = limit;
  }
  return limit;
}

void read_open_files(ReadContext& context, ContainerReader& reader, int pid, Totals& totals) {
  ProcPath path;
  const auto count = count_open_files(context.procfs.get(), path.of(pid, "/fd"));
  if (!count) return note_process_error(context, reader, count.error().code, "PID/fd");
  const auto open_files = static_cast<double>(*count);
  const bool needed = open_files >= kManyOpenFiles || totals.nearness < 0;
  const double limit = needed ? files_limit(context, reader, pid) : kAbsent;
  const double nearness = is_present(limit) && limit > 0 ? open_files / limit : 0;
  if (nearness <= totals.nearness) return;
  totals.nearness = nearness;
  totals.open_files = open_files;
  totals.open_files_limit = limit;
}

void read_threads(ReadContext& context, int pid, Totals& totals) {
  ProcPath path;
  const auto text = context.buffer.read_at(context.procfs.get(), path.of(pid, "/stat"));
  if (!text) return;
  const double threads = parse_pid_stat(*text).threads;
  if (is_present(threads) && !(totals.threads >= threads)) totals.threads = threads;
}

void read_process_io(ReadContext& context, const ContainerReader& reader, int pid, Totals& totals) {
  ProcPath path;
  const auto text = context.buffer.read_at(context.procfs.get(), path.of(pid, "/io"));
  if (!text) {
    note_process_error(context, reader, text.error().code, "PID/io");
    return;
  }
  const PidIo io = parse_pid_io(*text);
  if (!is_present(io.read_bytes) || !is_present(io.written_bytes)) return;
  totals.read_bytes = (is_present(totals.read_bytes) ? totals.read_bytes : 0) + io.read_bytes;
  totals.written_bytes = (is_present(totals.written_bytes) ? totals.written_bytes : 0) + io.written_bytes;
}

}  // namespace

Status find_process(ReadContext& context, ContainerReader& reader) {
  // Looked up, not read: it says as well whether the process is there, at a fifth of the cost.
  if (reader.process.valid() && stat_at(reader.process.get(), "stat")) return ok();
  reader.process.reset();
  std::vector<int>& pids = context.pids;
  pids.clear();
  if (reader.runtime_pid > 0) pids.push_back(reader.runtime_pid);
  const int directory = reader.directory(procs_controller(context, reader));
  if (directory >= 0) add_processes(context, directory, kMaxDepth, pids);
  for (const int pid : pids) {
    ProcPath path;
    auto opened = open_directory_at(context.procfs.get(), path.of(pid, ""));
    if (!opened) continue;
    reader.process = std::move(*opened);
    reader.process_id = pid;
    return ok();
  }
  return ErrorCode::kAbsent;
}

void read_processes(ReadContext& context, ContainerReader& reader, ProcessWants wants) {
  const int directory = reader.directory(procs_controller(context, reader));
  std::vector<int>& pids = context.pids;
  pids.clear();
  if (directory >= 0) {
    add_processes(context, directory, kMaxDepth, pids);
  } else if (reader.runtime_pid > 0) {
    pids.push_back(reader.runtime_pid);
  }
  Totals totals;
  // As many tasks as processes: none has a second thread, and none has to be asked.
  const bool threaded = reader.sample.values.get(Field::pids) != static_cast<double>(pids.size());
  if (!threaded && !pids.empty()) totals.threads = 1;
  for (const int pid : pids) {
    if (wants.files_and_threads) {
      read_open_files(context, reader, pid, totals);
      if (threaded) read_threads(context, pid, totals);
    }
    if (wants.io) read_process_io(context, reader, pid, totals);
  }
  if (wants.files_and_threads) {
    reader.sample.values.set(Field::threads, totals.threads);
    reader.sample.values.set(Field::open_files, totals.open_files);
    reader.sample.values.set(Field::open_files_limit, totals.open_files_limit);
  }
  if (wants.io) set_process_io(reader, totals.read_bytes, totals.written_bytes);
  if (wants.tasks.any()) {
    read_tasks(context, reader, pids, wants.tasks);
  } else if (wants.files_and_threads) {  // a pass that could have asked for them, and did not
    forget_tasks(reader);
  }
}

}  // namespace bottleneck
