"""Reference readers: each takes a Target and returns a number in base units, or None when there is none now.
Nothing here knows the exporter's code; the kernel's documents and `docker inspect` are the source."""

import math
import os
import re
from pathlib import Path

from . import hostcgroups as host
from .target import epoch

TICK = 1 / host.TICK
PAGE = host.PAGE
REFAULT_V2 = "workingset_refault_file|workingset_refault"
REFAULT_V1 = "total_workingset_refault_file|total_workingset_refault"
V1_NO_LIMIT = 1 << 62


def flat(name, key="", scale=1.0, v1=None, v1_scale=1.0):
    """A number of a flat file; `v1` is "controller:file[:key]"."""

    def read(target):
        if host.is_v2():
            return target.cgroup.number("unified", name, key, scale)
        if v1 is None:
            return None
        controller, v1_name, v1_key = (v1.split(":") + [""])[:3]
        value = target.cgroup.number(controller, v1_name, v1_key, v1_scale)
        return None if value is None or value > V1_NO_LIMIT else value

    return read


def quota(target):
    if host.is_v2():
        wanted, period = target.cgroup.text("unified", "cpu.max").split()
        return None if wanted == "max" else int(wanted) / int(period)
    wanted = target.cgroup.number("cpu", "cpu.cfs_quota_us")
    return None if wanted < 0 else wanted / target.cgroup.number("cpu", "cpu.cfs_period_us")


def effective_cpus(target):
    least = min(host.online_cpus(), cpuset(target) or host.online_cpus())
    for directory in target.cgroup.ancestors("cpu"):
        if host.is_v2():
            wanted, period = (directory / "cpu.max").read_text().split()
            wanted = -1 if wanted == "max" else int(wanted)
        else:
            wanted = int((directory / "cpu.cfs_quota_us").read_text())
            period = (directory / "cpu.cfs_period_us").read_text()
        if wanted > 0:
            least = min(least, wanted / int(period))
    return least


def effective_memory(target):
    least = host.meminfo("MemTotal")
    for directory in target.cgroup.ancestors("memory"):
        text = (directory / ("memory.max" if host.is_v2() else "memory.limit_in_bytes")).read_text().strip()
        if text != "max":
            least = min(least, int(text))
    return least


def cpuset(target):
    name = "cpuset.cpus.effective" if host.is_v2() else "cpuset.effective_cpus"
    return host.cpu_list_length(target.cgroup.text("cpuset", name))


def weight(target):
    """v1: the curve of current runtimes through (2, 1), (1024, 100) and (262144, 10000)."""
    if host.is_v2():
        return target.cgroup.number("unified", "cpu.weight")
    log = math.log2(target.cgroup.number("cpu", "cpu.shares"))
    return math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34))


def working_set(target):
    if host.is_v2():
        return target.cgroup.number("unified", "memory.current") - target.cgroup.number("unified", "memory.stat", "inactive_file")
    cgroup = target.cgroup
    return cgroup.number("memory", "memory.usage_in_bytes") - cgroup.number("memory", "memory.stat", "total_inactive_file")


def unreclaimable(target):
    def stat(key):
        return target.cgroup.number("memory", "memory.stat", key) or 0

    if host.is_v2():
        return stat("anon") + stat("shmem") + stat("kernel") - stat("slab_reclaimable") + stat("sock")
    return stat("total_rss") + stat("total_shmem")


def swap_limit(target):
    if host.is_v2():
        return target.cgroup.number("unified", "memory.swap.max")
    both = target.cgroup.number("memory", "memory.memsw.limit_in_bytes")
    return None if both is None else both - target.cgroup.number("memory", "memory.limit_in_bytes")


def run_delay(target):
    total = 0
    for pid in target.cgroup.pids():
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[1])
    return total / 1e9


def most_threads(target):
    return max(int(re.search(r"^Threads:\s+(\d+)", host.proc_text(pid, "status"), re.M).group(1)) for pid in target.cgroup.pids())


def open_files(target):
    return max(len(os.listdir(f"/proc/{pid}/fd")) for pid in target.cgroup.pids())


