"""The labelled cases, as data: what runs, under which limits, drawn from which ranges, and what is to be said of it.

Words in braces are filled with drawn values, {disk} with the block device below the engine's data. Commands wait for a
signal first, so that every fault begins in a container with a quiet past.
"""

from dataclasses import dataclass, field

# A window is a span of time that its cases share. Neighbours: three containers that are busy all the time; in
# `taken` they want every CPU, in `alone` there are none, since a lone spinner with neighbours is not alone.
# In this order: executed changes of the later windows run on in the background, and some of them want CPU time; those
# that wait under a quota for theirs spin on. So "cache", whose bursts need a CPU each, comes before the limits.
WINDOWS = {
    # name: (seconds, neighbours, why)
    "long": (0, "busy", "the whole round, beside everything else"),
    "taken": (45, "spinning", "other containers want all CPUs"),
    # Who takes CPUs is told of the last minute: the window before must be out of it for the 20 s that are judged.
    "alone": (85, "none", "one container wants all CPUs, nobody else any"),
    "pinned": (85, "none", "two containers with a CPU each"),
    "cache": (45, "busy", "page cache without trouble, bursts on CPUs that are free"),
    "limits": (45, "busy", "limits that bind, each in its own container"),
    "memory": (45, "busy", "memory limits, out of memory, a scan under a limit"),
    "disk": (45, "busy", "containers that wait for the disk"),
    "host": (60, "none", "the whole host is short of memory"),
}
LAST = "host"  # after the long cases and all changes: it starves everything that still runs


@dataclass
class Case:
    name: str
    why: str
    expect: str  # category
    window: str
    command: list
    options: list = field(default_factory=list)
    prepare: list = field(default_factory=list)  # before the wait for the signal
    draw: dict = field(default_factory=dict)  # name -> (least, greatest) or a list to choose from
    accept: dict = field(default_factory=dict)  # category -> why that is right as well
    may_flag: tuple = ()  # of a negative: resources whose band may be medium, see accept
    seconds: float = 0  # 0: the window's
    fast: bool = True  # the band is to be reached within 20 s
    band: str = "medium"  # that is to be reached
    needs: tuple = ()  # what not every machine has: swap, tun, v1, own_host, cpus
    parent_quota: str = ""  # CPUs of the parent cgroup
    greedy: bool = False  # with its limit raised it takes every CPU
    pause: bool = False
    steps: int = 4  # changes in a row that may be needed: a limit is raised by what was seen under the one before, or by a quarter
    short: bool = False  # part of the short run
    ladder: str = ""  # one of several intensities of one fault; not in the confusion matrix
    intensity: float = 0

    @property
    def negative(self):
        return self.expect == "none" and not self.ladder


def _shell(line):
    return ["sh", "-c", line]


def _f(*words):
    return ["faults", *map(str, words)]


IO_TOO = {"io": "it does wait for the disk; a low score says how little"}

