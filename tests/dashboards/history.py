#!/usr/bin/env python3
"""Writes the past of a made-up fleet as OpenMetrics text, for `promtool tsdb create-blocks-from openmetrics`.

  history.py [--hosts N] [--containers M] [--days D] [--step SECONDS] [--end EPOCH] --out FILE

Of every five containers one is held by its CPU limit (web), one waits for the disk (db), one leaks memory and is killed
(worker), two are well (cache, batch). Known events, all counted from the end:
  20 h  web is deployed: version 1.5.0, which needs 40 % more CPU (a regression)
  6 h   web breaks its budget cpu_p95 for half of the time
  12 h  a limit of db changes
The load follows a day with its top an hour before the end, so that the end looks alike at any time of day. The same arguments give the same text. For a
large fleet over weeks this is too much text: large_past.py.
"""
import argparse
import math
import sys
import time

KINDS = ("web", "db", "worker", "cache", "batch")
MIB = 1 << 20
GIB = 1 << 30
DEPLOY, BREACH, LIMITS = 20 * 3600, 6 * 3600, 12 * 3600
LEAK_PERIOD = 8 * 3600


class Text:
    """Collects the samples of one series after the other."""

    def __init__(self, out, times):
        self.out, self.times, self.samples, self.series = out, times, 0, 0

    def gauge(self, name, labels, value):
        """value(t) may be None: the sample is left out."""
        head = name + "{" + ",".join(f'{k}="{v}"' for k, v in labels.items()) + "} "
        lines = [f"{head}{v:.10g} {t}" for t in self.times if (v := value(t)) is not None]
        if lines:
            self.out.write("\n".join(lines) + "\n")
            self.samples += len(lines)
            self.series += 1

    def counter(self, name, labels, rate):
        """rate(t) a second; the counter starts at 0."""
        total, before = 0.0, self.times[0]

        def value(t):
            nonlocal total, before
            total += rate(t) * (t - before)
            before = t
            return total
        self.gauge(name, labels, value)


def day(t, end, phase=0.0):
    """The load of the day, 0.3 to 1."""
    return 0.65 + 0.35 * math.cos(2 * math.pi * (((t - end) / 3600 + 1 + phase) / 24))


def wobble(t, seed, by=0.08):
    """Repeatable noise around 1."""
    return 1 + by * math.sin(t / 613 + seed) + by * math.sin(t / 97 + 3 * seed)


