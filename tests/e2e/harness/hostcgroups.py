"""Reads cgroup and proc files the plain way, apart from the exporter's code: the reference of the value tests."""

import os
import re
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def is_v2():
    return (CGROUP / "cgroup.controllers").exists()


def unified_root():
    if is_v2():
        return CGROUP
    hybrid = CGROUP / "unified"
    return hybrid if (hybrid / "cgroup.controllers").exists() else None


def controller_root(controller):
    """Directory of a controller's hierarchy; None where it is not mounted."""
    if is_v2():
        return CGROUP
    if controller == "unified":
        return unified_root()
    for entry in CGROUP.iterdir():
        if controller in entry.name.split(","):
            return entry
    return None


def cgroup_paths(pid):
    """Controller -> path below its root, of a process."""
    paths = {}
    for line in Path(f"/proc/{pid}/cgroup").read_text().strip("\n").split("\n"):  # splitlines() also splits at U+2028
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            paths["unified"] = path
        for controller in controllers.split(","):
            paths[controller] = path
    return paths


class Cgroup:
    """The cgroup of one subject in all hierarchies. Text is cached for one tick, so that rows agree."""

    def __init__(self, paths):
        self.paths = paths
        self.cache = {}

    @classmethod
    def of_pid(cls, pid):
        return cls(cgroup_paths(pid))

    def directory(self, controller):
        if is_v2():
            return CGROUP / self.paths["unified"].lstrip("/")
        root = controller_root(controller)
        return root / self.paths.get(controller, self.paths.get("unified", "/")).lstrip("/") if root else None

    def new_tick(self):
        self.cache.clear()

    def text(self, controller, name):
        """None when there is no such file (or no longer)."""
        key = (controller, name)
        if key not in self.cache:
            try:
                self.cache[key] = (self.directory(controller) / name).read_text()
            except (OSError, TypeError):
                self.cache[key] = None
        return self.cache[key]

    def number(self, controller, name, key="", scale=1.0):
        """One number of a flat file; "max" and what is missing are None. '|' separates alternatives of the key."""
        text = self.text(controller, name)
        if text is None:
            return None
        if key == "":
            word = text.split()[0] if text.split() else "max"
            return None if word == "max" else int(word) * scale
        values = dict(line.split()[:2] for line in text.split("\n") if len(line.split()) >= 2)
        for alternative in key.split("|"):
            if alternative in values:
                return int(values[alternative]) * scale
        return None

    def pids(self):
        text = self.text("pids" if not is_v2() else "unified", "cgroup.procs")
        return [int(word) for word in text.split()] if text else []

    def ancestors(self, controller):
        """Directories from this cgroup up to below the root."""
        root = CGROUP if is_v2() else controller_root(controller)
        directory = self.directory(controller)
        while directory is not None and directory != root:
            yield directory
            directory = directory.parent


def proc_text(pid, name):
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:
        return None


def net_dev(text, interface):
    """The 16 numbers of one interface of net/dev."""
    for line in (text or "").split("\n"):
        name, colon, rest = line.partition(":")
        if colon and name.strip() == interface:
            return [int(word) for word in rest.split()]
    return None


def two_line_table(text, prefix, key):
    """A number of net/snmp or net/netstat, whose lines come in pairs of names and values."""
    lines = [line.split() for line in (text or "").split("\n") if line.startswith(prefix + ":")]
    if len(lines) < 2 or key not in lines[0]:
        return None
    return int(lines[1][lines[0].index(key)])


def pressure_total(text, kind):
    """Seconds of the `some` or `full` line of a pressure file."""
    match = re.search(rf"^{kind} .*total=(\d+)", text or "", re.MULTILINE)
    return int(match.group(1)) / 1e6 if match else None


def online_cpus():
    return len(re.findall(r"^cpu\d+ ", Path("/proc/stat").read_text(), re.MULTILINE))


def cpu_list_length(text):
    """Number of CPUs in "0-3,7"."""
    total = 0
    for part in (text or "").strip().split(","):
        if part:
            first, _, last = part.partition("-")
            total += int(last or first) - int(first) + 1
    return total or None


def meminfo(key):
    match = re.search(rf"^{key}:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    return int(match.group(1)) * 1024 if match else None


def disk_of(path):
    """(kernel name, "major:minor") of the whole disk that holds a path."""
    device = os.stat(path).st_dev
    node = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve()
    if (node / "partition").exists():
        node = node.parent
    return node.name, (node / "dev").read_text().strip()
