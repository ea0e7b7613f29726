#!/usr/bin/env python3
"""Sick workloads raise exactly the expected alerts: real containers of two hosts, the real exporters, a real Prometheus and
a real Alertmanager with the shipped files, a webhook receiver. Only durations are shorter, by rules/shorten.py.

Host alpha has one container for each sickness, and then too much load; beta has containers of the same names that are
well, and one that leaks; gamma is well, but its exporter lacks an engine, may not show all it sees, and has hardly any
budget. alpha's exporter is killed while everything fires, and comes back.
"""
import contextlib
import json
import re
import sys
import tempfile
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import live
from hosts import Host, build_load
from alertmanager import Alertmanager  # noqa: E402  (hosts.py makes the tests' rooms importable)
from harness.hostcgroups import disk_of  # noqa: E402
from prometheus import Prometheus  # noqa: E402
from receiver import Receiver  # noqa: E402
from shorten import short  # noqa: E402

# One minute is 3 s: 5m is 9 s, 15m is 20 s, 1h is 53 s. Shorter, and the exporter's own window of 60 s is longer than an hour.
MINUTE, POWER = 3.0, 0.7
# The exporter's holds, by its documented preset; a neighbour is named after one minute of five.
SETTINGS = "judgement: {demonstration: true, neighbour_minutes: 1}\nsampling: {cpu_budget_cores: 0.5}\n"
RESULTS = {"passed": 0, "failed": 0}
BEGIN = time.monotonic()
ALPHA, BETA, GAMMA = "alpha:10110", "beta:10110", "gamma:10110"


def check(condition, title, detail=""):
    RESULTS["passed" if condition else "failed"] += 1
    print(f"{'ok  ' if condition else 'FAIL'} {title}" + (f"\n     {detail}" if not condition and detail else ""), flush=True)
    return condition


def say(what):
    print(f"     {time.monotonic() - BEGIN:5.0f} s  {what}", flush=True)


def of(instance, *alerts):
    return {(instance, *alert) for alert in alerts}


# (instance, alert, container, severity)
SICK = of(ALPHA, ("BottleneckContainerHeldBack", "disk", "warning"), ("BottleneckContainerHeldBack", "forks", "warning"),
          ("BottleneckOomKilled", "oom", "critical"),
          ("BottleneckRestartLoop", "loop", "critical"), ("BottleneckContainerUnhealthy", "ill", "warning"),
          ("BottleneckMemoryLimitNear", "filling", "warning"), ("BottleneckBudgetBurn", "budget", "critical"))
ONCE = of(ALPHA, ("BottleneckOomKilled", "once", "warning"))
SHORT = of(ALPHA, ("BottleneckMemoryLimitNear", "filling", "warning"))  # cured first
BUSY = of(ALPHA, ("BottleneckHostPressure", "", "warning"), ("BottleneckNoisyNeighbour", "hog", "warning"))
LACKING = of(GAMMA, ("BottleneckCollectorFailing", "", "warning"), ("BottleneckSeriesCapReached", "", "warning"))
LEAK = of(BETA, ("BottleneckMemoryLeak", "leak", "warning"))
DOWN = of(ALPHA, ("BottleneckExporterDown", "", "warning"))
# Fires and is told nobody: silenced by something worse, or throttling alone.
SILENCED_SICK = of(ALPHA, ("BottleneckOomKilled", "oom", "warning"))
SILENCED_BUSY = of(ALPHA, ("BottleneckContentionVictim", "victim", "warning"), ("BottleneckContentionVictim", "other", "warning"))
THROTTLED = of(ALPHA, ("BottleneckContainerThrottled", "quota", "info"), ("BottleneckContainerThrottled", "budget", "info"))
# May fire besides: the slower windows of a burn, silenced by the fast one; the digest that an exporter costs too much,
# which is told within an hour; and the neighbour itself where the machine has more to do than this test.
BESIDES = (of(ALPHA, ("BottleneckBudgetBurn", "budget", "warning"), ("BottleneckBudgetBurn", "budget", "info"),
              ("BottleneckContentionVictim", "hog", "warning")) | of(GAMMA, ("BottleneckExporterOverBudget", "", "info")))
WATCHDOG = {("", "BottleneckWatchdog", "", "none")}

