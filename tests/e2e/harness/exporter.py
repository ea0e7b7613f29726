"""Runs the exporter under test, and asks it."""

import http.client
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from .exposition import Scrape
from .fields import ROOT
from .wait import SLOW, until


def binary():
    return Path(os.environ.get("BOTTLENECK_EXPORTER", ROOT / "build" / "release" / "exporter" / "bottleneck_exporter"))


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Exporter:
    def __init__(self, work, *flags, prefix=(), port=None, storage=None, environment=None, program=None):
        """work: a folder for its log and state. prefix: words before the command, e.g. setpriv. program: a copy of it."""
        self.work = Path(work)
        self.work.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.storage = storage if storage is not None else self.work / "storage"
        self.log_path = self.work / "exporter.log"
        self.command = [*prefix, str(program or binary()), f"--web.listen-address=127.0.0.1:{self.port}",
                        f"--storage.path={self.storage}", *flags]
        self.environment = environment
        self.process = None

    def start(self, ready=True):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([str(word) for word in self.command], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=self.environment)
        if ready:
            until("the exporter to be ready", 30, self._is_ready)
        return self

    def _is_ready(self):
        assert self.process.poll() is None, f"the exporter ended with {self.process.returncode}:\n{self.log()}"
        return self.get("/-/ready")[0] == 200

    def log(self):
        return self.log_path.read_text(errors="replace")

    def get(self, path, headers=None, method="GET", timeout=10):
        """(status, headers, body)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout * SLOW)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def scrape(self, path="/metrics"):
        start = time.monotonic()
        status, _, body = self.get(path)
        assert status == 200, f"{path}: {status} {body[:200]!r}"
        return Scrape(body.decode("utf-8"), start, time.monotonic())

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """As a crash would."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Returns the exit status of a polite end."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15 * SLOW)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"the exporter did not end on SIGTERM:\n{self.log()[-2000:]}") from None
        return self.process.returncode
