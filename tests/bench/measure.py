"""What the benchmark reads of processes: CPU, memory, kernel memory, latency. Nothing here judges."""
import glob
import http.client
import os
import pathlib
import statistics
import time
import urllib.parse


def cpu_seconds(pid):
    """CPU time of all threads of a process, nanosecond counters of the scheduler."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        try:
            total += int(pathlib.Path(path).read_text().split()[0])
        except (OSError, IndexError, ValueError):
            continue  # a thread that ended
    return total * 1e-9


def cpu_share(pids, seconds):
    """{name: share of one core over the same window} for {name: pid or list of pids}."""
    groups = {name: ([pid] if isinstance(pid, int) else list(pid)) for name, pid in pids.items()}
    begin = time.monotonic()
    before = {name: [cpu_seconds(p) for p in group] for name, group in groups.items()}
    time.sleep(seconds)
    wall = time.monotonic() - begin
    return {
        name: sum(cpu_seconds(p) - b for p, b in zip(group, before[name])) / wall
        for name, group in groups.items()
    }


def rss_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


class MemoryGroup:
    """A memory cgroup for one process: the kernel charges it for what its descriptors, their buffers, and the names and
    inodes that it looked up cost. Slab of the whole host does not tell that: the page cache of whoever compiles beside
    moved it by 50 MB between two readings."""

    def __init__(self, name):
        root = pathlib.Path("/sys/fs/cgroup")
        self.is_v2 = (root / "cgroup.controllers").exists()
        self.path = (root if self.is_v2 else root / "memory") / name
        self.path.mkdir(exist_ok=True)

    def command(self, command):
        """The command, started inside of the group."""
        return ["/bin/sh", "-c", f'echo $$ > "{self.path}/cgroup.procs" && exec "$@"', "sh", *command]

    def kernel_bytes(self):
        if not self.is_v2:
            return int((self.path / "memory.kmem.usage_in_bytes").read_text())
        stat = dict(line.split() for line in (self.path / "memory.stat").read_text().splitlines())
        return int(stat["kernel"])

    def reclaim(self):
        """What the kernel can take back it does: what remains is held."""
        try:
            if self.is_v2:
                (self.path / "memory.reclaim").write_text("1G")
            else:
                (self.path / "memory.force_empty").write_text("0")
        except OSError:
            pass  # not all of it could be taken

    def remove(self):
        self.path.rmdir()


def get(url, headers=None, timeout=30):
    """(milliseconds, status, body) of one request over a connection of its own."""
    parts = urllib.parse.urlparse(url)
    begin = time.perf_counter()
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    connection.request("GET", parts.path + ("?" + parts.query if parts.query else ""), headers=headers or {})
    response = connection.getresponse()
    body = response.read()
    took = (time.perf_counter() - begin) * 1e3
    connection.close()
    return took, response.status, body


def latencies(urls, count, gap):
    """{name: sorted milliseconds}: requests in turn, each url asked every `gap` seconds."""
    took = {name: [] for name in urls}
    for _ in range(count):
        for name, url in urls.items():
            took[name].append(get(url)[0])
        time.sleep(gap)
    return {name: sorted(values) for name, values in took.items()}


def median(values):
    return statistics.median(values)


def dockerd_pids():
    """The engine's processes: dockerd, containerd and the shims belong to the daemon's cost."""
    found = []
    for path in glob.glob("/proc/[0-9]*/comm"):
        try:
            if pathlib.Path(path).read_text().strip() in ("dockerd", "containerd"):
                found.append(int(path.split("/")[2]))
        except OSError:
            continue
    return found


def tool(name):
    """Path of a peer: from the environment (CADVISOR=/path), else from PATH; None when it is not installed."""
    given = os.environ.get(name.upper().replace("-", "_"))
    if given and os.access(given, os.X_OK):
        return given
    for folder in os.environ.get("PATH", "").split(":"):
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    return None