# What each message must say: the container, the cause, a number, and the change. A first kill is told within the second, perhaps
# a scrape before the recommendation: then the change is in words.
TEXTS = {
    "disk": r"^disk \(service disk\) on alpha:10110 has a score of (0\.[89]|1\.0)\d of 1 .*io \d.*% of the time.*Cause: io_limit\. Change: echo .* > .*(blkio\.throttle\.|io\.max)",
    "forks": r"^forks .*pids \d.*% of the time.*Cause: pids.*Change: docker update --pids-limit",
    "once": r"^once .*had 1 out-of-memory kill\(s\) within 10 minutes\. Limit 24MiB,.*Change: (docker update --memory|raise the memory limit)",
    "oom": r"^oom .*had \d+ out-of-memory kills within an hour\. Limit 24MiB,.*Change: docker update --memory",
    "loop": r"^loop .*started \d+ times within 15 minutes and last ended with exit code 3.*Change: ",
    "ill": r"^The health check of ill .*has failed for more than 5 minutes.*Change: ",
    "filling": r"^filling .*uses [5-9]\d\.?\d*% of its memory limit of \d+MiB.*it is full in \d+m.*Change: ",
    "budget": r"^budget on alpha:10110 violates its budget cpu \(objective 99%\).*at \d+\.\d times.*Cause: cpu_quota\. Change: docker update --cpus",
    "hog": r"^hog .*fits the hold-ups of: .*victim \(cpu, correlation 0\.\d+\).*It uses \d\.\d+ cores\. Change: ",
    "leak": r"^The floor of the memory of leak .*keeps rising: \d.*MiB now, \d.*MiB an hour ago, growing by \d.*Change: ",
    "BottleneckHostPressure": r"^On alpha:10110, \d services are held back.*CPU busy (\d\d|100).*Worst: .*victim.*Largest users of CPU: .*hog \(\d\.\d+ cores\).*Change: ",
    "BottleneckCollectorFailing": r"^The docker collector on gamma:10110 has failed for 15 minutes.*Change: run `bottleneck_exporter self-test`",
    "BottleneckSeriesCapReached": r"^The exporter on gamma:10110 leaves out 1 containers by its cap on containers.*Change: raise discovery.max_containers",
    "BottleneckExporterDown": r"^Prometheus could not scrape alpha:10110 .*Change: see whether the host is up",
}


def told(messages, status):
    """What arrived at webhooks with this status. Left out: the watchdog, and the first kill of several, which is told before
    the second makes it critical when it falls just before an evaluation."""
    return {(a["labels"].get("instance", ""), a["labels"]["alertname"], a["labels"].get("name", ""), a["labels"]["severity"])
            for message in list(messages) if isinstance(message["body"], dict) and "alerts" in message["body"]
            for a in message["body"]["alerts"] if a["status"] == status} - WATCHDOG - BESIDES - SILENCED_SICK


class Restarter(threading.Thread):
    """Starts the crashing container again and again, as an orchestrator would that does not wait longer each time."""

    def __init__(self, host, name):
        super().__init__(daemon=True)
        self.host, self.name, self.enough = host, name, threading.Event()
        self.start()

    def run(self):
        while not self.enough.wait(1):
            self.host.engine.docker("start", self.name, check=False)

    def stop(self):
        self.enough.set()
        self.join(60)


