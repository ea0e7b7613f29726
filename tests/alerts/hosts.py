"""Hosts for the tests of alerts: each has an engine, containers and an exporter of its own, on one machine.

Both engines put their containers below a cgroup of their own, and each exporter is given a cgroup tree in which that is
all there is: neither sees the containers of the other, nor what else runs on the machine.
"""
import contextlib
import os
import pathlib
import signal
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "rules"), str(TESTS / "e2e")]

from harness import hostcgroups  # noqa: E402
from harness.engine import Engine, run  # noqa: E402
from harness.exporter import Exporter  # noqa: E402
from harness.scenario import PlainCgroup  # noqa: E402
from harness.wait import until  # noqa: E402

VIEW = """#!/bin/sh
# view DIRECTORY CGROUP COMMAND...: runs it with a cgroup file system in DIRECTORY that begins at CGROUP.
set -e
mount --make-rprivate /
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mount --bind "/sys/fs/cgroup/$2" "$1"
else
  mount -t tmpfs none "$1"
  for hierarchy in /sys/fs/cgroup/*/; do
    [ -d "$hierarchy/$2" ] || continue
    mkdir "$1/$(basename "$hierarchy")"
    mount --bind "$hierarchy/$2" "$1/$(basename "$hierarchy")"
  done
fi
shift 2
exec "$@"
"""


def empty(directory):
    """Ends what runs in a cgroup, and removes it: true when it is gone."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for pid in (directory / "cgroup.procs").read_text().split():
            os.kill(int(pid), signal.SIGKILL)
        directory.rmdir()
    return not directory.exists()


def build_load(work):
    program = pathlib.Path(work) / "load"
    run("cc", "-O2", "-static", "-pthread", "-o", program, TESTS / "e2e" / "load" / "load.c")
    return program


def end(*_):
    """Ended by another, a test takes away what it made; once, however often it is told."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(143)


signal.signal(signal.SIGTERM, end)


class Host:
    """`settings`: the exporter's configuration file."""

    def __init__(self, name, work, load, settings=""):
        self.name, self.work, self.load, self.settings = name, pathlib.Path(work) / name, load, settings
        self.work.mkdir(parents=True)
        # With systemd every parent is a slice.
        self.parent = f"bnalert{name}.slice" if pathlib.Path("/run/systemd/system").is_dir() else f"bn-alert-{name}"
        self.tools = f"{self.parent}-tools"
        self.engine = self.exporter = None
        self.groups = []
        self._clear()  # what a killed run has left behind

    def prefer(self, times):
        """What else runs on the machine must not make a healthy host short of CPU: it has so many times the weight of a
        neighbour that has the usual one. This test and all that it starts from now on (engines, exporters, Prometheus), which
        need little, go before everything."""
        root = hostcgroups.controller_root("cpu")
        name, usual = ("cpu.weight", 100) if hostcgroups.is_v2() else ("cpu.shares", 1024)
        for group, weight in ((self.parent, times), (self.tools, 64)):
            (root / group).mkdir(exist_ok=True)
            if (root / group / name).exists():  # on v2 the controller is on where somebody has asked for it
                (root / group / name).write_text(str(weight * usual))
        (root / self.tools / "cgroup.procs").write_text(str(os.getpid()))

    def start(self):
        parent = self.parent if self.parent.endswith(".slice") else "/" + self.parent
        self.engine = Engine(f"al{self.name}"[:8], f"--cgroup-parent={parent}")
        self.engine.import_load_images(self.load)
        self.engine.remember_command()
        return self

    def run(self, name, *command, options=(), image="bn-load:1", told=False):
        """Starts a container. `told`: it does this from tell() on until cure(), and is idle else."""
        words = ["--label", "bn.test=alerts", *options]
        if told:
            words += ["-v", f"{TESTS / 'alerts' / 'agent'}:/agent:ro"]
            command = ["sh", "/agent", *command]
        self.engine.docker("run", "-d", "--name", name, *words, image, *command)

    def hold(self, *names):
        """Cgroups made by hand, without any engine."""
        for name in names:
            self.groups.append(PlainCgroup(f"/{self.parent}/{name}", [self.load, "hold"], {}))

    def tell(self, *names):
        for name in names:
            self.engine.docker("exec", name, "touch", "/tmp/sick")

    def cure(self, *names):
        for name in names:
            # A container that ran out of memory once more, and lost its first process to it, is over: it ails no longer.
            self.engine.docker("exec", name, "rm", "-f", "/tmp/sick", check=name != "oom")

    def replace(self, name, *command, options=(), image="bn-load:1"):
        self.engine.docker("rm", "-f", name)
        self.run(name, *command, options=options, image=image)

    def watch(self, *flags):
        """Starts the exporter; the first container must be there, for it makes the cgroup."""
        view, settings = self.work / "view", self.work / "exporter.yml"
        (self.work / "cgroup").mkdir(exist_ok=True)
        view.write_text(VIEW)
        view.chmod(0o755)
        settings.write_text(self.settings)
        if self.engine:
            flags = (f"--docker.host={self.engine.host}", *flags)
        self.exporter = Exporter(self.work / "exporter", f"--config.file={settings}",
                                 f"--path.cgroupfs={self.work / 'cgroup'}", *flags,
                                 prefix=["unshare", "--mount", str(view), str(self.work / "cgroup"), self.parent])
        self.exporter.start()

    def address(self):
        return f"127.0.0.1:{self.exporter.port}"

    def shows(self, name):
        return f'name="{name}"' in self.exporter.get("/metrics")[2].decode()

    def stop(self):
        try:
            if self.exporter:
                self.exporter.stop()
        finally:
            (hostcgroups.controller_root("cpu") / "cgroup.procs").write_text(str(os.getpid()))
            for group in reversed(self.groups):
                group.remove()
            if self.engine:
                self.engine.stop()
            self._clear()

    def _clear(self):
        """Ends what runs in the host's cgroups, and removes them."""
        roots = [hostcgroups.CGROUP] if hostcgroups.is_v2() else list(hostcgroups.CGROUP.iterdir())
        for top in (root / group for root in roots for group in (self.parent, self.tools)):
            for directory in sorted((path.parent for path in top.rglob("cgroup.procs")), reverse=True):
                until(f"{directory} to be empty", 20, lambda d=directory: empty(d))


def versions():
    def said(*command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr).strip().split("\n")[0]
    return {"kernel": said("uname", "-r"), "cgroup": "v2" if hostcgroups.is_v2() else "v1 or hybrid",
            "engine": said("dockerd", "--version"), "Prometheus": said("prometheus", "--version"),
            "Alertmanager": said("prometheus-alertmanager", "--version")}
