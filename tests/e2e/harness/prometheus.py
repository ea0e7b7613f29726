"""A real Prometheus that scrapes the exporter."""

import json
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

from .exporter import free_port
from .wait import SLOW, until


class Prometheus:
    def __init__(self, work, target_port, interval=2):
        self.work = Path(work)
        self.work.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.interval = interval * SLOW
        config = self.work / "prometheus.yml"
        config.write_text(f"""
global: {{scrape_interval: {int(self.interval * 1000)}ms, scrape_timeout: {int(self.interval * 1000)}ms}}
scrape_configs:
  - job_name: bottleneck
    sample_limit: 50000
    static_configs: [{{targets: ["127.0.0.1:{target_port}"]}}]
""")
        with open(self.work / "prometheus.log", "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.work}/data",
                 f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until("prometheus to be ready", 60, lambda: self._get("/-/ready") is not None)

    def _get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10 * SLOW) as answer:
            return answer.read()

    def api(self, path, **parameters):
        return json.loads(self._get(f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}"))["data"]

    def query(self, expression):
        """[(labels, value)] of an instant query."""
        return [(sample["metric"], float(sample["value"][1])) for sample in self.api("query", query=expression)["result"]]

    def stop(self):
        self.process.terminate()
        self.process.wait(30 * SLOW)
