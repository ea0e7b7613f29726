"""Brings the subjects of subjects.py to life, and undoes everything."""

import os
import re
import signal
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from subjects import CGROUP_ROOT, KERNEL_ONLY, PREFIX, SUBJECTS

from . import hostcgroups as host
from .engine import run
from .target import Target, epoch
from .tracking import tracked_connection
from .wait import SLOW, until

CONTROLLERS = ("cpu", "cpuacct", "memory", "pids", "cpuset", "blkio", "freezer", "unified")


def write(path, text):
    Path(path).write_text(str(text))


class PlainCgroup:
    """A cgroup made by hand in every hierarchy, with one process in it."""

    def __init__(self, path, command, limits):
        """limits: {file: value} of v2, translated for v1."""
        self.path, self.made, self.process = path, [], None
        roots = [host.CGROUP] if host.is_v2() else [r for c in CONTROLLERS if (r := host.controller_root(c))]
        self.directories = [root / path.lstrip("/") for root in dict.fromkeys(roots)]
        try:
            for root, directory in zip(dict.fromkeys(roots), self.directories):
                self._make(root, directory)
            for name, value in limits.items():
                limit(self.path, name, value)
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
            for directory in self.directories:
                write(directory / "cgroup.procs", self.process.pid)
            self.target = Target(path, pid=self.process.pid, cgroup=host.Cgroup.of_pid(self.process.pid))
        except BaseException:
            self.remove()
            raise

    def _make(self, root, directory):
        parent = root
        for part in directory.relative_to(root).parts:
            if host.is_v2():
                available = set((parent / "cgroup.controllers").read_text().split())
                for controller in available & {"cpu", "memory", "pids", "io", "cpuset"}:
                    write(parent / "cgroup.subtree_control", f"+{controller}")
            child = parent / part
            if not child.exists():
                child.mkdir()
                self.made.append(child)
                if (child / "cpuset.mems").exists() and not host.is_v2():
                    for name in ("cpuset.cpus", "cpuset.mems"):
                        write(child / name, (parent / name).read_text().strip())
            parent = child

    def end(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    def remove(self):
        self.end()
        for directory in reversed(self.made):
            # A killed task leaves its cgroup a moment after it was waited for.
            until(f"{directory} to be empty", 10, lambda d=directory: not d.exists() or d.rmdir() is None)


def limit(path, name, value):
    """Sets cpu (cores) or memory (bytes) of a cgroup in either version."""
    if host.is_v2():
        base = host.CGROUP / path.lstrip("/")
        write(base / ("cpu.max" if name == "cpu" else "memory.max"), f"{int(value * 1e5)} 100000" if name == "cpu" else value)
    elif name == "cpu":
        write(host.controller_root("cpu") / path.lstrip("/") / "cpu.cfs_quota_us", int(value * 1e5))
    else:
        write(host.controller_root("memory") / path.lstrip("/") / "memory.limit_in_bytes", value)


class Scenario:
    """`seen(name, state)` tells whether the exporter shows a container: some end only after that."""

    def __init__(self, engine, podman, load, swap):
        self.engine, self.podman, self.load, self.swap = engine, podman, load, swap
        self.targets = {"host": Target("host")}
        self.plain = {}
        self.disk, self.disk_numbers = host.disk_of(engine.state)
        self._stop = threading.Event()
        self._undo = ExitStack()  # each step runs, whatever becomes of the others

    def subjects(self):
        return [s for s in SUBJECTS if not (s.v2_only and not host.is_v2()) and not (s.needs_swap and not self.swap)
                and not (s.any_host and KERNEL_ONLY)]

    def start(self):
        # Two at a time: most of a start is waiting. The quiet ones first, some of which the busy ones talk to.
        for busy in (False, True):
            with ThreadPoolExecutor(2) as starters:
                list(starters.map(self.start_container, [s for s in self.subjects() if s.busy == busy]))
        self.engine.docker("create", "--name", PREFIX + "created", "bn-load:1", "load", "hold")
        self.targets["created"] = Target(PREFIX + "created", self.engine)
        self.adjust()
        self.start_cgroups()
        self.start_podman()
        self._undo.enter_context(tracked_connection())
        noise = threading.Thread(target=self.send_unknown_frames, name="frames", daemon=True)
        noise.start()
        self._undo.callback(noise.join, 10 * SLOW)

    def start_container(self, subject, image="bn-load:1"):
        words = [self.fill(word) for word in subject.options]
        command = [self.fill(word) for word in subject.command]
        self.engine.docker("run", "-d", "--name", PREFIX + subject.name, "--label", "bn.test=e2e", *words, image, *command)
        self.targets.setdefault(subject.name, Target(PREFIX + subject.name, self.engine))

    def fill(self, word):
        # A check starts a process in the container: emulated, one each 5 s keeps half a CPU busy.
        word = word.replace("{disk}", f"/dev/{self.disk}").replace("{check}", f"{5 * SLOW:g}s")
        return re.sub(r"\{ip:(\w+)\}", lambda m: self.address(m.group(1)), word)

    def address(self, name):
        return self.engine.inspect(PREFIX + name)["NetworkSettings"]["IPAddress"]

    def adjust(self):
        """What the engine has no option for."""
        burst = self.targets["burst"].cgroup
        if host.is_v2():
            write(burst.directory("cpu") / "cpu.max.burst", 50000)
            write(self.targets["high"].cgroup.directory("memory") / "memory.high", 32 << 20)
        else:
            write(burst.directory("cpu") / "cpu.cfs_burst_us", 50000)
            # v1 accounts for network buffers only below a group that has a limit on them, for sockets made after it was set.
            write(self.targets["sink"].cgroup.directory("memory") / "memory.kmem.tcp.limit_in_bytes", 64 << 20)
        self.engine.docker("exec", "-d", PREFIX + "sink", "load", "sockets", "7001", "20")
        if not KERNEL_ONLY:
            self.adjust_any_host()

    def adjust_any_host(self):
        self.engine.docker("pause", PREFIX + "paused")
        self.make_lossy("sink")
        run("ip", "link", "set", self.host_interface("datagrams"), "mtu", "600")
        self.targets["healthy"].marks["healthy_at"] = until(
            "the first healthy check", 30, lambda: self.first_healthy(self.engine.inspect(PREFIX + "healthy")))

    @staticmethod
    def first_healthy(inspect):
        for entry in inspect["State"]["Health"]["Log"]:
            if entry["ExitCode"] == 0:
                return epoch(entry["End"].replace("Z", "").split("+")[0] + "Z")
        return None

    def host_interface(self, name):
        """The host's end of a container's eth0."""
        index = self.engine.docker("exec", PREFIX + name, "cat", "/sys/class/net/eth0/iflink")
        for interface in Path("/sys/class/net").iterdir():
            if (interface / "ifindex").read_text().strip() == index:
                return interface.name
        raise LookupError(f"no interface {index}")

    def make_lossy(self, name):
        interface = self.host_interface(name)
        lossy = ["tc", "qdisc", "add", "dev", interface, "root", "netem", "loss", "2%"]
        if subprocess.run(lossy, capture_output=True).returncode != 0:  # no netem: a queue that is too short
            run("tc", "qdisc", "add", "dev", interface, "root", "tbf", "rate", "2mbit", "burst", "3kb", "limit", "6000")

    def send_unknown_frames(self):
        """Frames that no protocol handler wants: the receiving interface counts them as dropped."""
        frame = b"\xff" * 6 + b"\x02\x00\x00\x00\x00\x01" + b"\x88\xb5" + b"\0" * 46
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
            sock.bind((self.engine.bridge, 0))
            while not self._stop.wait(0.5):
                sock.send(frame)

    def start_cgroups(self):
        self.plain["plain"] = PlainCgroup(CGROUP_ROOT + "/plain", [self.load, "spin", "1"], {"cpu": 0.1})
        self.plain["nested"] = PlainCgroup(CGROUP_ROOT + "/outer/inner", [self.load, "hold"], {})
        limit(CGROUP_ROOT + "/outer", "cpu", 0.25)
        limit(CGROUP_ROOT + "/outer", "memory", 64 << 20)
        if host.is_v2():  # v1 refuses a child quota above its parent's
            limit(CGROUP_ROOT + "/outer/inner", "cpu", 0.8)
        limit(CGROUP_ROOT + "/outer/inner", "memory", 128 << 20)
        self.plain["vanishing"] = PlainCgroup(CGROUP_ROOT + "/vanishing", [self.load, "hold"], {})
        for name, plain in self.plain.items():
            self.targets[name] = plain.target

    def start_podman(self):
        if self.podman is None:
            return
        self.podman("run", "-d", "--name", PREFIX + "podman", "-m", "64m", "-v", f"{self.load}:/load:ro",
                    "busybox:latest", "/load", "anon", "20")
        pid = int(self.podman("inspect", "--format", "{{.State.Pid}}", PREFIX + "podman"))
        self.targets["podman"] = Target(PREFIX + "podman", pid=pid, cgroup=host.Cgroup.of_pid(pid))

    # --- what happens while the exporter watches

    def end_some(self):
        """Each of them ends in its own way. The exporter must have seen them run before."""
        told = ("oomed", "oomtold") if KERNEL_ONLY else ("oomed", "oomtold", "exited", "failed")
        for name in told:
            self.engine.docker("exec", PREFIX + name, "touch", "/tmp/end")
        if not KERNEL_ONLY:
            self.engine.docker("stop", "-t", "5", PREFIX + "stopped")
            os.kill(self.targets["killed"].pid, signal.SIGKILL)
        self.plain["vanishing"].remove()  # nobody tells how it ended
        for name in told if KERNEL_ONLY else (*told, "stopped", "killed"):
            until(f"{name} to end", 30, lambda n=name: not self.engine.inspect(PREFIX + n)["State"]["Running"])

    def bring_back(self):
        """A cgroup's end is counted under its name, which only a new one with that name shows."""
        self.plain["vanishing"] = PlainCgroup(CGROUP_ROOT + "/vanishing", [self.load, "hold"], {})
        self.targets["vanishing"] = self.plain["vanishing"].target

    def change_image(self):
        subject = next(s for s in SUBJECTS if s.name == "changed")
        self.engine.docker("rm", "-f", PREFIX + "changed")
        self.start_container(subject, image="bn-load:2")
        self.targets["changed"].marks["image_changed"] = time.time()

    def change_limit(self):
        self.engine.docker("update", "--memory", "80m", "--memory-swap", "80m", PREFIX + "changed")
        self.targets["changed"].marks["limits_changed"] = time.time()

    def stop(self):
        self._stop.set()
        for plain in self.plain.values():
            self._undo.callback(plain.remove)
        self._undo.close()

