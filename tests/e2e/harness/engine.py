"""A Docker engine and a Podman of the tests' own; see tests/lib/engine.sh and podman.sh."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
from pathlib import Path

from .fields import ROOT
from .wait import SLOW

LIB = ROOT / "tests" / "lib"


def run(*command, timeout=120, check=True, **options):
    """Runs a command and returns its output; a failure shows what it said."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=timeout * SLOW, **options
    )
    if check and done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Engine:
    def __init__(self, name, *options):
        self.name = name
        environment = dict(os.environ, BOTTLENECK_OWNER_PID=str(os.getpid()), BOTTLENECK_ENGINE_WAIT=str(int(60 * SLOW)))
        self.host = run(LIB / "engine.sh", "start", name, *options, env=environment)
        self.state = Path(self.host.removeprefix("unix://")).parent

    @property
    def bridge(self):
        return f"bn-{self.name}"

    @property
    def pid(self):
        return int((self.state / "dockerd").read_text().split()[0])

    def docker(self, *arguments, **options):
        return run("docker", "-H", self.host, *arguments, **options)

    def api(self, path):
        """GET of the engine's API; None for 404."""
        connection = _UnixConnection(self.host.removeprefix("unix://"), 30 * SLOW)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            return None if answer.status == 404 else json.loads(body)
        finally:
            connection.close()

    def inspect(self, container):
        return self.api(f"/containers/{container}/json")

    def restart_daemon(self):
        """Starts the daemon again with the command line it had, after it was killed."""
        command = json.loads((self.state / "command.json").read_text())
        with open(self.state / "dockerd.log", "ab") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        run("bash", "-c", f'. "{LIB}/common.sh"; remember_process "{self.state}/dockerd" {process.pid}')
        return process

    def remember_command(self):
        words = Path(f"/proc/{self.pid}/cmdline").read_bytes().rstrip(b"\0").decode().split("\0")
        (self.state / "command.json").write_text(json.dumps(words))

    def import_load_images(self, load):
        """bn-load:1 and bn-load:2: busybox and the load program."""
        busybox = shutil.which("busybox")
        with tempfile.TemporaryDirectory(dir=self.state) as work:
            archive = Path(work) / "image.tar"
            with tarfile.open(archive, "w") as tar:
                for folder in ("bin", "tmp", "etc", "proc", "sys", "dev", "root", "data"):
                    entry = tarfile.TarInfo(folder)
                    entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder in ("tmp", "data") else 0o755
                    tar.addfile(entry)
                tar.add(busybox, "bin/busybox")
                tar.add(load, "bin/load")
                for applet in run(busybox, "--list").split():
                    if applet != "busybox":
                        entry = tarfile.TarInfo(f"bin/{applet}")
                        entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
                        tar.addfile(entry)
            for tag in ("1", "2"):
                self.docker("import", "--change", f"ENV BN_VERSION={tag}", archive, f"bn-load:{tag}")

    def stop(self):
        run(LIB / "engine.sh", "stop", self.name, timeout=180)


class Podman:
    def __init__(self, name):
        self.name = name
        environment = dict(os.environ, BOTTLENECK_OWNER_PID=str(os.getpid()))
        self.command = run(LIB / "podman.sh", "start", name, env=environment)
        self.storage = Path(self.command).parent / "root"

    def __call__(self, *arguments, **options):
        return run(self.command, *arguments, **options)

    def stop(self):
        run(LIB / "podman.sh", "stop", self.name, timeout=180)
