"""The rules over a large past while its hosts go on: exporters of the fleet profile, scraped every 15 s, and the shipped rules.

One server stands for all hosts. Rules are loaded as they are, but for intervals above a minute, which become one minute:
what an evaluation costs does not depend on how often it happens, and nobody waits hours for one. Each is compared with a quarter of
its own interval."""
import http.server
import json
import os
import pathlib
import re
import shutil
import sys
import threading
import time
import urllib.parse
import urllib.request

import yaml

from boards import ROOT
from history_series import write_container, write_host
from large_series import Gather
from past import Prometheus

# Blocks are laid out as a retention of weeks has them; joining them is no part of what is measured.
NO_COMPACTION = ("--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h", "--query.timeout=2m")
SCRAPE = 15


def fleet_profile():
    """Names of the metrics that an exporter shows with the profile fleet."""
    rows = [line.split("|") for line in (ROOT / "METRICS.md").read_text().splitlines() if line.startswith("| `")]
    return {row[1].strip(" `") for row in rows if row[4].strip() == "fleet"}


class Hosts:
    """Pages of all hosts: texts with gaps, filled with the values of each class once a scrape interval."""

    def __init__(self, fleet):
        self.fleet, self.lock, self.now, self.values = fleet, threading.Lock(), 0, {}
        wanted = fleet_profile() | {"bottleneck_container_info", "bottleneck_exporter_build_info"}
        keep = lambda s: s.name in wanted or s.name.startswith("bottleneck_exporter_") or s.name.startswith("process_")
        self.courses, self.pages = {}, {}
        for c in fleet.classes.values():
            g = Gather(1, fleet.end, False)
            write_container(g, {}, c)
            self.courses[c] = [s for s in g.series if keep(s)]
        for host in range(fleet.hosts):
            g = Gather(1, fleet.end, False)
            write_host(g, {"instance": "@HOST@"}, fleet.mixes[fleet.sort(host)])
            own = self.courses[("host", host)] = [s for s in g.series if keep(s)]
            heads = (s.head.replace('instance="@HOST@"', "").replace("{,", "{").replace("@HOST@", fleet.instance(host)) for s in own)
            text = ["".join(head + "} %s\n" for head in heads)]
            parts = [("host", host)]
            for index in range(fleet.containers):
                c = fleet.kind_of(host, index)
                parts.append(c)
                text.append("".join(s.head.replace("%", "%%").replace("@NAME@", fleet.name(index)).replace("@SERVICE@", fleet.service(host, index)) + "} %s\n" for s in self.courses[c]))
            self.pages[fleet.instance(host)] = ("".join(text), parts)

    def page(self, instance):
        with self.lock:
            now = int(time.time()) // SCRAPE * SCRAPE
            if now != self.now:
                self.now, self.values = now, {}
            text, parts = self.pages[instance]
            found = []
            for part in parts:
                if part not in self.values:
                    self.values[part] = ["NaN" if (v := s.at(now)) is None else f"{v:.10g}" for s in self.courses[part]]
                found += self.values[part]
        filled = text % tuple(found)
        return "\n".join(line for line in filled.split("\n") if not line.endswith(" NaN")).encode()


def serve(hosts):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = hosts.page(urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)["host"][0])
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def rules(folder):
    """The shipped rules below folder; the interval of each group in seconds."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    intervals = {}
    for path in (*(ROOT / "rules").glob("*.rules.yml"), *(ROOT / "alerts").glob("*.alerts.yml")):
        text = path.read_text()
        for group in yaml.safe_load(text)["groups"]:
            number, unit = re.fullmatch(r"(\d+)([smh])", group["interval"]).groups()
            intervals[group["name"]] = int(number) * {"s": 1, "m": 60, "h": 3600}[unit]
        (folder / path.name).write_text(re.sub(r"(?m)^(    interval:) .*$", r"\1 1m", text))
    return intervals


def used(process):
    """(CPU seconds of the process, of everything on the machine, of all CPUs)."""
    ticks = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    own = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return [n / os.sysconf("SC_CLK_TCK") for n in (int(own[11]) + int(own[12]), sum(ticks) - ticks[3] - ticks[4], sum(ticks))]


def measure(folder, fleet, minutes):
    """The groups [{name, interval, slowest, median, rules}] over some minutes from the end of the past on; and what it cost:
    cores that Prometheus used, and the busy share of the machine, other work included."""
    folder = pathlib.Path(folder)
    intervals = rules(folder / "rules")
    wait = fleet.end - time.time()
    if wait > 0:
        print(f"     {wait:.0f} s until the past ends", file=sys.stderr, flush=True)
        time.sleep(wait)
    server = serve(Hosts(fleet))
    address = f"127.0.0.1:{server.server_address[1]}"
    targets = "\n".join(f"    - targets: ['{address}']\n      labels: {{instance: {name}, __param_host: {name}}}"
                        for name in map(fleet.instance, range(fleet.hosts)))
    config = (f"global: {{scrape_interval: {SCRAPE}s, evaluation_interval: 1m}}\nrule_files: ['{folder}/rules/*.yml']\n"
              f"scrape_configs:\n- job_name: bottleneck\n  static_configs:\n{targets}\n")
    seen, problems, before = {}, set(), None
    with Prometheus(folder, config=config, options=NO_COMPACTION) as prometheus:
        until = time.monotonic() + 60 * minutes
        warm = time.monotonic() + 60 * min(6, minutes / 2)  # windows of five minutes are full then
        while time.monotonic() < until:
            time.sleep(10)
            groups = json.load(urllib.request.urlopen(prometheus.url + "/api/v1/rules", timeout=120))["data"]["groups"]
            problems |= {f"{rule['name']}: {rule['lastError']}" for g in groups for rule in g["rules"] if rule.get("lastError")}
            if time.monotonic() > warm:
                before = before or (time.monotonic(), *used(prometheus.process))
                for g in groups:
                    seen.setdefault(g["name"], {"rules": len(g["rules"])})[g["lastEvaluation"]] = g["evaluationTime"]
        now = (time.monotonic(), *used(prometheus.process))
        seconds, own, busy, all_ = (b - a for a, b in zip(before, now))
    server.shutdown()
    for problem in sorted(problems):
        print(f"     {problem}", flush=True)
    rows = []
    for name, found in seen.items():
        count = found.pop("rules")
        times = sorted(found.values())
        rows.append({"name": name, "interval": intervals[name], "rules": count, "slowest": times[-1], "median": times[len(times) // 2], "evaluations": len(times)})
    return sorted(rows, key=lambda row: -row["median"] / row["interval"]), {"cores": own / seconds, "busy": busy / all_}
