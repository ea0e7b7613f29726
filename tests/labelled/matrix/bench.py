"""The machine of one run: engine, images, exporter, swap, neighbours and the cases' containers."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
sys.path.insert(0, str(ROOT / "tests" / "labelled"))

from cases import WINDOWS  # noqa: E402
from harness import hostcgroups as host  # noqa: E402
from harness.engine import Engine, run  # noqa: E402
from harness.exporter import Exporter  # noqa: E402

IMAGE = "bn-labelled:1"
PARENT = "bnlabelled"
TOOLS = "bnlabelled-tools"
WEIGHT = 30000
ALONE_WEIGHT = 65536  # in windows that are only what they are when nobody else gets the CPU
SWAP_MB = 768
# It is asked every two seconds here, which makes it read details as often: that is not to slow its pulse down.
CONFIG = "sampling:\n  cpu_budget_cores: 1\n"
# Each keeps to a fifth of a CPU and little else, so that it is there all the time and takes nothing away.
BUSY = {
    "busy-cpu": ["stress-ng", "--quiet", "--cpu", "1", "--cpu-method", "int64", "--cpu-load", "10"],
    "busy-disk": ["sh", "-c", "faults make /data/file 64 scan /data/file 2 & exec faults write /data/copy 32 1"],
    "busy-net": ["sh", "-c", "load sink 7000 & faults burst 5 100 1 & exec load send 127.0.0.1 7000 500"],
}
SPINNING = {f"spin-{i}": ["stress-ng", "--quiet", "--cpu", "2", "--cpu-method", "int64"] for i in range(3)}


def has_tun():
    return Path("/dev/net/tun").exists()


@dataclass
class Subject:
    """A case of one round, with its drawn values."""

    case: object
    round: int
    values: dict
    options: list = field(default_factory=list)
    command: list = field(default_factory=list)
    began: float = 0
    ended: float = 0

    @property
    def name(self):
        return f"{self.case.name}.{self.round}"


def missing(case, facts):
    """Why a case cannot be built here; empty when it can."""
    reasons = {
        "swap": "no swap space could be made",
        "tun": "no /dev/net/tun",
        "v1": "a matter of cgroup v1: v2 charges write-back to the writer and throttles it fairly",
        "own_host": "would starve everything else on this machine of memory: in the guest only",
        "cpus": "one CPU only",
    }
    return "; ".join(reasons[need] for need in case.needs if not facts[need])


def draw(case, seed, number, facts):
    """The drawn values of a case: of the printed seed, the round and the case's name alone."""
    source = random.Random(f"{seed}/{number}/{case.name}")
    values = {"all": facts["cpu_count"] * 2, "range": f"0-{facts['cpu_count'] - 1}", "disk": f"/dev/{facts['disk']}",
              "file_mb": facts["file_mb"], "host_mb": facts["host_mb"]}
    for name, limits in case.draw.items():
        if isinstance(limits, list):
            values[name] = source.choice(limits)
        elif all(isinstance(limit, int) for limit in limits):
            values[name] = source.randint(*limits)
        else:
            values[name] = round(source.uniform(*limits), 3)
    return values