CASES = [
    # --- CPU
    Case("quota-1-spinner", "one spinner under a quota", "cpu_quota", "limits", ["load", "spin", "1"],
         ["--cpus", "{quota}"], draw={"quota": (0.05, 0.25)}, steps=8, short=True),
    Case("quota-4-spinners", "four spinners under a quota", "cpu_quota", "limits", ["load", "spin", "4"],
         ["--cpus", "{quota}"], draw={"quota": (0.10, 0.30)}, steps=8, greedy=True),
    Case("quota-bursts", "bursts of 20 ms under a quota that they exceed", "cpu_quota", "limits",
         _f("burst", 20, "{period}", "{processes}"), ["--cpu-quota", "{quota}"],  # Docker changes it no other way
         draw={"quota": (5000, 12000), "period": (100, 150), "processes": [2]}, short=True),
    Case("quota-of-parent", "a spinner without a limit below a parent with a quota", "cpu_quota", "limits",
         ["load", "spin", "2"], parent_quota="{quota}", draw={"quota": (0.10, 0.30)}, short=True),
    Case("below-the-limit", "works in bursts of 2 ms, half of its quota", "none", "limits",
         _f("burst", 2, "{period}", 1), ["--cpus", "{quota}"],
         draw={"quota": (0.35, 0.50), "period": (10, 14)}, short=True),
    Case("contention", "wants a CPU that others take, no quota", "cpu_contention", "taken",
         _f("burst", "{busy}", 100, 1), draw={"busy": (80, 100)}, short=True),
    Case("idle-daemon-busy-host", "wakes for a moment, beside a busy host", "none", "taken",
         _f("nod", 1, "{milliseconds}"), draw={"milliseconds": (100, 500)}, short=True),
    Case("lone-spinner", "two threads for each CPU, nobody else", "cpu_demand", "alone", ["load", "spin", "{all}"],
         fast=True),
    Case("cpuset-spinner", "two threads bound to one CPU", "cpu_demand", "pinned", ["load", "spin", "2"],
         ["--cpuset-cpus", "0"]),
    Case("one-busy-thread", "one busy thread that may use every CPU", "cpu_demand", "pinned", ["load", "spin", "1"],
         ["--cpuset-cpus", "{range}"], band="low", fast=False, needs=("cpus",),
         accept={"none": "below 97 % of a CPU its thread is not saturated: what else runs there took the rest"}),
    # --- memory
    Case("cache-thrash", "reads a working set that does not fit its limit, at random", "memory_limit", "memory",
         _f("reread", "/data/file", "{mb}", "{duty}"), ["-m", "{limit}m", "--memory-swap", "{limit}m"],
         ["make", "/data/file", "{mb}", "warm", "/data/file"],  # nothing is read again that was not read before
         {"limit": (40, 64), "mb": (75, 120), "duty": (0.4, 0.6)}, short=True),
    Case("anonymous-thrash", "walks anonymous memory that does not fit its limit, with swap", "memory_limit", "memory",
         _f("rewalk", "{mb}"), ["-m", "{limit}m", "--memory-swap", "400m"],
         draw={"limit": (40, 64), "mb": (90, 130)}, needs=("swap",)),
    # Windows of two minutes: one may hold the quiet past, two after it have to agree.
    Case("slow-leak", "leaks steadily towards its limit", "memory_leak", "long", _f("leak", "{rate}"),
         ["-m", "512m", "--memory-swap", "512m"], draw={"rate": (200, 700)}, seconds=400, fast=False),
    Case("oom", "a child wants more than the limit again and again", "memory_limit", "memory",
         ["load", "oom", "{mb}"], ["-m", "{limit}m", "--memory-swap", "{limit}m"],
         draw={"limit": (20, 40), "mb": (64, 96)}, steps=1, short=True),
    Case("oom-first-process", "the first process wants more than the limit and is restarted", "memory_limit", "memory",
         _shell("sleep 0.5; exec load anon {mb}"), ["-m", "{limit}m", "--memory-swap", "{limit}m", "--restart", "always"],
         draw={"limit": (16, 32), "mb": (64, 96)}, steps=1, short=True),
    Case("host-memory-short", "no limit, and the host has no memory left", "memory_host", "host",
         _f("rewalk", "{host_mb}"), fast=False, needs=("own_host", "swap")),
    Case("sawtooth", "grows and lets go, like a collector", "none", "long",
         _f("sawtooth", 20, "{high}", "{period}"), ["-m", "256m", "--memory-swap", "256m"],
         draw={"high": (80, 150), "period": (25, 60)}, seconds=300, short=True),
    Case("warm-up-plateau", "fills its caches, then stays", "none", "long", _f("plateau", "{mb}", "{time}"),
         ["-m", "256m", "--memory-swap", "256m"], draw={"mb": (80, 180), "time": (40, 90)}, seconds=300),
    Case("mlocked-database", "locked memory of two thirds of its limit", "none", "long", _f("lock", "{mb}"),
         ["-m", "160m", "--memory-swap", "160m", "--cap-add", "IPC_LOCK"], draw={"mb": (85, 118)}, seconds=300),
    Case("scan-huge-file", "reads a file of many times its limit once", "none", "memory", _f("scan", "/data/file", "{rate}"),
         ["-m", "{limit}m", "--memory-swap", "{limit}m"], ["make", "/data/file", "{file_mb}"],
         {"limit": (32, 48), "rate": (12, 20)}, accept=IO_TOO, may_flag=("io",), short=True),
    # --- I/O
    Case("fsync-loop", "writes 4 kB and waits for the disk, all the time", "io", "disk", _f("fsync", "/data/file", 0),
         short=True),
    Case("bps-limit", "wants more than its write limit", "io_limit", "limits", _f("direct", "/data/file", 16, "{wanted}"),
         ["--device-write-bps", "{disk}:{kb}kb"], ["make", "/data/file", "16"], {"kb": (1024, 3072), "wanted": (4.0, 5.0)}, short=True),
    Case("large-buffered-writes", "writes through the page cache and waits until all is on the disk", "io", "disk",
         _f("dump", "/data/file", "{mb}"), draw={"mb": (64, 256)}),
    Case("fsync-each-20-ms", "writes 4 kB, waits for the disk, sleeps 20 ms", "none", "limits",
         _f("fsync", "/data/file", 20), accept=IO_TOO),  # not in the short run: beside builds no disk is quiet
    Case("nightly-backup", "reads and writes files steadily through the page cache", "none", "cache",
         _shell("faults scan /data/file {rate} & exec faults write /data/copy 128 {rate}"),
         prepare=["make", "/data/file", "{file_mb}"], draw={"rate": (4, 8)}, accept=IO_TOO),
    Case("buffered-writer-v1", "writes steadily through the page cache under a memory limit", "none", "cache",
         _f("write", "/data/file", 256, "{rate}"), ["-m", "{limit}m", "--memory-swap", "{limit}m"],
         draw={"limit": (40, 64), "rate": (3, 8)}, accept=IO_TOO, needs=("v1",)),
    # --- network
    Case("accept-queue", "a listener that does not accept", "network", "limits",
         _shell("load listen 7000 1 & exec load crowd 127.0.0.1 7000 {many}"), draw={"many": (20, 60)}, short=True),
    Case("packet-loss", "sends through a path that loses 2 %", "network", "limits",
         _shell("faults mirror {loss} 1 & load sink 7000 & exec load send 10.199.0.2 7000 {kb}"),
         ["--cap-add", "NET_ADMIN", "--device", "/dev/net/tun"], draw={"loss": (1.8, 2.4), "kb": (600, 900)},
         needs=("tun",)),
    Case("delay-50-ms", "sends through a path of 50 ms each way", "none", "limits",
         _shell("faults mirror 0 50 & load sink 7000 & exec load send 10.199.0.2 7000 {kb}"),
         ["--cap-add", "NET_ADMIN", "--device", "/dev/net/tun"], draw={"kb": (100, 300)}, needs=("tun",), short=True),
    # --- tasks, descriptors, life
    Case("fork-limit", "forks until it is refused", "pids", "limits", ["load", "forks", "{wanted}"],
         ["--pids-limit", "{pids}"], draw={"pids": (20, 40), "wanted": (42, 60)}, short=True),
    Case("descriptor-leak", "opens files and never closes them", "pids", "long", _f("openleak", "{rate}"),
         ["--ulimit", "nofile=256:256"], draw={"rate": (2.0, 5.0)}, seconds=180, fast=False, short=True),
    Case("crash-loop", "ends with code 3 and is restarted", "lifecycle", "limits", _shell("sleep 0.2; exit 3"),
         ["--restart", "always"], short=True),
    Case("idle", "does nothing", "none", "long", _f("hold"), seconds=300, short=True),
    Case("twenty-idle-threads", "twenty threads that wake now and then", "none", "long", _f("nod", 20, "{milliseconds}"),
         draw={"milliseconds": (200, 1000)}, seconds=300, short=True),
    Case("paused", "was busy, is paused", "none", "long", ["load", "spin", "1"], pause=True, seconds=300, short=True),
]


