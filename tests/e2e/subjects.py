"""The containers and cgroups of the end-to-end test, as data: what runs in each, and what that is known to do.

`{disk}` is the block device below the engine's data, `{check}` the interval of health checks, `{ip:NAME}` the address of a
container started before.
"""

import os
from dataclasses import dataclass, field

PREFIX = "e2e-"
# An emulated machine is ten times slower: it leaves what does not differ between kernels to the host, unless told otherwise.
KERNEL_ONLY = os.environ.get("BOTTLENECK_E2E_KERNEL_ONLY") == "1"


@dataclass
class Subject:
    name: str
    why: str
    options: list = field(default_factory=list)
    command: list = field(default_factory=lambda: ["load", "hold"])
    v2_only: bool = False
    busy: bool = False  # started last: in an emulated machine they slow the start of the others
    needs_swap: bool = False
    any_host: bool = False  # shows nothing that differs between kernels


def _shell(line):
    return ["sh", "-c", line]


SUBJECTS = [
    Subject("spin", "two threads want two CPUs and may have 0.3",
            ["--cpus", "0.3", "--cpu-shares", "512"], ["load", "spin", "2"], busy=True),
    Subject("sys", "reads /dev/zero all the time, 0.1 CPU", ["--cpus", "0.1"], ["load", "system"], busy=True),
    Subject("burst", "busy for 150 ms of 1000 with a quota of 0.5 CPU and a burst of 50 ms",
            ["--cpus", "0.5"], ["load", "pulse", "150", "850"], busy=True),
    Subject("cache", "maps a file of 64 MB under a limit of 48 MB and touches every page, again and again",
            ["--cpus", "0.15", "-m", "48m"], ["load", "scan", "/data/file", "64"], busy=True),
    Subject("resting", "wrote a file of 32 MB, read half of it again and again, and maps it all below its limit",
            ["-m", "64m"], ["load", "keep", "/data/file", "32"]),
    Subject("anon", "holds 40 MB of anonymous memory on one CPU",
            ["-m", "128m", "--memory-swap", "192m", "--memory-reservation", "64m", "--cpuset-cpus", "0"],
            ["load", "anon", "40"]),
    Subject("oomchild", "a child wants 64 MB under a limit of 24 MB and is killed twice a second; its parent stays",
            ["--cpus", "0.05", "-m", "24m", "--memory-swap", "24m"], ["load", "oom", "64"], busy=True),
    Subject("shm", "16 MB in /dev/shm", ["--shm-size", "32m"], ["load", "map", "/dev/shm/file", "16"]),
    Subject("disk", "reads and writes past the page cache, at limits of 4 MB and 200 requests a second",
            ["--device-read-bps", "{disk}:4mb", "--device-write-bps", "{disk}:4mb",
             "--device-read-iops", "{disk}:200", "--device-write-iops", "{disk}:200"],
            ["load", "write", "/data/file", "8"], busy=True),
    Subject("dirty", "writes 16 MB into the page cache again and again", ["--cpus", "0.05"],
            ["load", "dirty", "/data/file", "16"], busy=True),
    Subject("inodes", "made 3000 files", [], ["load", "inodes", "/data", "3000"], v2_only=True),
    Subject("pids", "tries to have 41 tasks, may have 20", ["--pids-limit", "20"], ["load", "forks", "4000"]),
    Subject("threads", "21 threads in one process", [], ["load", "threads", "20"]),
    Subject("files", "about 100 open files of 256", ["--ulimit", "nofile=256:256"], ["load", "files", "100"]),
    Subject("sink", "receives TCP over a link that loses packets; 20 unread connections to itself hold memory", [],
            ["load", "sink", "7000"]),
    Subject("sender", "sends 500 kB/s of TCP to sink", [], ["load", "send", "{ip:sink}", "7000", "500"], busy=True, any_host=True),
    Subject("listen", "listens with a queue of one and never accepts", [], ["load", "listen", "7000", "1"], any_host=True),
    Subject("crowd", "forty connections to listen every 3 s", [], ["load", "crowd", "{ip:listen}", "7000", "40"], busy=True, any_host=True),
    Subject("datagrams", "sends datagrams of 1400 bytes over a link whose far end takes 600", [],
            ["load", "datagrams", "{ip:listen}", "7100", "1400"], busy=True, any_host=True),
    Subject("hostnet", "lives in the host's network namespace", ["--network", "host"], any_host=True),
    Subject("healthy", "its health check succeeds after about five seconds, three times that when emulated",
            ["--health-cmd", "true", "--health-interval", "{check}"], any_host=True),
    Subject("unhealthy", "its health check fails",
            ["--health-cmd", "false", "--health-interval", "{check}", "--health-retries", "1"], any_host=True),
    Subject("starting", "its first health check comes in an hour", ["--health-cmd", "true", "--health-interval", "1h"], any_host=True),
    Subject("restarting", "ends with code 3 at once and is started again and again", ["--restart", "always"],
            _shell("exit 3"), any_host=True),
    Subject("paused", "is paused after its start", any_host=True),
    Subject("idle", "does nothing"),
    # These end, each in its own way, once the exporter has seen them run.
    Subject("exited", "ends with code 0 by itself", ["--stop-signal", "TERM"], _shell("while [ ! -e /tmp/end ]; do usleep 100000; done"), any_host=True),
    Subject("failed", "ends with code 7 by itself", [], _shell("while [ ! -e /tmp/end ]; do usleep 100000; done; exit 7"), any_host=True),
    Subject("stopped", "is stopped through the engine", any_host=True),
    Subject("killed", "is killed by a signal from the host", any_host=True),
    Subject("oomed", "wants 64 MB of 16 MB when told: its first process is killed",
            ["-m", "16m", "--memory-swap", "16m"],
            _shell("while [ ! -e /tmp/end ]; do usleep 100000; done; exec load anon 64")),
    # When the first process is killed its cgroup goes at once, and the engine may miss the kill.
    Subject("oomtold", "wants 64 MB of 16 MB when told: a child is killed, the first process ends a moment later",
            ["-m", "16m", "--memory-swap", "16m"],
            _shell("while [ ! -e /tmp/end ]; do usleep 100000; done; load anon 64; sleep 1; exit 9")),
    Subject("changed", "is removed and created again with another image, then gets another memory limit", ["-m", "64m"]),
    Subject("high", "maps 48 MB with memory.high at 32 MB", ["--cpus", "0.05", "-m", "64m"],
            ["load", "scan", "/data/file", "48"], v2_only=True, busy=True),
    Subject("swap", "walks 48 MB under a limit of 32 MB with swap",
            ["--cpus", "0.1", "-m", "32m", "--memory-swap", "96m"], ["load", "walk", "48"], needs_swap=True, busy=True),
]
SUBJECT = {subject.name: subject for subject in SUBJECTS}

# Watched without any runtime, and through Podman.
CGROUP_ROOT = "/bn-e2e"
OTHERS = {
    "host": "the host itself",
    "created": "a container that was created and never started",
    "plain": f"{CGROUP_ROOT}/plain: a spinner in a cgroup made by hand, 0.1 CPU",
    "nested": f"{CGROUP_ROOT}/outer/inner: own limits of 128 MB and 0.8 CPU, below 64 MB and 0.25 CPU",
    "vanishing": f"{CGROUP_ROOT}/vanishing: a cgroup that is emptied, removed and made again",
    "podman": "a rootful Podman container with 20 MB of anonymous memory under 64 MB",
}
