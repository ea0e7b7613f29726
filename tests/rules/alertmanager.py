"""Starts a real Alertmanager on a loopback port with the shipped configuration, and ends it by its process id.
ALERTMANAGER in the environment names another binary than the installed one."""
import datetime
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "rules"))
from shorten import shorten_text  # noqa: E402
SHIPPED = ROOT / "deploy/alertmanager/alertmanager.yml"


def replaced(text, old, new):
    if old not in text:
        raise AssertionError(f"alertmanager.yml has no {old!r} any more: adapt the test")
    return text.replace(old, new)


def configuration(directory, http_port, smtp_port, minute=0.5, power=0.5):
    """The shipped file with other addresses and shorter durations; every receiver's webhook is /NAME."""
    secrets = pathlib.Path(directory) / "secrets"
    secrets.mkdir()
    for name, value in (("smtp_password", "smtp-secret"), ("slack_url", f"http://127.0.0.1:{http_port}/slack"),
                        ("pager_token", "pager-secret"), ("watchdog_token", "watchdog-secret")):
        (secrets / name).write_text(value)
    text = SHIPPED.read_text()
    text = replaced(text, "/etc/alertmanager/secrets", str(secrets))
    text = replaced(text, "smtp.example.org:587", f"127.0.0.1:{smtp_port}\n  smtp_require_tls: false")
    text = replaced(text, "https://deadmansswitch.example.org/bottleneck", f"http://127.0.0.1:{http_port}/watchdog")
    text = replaced(text, "https://pager.example.org/alertmanager?team=payments", f"http://127.0.0.1:{http_port}/page-payments")
    text = replaced(text, "https://pager.example.org/alertmanager", f"http://127.0.0.1:{http_port}/page")
    for name in ("team", "digest", "team-payments", "digest-payments"):
        text = replaced(text, f"  - name: {name}\n", f"  - name: {name}\n    webhook_configs:\n"
                        f"      - url: http://127.0.0.1:{http_port}/{name}\n")
    (pathlib.Path(directory) / "alertmanager.yml").write_text(shorten_text(text, minute, power))
    shutil.copytree(SHIPPED.parent / "templates", pathlib.Path(directory) / "templates")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Alertmanager:
    def __init__(self, receiver, minute=0.5, power=0.5):
        self.receiver, self.minute, self.power = receiver, minute, power
        self.binary = os.environ.get("ALERTMANAGER") or shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="alertmanager-")
        path = pathlib.Path(self.directory.name)
        configuration(path, self.receiver.http_port, self.receiver.smtp_port, self.minute, self.power)
        self.port = free_port()
        self.log = open(path / "log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [self.binary, f"--config.file={path}/alertmanager.yml", f"--storage.path={path}/data",
             f"--web.listen-address=127.0.0.1:{self.port}", "--web.external-url=http://alertmanager.example.org",
             "--web.route-prefix=/", "--cluster.listen-address="], stdout=self.log, stderr=self.log)
        self.wait(lambda: self.get("/-/ready") is not None, "ready")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
        self.directory.cleanup()

    def request(self, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Content-Type": "application/json"},
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def get(self, path):
        try:
            return self.request(path)
        except OSError:
            if self.process.poll() is not None:
                self.log.seek(0)
                raise AssertionError("Alertmanager ended: " + self.log.read()) from None
            return None

    def wait(self, condition, what, timeout=30):
        end = time.monotonic() + timeout
        while not (result := condition()):
            if time.monotonic() > end:
                raise TimeoutError(f"{what}: not within {timeout} s")
            time.sleep(0.05)
        return result

    def send(self, *alerts):
        """alerts: (labels, annotations, startsAt or None, endsAt or None)"""
        body = []
        for labels, annotations, starts, ends in alerts:
            alert = {"labels": labels, "annotations": annotations, "generatorURL": "http://prometheus.example.org/graph"}
            alert["startsAt"] = starts or now()
            alert["endsAt"] = ends or now(3600)
            body.append(alert)
        self.request("/api/v2/alerts", body)

    def alerts(self):
        return json.loads(self.request("/api/v2/alerts"))


def now(plus=0):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=plus)
    return moment.isoformat().replace("+00:00", "Z")