def pressure(resource, kind):
    return lambda target: host.pressure_total(target.cgroup.text("unified", f"{resource}.pressure"), kind)


def snmp(prefix, key):
    return lambda target: host.two_line_table(host.proc_text(target.pid, "net/snmp"), prefix, key)


def netstat(prefix, key):
    return lambda target: host.two_line_table(host.proc_text(target.pid, "net/netstat"), prefix, key)


def interface(column, name="eth0"):
    return lambda target: host.net_dev(host.proc_text(target.pid, "net/dev"), name)[column]


# --- io: main() of the tests sets DISK to (kernel name, "major:minor") of the engine's disk

DISK = ["", ""]
_V1_IO = {
    "rbytes": ("blkio.throttle.io_service_bytes_recursive", "Read"),
    "wbytes": ("blkio.throttle.io_service_bytes_recursive", "Write"),
    "rios": ("blkio.throttle.io_serviced_recursive", "Read"),
    "wios": ("blkio.throttle.io_serviced_recursive", "Write"),
    "rbps": "blkio.throttle.read_bps_device",
    "wbps": "blkio.throttle.write_bps_device",
    "riops": "blkio.throttle.read_iops_device",
    "wiops": "blkio.throttle.write_iops_device",
}


def _v2_io(target, name, key):
    match = re.search(rf"^{DISK[1]} .*\b{key}=(\d+)", target.cgroup.text("unified", name) or "", re.M)
    return int(match.group(1)) if match else None


def io(key):
    def read(target):
        if host.is_v2():
            return _v2_io(target, "io.stat", key)
        name, word = _V1_IO[key]
        match = re.search(rf"^{DISK[1]} {word} (\d+)", target.cgroup.text("blkio", name) or "", re.M)
        return int(match.group(1)) if match else None

    return read


def io_limit(key):
    def read(target):
        if host.is_v2():
            return _v2_io(target, "io.max", key)
        match = re.search(rf"^{DISK[1]} (\d+)", target.cgroup.text("blkio", _V1_IO[key]) or "", re.M)
        return int(match.group(1)) if match else None

    return read


# --- what the engine says

def inspected(pick):
    return lambda target: pick(target.inspect)


def ended(pick):
    """Only of a container that has ended: before, the engine shows a code of 0."""
    return lambda target: pick(target.inspect) if not target.inspect["State"]["Running"] else None


def state(name):
    return lambda target: 1 if target.inspect["State"]["Status"] == name else 0


def health(name):
    return lambda target: 1 if target.inspect["State"]["Health"]["Status"] == name else 0


def started(target):
    return epoch(target.inspect["State"]["StartedAt"])


def created(target):
    return epoch(target.inspect["Created"])


def startup(target):
    return target.marks["healthy_at"] - started(target)


def known(value):
    """The scenario did it, so it is known."""
    return lambda target: value


def mark(name):
    return lambda target: target.marks[name]


# --- peaks: made by the recorder from the readings of another row

def peak_rate(row_id):
    return ("peak_rate", row_id)


def peak(row_id):
    return ("peak", row_id)


# --- host

def _cpu_times():
    words = Path("/proc/stat").read_text().split("\n")[0].split()[1:]
    return [int(word) * TICK for word in words]


def cpu_busy(_):
    user, nice, system, _idle, _iowait, irq, softirq = _cpu_times()[:7]
    return user + nice + system + irq + softirq


def accounted_time():
    """Seconds that all CPUs together did anything or nothing."""
    return sum(_cpu_times()[:8])


def cpu_steal(_):
    return _cpu_times()[7]


def host_pressure(resource, kind):
    return lambda _: host.pressure_total(Path(f"/proc/pressure/{resource}").read_text(), kind)


def proc_number(name):
    return lambda _: int(Path("/proc", name).read_text())


def device_busy(_):
    for line in Path("/proc/diskstats").read_text().strip().split("\n"):
        words = line.split()
        if words[2] == DISK[0]:
            return int(words[12]) / 1e3
    return None
