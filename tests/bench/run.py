#!/usr/bin/env python3
"""Rows 1 to 12 of the performance goals, each a ratio measured side by side in one window.

    tests/bench/run.py BUILD_DIR [--seconds 120] [--containers 100] [--rows 1,2,...] [--docker HOST]

Needs root and a running Docker engine with an image busybox:latest for rows 1-4, 6, 11 and 12 (tests/bench/run.sh
starts one); rows 5 and 9 use plain cgroups. Peers are used where they are installed: cadvisor (or CADVISOR=PATH),
prometheus-node-exporter.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import measure as m

CGROUPFS = "/sys/fs/cgroup"
LABEL = "bottleneck.bench=1"
# Go's runtime collects at least each two minutes: a shorter window is decided by whether it holds a collection.
DAEMON_SECONDS = 120
# A container that forks four times a second, as the reference measurements used.
BUSY = "while :; do i=0; while [ $i -lt 40 ]; do i=$((i+1)); done; /bin/true; sleep 0.25; done"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if condition():
                return
        time.sleep(0.1)
    raise RuntimeError(f"waited {seconds} s for {what}")


class Bench:
    def __init__(self, arguments):
        self.build = pathlib.Path(arguments.build)
        self.seconds = arguments.seconds
        self.count = arguments.containers
        self.docker_host = arguments.docker
        self.rows = {}
        self.stack = contextlib.ExitStack()

    def note(self, row, what, value, goal, detail):
        self.rows[row] = (what, value, goal, detail)
        print(f"row {row}: {what}: {value:.3g} (goal {goal}) {detail}", flush=True)

    # --- processes ------------------------------------------------------------------------------------------------
    def start(self, command, **options):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
        self.stack.callback(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def exporter(self, *flags, engine=False, group=None):
        port = free_port()
        command = [str(self.build / "exporter/bottleneck_exporter"), f"--web.listen-address=127.0.0.1:{port}",
                   "--storage.path=", "--log.level=error", *flags]
        if engine:
            command.append(f"--docker.host={self.docker_host}")
        process = self.start(group.command(command) if group else command)
        url = f"http://127.0.0.1:{port}/metrics"
        wait_until(lambda: m.get(url.replace("/metrics", "/-/ready"))[1] == 200, 30, "the exporter to be ready")
        return process, url

    def docker(self, *words):
        return subprocess.run(["docker", "-H", self.docker_host, *words], check=True, capture_output=True, text=True).stdout

    def remove_containers(self):
        ids = self.docker("ps", "-aq", "--filter", f"label={LABEL}").split()
        for i in range(0, len(ids), 20):
            subprocess.run(["docker", "-H", self.docker_host, "rm", "-f", *ids[i:i + 20]], capture_output=True)

    def scrape_every(self, urls, interval, stop):
        while not stop.wait(interval):
            for url in urls:
                with contextlib.suppress(OSError):
                    m.get(url, {"Accept-Encoding": "gzip"})

    # --- rows -----------------------------------------------------------------------------------------------------
    def with_containers(self):
        self.remove_containers()
        self.stack.callback(self.remove_containers)
        print(f"starting {self.count} containers", flush=True)
        for i in range(self.count):
            self.docker("run", "-d", "--label", LABEL, "--network", "bridge", "--name", f"bench-{i:03d}", "-m", "64m",
                        "busybox:latest", "/bin/sh", "-c", BUSY)
        daemon = m.dockerd_pids()
        time.sleep(10)
        baseline = m.cpu_share({"daemon": daemon}, DAEMON_SECONDS)["daemon"]

        with_engine, engine_url = self.exporter(engine=True)
        stop = threading.Event()
        scraper = threading.Thread(target=self.scrape_every, args=([engine_url], 15, stop))
        scraper.start()
        time.sleep(15)
        share = m.cpu_share({"daemon": daemon, "exporter": with_engine.pid}, DAEMON_SECONDS)
        stop.set()
        scraper.join()
        above = max(0.0, share["daemon"] - baseline)
        self.note(3, "daemon CPU above its baseline / exporter CPU", above / share["exporter"], "<= 0.1",
                  f"daemon {baseline:.3%} -> {share['daemon']:.3%}, exporter {share['exporter']:.3%} of a core")

        unscraped, _ = self.exporter()
        plain, plain_url = self.exporter()
        floor, paced = (self.start([str(self.build / "tests/bench/floor"), CGROUPFS, "docker", "/proc", *more])
                        for more in ([], ["paced"]))
        pids = {"sampling": unscraped.pid, "plain": plain.pid, "engine": with_engine.pid, "floor": floor.pid,
                "paced floor": paced.pid}
        urls = [plain_url, engine_url]
        cadvisor = m.tool("cadvisor")
        if cadvisor:
            port = free_port()
            peer = self.start([cadvisor, f"--port={port}", "--listen_ip=127.0.0.1"],
                              env={**os.environ, "DOCKER_HOST": self.docker_host})
            pids["cadvisor"] = peer.pid
            urls.append(f"http://127.0.0.1:{port}/metrics")
            wait_until(lambda: m.get(urls[-1])[1] == 200, 60, "cadvisor")
        node = m.tool("prometheus-node-exporter")
        node_url = None
        if node:
            port = free_port()
            node_process = self.start([node, f"--web.listen-address=127.0.0.1:{port}"])
            node_url = f"http://127.0.0.1:{port}/metrics"
            wait_until(lambda: m.get(node_url)[1] == 200, 30, "node_exporter")
            pids["node_exporter"] = node_process.pid
            urls.append(node_url)
        stop = threading.Event()
        scraper = threading.Thread(target=self.scrape_every, args=(urls, 15, stop))
        scraper.start()
        time.sleep(20)
        share = m.cpu_share(pids, self.seconds)
        stop.set()
        scraper.join()
        shares = ", ".join(f"{name} {value:.3%}" for name, value in share.items())
        self.note(1, "sampling CPU / floor", share["sampling"] / share["floor"], "<= 1.5", shares)
        if cadvisor:
            self.note(2, "CPU scraped / cAdvisor", share["plain"] / share["cadvisor"], "<= 1/25 = 0.04",
                      f"1/{share['cadvisor'] / share['plain']:.0f}")
        else:
            self.note(2, "CPU scraped / floor (no cadvisor here)", share["plain"] / share["floor"], "<= 2", "")
        rss = {name: m.rss_bytes(pid) / 1e6 for name, pid in pids.items()}
        self.note(4, "RSS without the engine's API, MB", rss["plain"], "<= 10 / 18 with",
                  "MB: " + ", ".join(f"{name} {value:.1f}" for name, value in rss.items()))
        if node_url:
            took = m.latencies({"exporter": plain_url, "node_exporter": node_url}, 40, 1.2)
            self.note(6, "scrape latency / node_exporter", m.median(took["exporter"]) / m.median(took["node_exporter"]),
                      "<= 0.7", ", ".join(f"{n} median {m.median(v):.2f} ms p95 {v[int(len(v) * .95)]:.2f} ms"
                                          for n, v in took.items()))
        self.half_requests(plain_url)
        self.first_sample()

    def half_requests(self, url):
        port = int(re.search(r":(\d+)/", url).group(1))
        alone = m.latencies({"alone": url}, 30, 0.05)["alone"]
        stuck = []
        for _ in range(16):
            s = socket.create_connection(("127.0.0.1", port))
            s.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Half: ")
            stuck.append(s)
        behind = m.latencies({"behind": url}, 30, 0.05)["behind"]
        for s in stuck:
            s.close()
        self.note(12, "scrape latency behind 16 half-sent requests / alone", m.median(behind) / m.median(alone), "<= 2",
                  f"alone {m.median(alone):.2f} ms, behind {m.median(behind):.2f} ms, worst {behind[-1]:.2f} ms")

    def first_sample(self):
        """From `docker run` to the first sample (the exporter's debug log) and to the engine's own start event."""
        log = self.stack.enter_context(open("/tmp/bottleneck_bench.log", "w+"))
        process = subprocess.Popen(
            [str(self.build / "exporter/bottleneck_exporter"), f"--web.listen-address=127.0.0.1:{free_port()}",
             "--storage.path=", "--log.level=debug", f"--docker.host={self.docker_host}"],
            stdout=subprocess.DEVNULL, stderr=log)
        self.stack.callback(self.stop, process)
        events = subprocess.Popen(["docker", "-H", self.docker_host, "events", "--filter", "event=start", "--format",
                                   "{{.ID}}"], stdout=subprocess.PIPE, text=True)
        self.stack.callback(self.stop, events)
        time.sleep(3)
        seen_event = {}

        def follow():
            for line in events.stdout:
                seen_event[line.strip()] = time.time()

        threading.Thread(target=follow, daemon=True).start()
        started = {}
        for i in range(20):
            begin = time.time()
            started[self.docker("run", "-d", "--rm", "--label", LABEL, "busybox:latest", "sleep", "30").strip()] = begin
            time.sleep(0.3)
        time.sleep(1)
        text = pathlib.Path(log.name).read_text()
        ratios, details = [], []
        for container, begin in started.items():
            found = re.search(r"^ts=(\S+) .*first sample.*" + container, text, re.M)
            if not found or container not in seen_event:
                continue
            stamp = found.group(1)
            sampled = time.mktime(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone + float("0" + stamp[19:-1])
            ratios.append((sampled - begin) / (seen_event[container] - begin))
            details.append((sampled - begin, seen_event[container] - begin))
        if not ratios:
            raise RuntimeError("row 11: no container was seen")
        ratio = m.median(ratios)
        self.note(11, "container start to first sample / to the engine's start event", ratio, "<= 1.0",
                  f"{len(ratios)} starts, median {m.median([a for a, _ in details]) * 1e3:.0f} ms"
                  f" against {m.median([b for _, b in details]) * 1e3:.0f} ms")

    def plain(self, count):
        parent = f"bnbench{count}"
        load = subprocess.Popen([str(self.build / "tests/bench/load"), CGROUPFS, parent, str(count)],
                                stdout=subprocess.PIPE, text=True)
        try:
            assert load.stdout.readline().startswith("ready")
            time.sleep(2)
            group = m.MemoryGroup(f"bnbench-memory{count}")
            before = group.kernel_bytes()
            # 1000 busy containers are worth more than the default budget: without a larger one the pulse would slow.
            config = self.stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".yml"))
            config.write("sampling:\n  cpu_budget_cores: 1\n")
            config.flush()
            exporter, url = self.exporter(f"--discovery.cgroups=/{parent}/.*", f"--config.file={config.name}",
                                          group=group)
            time.sleep(15)
            for _ in range(3):
                m.get(url)
            share = m.cpu_share({"exporter": exporter.pid}, self.seconds / 2)["exporter"]
            interval = re.search(rb"(?m)^\w+_sampling_interval_seconds (\S+)", m.get(url)[2]).group(1)
            if float(interval) != 1:
                raise RuntimeError(f"the CPU budget slowed the pulse to {interval}: the figure would flatter")
            memory = m.rss_bytes(exporter.pid)
            kernel = group.kernel_bytes() - before
            group.reclaim()
            held = group.kernel_bytes() - before
            self.stop(exporter)
            group.remove()
            return share, memory, kernel, held
        finally:
            self.stop(load)

    def with_plain_cgroups(self):
        result = {count: self.plain(count) for count in (10, 100, 1000)}
        per = {count: (share - 0) / count for count, (share, *_) in result.items()}
        self.note(9, "CPU per container at 1000 / at 10 plain cgroups", per[1000] / per[10], "<= 1.2",
                  ", ".join(f"{c}: {s:.3%} of a core" for c, (s, *_) in result.items()))
        rss, kernel, held = ((result[1000][part] - result[100][part]) / 900 / 1024 for part in (1, 2, 3))
        self.note(5, "RSS and kernel memory per container from 100 to 1000, kB", rss + kernel, "<= 64",
                  f"RSS {rss:.1f} kB, kernel {kernel:.1f} kB, of which {held:.1f} kB are held")

    def micro(self):
        # Into a file: the load that it starts speaks on standard output.
        out = self.stack.enter_context(tempfile.NamedTemporaryFile("r", suffix=".json"))
        subprocess.run([str(self.build / "tests/bench/micro_bench"), f"--benchmark_out={out.name}",
                        "--benchmark_out_format=json", "--benchmark_min_time=1"], capture_output=True, check=True)
        times = {b["name"].split("/")[0]: b for b in json.load(out)["benchmarks"]}
        series = {name: b["cpu_time"] / b["series"] for name, b in times.items() if "series" in b}
        self.note(7, "exposition CPU per series / append reference",
                  series["exposition"] / series["append_reference"], "<= 2",
                  f"{series['exposition']:.1f} ns against {series['append_reference']:.1f} ns a series")
        self.note(8, "gzip CPU / zlib level 6 of the same body", times["gzip"]["cpu_time"] / times["zlib_6"]["cpu_time"],
                  "<= 0.3", f"{times['gzip']['size']:.0f} bytes against {times['zlib_6']['size']:.0f}")
        steady = times["steady_pass"]
        self.note(13, "analysis / one sampling pass of the same containers", steady["judged_ratio"], "<= 0.5",
                  f"{steady['judged_ns'] / steady['containers'] / 1e3:.1f} us a container and second")
        self.note(10, "heap allocations in a steady pass", times["steady_pass"]["allocations"], "0",
                  f"{times['steady_pass']['containers']:.0f} containers, {times['steady_pass']['cpu_time'] / 1e3:.0f} us a pass")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--containers", type=int, default=100)
    parser.add_argument("--docker", default=os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"))
    parser.add_argument("--only", default="micro,plain,containers")
    arguments = parser.parse_args()
    bench = Bench(arguments)
    only = arguments.only.split(",")
    with bench.stack:
        if "micro" in only:
            bench.micro()
        if "plain" in only:
            bench.with_plain_cgroups()
        if "containers" in only:
            bench.with_containers()
    kernel = os.uname().release
    print(f"\n{time.strftime('%Y-%m-%d')}, Linux {kernel}, {os.cpu_count()} CPUs, {arguments.containers} containers\n")
    print("| # | ratio | measured | goal | detail |\n|---|---|---|---|---|")
    for row in sorted(bench.rows):
        what, value, goal, detail = bench.rows[row]
        print(f"| {row} | {what} | {value:.3g} | {goal} | {detail} |")


if __name__ == "__main__":
    sys.exit(main())
