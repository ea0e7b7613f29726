#!/usr/bin/env python3
"""A healthy host that is busy: nothing but the watchdog fires. See busy.sh.

Services run all the time; meanwhile an image is built, a backup reads through the page cache, a warm-up allocates fast,
short jobs come in a burst, containers are replaced one by one, and exporter, Prometheus and engine are restarted.

Two Prometheus look at the same exporter: one with the durations as shipped, for what is told at once or within half an
hour (kills, restarts, health, collectors, the exporter itself), and one for which a minute is 8 s (rules/shorten.py), so
that it comes to the alerts on saturation, which ask for an hour of history, as well.
"""
import argparse
import datetime
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from hosts import Host, build_load, versions
from alertmanager import Alertmanager  # noqa: E402  (hosts.py makes the tests' rooms importable)
from harness.wait import until  # noqa: E402
from prometheus import Prometheus  # noqa: E402
from receiver import Receiver  # noqa: E402

INSTANCE, WATCHDOG = "busy:10110", "BottleneckWatchdog"
SERVICES = "db|cache|idle|web-[123]"
KEEP = ["--restart", "unless-stopped"]
WEB = ["load", "pulse", "10", "90"]
DOCKERFILE = """FROM bn-load:1
RUN dd if=/dev/urandom of=/data/source bs=1M count=48 && gzip -1 -c /data/source >/data/source.gz
RUN for i in 1 2 3; do sha256sum /data/source.gz; gzip -d -c /data/source.gz | md5sum; done
RUN mkdir /data/tree && for i in $(seq 400); do echo $i >/data/tree/$i; done && tar -cf /data/tree.tar /data/tree
CMD ["load", "hold"]
"""


class BusyHost(Host):
    """What happens on it."""

    def services(self):
        wal = 'trap "exit 0" TERM; while :; do dd if=/dev/zero of=/data/wal bs=8k count=1 conv=fsync 2>/dev/null; sleep 0.1; done'
        with ThreadPoolExecutor(2) as starters:
            for done in [starters.submit(job) for job in [
                lambda: self.run("db", "sh", "-c", wal, options=[*KEEP, "-m", "128m"]),
                lambda: self.run("cache", "load", "anon", "60", options=[*KEEP, "-m", "100m", "--memory-swap", "100m"]),
                lambda: self.run("idle", "load", "hold", options=KEEP),
                *(lambda n=n: self.web(n, "bn-load:1") for n in (1, 2, 3))]]:
                done.result()

    def web(self, number, image):
        self.run(f"web-{number}", *WEB, image=image, options=[
            *KEEP, "--cpus", "0.5", "-m", "64m", "--health-cmd", "true", "--health-interval", "5s"])

    # --- each takes at least some of `seconds`, and ends

    def build(self, seconds):
        """An image is built on one CPU, without the cache of the one before"""
        folder = self.work / "build"
        folder.mkdir(exist_ok=True)
        (folder / "Dockerfile").write_text(DOCKERFILE)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            subprocess.run(["docker", "-H", self.engine.host, "build", "--no-cache", "--network", "none", "--cpu-quota", "100000", "-q", "-t", "built:1", folder],
                           check=True, capture_output=True, timeout=600, env={"DOCKER_BUILDKIT": "0", "PATH": "/usr/bin:/bin:/usr/sbin:/usr/local/bin"})

    def backup(self, seconds):
        """A backup reads 256 MB again and again through a page cache of at most 64 MB"""
        line = ("dd if=/dev/zero of=/data/big bs=1M count=256 2>/dev/null; "
                f"end=$(( $(date +%s) + {seconds:.0f} )); while [ $(date +%s) -lt $end ]; do tar -cf - /data/big 2>/dev/null | cat >/dev/null; done")
        self.engine.docker("run", "--rm", "--name", "backup", "--label", "bn.test=alerts", "-m", "64m", "bn-load:1", "sh", "-c", line,
                           timeout=600)

    def warm_up(self, seconds):
        """A new container allocates 300 of its 400 MB as fast as it can, and keeps them"""
        self.run("warm", "load", "anon", "300", options=["-m", "400m", "--memory-swap", "400m"])
        time.sleep(seconds)
        self.engine.docker("rm", "-f", "warm")

    def short_jobs(self, seconds):
        """Jobs of a second, three at a time"""
        end, job = time.monotonic() + seconds, ["run", "--rm", "--label", "bn.test=alerts", "bn-load:1", "sh", "-c", "sha256sum /bin/load; sleep 0.3"]

        def jobs():
            count = 0
            while time.monotonic() < end:
                self.engine.docker(*job)
                count += 1
            return count
        with ThreadPoolExecutor(3) as three:
            return f"{sum(done.result() for done in [three.submit(jobs) for _ in range(3)])} of them"

    def rolling(self, _):
        """Three replicas are replaced one by one by a new image"""
        self.image = "bn-load:2" if getattr(self, "image", "bn-load:1") == "bn-load:1" else "bn-load:1"
        for number in (1, 2, 3):
            self.engine.docker("rm", "-f", f"web-{number}")
            self.web(number, self.image)
            until("the replica to be healthy", 60, lambda n=number: self.engine.inspect(f"web-{n}")["State"]["Health"]["Status"] == "healthy")
        return self.image

    def restart_exporter(self, _):
        """The exporter is restarted"""
        self.exporter.stop()
        self.exporter.start()

    def restart_engine(self, _):
        """The engine is restarted, and with it every container"""
        command = pathlib.Path(f"/proc/{self.engine.pid}/cmdline")
        os.kill(self.engine.pid, signal.SIGTERM)
        until("the engine to end", 120, lambda: not command.exists() or not command.read_bytes())
        self.daemon = self.engine.restart_daemon()
        until("the engine to answer", 120, lambda: self.engine.api("/version"))
        until("the services to be back", 120, lambda: self.engine.inspect("web-1")["State"]["Running"] and self.engine.inspect("db")["State"]["Running"])


