"""Starts a real Prometheus on a loopback port with the shipped rules, durations shortened, and ends it by its process id.
PROMETHEUS in the environment names another binary than the installed one."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from alertmanager import free_port
from scenario import ROOT, RULE_FILES

sys.path.insert(0, str(ROOT / "rules"))
from shorten import shorten_text  # noqa: E402


class Prometheus:
    """targets: {instance: "host:port"}; minute and power: as for rules/shorten.py."""

    def __init__(self, targets, alertmanager_port, minute, power=0.5, scrape_seconds=1.0, job="bottleneck"):
        self.targets, self.alertmanager_port, self.minute, self.power = targets, alertmanager_port, minute, power
        self.scrape, self.job = f"{round(scrape_seconds * 1000)}ms", job

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="prometheus-")
        path = pathlib.Path(self.directory.name)
        for file in RULE_FILES:
            (path / pathlib.Path(file).name).write_text(shorten_text((ROOT / file).read_text(), self.minute, self.power))
        (path / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": self.scrape, "scrape_timeout": self.scrape, "evaluation_interval": self.scrape,
                       "external_labels": {"cluster": "test"}},
            "rule_files": [str(path / pathlib.Path(file).name) for file in RULE_FILES],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{self.alertmanager_port}"]}]}]},
            "scrape_configs": [{"job_name": self.job, "static_configs": [
                {"targets": [address], "labels": {"instance": instance, "cluster": "test"}}
                for instance, address in self.targets.items()]}]}))
        self.port = free_port()
        self.log = open(path / "log", "w+", encoding="utf-8")
        self.start()
        return self

    def start(self):
        path = pathlib.Path(self.directory.name)
        self.process = subprocess.Popen(
            [os.environ.get("PROMETHEUS") or shutil.which("prometheus"), f"--config.file={path}/prometheus.yml",
             f"--storage.tsdb.path={path}/data", f"--web.listen-address=127.0.0.1:{self.port}",
             f"--rules.alert.resend-delay={max(1, round(self.minute))}s"], stdout=self.log, stderr=self.log)
        self.wait(self.ready, "Prometheus is ready")

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def __exit__(self, *_):
        self.stop()
        self.log.close()
        self.directory.cleanup()

    def request(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.read().decode()

    def ready(self):
        if self.process.poll() is not None:
            self.log.seek(0)
            raise AssertionError("Prometheus ended: " + self.log.read()[-3000:])
        try:
            return self.request("/-/ready")
        except OSError:
            return None

    def query(self, expression):
        answer = json.loads(self.request("/api/v1/query?" + urllib.parse.urlencode({"query": expression})))
        return [(sample["metric"], float(sample["value"][1])) for sample in answer["data"]["result"]]

    def firing(self):
        return {(m["alertname"], m.get("name", ""), m["severity"]) for m, _ in self.query('ALERTS{alertstate="firing"}')}

    def active(self):
        """Labels and annotations of what fires, as of the last evaluation."""
        return [alert for alert in json.loads(self.request("/api/v1/alerts"))["data"]["alerts"] if alert["state"] == "firing"]

    def rule_errors(self):
        groups = json.loads(self.request("/api/v1/rules"))["data"]["groups"]
        return [f"{rule['name']}: {rule['lastError']}" for group in groups for rule in group["rules"] if rule.get("lastError")]

    def wait(self, condition, what, timeout=60):
        end = time.monotonic() + timeout
        while not (result := condition()):
            if time.monotonic() > end:
                raise TimeoutError(f"{what}: not within {timeout} s")
            time.sleep(0.1)
        return result