class Bench:
    def __init__(self, work, facts, programs, slow, first=False):
        self.work, self.facts, self.programs, self.slow = Path(work), facts, programs, slow
        self.first = first  # on v1: before what else runs on this machine
        self.engine = self.exporter = None
        self._swap = self._shares = self._tools = self._home = None
        self._neighbours = set()

    # --- from nothing to an exporter that watches

    def start(self):
        if self.first:
            self.stand_apart()
        self.engine = Engine("label")
        disk, _ = host.disk_of(self.engine.state)
        self.facts["disk"] = disk
        self.import_image()
        self.facts["swap"] = self.make_swap()
        config = self.work / "config.yml"
        config.write_text(CONFIG)
        self.exporter = Exporter(self.work, f"--config.file={config}", f"--docker.host={self.engine.host}", "--judgement.demonstration",
                                 f"--discovery.docker-roots={self.engine.state}/data")
        self.exporter.start()

    def stand_apart(self):
        """On v1 all containers together weigh as much as one task of the root group, and so does the exporter: what else
        runs on this machine would decide. Here both come before it, with equal weight."""
        root = host.controller_root("cpu")
        if host.is_v2() or not (root / "cpu.shares").exists():
            return
        self._tools = root / TOOLS
        self._tools.mkdir(exist_ok=True)
        (self._tools / "cpu.shares").write_text(str(ALONE_WEIGHT))
        self._home = root / host.cgroup_paths("self")["cpu"].lstrip("/")
        (self._tools / "cgroup.procs").write_text(str(os.getpid()))

    def weigh_containers(self, alone):
        file = host.controller_root("cpu") / "docker" / "cpu.shares"
        if self._tools and file.exists():
            self._shares = self._shares or (file, file.read_text())
            file.write_text(str(ALONE_WEIGHT if alone else WEIGHT))

    def step_back(self):
        if self._shares and self._shares[0].exists():
            self._shares[0].write_text(self._shares[1])
        if self._tools:
            for pid in (self._tools / "cgroup.procs").read_text().split():
                try:
                    (self._home / "cgroup.procs").write_text(pid)
                except OSError:
                    pass  # it ended meanwhile
            self._tools.rmdir()
            self._tools = None

    def stop(self):
        problems = []
        # Swap before the engine: its file lies below the engine's folder, which is removed with it.
        for step in (lambda: self.exporter and self.exporter.stop(), self.remove_all, self.remove_swap,
                     lambda: self.engine and self.engine.stop(), self.remove_parent, self.step_back):
            try:
                step()
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                problems.append(str(error))
        return problems

    def import_image(self):
        """busybox, the two load programs, and stress-ng with what it is linked to."""
        with tempfile.TemporaryDirectory(dir=self.work) as folder:
            archive = Path(folder) / "image.tar"
            with tarfile.open(archive, "w", dereference=True) as tar:
                for directory in ("bin", "tmp", "etc", "proc", "sys", "dev", "root", "data"):
                    entry = tarfile.TarInfo(directory)
                    entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if directory in ("tmp", "data") else 0o755
                    tar.addfile(entry)
                busybox = shutil.which("busybox")
                tar.add(busybox, "bin/busybox")
                for applet in run(busybox, "--list").split():
                    if applet != "busybox":
                        entry = tarfile.TarInfo(f"bin/{applet}")
                        entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
                        tar.addfile(entry)
                for name, path in self.programs.items():
                    tar.add(path, f"bin/{name}")
                for library in linked_to(self.programs["stress-ng"]):
                    tar.add(library, library.lstrip("/"))
            self.engine.docker("import", archive, IMAGE)

    def make_swap(self):
        """A file of swap for the run, unless the machine has swap already."""
        if len(Path("/proc/swaps").read_text().splitlines()) > 1:
            return True
        path = self.engine.state / "swap"
        try:
            run("dd", "if=/dev/zero", f"of={path}", "bs=1M", f"count={SWAP_MB}")
            path.chmod(0o600)
            run("mkswap", path)
            run("swapon", path)
        except (AssertionError, OSError):
            path.unlink(missing_ok=True)
            return False
        self._swap = path
        return True

    def remove_swap(self):
        if self._swap:
            run("swapoff", self._swap, timeout=300)
            self._swap.unlink(missing_ok=True)
            self._swap = None

    # --- containers

    def docker_run(self, name, options, command):
        self.engine.docker("run", "-d", "--name", name, "--label", "bn.test=labelled", *options, IMAGE, *command)

    def create(self, subject):
        """Starts the container of a subject; it waits for a signal."""
        case, values = subject.case, subject.values
        fill = lambda words: [str(word).format(**values) for word in words]  # noqa: E731
        subject.options = fill(case.options)
        subject.command = fill(case.command)
        if case.parent_quota:
            subject.options += ["--cgroup-parent", self.make_parent(float(case.parent_quota.format(**values)))]
        prepare = fill(case.prepare)
        self.docker_run(subject.name, subject.options, ["faults", *prepare, "wait", *subject.command])

    def create_all(self, subjects):
        """Starts all; returns those that this machine refuses: {subject name: reason}."""
        refused = {}

        def create(subject):
            try:
                self.create(subject)
            except (AssertionError, OSError) as error:
                refused[subject.name] = str(error).strip().replace("\n", " ")[-400:]
                self.remove([subject.name])

        with ThreadPoolExecutor(2) as starters:
            list(starters.map(create, subjects))
        return refused

    def begin(self, subject):
        # Not through the engine: any signal that it sends ends its restart policy.
        os.kill(self.engine.inspect(subject.name)["State"]["Pid"], signal.SIGUSR1)
        if subject.case.pause:
            self.engine.docker("pause", subject.name)

    def remove(self, names):
        names = list(names)
        if names:
            run("docker", "-H", self.engine.host, "rm", "-f", *names, check=False, timeout=180)

    def remove_all(self):
        if self.engine:
            self.remove(self.engine.docker("ps", "-aq", "--filter", "label=bn.test=labelled").split())

    # --- a parent cgroup with a quota

    def make_parent(self, cores):
        if host.is_v2():
            slice_ = PARENT + ".slice"
            run("systemctl", "set-property", "--runtime", slice_, f"CPUQuota={cores * 100:.1f}%")
            return slice_
        directory = host.controller_root("cpu") / PARENT
        directory.mkdir(exist_ok=True)
        (directory / "cpu.cfs_quota_us").write_text(str(int(cores * 1e5)))
        if self._tools:
            (directory / "cpu.shares").write_text(str(WEIGHT))  # as the engine's own parent has
        return "/" + PARENT

    def remove_parent(self):
        if host.is_v2():
            run("systemctl", "revert", PARENT + ".slice", check=False)
            return
        for root in host.CGROUP.iterdir():
            directory = root / PARENT
            if directory.is_dir() and not root.is_symlink():
                for child in directory.iterdir():
                    if child.is_dir():
                        child.rmdir()
                directory.rmdir()

    # --- neighbours

    def set_neighbours(self, kind):
        wanted = {"busy": BUSY, "spinning": SPINNING, "none": {}}[kind]
        self.remove("neighbour-" + name for name in self._neighbours - set(wanted))
        for name in set(wanted) - self._neighbours:
            self.docker_run("neighbour-" + name, [], wanted[name])
        self._neighbours = set(wanted)


def linked_to(program):
    """The shared libraries of a program, its loader included."""
    for line in run("ldd", program).splitlines():
        words = [word for word in line.split() if word.startswith("/")]
        if words:
            yield words[0]


def facts_of_machine(guest, disk=""):
    memory = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in Path("/proc/meminfo").read_text().splitlines()}
    cpus = len(os.sched_getaffinity(0))
    return {
        "v1": not host.is_v2(), "tun": has_tun(), "swap": False, "own_host": guest, "cpus": cpus > 1,
        "cpu_count": cpus, "disk": disk, "memory_mb": memory["MemTotal"],
        # Small where the disk is small.
        "file_mb": 256 if guest else 1200, "host_mb": memory["MemTotal"],
        "windows": WINDOWS,
    }