class Run:
    def __init__(self, host, minutes, work):
        self.host, self.work, self.total = host, work, 60 * minutes
        self.length = max(10.0, min(60.0, self.total / 30))  # of one activity
        self.shipped = self.short = None
        self.happened = []

    def plan(self):
        """(share of the time, what happens). The engine early: alerts on saturation look at who did not start for an hour."""
        host = self.host
        return [(0.02, host.restart_engine), (0.08, host.rolling), (0.16, host.restart_exporter), (0.20, self.restart_prometheus),
                (0.26, host.build), (0.34, host.backup), (0.42, host.warm_up), (0.48, host.short_jobs),
                (0.60, host.build), (0.62, host.backup), (0.70, host.warm_up), (0.72, host.short_jobs),
                (0.82, host.restart_exporter), (0.87, host.rolling), (0.95, self.restart_prometheus)]

    def restart_prometheus(self, _):
        """Prometheus is restarted"""
        for prometheus in (self.shipped, self.short):
            prometheus.stop()
            prometheus.start()

    def act(self, what, begin):
        since = time.monotonic()
        said = what(self.length)
        took = time.monotonic() - since
        title = what.__doc__.split("\n")[0] + (f": {said}" if said else "")
        self.happened.append((since - begin, took, title))
        print(f"     {since - begin:5.0f} s  {title} ({took:.0f} s)", flush=True)

    def happen(self):
        """Two things may happen at once, restarts alone."""
        begin = time.monotonic()
        with ThreadPoolExecutor(3) as hands:
            doing = []
            for share, what in self.plan():
                time.sleep(max(0.0, begin + share * self.total - time.monotonic()))
                if what.__name__.startswith("restart"):
                    for done in doing:
                        done.result()
                    doing = []
                    self.act(what, begin)
                else:
                    doing.append(hands.submit(self.act, what, begin))
            for done in doing:
                done.result()
        time.sleep(max(0.0, begin + self.total - time.monotonic()))


def seen(prometheus, state, seconds):
    """(alert, container) that were in this state at any time."""
    return sorted({(m["alertname"], m.get("name", "")) for m, _ in prometheus.query(
        f'max_over_time(ALERTS{{alertstate="{state}",alertname!="{WATCHDOG}"}}[{seconds:.0f}s])')})