class Container:
    def __init__(self, host, index, end):
        self.kind = KINDS[index % len(KINDS)]
        self.end, self.seed = end, host * 31 + index * 7
        self.name = f"shop-{self.kind}-{index // len(KINDS) + 1}"
        self.workload, self.team, self.leaks = f"shop/{self.kind}", "payments", self.kind == "worker"
        self.deployed, self.limit_changed, self.breach = end - DEPLOY, end - LIMITS, end - BREACH
        self.cpu_limit = {"web": 1.0, "db": 2.0, "worker": 1.0, "cache": 4.0, "batch": 2.0}[self.kind]
        self.memory_limit = {"web": 512, "db": 2048, "worker": 768, "cache": 4096, "batch": 1024}[self.kind] * MIB

    def day(self, t):
        return day(t, self.end, self.seed % 3)

    def wanted(self, t):
        need = {"web": 1.1, "db": 0.6, "worker": 0.4, "cache": 0.15, "batch": 0.5}[self.kind]
        if self.kind == "web" and t >= self.deployed:
            need *= 1.4
        return need * self.day(t) * wobble(t, self.seed)

    def cpu(self, t):
        return min(self.wanted(t), self.cpu_limit)

    def throttled(self, t):
        return max(0.0, 1 - self.cpu_limit / self.wanted(t)) if self.wanted(t) > self.cpu_limit else 0.0

    def leaked(self, t):
        """Share of the limit that the leak has taken; it is killed at 1."""
        return 0.35 + 0.65 * (((self.end - 1800 - t) % LEAK_PERIOD) * -1 % LEAK_PERIOD) / LEAK_PERIOD

    def memory(self, t):
        share = {"web": 0.55, "db": 0.6, "cache": 0.12, "batch": 0.4}.get(self.kind)
        return self.memory_limit * (self.leaked(t) if share is None else share * wobble(t, self.seed, 0.02))

    def disk(self, t):
        """Share of time that it waits for the disk."""
        return min(0.95, max(0.0, 1.1 * self.day(t) * wobble(t, self.seed, 0.1) - 0.35)) if self.kind == "db" else 0.01

    def scores(self, t):
        quota = min(1.0, self.throttled(t) * 2.2)
        leak = max(0.0, (self.leaked(t) - 0.75) / 0.25) * 0.95 if self.kind == "worker" else 0.05
        return {"cpu": quota, "memory": leak, "io": self.disk(t), "network": 0.02, "pids": 0.03,
                "lifecycle": 0.6 if self.kind == "worker" and self.leaked(t) < 0.37 else 0.0}

    def category(self, t):
        resource, score = max(self.scores(t).items(), key=lambda item: item[1])
        if score < 0.25:
            return "none"
        return {"cpu": "cpu_quota", "memory": "memory_leak", "io": "io", "lifecycle": "lifecycle"}[resource]

    def version(self, t):
        return "1.5.0" if self.kind == "web" and t >= self.deployed else "1.4.0"

    def open_since(self, position):
        """When its recommendation at this position was opened."""
        return self.end - (position * 3 + 1) * 9 * 3600

    def advice(self):
        return {
            "web": [("CPU_LIMIT_RAISE", 3, f"docker update --cpus 1.6 {self.name}"), ("REGRESSION", 2, f"compare image 1.5.0 of {self.name} with 1.4.0")],
            "db": [("IO_STALLED", 3, f"move the volume of {self.name} to a faster disk"), ("BUDGET_EXCEEDED", 2, f"see the budget of {self.name}")],
            "worker": [("MEM_LEAK_SUSPECTED", 4, f"take a heap profile of {self.name}"), ("MEM_OOM_KILLED", 3, f"docker update --memory 1g --memory-swap 1g {self.name}")],
            "cache": [("MEM_RIGHTSIZE_DOWN", 1, f"docker update --memory 768m --memory-swap 768m {self.name}"), ("CPU_RIGHTSIZE_DOWN", 1, f"docker update --cpus 0.5 {self.name}")],
        }.get(self.kind, [])


TITLES = {
    "CPU_LIMIT_RAISE": ("cpu", "The CPU limit takes time that the container wants"),
    "REGRESSION": ("regression", "The new image needs more than the one before"),
    "IO_STALLED": ("io", "The container waits for the disk"),
    "BUDGET_EXCEEDED": ("budget", "A performance budget is exceeded"),
    "MEM_LEAK_SUSPECTED": ("memory", "Memory only grows"),
    "MEM_OOM_KILLED": ("memory", "A process was killed for lack of memory"),
    "MEM_RIGHTSIZE_DOWN": ("cost", "The memory limit is larger than it needs to be"),
    "CPU_RIGHTSIZE_DOWN": ("cost", "The CPU limit is larger than it needs to be"),
}


def main():
    from history_series import write_container, write_host
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option, default in (("hosts", 3), ("containers", 5), ("days", 2), ("step", 120), ("end", 0)):
        parser.add_argument(f"--{option}", type=int, default=default)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    end = (options.end or int(time.time())) // options.step * options.step
    times = range(end - options.days * 86400, end + 1, options.step)
    with open(options.out, "w", encoding="utf-8") as out:
        text = Text(out, times)
        for host in range(options.hosts):
            scrape = {"job": "bottleneck", "instance": f"host-{host + 1:02d}"}
            containers = [Container(host, index, end) for index in range(options.containers)]
            write_host(text, scrape, containers)
            for container in containers:
                write_container(text, scrape, container)
        out.write("# EOF\n")
    print(f"{text.series} series, {text.samples} samples, until {end}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
