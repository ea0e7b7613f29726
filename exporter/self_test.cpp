#include "exporter/self_test.h"

#include <algorithm>

#include "exporter/base/file.h"
#include "exporter/base/text.h"
#include "exporter/discovery.h"
#include "exporter/fleet.h"

namespace bottleneck {
namespace {

using LineVerdict = SelfTestLine::Verdict;

void append_wrapped(std::string& out, std::string_view label, std::string_view text) {
  static constexpr std::size_t kWidth = 79;
  static constexpr std::size_t kIndent = 16;
  std::string line(9, ' ');
  line += label;
  line.resize(std::max(line.size() + 1, kIndent), ' ');
  for (std::string_view word = next_word(text); !word.empty(); word = next_word(text)) {
    if (line.size() + word.size() > kWidth && line.find_first_not_of(' ') != std::string::npos) {
      out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
      line.assign(kIndent, ' ');
    }
    line += word;
    line += ' ';
  }
  out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

class Examination {
 public:
  Examination(const ValidConfig& config, const Clock& clock) : config_(config), clock_(clock) {}

  SelfTestReport run() {
    check_cgroups();
    check_procfs();
    check_containers();
    check_pressure();
    check_processes();
    check_kernel_log();
    check_storage();
    check_open_files();
    check_engines();
    return std::move(report_);
  }

 private:
  void ok(std::string what) { report_.lines.push_back({LineVerdict::kOk, std::move(what), {}, {}}); }
  void less(std::string what, std::string lost, std::string fix) {
    report_.lines.push_back({LineVerdict::kLess, std::move(what), std::move(lost), std::move(fix)});
  }
  void missing(std::string what, std::string lost, std::string fix) {
    report_.lines.push_back({LineVerdict::kMissing, std::move(what), std::move(lost), std::move(fix)});
  }

  void check_cgroups() {
    auto discovery = Discovery::create(config_, clock_, {});
    if (!discovery)
      return missing("discovery: " + discovery.error().message, "everything", "mend the pattern");
    discovery_ = std::move(*discovery);
    const CgroupLayout& layout = discovery_->layout();
    if (layout.version == CgroupVersion::kNone) {
      return missing("no cgroup hierarchy at " + config_.paths.cgroupfs, "all container numbers",
                     "mount the host's /sys/fs/cgroup read-only and set --path.cgroupfs");
    }
    ok("cgroup " + std::string(name_of(layout.version)) + " at " + config_.paths.cgroupfs);
    if (layout.is_v2()) return;
    for (const Controller controller : {Controller::kCpu, Controller::kCpuacct, Controller::kMemory,
                                        Controller::kBlkio, Controller::kPids}) {
      if (!layout.root(controller).empty()) continue;
      less("v1 controller " + std::string(name_of(controller)) + " is not mounted", "its numbers",
           "mount it below " + config_.paths.cgroupfs);
    }
  }

  void check_procfs() {
    const auto version = read_file(join_path(config_.paths.procfs, "sys/kernel/osrelease"), 4096);
    if (!version) {
      return missing("no procfs at " + config_.paths.procfs, "host numbers, network, limits of the host",
                     "mount the host's /proc read-only and set --path.procfs");
    }
    ok("Linux " + std::string(trim(*version)) + ", procfs at " + config_.paths.procfs);
  }

  void check_containers() {
    if (!discovery_) return;
    discovery_->update(clock_.monotonic_ns());
    refs_ = discovery_->refs();
    if (refs_.empty()) {
      return less(
          "no container is running", "nothing, if that is so",
          "else mount the whole /sys/fs/cgroup of the host (cgroup namespace host), not the container's own");
    }
    ok(std::to_string(refs_.size()) + " containers in the cgroup tree");
    fleet_.emplace(config_, discovery_->layout(), clock_);
    fleet_->read_host(/*detail=*/true);
    fleet_->sync(refs_, refs_.size());
    const auto has = [&](Field field) {
      return static_cast<std::size_t>(
          std::count_if(fleet_->containers().begin(), fleet_->containers().end(),
                        [&](const auto& one) { return one->reader.sample.values.has(field); }));
    };
    tell_coverage("CPU use", has(Field::cpu_usage), "run as root, or let the user read the cgroup files");
    tell_coverage("memory use", has(Field::memory_usage),
                  "enable the memory controller (cgroup_enable=memory)");
    tell_coverage("tasks", has(Field::pids), "enable the pids controller");
  }

  void tell_coverage(const std::string& what, std::size_t count, const std::string& fix) {
    const std::string of =
        what + " of " + std::to_string(count) + " of " + std::to_string(refs_.size()) + " containers";
    if (count == refs_.size()) return ok(of);
    less(of, what + " of the others", fix);
  }

  void check_pressure() {
    if (!path_exists(join_path(config_.paths.procfs, "pressure/cpu"))) {
      return less("no pressure files (PSI)",
                  "waiting and stalled seconds; starvation is judged from run delay, less surely",
                  "boot with psi=1 (CONFIG_PSI)");
    }
    if (discovery_ && discovery_->layout().version == CgroupVersion::kV1) {
      return less("pressure of the host only", "pressure of each container",
                  "mount cgroup2 beside the v1 hierarchies (hybrid), or boot with cgroup v2");
    }
    ok("pressure (PSI) of host and containers");
  }

  void check_processes() {
    if (!fleet_ || fleet_->containers().empty()) return;
    bool found = false;
    bool network = false;
    bool files = false;
    for (const auto& one : fleet_->containers()) {
      found |= one->reader.process.valid();
      network |= one->reader.sample.values.has(Field::network_shared);
      files |= one->reader.sample.values.has(Field::open_files);
    }
    if (!found) {
      return less("no process of a container is visible in " + config_.paths.procfs,
                  "network, open files, threads, run delay; disk I/O on cgroup v1",
                  "share the host's PID namespace (pid: host) and mount its /proc");
    }
    network ? ok("network numbers of containers")
            : less("network namespaces cannot be told apart", "network numbers",
                   "give CAP_SYS_PTRACE, or run as root");
    files ? ok("open files and threads of containers")
          : less("open files of other users may not be listed", "open files, disk I/O on cgroup v1",
                 "give CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, or run as root");
  }

  void check_kernel_log() {
    if (!config_.metrics.enabled(Collector::kEvents)) return;
    // Opening may be allowed where reading is not: the kernel checks both.
    const auto log = open_stream(config_.paths.kernel_log);
    if (log) return ok("kernel log: out-of-memory kills are seen even where the container dies with them");
    less("the kernel log cannot be read",
         "out-of-memory kills that take the whole container, unless the engine tells",
         "give CAP_SYSLOG and mount /dev/kmsg, or configure an engine");
  }

  void check_storage() {
    const std::string& path = config_.storage.path;
    if (path.empty()) {
      return less("nothing is kept on disk", "names and event counters over a restart", "set --storage.path");
    }
    const std::string probe = join_path(path, ".self-test");
    const Status made = make_directories(path);
    const Status written = made ? write_file_atomically(probe, "ok\n") : made;
    if (!written) {
      return less(written.error().message, "names and event counters over a restart",
                  "make " + path + " writable, or set --storage.path");
    }
    remove_file(probe);
    ok("state is kept in " + path);
  }

  void check_open_files() {
    const std::uint64_t limit = raise_open_file_limit();
    const std::uint64_t wanted = 16 * std::max<std::uint64_t>(refs_.size(), 100);
    const std::string what = "limit on open files " + std::to_string(limit);
    if (limit >= wanted) return ok(what);
    less(what, "nothing, but reading costs about three times as much",
         "raise it to " + std::to_string(wanted) + " (LimitNOFILE=, --ulimit nofile)");
  }

  void check_engines() {
    if (config_.engine.hosts.empty()) {
      return less("no engine is asked (the default)",
                  "health, restarts, exit codes, stopped containers; names come from disk",
                  "set --docker.host=unix:///var/run/docker.sock, or a socket proxy");
    }
    // The engines' own threads ask; the time that a request may take bounds this.
    const std::int64_t end_ns =
        clock_.monotonic_ns() + static_cast<std::int64_t>((config_.engine.timeout_seconds + 1) * 1e9);
    std::vector<EngineStatePtr> states = discovery_->engine_states();
    const auto undecided = [&] {
      return std::any_of(states.begin(), states.end(), [](const EngineStatePtr& state) {
        return !state->answered && state->last_error.empty();
      });
    };
    while (undecided() && clock_.monotonic_ns() < end_ns) {
      wait_readable({discovery_->wake_fd()}, kSecondNs / 10);
      discovery_->update(clock_.monotonic_ns());
      states = discovery_->engine_states();
    }
    for (const EngineStatePtr& state : states) {
      if (state->ok) {
        ok(state->source + ": " + state->engine + " " + state->engine_version);
      } else {
        less(state->source + ": " + (state->last_error.empty() ? "no answer" : state->last_error),
             "names, health, restarts, exit codes of its containers",
             "start it, mount its socket, or let this user read it");
      }
    }
  }

  const ValidConfig& config_;
  const Clock& clock_;
  SelfTestReport report_;
  std::unique_ptr<Discovery> discovery_;
  std::vector<CgroupRef> refs_;
  std::optional<Fleet> fleet_;
};

}  // namespace

bool SelfTestReport::usable() const {
  return std::none_of(lines.begin(), lines.end(),
                      [](const SelfTestLine& line) { return line.verdict == LineVerdict::kMissing; });
}

std::string SelfTestReport::text() const {
  std::string out;
  for (const SelfTestLine& line : lines) {
    const char* verdict = line.verdict == LineVerdict::kOk     ? "ok"
                          : line.verdict == LineVerdict::kLess ? "less"
                                                               : "MISSING";
    std::string label(verdict);
    label.resize(9, ' ');
    out += label + line.what + "\n";
    if (!line.lost.empty()) append_wrapped(out, "lost:", line.lost);
    if (!line.fix.empty()) append_wrapped(out, "fix:", line.fix);
  }
  return out;
}

SelfTestReport run_self_test(const ValidConfig& config, const Clock& clock) {
  return Examination(config, clock).run();
}

}  // namespace bottleneck