def highest(prometheus, seconds):
    """The nearest that anything came to an alert on saturation."""
    return [(m["name"], m["resource"], value) for m, value in sorted(prometheus.query(
        f'topk(5, max by (name, resource) (max_over_time(bottleneck_score{{resource!="lifecycle"}}[{seconds:.0f}s])))'),
        key=lambda sample: -sample[1])]


def listed(pairs):
    return ", ".join(f"{alert} ({name})" if name else alert for alert, name in pairs) or "none"


def report(path, run, minutes, results, version, settled):
    lines = ["# A busy healthy host", "",
             f"`tests/alerts/busy.sh --minutes {minutes:g}`, {datetime.date.today().isoformat()}. What it is: `busy.py`.", "",
             f"Linux {version['kernel']} with cgroup {version['cgroup']}, {os.cpu_count()} CPUs, load average "
             f"{os.getloadavg()[2]:.1f} over the last 15 minutes (all that runs on the machine); {version['engine']}; "
             f"{version['Prometheus']}; {version['Alertmanager']}.", "",
             "| at | took | what happened |", "|---|---|---|"]
    lines += [f"| {at / 60:.1f} min | {took:.0f} s | {title} |" for at, took, title in sorted(run.happened)]
    lines += ["", "| durations | fired | were pending for a while | highest scores |", "|---|---|---|---|"]
    for title, (fired, pending, scores) in results.items():
        near = ", ".join(f"{name} {resource} {value:.2f}" for name, resource, value in scores)
        lines.append(f"| {title} | {listed(fired)} | {listed(pending)} | {near} |")
    lines += ["", f"Fired besides {WATCHDOG}, which fired all the time: {listed(sorted({f for r in results.values() for f in r[0]}))}. "
              f"Services that alerts on saturation looked at: {settled}.", ""]
    pathlib.Path(path).write_text("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--report", help="Markdown to write")
    options = parser.parse_args()
    passed = failed = 0

    def check(condition, title, detail=""):
        nonlocal passed, failed
        passed, failed = passed + bool(condition), failed + (not condition)
        print(f"{'ok  ' if condition else 'FAIL'} {title}" + (f"\n     {detail}" if not condition and detail else ""), flush=True)

    with tempfile.TemporaryDirectory(prefix="busy.", dir=os.environ.get("BOTTLENECK_TEST_STATE", "/var/tmp/bottleneck-tests")) as work, \
            Receiver() as receiver:
        host = BusyHost("busy", work, build_load(work))
        run = Run(host, options.minutes, work)
        try:
            host.prefer(16)
            host.start()
            host.services()
            host.watch()
            with Alertmanager(receiver, 1.0, 0.7) as alertmanager, \
                    Prometheus({INSTANCE: host.address()}, alertmanager.port, 60, 1.0, 5.0) as run.shipped, \
                    Prometheus({INSTANCE: host.address()}, alertmanager.port, 8, 0.7, 2.0) as run.short:
                run.happen()
                seconds, results = run.total + 60, {}
                for title, prometheus in (("as shipped", run.shipped), ("a minute is 8 s", run.short)):
                    fired = seen(prometheus, "firing", seconds)
                    results[title] = (fired, seen(prometheus, "pending", seconds), highest(prometheus, seconds))
                    check(not fired, f"durations {title}: nothing but the watchdog fired in {options.minutes:g} minutes", listed(fired))
                    check(not prometheus.rule_errors(), f"durations {title}: no rule failed", prometheus.rule_errors())
                settled = sorted(m["name"] for m, _ in run.short.query(
                    f'count_over_time(name:bottleneck_container_settled:count{{name=~"{SERVICES}"}}[{seconds:.0f}s])'))
                came = {a["labels"]["alertname"] for m in receiver.messages if isinstance(m["body"], dict) for a in m["body"].get("alerts", [])}
                check(came == {WATCHDOG}, "nothing but the watchdog was sent", came)
                check(len(settled) == 6, "all services were old enough for alerts on saturation at some time", settled)
                if options.report:
                    report(options.report, run, options.minutes, results, versions(), ", ".join(settled))
        finally:
            host.stop()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
