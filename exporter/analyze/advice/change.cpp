#include "exporter/analyze/advice/change.h"

#include <cmath>

#include "exporter/analyze/advice/text.h"
#include "exporter/base/text.h"

namespace bottleneck::advice {
namespace {

constexpr double kPeriodMicroseconds = 100'000;
// What the kernel shows for "no limit" on v1 (PAGE_COUNTER_MAX pages), and takes for it on both.
constexpr double kNoMemoryLimit = 9223372036854771712.0;

std::string whole(double value) { return decimal(std::round(value), 0); }
/// Docker counts in billionths of a CPU; a thousandth is exact for every quota of a period of 100 ms.
std::string cores_text(double cores) { return decimal(cores, 5); }
std::string millicores(double cores) { return whole(cores * 1000) + "m"; }
std::string percent_text(double cores) { return decimal(cores * 100, 3) + "%"; }
std::string quota(double cores) { return whole(cores * kPeriodMicroseconds); }

/// systemd and Kubernetes: exact, in the largest unit that is whole.
std::string with_unit(double bytes, const char* kibi, const char* mebi, const char* gibi) {
  const auto is_whole = [](double value) { return value >= 1 && value == std::floor(value); };
  if (is_whole(bytes / (1024.0 * 1024 * 1024))) return whole(bytes / (1024.0 * 1024 * 1024)) + gibi;
  if (is_whole(bytes / (1024.0 * 1024))) return whole(bytes / (1024.0 * 1024)) + mebi;
  if (is_whole(bytes / 1024.0)) return whole(bytes / 1024.0) + kibi;
  return whole(bytes);
}
std::string systemd_bytes(double bytes) { return with_unit(bytes, "K", "M", "G"); }
std::string k8s_bytes(double bytes) { return with_unit(bytes, "Ki", "Mi", "Gi"); }

bool is_option(std::string_view word) { return word.starts_with('-'); }

/// The argument that names the container for an engine's command line; empty when nothing names it safely.
std::string target_word(const Subject& subject) {
  for (const std::string& name : {subject.runtime_name, subject.id}) {
    const std::string word = shell_word(name);
    if (!word.empty()) return is_option(name) ? "-- " + word : word;
  }
  return {};
}

struct Engine {
  std::string_view target;
  std::string_view command;
};

/// The command line of the engine that runs the container; empty where it has none that changes limits.
Engine engine_of(Runtime runtime) {
  switch (runtime) {
    case Runtime::kDocker:
      return {"docker", "docker update"};
    case Runtime::kPodman:
      return {"podman", "podman update"};
    case Runtime::kNerdctl:
      return {"nerdctl", "nerdctl update"};
    default:
      return {};
  }
}

void add_engine(const Subject& subject, const std::string& apply, const std::string& undo,
                std::vector<Change>& changes) {
  const Engine engine = engine_of(subject.runtime);
  const std::string target = target_word(subject);
  if (engine.command.empty() || target.empty()) return;
  const std::string command(engine.command);
  changes.push_back(
      {engine.target, command + " " + apply + " " + target, command + " " + undo + " " + target});
}

/// Lines of a compose file. `undo` empty: the line is removed.
void add_compose(const Subject& subject, const std::string& apply, const std::string& undo,
                 std::vector<Change>& changes) {
  if (subject.compose_service.empty() || shell_word(subject.compose_service).empty()) return;
  const std::string head = "services:\n  " + json_text(subject.compose_service) + ":\n";
  changes.push_back({"compose", head + apply, undo.empty() ? "remove:\n" + head + apply : head + undo});
}

void add_quadlet(const Subject& subject, const std::string& apply, const std::string& undo,
                 std::vector<Change>& changes) {
  if (subject.runtime != Runtime::kPodman) return;
  const std::string head = "[Container]\nPodmanArgs=";
  changes.push_back({"quadlet", head + apply, undo.empty() ? "remove:\n" + head + apply : head + undo});
}

/// The unit whose properties hold the limit: a unit itself, or a container's scope under the systemd driver.
std::string unit_of(const Subject& subject) {
  const std::string_view path = subject.cgroup.cpu;
  const std::string_view last = path.substr(path.rfind('/') + 1);
  const bool unit = last.ends_with(".service") || last.ends_with(".scope") || last.ends_with(".slice");
  if (unit) return shell_word(last);
  return subject.runtime == Runtime::kSystemd ? shell_word(subject.id) : std::string();
}

void add_systemd(const Subject& subject, const std::string& apply, const std::string& undo,
                 std::vector<Change>& changes) {
  const std::string unit = unit_of(subject);
  if (unit.empty() || !subject.k8s_container.empty()) return;  // the kubelet would set it back
  const std::string command =
      "systemctl set-property " + std::string(is_option(unit) ? "-- " : "") + unit + " ";
  changes.push_back({"systemd", command + apply, command + undo});
}

/// `limit`, `old_limit`: JSON of resources.limits.
void add_kubernetes(const Subject& subject, const std::string& limit, const std::string& old_limit,
                    std::vector<Change>& changes) {
  const std::size_t slash = subject.workload.rfind('/');
  const std::string owner =
      shell_word(slash == std::string::npos ? subject.workload : subject.workload.substr(slash + 1));
  const std::string space = shell_word(subject.k8s_namespace);
  if (owner.empty() || space.empty() || subject.k8s_container.empty() || is_option(owner) || is_option(space))
    return;
  const auto patch = [&](const std::string& limits) {
    const std::string body =
        "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":" + json_text(subject.k8s_container) +
        ",\"resources\":{\"limits\":{" + limits + "}}}]}}}}";
    return "kubectl -n " + space + " patch deployment " + owner + " --patch " + shell_word(body);
  };
  changes.push_back({"kubernetes", patch(limit), patch(old_limit)});
}

/// Writes into a file of the container's cgroup. It lasts until the container is started anew.
void add_cgroup(const std::string& directory, std::string_view file, const std::string& apply,
                const std::string& undo, std::vector<Change>& changes) {
  const std::string path = shell_word(directory + "/" + std::string(file));
  if (directory.empty() || path.empty()) return;
  changes.push_back({"cgroup", "echo " + apply + " > " + path, "echo " + undo + " > " + path});
}

bool has_engine(const Subject& subject) { return !engine_of(subject.runtime).command.empty(); }

}  // namespace

std::string docker_bytes(double bytes) {
  return bytes >= kNoMemoryLimit ? whole(bytes) : with_unit(bytes, "k", "m", "g");
}

std::vector<Change> change_cpu_limit(const Subject& subject, double from, double to) {
  std::vector<Change> changes;
  if (!is_present(to)) return changes;
  const bool had = is_present(from);
  const std::string now = cores_text(to);
  const std::string old = had ? cores_text(from) : std::string();
  // Docker takes --cpus only where no period was ever set, and a quota only where --cpus was not.
  const bool by_period = subject.runtime == Runtime::kDocker && is_present(subject.cpu_period);
  const auto of_period = [&](double cores) { return whole(cores * subject.cpu_period); };
  if (by_period) {
    add_engine(subject, "--cpu-quota " + of_period(to), "--cpu-quota " + (had ? of_period(from) : "-1"),
               changes);
  } else if (had) {
    add_engine(subject, "--cpus " + now, "--cpus " + old, changes);
  } else {
    // Docker cannot take back --cpus; a quota it can.
    add_engine(subject, "--cpu-period 100000 --cpu-quota " + quota(to), "--cpu-period 100000 --cpu-quota -1",
               changes);
  }
  add_kubernetes(subject, "\"cpu\":\"" + millicores(to) + "\"",
                 had ? "\"cpu\":\"" + millicores(from) + "\"" : "\"cpu\":null", changes);
  const auto compose_line = [&](double cores, const std::string& text) {
    return by_period ? "    cpu_quota: " + of_period(cores) : "    cpus: \"" + text + "\"";
  };
  add_compose(subject, compose_line(to, now), had ? compose_line(from, old) : "", changes);
  add_quadlet(subject, "--cpus=" + now, had ? "--cpus=" + old : "", changes);
  if (has_engine(subject)) return changes;
  add_systemd(subject, "CPUQuota=" + percent_text(to), "CPUQuota=" + (had ? percent_text(from) : ""),
              changes);
  if (subject.cgroup.is_v2) {
    add_cgroup(subject.cgroup.cpu, "cpu.max", "'" + quota(to) + " 100000'",
               had ? "'" + quota(from) + " 100000'" : "max", changes);
  } else {
    add_cgroup(subject.cgroup.cpu, "cpu.cfs_quota_us", quota(to), had ? quota(from) : "-1", changes);
  }
  return changes;
}

std::vector<Change> change_memory_limit(const Subject& subject, double from, double to, double swap) {
  std::vector<Change> changes;
  if (!is_present(to)) return changes;
  const bool had = is_present(from);
  const double old = had ? from : kNoMemoryLimit;
  // Memory and swap are one number there: it moves along, so that the swap stays what it is. What is not
  // known of an old limit is not touched.
  const bool touches_swap = subject.swap_known || !had;
  const auto both = [&](const char* key, double memory) {
    if (!touches_swap) return std::string();
    return key + (is_present(swap) ? docker_bytes(memory + swap) : std::string("-1"));
  };
  const std::string apply = "--memory " + docker_bytes(to) + both(" --memory-swap ", to);
  const std::string undo =
      "--memory " + docker_bytes(old) + (had ? both(" --memory-swap ", old) : " --memory-swap -1");
  add_engine(subject, apply, undo, changes);
  add_kubernetes(subject, "\"memory\":\"" + k8s_bytes(to) + "\"",
                 had ? "\"memory\":\"" + k8s_bytes(from) + "\"" : "\"memory\":null", changes);
  const auto lines = [&](double memory) {
    return "    mem_limit: " + docker_bytes(memory) + both("\n    memswap_limit: ", memory);
  };
  add_compose(subject, lines(to), had ? lines(from) : "", changes);
  add_quadlet(subject, "--memory=" + docker_bytes(to) + both(" --memory-swap=", to),
              had ? "--memory=" + docker_bytes(from) + both(" --memory-swap=", from) : "", changes);
  if (has_engine(subject)) return changes;
  add_systemd(subject, "MemoryMax=" + systemd_bytes(to),
              "MemoryMax=" + (had ? systemd_bytes(from) : "infinity"), changes);
  const bool v2 = subject.cgroup.is_v2;
  add_cgroup(subject.cgroup.memory, v2 ? "memory.max" : "memory.limit_in_bytes", whole(to),
             had ? whole(from) : (v2 ? "max" : "-1"), changes);
  return changes;
}

std::vector<Change> change_cpu_weight(const Subject& subject, double from, double to) {
  std::vector<Change> changes;
  if (from != 100 || !(to >= 1) || !(to <= 10000)) return changes;
  const std::string shares = whole(to * 10.24);
  if (!subject.cgroup.is_v2) {
    add_engine(subject, "--cpu-shares " + shares, "--cpu-shares 1024", changes);
  } else if (has_engine(subject)) {
    // Runtimes convert shares, each version in its own way (1024 is 39 or 100): only the kernel's number is
    // exact.
    const std::string unit = unit_of(subject);
    if (!unit.empty()) {
      const std::string command = "systemctl set-property --runtime " +
                                  std::string(is_option(unit) ? "-- " : "") + unit + " CPUWeight=";
      changes.push_back({"systemd", command + whole(to), command + "100"});
    }
    add_cgroup(subject.cgroup.cpu, "cpu.weight", whole(to), "100", changes);
  }
  add_compose(subject, "    cpu_shares: " + shares, "", changes);
  add_quadlet(subject, "--cpu-shares=" + shares, "", changes);
  if (has_engine(subject)) return changes;
  add_systemd(subject, "CPUWeight=" + whole(to), "CPUWeight=100", changes);
  if (subject.cgroup.is_v2) {
    add_cgroup(subject.cgroup.cpu, "cpu.weight", whole(to), "100", changes);
  } else {
    add_cgroup(subject.cgroup.cpu, "cpu.shares", shares, "1024", changes);
  }
  return changes;
}

std::vector<Change> change_pids_limit(const Subject& subject, double from, double to) {
  std::vector<Change> changes;
  if (!(from > 0) || !(to > 0)) return changes;
  add_engine(subject, "--pids-limit " + whole(to), "--pids-limit " + whole(from), changes);
  add_compose(subject, "    pids_limit: " + whole(to), "    pids_limit: " + whole(from), changes);
  add_quadlet(subject, "--pids-limit=" + whole(to), "--pids-limit=" + whole(from), changes);
  if (has_engine(subject)) return changes;
  add_systemd(subject, "TasksMax=" + whole(to), "TasksMax=" + whole(from), changes);
  add_cgroup(subject.cgroup.pids, "pids.max", whole(to), whole(from), changes);
  return changes;
}

std::vector<Change> change_cpu_burst(const Subject& subject, double cores) {
  std::vector<Change> changes;
  if (!(cores > 0)) return changes;
  add_cgroup(subject.cgroup.cpu, subject.cgroup.is_v2 ? "cpu.max.burst" : "cpu.cfs_burst_us", quota(cores),
             "0", changes);
  return changes;
}

std::vector<Change> change_io_limit(const Subject& subject, const IoLimit& limit) {
  std::vector<Change> changes;
  const bool is_v2 = subject.cgroup.is_v2;
  const std::string device = shell_word(limit.device);
  if (device.empty() || limit.device.find('/') != std::string_view::npos || !(limit.to > 0)) return changes;
  // The kernel wants the device's number: "major:minor" where there is no name, else looked up on the spot.
  const bool numbered = limit.device.find(':') != std::string_view::npos;
  const std::string key =
      numbered ? std::string(limit.device) : "$(cat /sys/class/block/" + std::string(limit.device) + "/dev)";
  const std::string v2_key = std::string(limit.writes ? "w" : "r") + (limit.requests ? "iops=" : "bps=");
  const std::string v1_file = std::string("blkio.throttle.") + (limit.writes ? "write_" : "read_") +
                              (limit.requests ? "iops_device" : "bps_device");
  const auto line = [&](double value) {
    return "\"" + key + " " + (is_v2 ? v2_key : "") + whole(value) + "\"";
  };
  // A name that is no plain word must not reach the double quotes around the look-up.
  if (!numbered && device != limit.device) return changes;
  add_cgroup(subject.cgroup.io, is_v2 ? "io.max" : v1_file, line(limit.to), line(limit.from), changes);
  const std::string property =
      std::string("IO") + (limit.writes ? "Write" : "Read") + (limit.requests ? "IOPSMax=" : "BandwidthMax=");
  if (!numbered && !has_engine(subject)) {
    const std::string value = "/dev/" + std::string(limit.device) + " ";
    add_systemd(subject, shell_word(property + value + whole(limit.to)),
                shell_word(property + value + whole(limit.from)), changes);
  }
  return changes;
}

}  // namespace bottleneck::advice
