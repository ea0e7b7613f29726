#include "exporter/sample/sampler.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "exporter/base/log.h"
#include "exporter/sample/docker_stats.h"
#include "exporter/sample/parsers/cgroup_files.h"
#include "exporter/sample/parsers/process_files.h"
#include "exporter/sample/process_reader.h"

namespace bottleneck {
namespace {

// An idle container is read at most this late.
constexpr double kIdleLatenessSeconds = 5;
// Descriptors that the rest of the program needs: scrapes, the engine, directories.
constexpr std::size_t kReservedDescriptors = 256;
// A container holds up to 7 directories and its process besides its pulse files.
constexpr std::size_t kOtherDescriptors = 9;
// A container younger than this may still be in the hands of its runtime: it is read whole for a few pulses.
constexpr double kYoungSeconds = 10;
constexpr std::uint32_t kYoungPulses = 5;

/// When the container's directory was made, seconds since the epoch; 0 when unknown.
double made_at(const ContainerReader& reader) {
  for (const FileDescriptor& directory : reader.directories) {
    if (!directory.valid()) continue;
    const auto info = stat_descriptor(directory.get());
    if (info) return static_cast<double>(info->modified_ns) * 1e-9;
  }
  return 0;
}

}  // namespace

Sampler::Sampler(const ValidConfig& config, CgroupLayout layout, const Clock& clock)
    : config_(config),
      clock_(clock),
      context_{.layout = std::move(layout),
               .config = &config,
               .plan = {},
               .buffer = {},
               .cells = CollectorCells(config.metrics.collectors),
               .procfs = {},
               .clock = &clock,
               .pids = {},
               .tasks = {},
               .timed = false} {
  context_.plan = make_read_plan(context_.layout, config.metrics);
  auto procfs = open_directory(config.paths.procfs);
  if (procfs) {
    context_.procfs = std::move(*procfs);
  } else {
    log(LogLevel::kError, "no procfs",
        {{"path", config.paths.procfs}, {"hint", "mount it and set --path.procfs"}});
  }
  set_supported();
  find_host_namespace();
  const std::uint64_t limit = raise_open_file_limit();
  kept_left_ = limit > kReservedDescriptors ? limit - kReservedDescriptors : 0;
  idle_every_ =
      std::max(1U, static_cast<std::uint32_t>(kIdleLatenessSeconds / config.sampling.pulse_seconds));
}

void Sampler::find_host_namespace() {
  // The first process may refuse to be looked at even by root; kthreadd (2) lives in the same namespace.
  for (const char* process : {"1", "2"}) {
    const auto directory = open_directory_at(context_.procfs.get(), process);
    if (!directory || !read_link_at(directory->get(), "ns/net")) continue;
    const auto id = network_namespace_of(directory->get());
    if (id) return owners_.set_host(*id);
  }
  const auto directory = open_directory_at(context_.procfs.get(), "1");
  const auto id =
      directory ? network_namespace_of(directory->get()) : Result<std::uint64_t>(ErrorCode::kAbsent);
  if (id) owners_.set_host(*id);
}

void Sampler::set_supported() {
  const auto set = [&](Collector collector, bool supported) {
    context_.cells.at(collector).supported = supported;
  };
  const auto planned = [&](Collector collector) {
    for (const auto* files : {&context_.plan.pulse, &context_.plan.detail, &context_.plan.limits}) {
      for (const FilePlan& file : *files) {
        if (file.collector == collector) return true;
      }
    }
    return false;
  };
  for (const Collector collector : {Collector::kCpu, Collector::kMemory, Collector::kPids}) {
    set(collector, planned(collector));
  }
  // The kernel hides or fails the files where it was booted with psi=0.
  const bool host_pressure = context_.buffer.read_at(context_.procfs.get(), "pressure/cpu").has_value();
  set(Collector::kPressure, host_pressure && planned(Collector::kPressure));
  set(Collector::kIo, context_.layout.is_v2() || !context_.layout.root(Controller::kBlkio).empty());
  for (const Collector collector : {Collector::kHost, Collector::kNetwork, Collector::kProcesses}) {
    set(collector, context_.procfs.valid());
  }
}

void Sampler::watch(ContainerReader& reader, const CgroupRef& ref) {
  reader.ref = ref;
  // Where the limit on open files is low the last containers open their files at each reading instead.
  const std::size_t needs = context_.plan.pulse.size() + kOtherDescriptors;
  reader.keeps_descriptors = kept_left_ >= needs;
  if (reader.keeps_descriptors) kept_left_ -= needs;
  open_container(context_, reader);
  ContainerReader* const alone = &reader;
  pulse({&alone, 1});  // before the detail, which derives numbers from it
  const double age_seconds = clock_.unix_seconds() - made_at(reader);
  reader.young_pulses = age_seconds < kYoungSeconds ? kYoungPulses : 0;
  read_all(reader);
}

void Sampler::read_all(ContainerReader& reader) {
  limits(reader);
  read_start_time(
      reader);  // before the detail: the oldest of several containers owns their network namespace
  ContainerReader* const alone = &reader;
  detail({&alone, 1}, /*slow=*/true);
}

void Sampler::forget(ContainerReader& reader) {
  owners_.release(reader);
  if (reader.keeps_descriptors) kept_left_ += context_.plan.pulse.size() + kOtherDescriptors;
  reader.keeps_descriptors = false;
}

void Sampler::pulse(Batch readers) {
  due_.clear();
  for (ContainerReader* reader : readers) {
    if (reader->young_pulses > 0) {
      --reader->young_pulses;
      open_container(context_, *reader);
      read_all(*reader);
    }
    if (reader->unreadable || !read_usage(context_, *reader, idle_every_)) continue;
    reader->sample.pulse_ns = clock_.monotonic_ns();
    due_.push_back(reader);
  }
  read_pulse(context_, due_);
  if (!enabled(Collector::kProcesses) || has_pressure()) return;
  for (ContainerReader* reader : due_) watch_blocked(context_, *reader);
}

void Sampler::detail(Batch readers, bool slow) {
  detailed_.clear();
  for (ContainerReader* reader : readers) {
    if (reader->unreadable || reader->gone) continue;
    if (slow) reader->quota_idle = false;
    detailed_.push_back(reader);
  }
  context_.timed = slow;
  read_flat_detail(context_, detailed_);
  for (ContainerReader* reader : detailed_) read_own_io(*reader);
  for (ContainerReader* reader : detailed_) read_network(*reader, slow);
  for (ContainerReader* reader : detailed_) read_own_processes(*reader, slow);
  context_.timed = false;
  for (ContainerReader* reader : detailed_) reader->sample.detail_ns = clock_.monotonic_ns();
}

void Sampler::read_own_io(ContainerReader& reader) {
  if (!enabled(Collector::kIo)) return;
  const ReadTimer timer(context_, Collector::kIo);
  reader.io_of_processes = !read_io(context_, reader, host_.device_names);
}

void Sampler::read_network(ContainerReader& reader, bool slow) {
  if (!enabled(Collector::kNetwork)) return;
  const ReadTimer timer(context_, Collector::kNetwork);
  if (slow) find_network(context_, reader, owners_);
  read_interfaces(context_, reader);
  if (slow) read_tcp(context_, reader);
}

void Sampler::read_own_processes(ContainerReader& reader, bool slow) {
  // What uses a CPU is not frozen.
  if (slow && enabled(Collector::kRuntime) && (reader.frozen || !reader.uses_cpu)) read_frozen(reader);
  ProcessWants wants;
  wants.io = reader.io_of_processes;
  if (slow && enabled(Collector::kProcesses)) {
    wants.files_and_threads = true;
    wants.tasks.io_delay = !has_pressure();
    wants.tasks.run_delay = wants.tasks.io_delay || config_.metrics.profile == Profile::kFull;
    wants.tasks.busiest = may_hang_on_one_thread(reader);
  }
  if (!wants.io && !wants.files_and_threads) return;
  const ReadTimer timer(context_, Collector::kProcesses);
  read_processes(context_, reader, wants);
}

bool Sampler::has_pressure() const {
  return context_.cells.states()[static_cast<std::size_t>(Collector::kPressure)].supported;
}

/// It uses about as much as one thread can, and could use far more: only then are its tasks worth reading.
bool Sampler::may_hang_on_one_thread(ContainerReader& reader) const {
  const double now = reader.sample.values.get(Field::cpu_usage);
  const double used = now - std::exchange(reader.slow_cpu_seconds, now);
  const std::int64_t start_ns = std::exchange(reader.slow_cpu_ns, reader.sample.pulse_ns);
  const double cores = used / (static_cast<double>(reader.sample.pulse_ns - start_ns) * 1e-9);
  const double limit = reader.sample.values.get(Field::cpu_effective_limit);
  return cores > config_.judgement.cpu_thread_low && cores < limit / 2;
}

void Sampler::limits(ContainerReader& reader) {
  if (reader.ref.path.empty() || reader.gone) return;
  if (reader.unreadable) open_container(context_, reader);
  if (reader.unreadable) return;
  reader.files_limit_process = 0;
  reader.tcp_hash = 0;
  limits_.read(context_, reader, host_.values.get(Field::host_cpus),
               host_.values.get(Field::host_memory_total));
  if (enabled(Collector::kIo)) read_io_limits(context_, reader, host_.device_names);
}

void Sampler::use_docker_stats(ContainerReader& reader, std::string_view body) {
  if (!parse_docker_stats(body, config_.metrics, reader.sample)) {
    context_.cells.note(Collector::kDocker, ErrorCode::kMalformed, reader.ref.id, "stats");
    return;
  }
  reader.sample.pulse_ns = reader.sample.detail_ns = clock_.monotonic_ns();
}

void Sampler::host_pulse() {
  if (enabled(Collector::kHost)) read_host_pulse(context_, host_);
}

void Sampler::host_detail() {
  // The host's memory bounds every limit and its devices name every counter: read even where the collector is
  // off.
  read_host_detail(context_, host_);
}

void Sampler::read_frozen(ContainerReader& reader) {
  const bool v2 = context_.layout.is_v2();
  const auto text = read_own_file(context_, reader, v2 ? Controller::kUnified : Controller::kFreezer,
                                  v2 ? "cgroup.events" : "freezer.state", Collector::kRuntime);
  if (text) reader.frozen = v2 ? parse_cgroup_events_frozen(*text) : parse_freezer_state_frozen(*text);
}

void Sampler::read_start_time(ContainerReader& reader) {
  if (is_present(reader.started) || !find_process(context_, reader)) return;
  const auto text = context_.buffer.read_at(reader.process.get(), "stat");
  if (text) reader.started = parse_pid_stat(*text).start_seconds;
  const double started = host_.boot_time + reader.started;
  if (enabled(Collector::kRuntime) && is_present(started))
    reader.sample.values.set(Field::start_time, started);
}

}  // namespace bottleneck
