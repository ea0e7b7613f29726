"""The hosts and containers of a large fleet by class, and what is recorded above single containers. See large_past.py."""
from collections import Counter

from history import KINDS
from history_series import write_host
from large_series import BLOCK, DAY, HOUR, TODAY, Gather, Kind, of_container

SICK_EVERY = 5  # every fifth host has containers that are held back: 12 % of all
SERVICES = 10   # hosts that share a service


class Fleet:
    def __init__(self, hosts, containers, days, end):
        self.hosts, self.containers, self.days, self.end = hosts, containers, days, end
        self.special = hosts // 2 // SICK_EVERY * SICK_EVERY
        self.classes, self.mixes = {}, {}
        for host in range(hosts):
            self.mixes.setdefault(self.sort(host), [self.kind_of(host, index) for index in range(containers)])

    def sort(self, host):
        return "special" if host == self.special else "sick" if host % SICK_EVERY == 0 else "well"

    def kind_of(self, host, index):
        """The class of a container; the one with the known events is alone in its own."""
        special = host == self.special and index == 0
        key = (index % len(KINDS), index // len(KINDS) % 3, host % SICK_EVERY == 0, special)
        if key not in self.classes:
            self.classes[key] = Kind(index, self.end, key[2], special)
        return self.classes[key]

    @staticmethod
    def instance(host):
        return f"host-{host + 1:03d}"

    @staticmethod
    def name(index):
        return f"shop-{KINDS[index % len(KINDS)]}-{index // len(KINDS) + 1}"

    @staticmethod
    def service(host, index):
        return f"shop{host // SERVICES}/{KINDS[index % len(KINDS)]}-{index // len(KINDS) + 1}"

    def watched(self, host, index):
        """The first container of each kind on the host of the known events, and a second one: all they have, as dense as it is scraped."""
        return host == self.special and index < 2 * len(KINDS)

    def groups(self):
        """(series, members as triples) of classes of containers and of hosts; every series of the fleet is in one of them."""
        members = {}
        for host in range(self.hosts):
            for index in range(self.containers):
                key = (self.kind_of(host, index), self.watched(host, index))
                members.setdefault(key, []).append((self.instance(host), self.name(index), self.service(host, index)))
        for (kind, watched), these in members.items():
            yield of_container(kind, self.days, watched), these
        for sort, mix in self.mixes.items():
            yield self.of_host(mix), [(self.instance(h), "", "") for h in range(self.hosts) if self.sort(h) == sort]
        yield self.of_services()
        yield self.above(), [("", "", "")]

    def of_host(self, mix):
        g = Gather(self.days, self.end, False)
        scrape = {"job": "bottleneck", "instance": "@HOST@"}
        write_host(g, scrape, mix)
        counted = Counter(mix)
        sick = [(c, n) for c, n in counted.items() if c.sick]
        total = lambda value: lambda t: sum(n * value(c, t) for c, n in counted.items())
        held_by = lambda resource: lambda t: sum(n for c, n in sick if c.scores(t)[resource] >= 0.5) or None
        today = lambda name, value, **more: g.record(name, value, 60, (TODAY, 0), (7 * DAY + HOUR, 7 * DAY - HOUR), **{**scrape, **more})
        today("instance:bottleneck_exporter_up:max", lambda t: 1)
        today("instance:bottleneck_containers:count", lambda t: len(mix))
        today("instance:bottleneck_host_cpus:max", lambda t: 8)
        today("instance:bottleneck_host_cpu_busy:ratio_rate5m", lambda t: 0.5)
        today("instance:bottleneck_host_memory_available:ratio", lambda t: 0.4)
        today("instance:bottleneck_container_cpu_usage_seconds:sum_rate5m", total(lambda c, t: c.cpu(t)))
        today("instance:bottleneck_saving_cpu_cores:sum", total(lambda c, t: 3.5 if c.kind == "cache" else 0))
        today("instance:bottleneck_saving_memory_bytes:sum", total(lambda c, t: 3328 << 20 if c.kind == "cache" else 0))
        today("instance:bottleneck_overall_score:max", lambda t: max(max(c.scores(t).values()) for c in counted))
        today("instance:bottleneck_containers_held_back:count", lambda t: sum(n for c, n in sick if max(c.scores(t).values()) >= 0.5) or None)
        for resource in ("cpu", "memory", "io"):
            today("instance_resource:bottleneck_host_pressure_waiting_seconds:rate5m", lambda t: 0.1, resource=resource)
            today("instance_resource:bottleneck_containers_held_back:count", held_by(resource), resource=resource)
        weeks = lambda name, value, step, *spans, **more: g.record(name, value, step, *spans, **{**scrape, **more})
        weeks("instance:bottleneck_observed_seconds:sum15m_rate5m", lambda t: 15 * len(mix), BLOCK)
        for resource in ("cpu", "memory", "io", "lifecycle"):
            weeks("instance_resource:bottleneck_held_back_seconds:sum15m_rate5m", lambda t, h=held_by(resource): 15 * n if (n := h(t)) else None, BLOCK, resource=resource)
        for metric, suffix, value in (("cpu_usage_seconds", "avg1h_rate5m", total(lambda c, t: c.cpu(t))), ("memory_unreclaimable_bytes", "avg1h", total(lambda c, t: c.memory(t)))):
            weeks(f"instance:bottleneck_container_{metric}:sum_{suffix}", value, 300)
            weeks(f"instance:bottleneck_container_{metric}:sum_median4w", lambda t, value=value: value(t - 7 * DAY), 300, (max(0, (self.days - 21) * DAY), 0))
        for severity in range(1, 5):
            since = [(c.open_since(place), n) for c, n in counted.items() for place, row in enumerate(c.advice()) if row[1] == severity]
            g.record("instance_severity:bottleneck_recommendations_open:count",
                     lambda t, since=since: sum(n for begin, n in since if t >= begin) or None, 60, **scrape, severity=severity)
        return g.series

    def of_services(self):
        """Services have the same course as one of their containers, times their number: what the baselines read."""
        g = Gather(self.days, self.end, False)
        c = self.classes[next(iter(self.classes))]
        where = {"workload": "@SERVICE@", "team": "payments"}
        for metric, suffix, value in (("cpu_usage_seconds", "rate5m", c.cpu), ("memory_unreclaimable_bytes", "", c.memory)):
            base = f"workload:bottleneck_container_{metric}"
            g.record(f"{base}:sum" + (f"_{suffix}" if suffix else ""), value, 60, (2 * HOUR, 0), **where)
            g.record(f"{base}:avg1h_sum" + (f"_{suffix}" if suffix else ""), value, 300, **where)
            g.record(f"{base}:median4w", value, 300, (max(0, (self.days - 21) * DAY), 0), **where)
        services = sorted({self.service(host, index) for host in range(0, self.hosts, SERVICES) for index in range(self.containers)})
        return g.series, [("", "", service) for service in services]

    def above(self):
        """Images by version, which the comparison of two versions asks for."""
        g = Gather(self.days, self.end, False)
        counted = Counter(self.kind_of(host, index) for host in range(self.hosts) for index in range(self.containers))
        for kind in KINDS:
            for version in ("1.4.0", "1.5.0"):
                of = {c: n for c, n in counted.items() if c.kind == kind and c.version(self.end) == version}
                before = {c: n for c, n in counted.items() if c.kind == kind}
                mine = lambda t, of=of, before=before, v=version: of if t >= self.end - 20 * HOUR else before if v == "1.4.0" else {}
                total = lambda value, mine=mine: lambda t: sum(n * value(c, t) for c, n in mine(t).items()) or None
                labels = {"image": f"registry.example.org/shop/{kind}", "version": version}
                for name, value in (("image:bottleneck_containers:count", lambda c, t: 1), ("image:bottleneck_observed_seconds:sum_rate5m", lambda c, t: 1),
                                    ("image:bottleneck_container_cpu_usage_seconds:sum_rate5m", lambda c, t: c.cpu(t)),
                                    ("image:bottleneck_container_memory_unreclaimable_bytes:sum", lambda c, t: c.memory(t))):
                    g.record(name, total(value), 60, (TODAY, 0), **labels)
                g.record("image:bottleneck_overall_score:median", lambda t, mine=mine: max((max(c.scores(t).values()) for c in mine(t)), default=None), 60, (TODAY, 0), **labels)
                g.record("image_resource:bottleneck_held_back_seconds:sum_rate5m", total(lambda c, t: float(c.scores(t)["cpu"] >= 0.5)), 60, (TODAY, 0), resource="cpu", **labels)
        return g.series