def _ladder(name, window, values, make):
    """One container an intensity; scores are to rise with it."""
    for step, (value, intensity) in enumerate(values):
        case = make(value)
        case.name, case.window, case.ladder, case.intensity = f"{name}-{step}", window, name, intensity
        case.why = f"intensity {intensity:g}"
        CASES.append(case)


def _steps(intensities, value):
    return [(value(i), i) for i in intensities]


# Bursts of one thread, 400 ms of CPU time: what is refused of the wanted time is about one minus the quota, a little less
# since a burst ends within a period. For the quota to decide, each burst needs a CPU of its own: a window with free ones, and
# a slot for each container (400 ms at 0.55 take 730 ms). Not a multiple of the quota's own 100 ms: else each would meet its
# periods at the same point all the time, by luck a good or a bad one.
QUOTA_PERIOD, QUOTA_SLOT = 4130, 820
_ladder("quota", "cache", [((round(1 - i, 2), step * QUOTA_SLOT), i) for step, i in enumerate((0.06, 0.12, 0.2, 0.3, 0.45))],
        lambda value: Case("", "", "cpu_quota", "", _f("burst", 400, QUOTA_PERIOD, 1, value[1]), ["--cpus", str(value[0])],
                           fast=False))
# A part of a megabyte each second, at once, at a limit of 1 MB/s: the part is the share of the time that is waited.
_ladder("io", "limits", _steps((0.1, 0.25, 0.45, 0.7, 0.95), lambda i: int(1024 * i)),
        lambda kb: Case("", "", "io_limit", "", _f("gulp", "/data/file", 8, kb), ["--device-write-bps", "{disk}:1mb"],
                        ["make", "/data/file", "8"], fast=False))
# A working set of 1.3 times the limit, used for a share of the time.
_ladder("memory", "memory", _steps((0.05, 0.15, 0.3, 0.6, 1.0), lambda i: i),
        lambda duty: Case("", "", "memory_limit", "", _f("reread", "/data/file", 42, duty), ["-m", "32m", "--memory-swap", "32m"],
                          ["make", "/data/file", "42"], fast=False))
# Lost packets in percent.
_ladder("loss", "limits", _steps((0.0, 0.5, 1.0, 3.0, 6.0), lambda i: i),
        lambda loss: Case("", "", "network", "",
                          _shell(f"faults mirror {loss} 1 & load sink 7000 & exec load send 10.199.0.2 7000 400"),
                          ["--cap-add", "NET_ADMIN", "--device", "/dev/net/tun"], fast=False, needs=("tun",)))

assert len({case.name for case in CASES}) == len(CASES)
