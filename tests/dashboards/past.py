#!/usr/bin/env python3
"""A Prometheus on loopback with the past of history.py in it, recorded series included.

  past.py DIR [--rules-hours H] [arguments of history.py]     make the blocks below DIR, then serve until stopped
  past.py DIR --serve [--port PORT]                           serve blocks that are there already

The recorded series come from rules/ through `promtool tsdb create-blocks-from rules`, level by level: a rule sees only what
is in blocks, so what it builds on has to be there before.
"""
import argparse
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NAME = re.compile(r"[a-z_]+:[a-zA-Z0-9_:]+")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Prometheus:
    def __init__(self, folder, port=0, config="global: {scrape_interval: 15s}\n", options=()):
        self.folder, self.port = pathlib.Path(folder), port or free_port()
        self.config, self.options = config, options
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        config = self.folder / "prometheus.yml"
        config.write_text(self.config)
        self.log = open(self.folder / "prometheus.log", "ab")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.folder / 'data'}", "--storage.tsdb.retention.time=10y",
             f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn", *self.options], stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"prometheus ended; see {self.folder / 'prometheus.log'}")
            try:
                if urllib.request.urlopen(self.url + "/-/ready", timeout=2).status == 200:
                    return self
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("prometheus was not ready within 60 s")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:  # it finishes what its rules had begun; nothing of it is wanted any more
            self.process.kill()
            self.process.wait(30)
        self.log.close()


def recording_groups():
    return [group for path in sorted((ROOT / "rules").glob("*.rules.yml")) for group in yaml.safe_load(path.read_text())["groups"]]


def levels():
    """The recording rules, those first that build on no other."""
    rules = [rule for group in recording_groups() for rule in group["rules"] if "record" in rule]
    records = {rule["record"] for rule in rules}
    needs = {}
    for rule in rules:
        needs.setdefault(rule["record"], set()).update(set(NAME.findall(rule["expr"])) & records - {rule["record"]})
    level = {}

    def depth(record, path=()):
        if record not in level:
            level[record] = 1 + max((depth(n, (*path, record)) for n in needs[record] if n not in path), default=-1)
        return level[record]
    for record in records:
        depth(record)
    return [[r for r in rules if level[r["record"]] == wanted] for wanted in sorted(set(level.values()))]


def promtool(*arguments):
    done = subprocess.run(["promtool", "tsdb", "create-blocks-from", "--max-block-duration=2400h", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"promtool: {done.stderr[-2000:]}")


def make(folder, hours, history):
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    text, end = folder / "history.om", int(time.time()) // 120 * 120
    subprocess.run([sys.executable, HERE / "history.py", "--end", str(end), "--out", text, *history], check=True)
    promtool("openmetrics", str(text), str(data))
    text.unlink()
    for rules in levels():
        path = folder / "level.yml"
        # One name for all: it decides at which second of the interval a group is evaluated, and a level reads the one before.
        path.write_text(yaml.safe_dump({"groups": [{"name": "level", "interval": "2m", "rules": rules}]}))
        with Prometheus(folder) as prometheus:
            promtool("rules", f"--start={end - hours * 3600}", f"--end={end}", f"--url={prometheus.url}", "--eval-interval=2m",
                     f"--output-dir={folder / 'level'}", str(path))
        for block in sorted((folder / "level").glob("*")):
            shutil.move(block, data)
    (folder / "end").write_text(str(end))
    return end


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rules-hours", type=int, default=6)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--port", type=int, default=0)
    options, history = parser.parse_known_args()
    # Ended from outside: the server that was started ends too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if not options.serve:
        make(options.folder, options.rules_hours, history)
    with Prometheus(options.folder, options.port) as prometheus:
        print(f"{prometheus.url} with data until {(options.folder / 'end').read_text()}", flush=True)
        prometheus.process.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