class Story:
    def __init__(self, alpha, beta, gamma, receiver):
        self.alpha, self.beta, self.gamma, self.receiver = alpha, beta, gamma, receiver
        self.prometheus = self.alertmanager = self.restarter = None
        self.active = []

    def firing(self):
        return {(m.get("instance", ""), m["alertname"], m.get("name", ""), m["severity"])
                for m, _ in self.prometheus.query('ALERTS{alertstate="firing"}')} - BESIDES

    def silenced(self):
        """Alertmanager's word: what something else inhibits."""
        return {(a["labels"].get("instance", ""), a["labels"]["alertname"], a["labels"].get("name", ""), a["labels"]["severity"])
                for a in self.alertmanager.alerts() if a["status"]["inhibitedBy"]}

    def until_firing(self, wanted, title, timeout):
        try:
            self.prometheus.wait(lambda: wanted <= self.firing(), title, timeout)
        except TimeoutError as problem:
            return check(False, title, f"{problem}: missing {wanted - self.firing()}, more {self.firing() - wanted}")
        return check(self.firing() == wanted, title, f"more than that: {self.firing() - wanted}")

    def until_told(self, wanted, title, timeout=60, status="firing"):
        try:
            self.receiver.wait(lambda messages: wanted <= told(messages, status), timeout)
        except TimeoutError:
            pass
        came = told(self.receiver.messages, status)
        return check(came == wanted, title, f"missing {wanted - came}, more {came - wanted}")

    # --- what happens

    def start_containers(self):
        tiny = ["-m", "24m", "--memory-swap", "24m", "--cpus", "0.05"]
        disk, _ = disk_of(self.alpha.engine.state)
        alpha, beta = self.alpha.run, self.beta.run
        slow = ["--device-write-bps", f"/dev/{disk}:1mb", "--device-read-bps", f"/dev/{disk}:1mb", "--label", "bottleneck.team=payments"]
        jobs = [
            lambda: alpha("web", "load", "hold"),
            lambda: alpha("disk", "load", "write", "/data/file", "4", options=slow, told=True),
            lambda: alpha("forks", "load", "hold", options=["--pids-limit", "20"]),
            lambda: alpha("once", "sh", "-c", "load anon 64; sleep 100000", options=tiny, told=True),
            lambda: alpha("oom", "load", "oom", "64", options=[*tiny[:-1], "0.2", "--cpu-shares", "8192"], told=True),
            lambda: alpha("loop", "sh", "-c", "while [ ! -e /tmp/sick ]; do sleep 1; done; exit 3"),
            lambda: alpha("ill", "load", "hold", options=["--health-cmd", "test ! -e /tmp/sick", "--health-interval", "1s", "--health-retries", "2"]),
            lambda: alpha("filling", "load", "grow", "80", "100", options=["-m", "144m", "--memory-swap", "144m"], told=True),
            lambda: alpha("quota", "load", "spin", "2", options=["--cpus", "0.05"], told=True),
            lambda: alpha("budget", "load", "spin", "1", options=["--cpus", "0.05", "--label", "bottleneck.budget.cpu=0.1"], told=True),
            lambda: alpha("hog", "load", "spin", "2", told=True),
            lambda: alpha("victim", "load", "spin", "1", options=["--cpu-shares", "64"], told=True),
            lambda: alpha("other", "load", "spin", "1", options=["--cpu-shares", "64"], told=True),
            lambda: alpha("leak", "load", "hold"),
            lambda: beta("leak", "load", "grow", "20", "150", options=["-m", "220m", "--memory-swap", "220m"]),
            lambda: beta("web", "load", "hold"),
            lambda: beta("oom", "load", "hold"),
            lambda: beta("disk", "load", "hold"),
        ]
        self.gamma.hold("one", "two", "three")
        with ThreadPoolExecutor(3) as starters:
            for done in [starters.submit(job) for job in jobs]:
                done.result()

    def healthy(self):
        self.until_firing(WATCHDOG, "all is well: nothing fires but the watchdog", 30)
        self.alpha.tell("filling")  # whose growth must be steady for a minute before it is foreseen where it leads
        self.prometheus.wait(lambda: len(self.prometheus.query(
            f'name:bottleneck_container_settled:count{{instance="{ALPHA}"}}')) == 14, "containers are settled", 150)
        say("settled")
        self.until_firing(LACKING | WATCHDOG, "before anything happens, only what gamma's exporter lacks fires", 60)

    def fall_sick(self):
        self.alpha.replace("forks", "load", "forks", "100000", options=["--pids-limit", "20"])
        self.alpha.tell("disk", "oom", "loop", "ill", "quota", "budget")
        self.restarter = Restarter(self.alpha, "loop")
        # Nothing sick, but something to see: a release, and a limit that is changed.
        self.alpha.replace("web", "load", "hold", image="bn-load:2")
        self.alpha.engine.docker("update", "--memory", "300m", "--memory-swap", "300m", "quota")
        wanted = SICK | SILENCED_SICK | THROTTLED | LACKING | WATCHDOG
        self.until_firing(wanted, "each sickness raises its alert, and nothing else fires", 200)
        say("all that is sick fires")
        self.until_told(SICK | LACKING, "each is told once; a throttled container and a lesser alert are told nobody")
        check(self.silenced() >= SILENCED_SICK, "Alertmanager holds back the lesser of two alerts on one container", self.silenced())

    def fall_short(self):
        self.alpha.tell("hog", "victim", "other")
        wanted = (SICK - SHORT) | SILENCED_SICK | THROTTLED | LACKING | WATCHDOG | BUSY | SILENCED_BUSY | LEAK
        # Took 152 s beside the other stages: who the neighbour is takes whole minutes of the exporter, the leak its three windows.
        self.until_firing(wanted, "a neighbour that takes all CPU: it, the host and the victims fire", 300)
        say("contention fires")
        self.until_told(SICK | ONCE | LACKING | BUSY | LEAK, "the host and the neighbour are told; the victims are not")
        check(self.silenced() >= SILENCED_BUSY, "Alertmanager holds the victims back", self.silenced())
        self.active = self.prometheus.active()
        passed, failed = live.check(f"http://127.0.0.1:{self.prometheus.port}")
        RESULTS["passed"] += passed
        RESULTS["failed"] += failed

    def one_kill(self):
        """Killed once, and well since: told, and resolved in its time."""
        self.alpha.tell("once")
        self.until_told(SICK | ONCE | LACKING, "one kill for lack of memory is a warning, told at once")
        self.alpha.cure("once", "filling")
        say("one kill")

    def texts(self):
        """What is told says who, why, how much, and what to do. Numbers and changes are those of the evaluation: what would be told
        now may know more than what was told first, before the exporter had watched long enough to recommend."""
        said = defaultdict(list)
        for alert in self.active:
            said[alert["labels"].get("name") or alert["labels"]["alertname"]].append(alert["annotations"])
        for message in list(self.receiver.messages):
            for a in message["body"].get("alerts", []) if isinstance(message["body"], dict) else []:
                if a["status"] == "firing":
                    said[a["labels"].get("name") or a["labels"]["alertname"]].append(a["annotations"])
        for key, pattern in TEXTS.items():
            texts = list(dict.fromkeys(annotations["description"] for annotations in said[key]))
            check(any(re.search(pattern, text) for text in texts),
                  f"the message about {key} says who, why, how much and what to change", "\n     ".join(texts) or "nothing came")
        links = [key for key, all_of_it in said.items() for annotations in all_of_it
                 if key in TEXTS and not (annotations.get("runbook_url") and annotations.get("dashboard_url"))]
        check(not links, "every message links to its runbook section and dashboard", links)
        check(all(m["path"] == "/team-payments" for m in self.receiver.messages if '"name": "disk"' in json.dumps(m["body"])),
              "the message about the container of team payments goes to that team alone")

    def lose_the_exporter(self):
        """Nothing is resolved for 5 minutes (as shortened) after it is killed, and the host's alerts wait behind its own."""
        before = told(self.receiver.messages, "resolved")
        self.alpha.exporter.kill()
        killed = time.monotonic()
        down = DOWN | told(self.receiver.messages, "firing")
        self.until_told(down, "an exporter that is killed is told of itself")
        say(f"told {time.monotonic() - killed:.0f} s after it was killed")
        time.sleep(max(0.0, killed + short(900, MINUTE, POWER) - time.monotonic()))
        gone = told(self.receiver.messages, "resolved") - before
        gone = {alert for alert in gone if alert[0] == ALPHA}
        check(not gone, "and resolves nothing, for 15 minutes as the rules count them", gone)
        check({alert for alert in self.firing() if alert[0] == ALPHA} - DOWN <= self.silenced(),
              "what still fires of that host waits behind it", self.firing() - self.silenced())

    def get_well(self):
        self.restarter.stop()
        self.alpha.cure("disk", "oom", "ill", "quota", "budget", "hog", "victim", "other")
        for name in ("forks", "loop"):
            self.alpha.replace(name, "load", "hold")
        self.alpha.exporter.start()
        self.until_told(SICK | ONCE | BUSY | DOWN, "when all is well again, each is resolved", 150, "resolved")
        say("resolved")
        self.prometheus.wait(lambda: self.firing() == LACKING | LEAK | WATCHDOG, "only what is still wrong fires", 60)
        check(not self.prometheus.rule_errors(), "no rule failed", self.prometheus.rule_errors())

    def kept_apart(self):
        """Everything that was ever told is of the host where it happened: web, disk, oom and leak are names of both."""
        ever = told(self.receiver.messages, "firing")
        check({a for a in ever if a[0] == BETA} == LEAK and not {a for a in ever if a[0] == ALPHA and a[2] in ("web", "leak")},
              "equal names of two hosts are kept apart", ever)

    def main(self):
        self.healthy()
        self.fall_sick()
        self.one_kill()
        self.fall_short()
        self.lose_the_exporter()
        self.texts()
        self.get_well()
        self.kept_apart()


def main():
    with tempfile.TemporaryDirectory(prefix="alerts.", dir="/var/tmp/bottleneck-tests") as work, Receiver() as receiver:
        load = build_load(work)
        alpha = Host("alpha", work, load, SETTINGS)
        beta = Host("beta", work, load, SETTINGS)
        gamma = Host("gamma", work, load, SETTINGS.replace("0.5", "0.0001") + "discovery: {max_containers: 2, cgroups: /.+}\n")
        with contextlib.ExitStack() as ending:
            for host in (alpha, beta, gamma):  # ended in the other order: the tools are in alpha
                ending.callback(host.stop)
            alpha.prefer(1)  # not more: its own load is meant to be too much
            alpha.start()
            beta.start()
            say("engines")
            story = Story(alpha, beta, gamma, receiver)
            story.start_containers()
            alpha.watch()
            beta.watch()
            gamma.watch("--docker.host=unix:///run/no-such-engine.sock")
            say("exporters")
            with Alertmanager(receiver, MINUTE, POWER) as alertmanager, \
                    Prometheus({ALPHA: alpha.address(), BETA: beta.address(), GAMMA: gamma.address()}, alertmanager.port, MINUTE, POWER, 1.0) as prometheus:
                story.prometheus, story.alertmanager = prometheus, alertmanager
                try:
                    story.main()
                finally:
                    if story.restarter:
                        story.restarter.stop()
    print(f"{RESULTS['passed']} passed, {RESULTS['failed']} failed")
    return 1 if RESULTS["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
