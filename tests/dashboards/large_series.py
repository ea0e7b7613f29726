"""The series of a large fleet: which there are, how dense, and how far back. See large_past.py for the reasons.

A class of containers (kind, sick or well, phase of the day) has one course of values, shared by all its members: @HOST@,
@NAME@ and @SERVICE@ in the labels are theirs."""
import re

from history import Container, KINDS
from history_series import write_container, write_host

HOUR, DAY = 3600, 86400
MINUTES, HALF, RECENT, TODAY, WATCHED, LONG = 60, 1800, 7 * HOUR, 25 * HOUR, 31 * HOUR, None
BREACH = 18 * HOUR
SCRAPE = 15
# Raw series that panels or rules ask of every container or host over a range: as dense as they are scraped.
# (name, how long before the end); the others are asked for one moment, or of one container.
WIDE = [
    (r"bottleneck_overall_score", RECENT), (r"bottleneck_saving_.*", TODAY), (r"bottleneck_recommendations_outcome_total", TODAY),
    (r"bottleneck_regression_ratio|.*_changed_timestamp_seconds", LONG),
    (r"up|scrape_.*|process_.*|bottleneck_(host|exporter)_.*", RECENT),
]


class Kind(Container):
    """What the containers of one class have in common."""

    def __init__(self, index, end, sick, special=False):
        super().__init__(0, index, end)
        self.sick, self.special, self.phase = sick, special, index // len(KINDS) % 3
        self.seed = KINDS.index(self.kind) * 7 + self.phase
        self.name, self.workload, self.team = "@NAME@", "@SERVICE@", "payments"
        self.leaks = self.leaks and sick
        self.breach = end - BREACH
        if special:
            self.cpu_limit = 4.0  # so that the deploy shows in the CPU used, and not in throttling
        else:
            self.deployed = self.limit_changed = self.breach = end + 1000 * DAY

    def wanted(self, t):
        return super().wanted(t) * (1 if self.sick else 0.5)

    def leaked(self, t):
        return super().leaked(t) if self.leaks else 0.5

    def disk(self, t):
        return super().disk(t) if self.sick else 0.01

    def open_since(self, position):
        return self.end - 40 * DAY if self.kind == "cache" else super().open_since(position)

    def advice(self):
        rows = super().advice() if self.sick or self.kind == "cache" else []
        return [row for row in rows if self.special or row[0] not in ("REGRESSION", "BUDGET_EXCEEDED")]


class Series:
    """One course of values; `spans` are seconds before the end, [(from, to)]."""

    def __init__(self, name, labels, value, rate, spans, step, end):
        self.head = name + "{" + ",".join(f'{k}="{v}"' for k, v in labels.items())
        self.value, self.rate, self.spans, self.step, self.end = value, rate, spans, step, end
        self.name, self.total, self.before = name, 0.0, None

    def at(self, t):
        """The value at t or None; a counter has to be asked in the order of time."""
        if not self.rate:
            return self.value(t)
        self.total += self.value(t) * (t - self.before) if self.before else 0
        self.before = t
        return self.total

    def lines(self, begin, stop):
        """Ends of lines within [begin, stop): without what differs from member to member."""
        found = []
        for first, last in self.spans:
            low, high = max(begin, self.end - first), min(stop, self.end - last + 1)
            for t in range(-(-low // self.step) * self.step, high, self.step):
                if (v := self.at(t)) is not None:
                    found.append(f"}} {v:.10g} {t}\n")
        return found


class Gather:
    """Takes the place of history.Text: keeps the courses instead of writing them."""

    def __init__(self, days, end, dense):
        self.days, self.end, self.dense, self.series = days, end, dense, []

    def _add(self, name, labels, value, rate):
        span, step = next(((s, SCRAPE) for pattern, s in WIDE if re.fullmatch(pattern, name)), (HALF, MINUTES))
        if self.dense and span:
            span, step = max(span, WATCHED), SCRAPE
        self.series.append(Series(name, labels, value, rate, [(span or self.days * DAY, 0)], step, self.end))

    def gauge(self, name, labels, value):
        self._add(name, labels, value, False)

    def counter(self, name, labels, rate):
        self._add(name, labels, rate, True)

    def record(self, metric, value, step, *spans, **labels):
        spans = spans or ((self.days * DAY, 0),)
        self.series.append(Series(metric, labels, value, False, list(spans), step, self.end))


def held(c, resource):
    """Whether it is held back by the resource, as rule and exporter say it: 1 or absent."""
    return lambda t: 1.0 if c.scores(t)[resource] >= 0.5 else None


def hourly(c, resource):
    """Share of the past hour that it was held back; absent when it was not."""
    def share(t):
        hits = sum(c.scores(t - 60 * m)[resource] >= 0.5 for m in (5, 15, 25, 35, 45, 55))
        return hits / 6 if hits else None
    return share


def daily(c):
    """Share of the past day that its worst resource took, from blocks of 15 minutes; absent when nothing did."""
    def share(t):
        worst = max(sum(c.scores(t - BLOCK * n)[resource] >= 0.5 for n in range(96)) for resource in c.scores(t))
        return worst / 96 if worst else None
    return share


BLOCK = 900


def of_container(c, days, dense):
    """Everything one container of a class has, raw and recorded."""
    g = Gather(days, c.end, dense)
    who = {"job": "bottleneck", "instance": "@HOST@", "name": "@NAME@"}
    write_container(g, {"job": "bottleneck", "instance": "@HOST@"}, c)
    record = lambda metric, value, step, *spans, **more: g.record(metric, value, step, *spans, **{**who, **more})
    week_ago = (7 * DAY + RECENT, 7 * DAY - 60)
    use, memory = "name:bottleneck_container_cpu_usage_seconds", "name:bottleneck_container_memory_unreclaimable"
    record("name:bottleneck_container_info:max", lambda t: 1, 60, (2 * HOUR, 0), workload="@SERVICE@", team=c.team)
    for version in ("1.4.0", "1.5.0"):
        record("name:bottleneck_container_image:max", lambda t, v=version: 1 if c.version(t) == v else None, 60, (2 * HOUR, 0),
               image=f"registry.example.org/shop/{c.kind}:{version}", version=version)
    record(f"{use}:rate5m", c.cpu, 60, (RECENT, 0))
    record("name:bottleneck_container_cpu_usage:ratio_rate5m", lambda t: c.cpu(t) / c.cpu_limit, 60, (RECENT, 0))
    record(f"{memory}:ratio", lambda t: c.memory(t) / c.memory_limit, 60, (RECENT, 0))
    record("name:bottleneck_observed_seconds:rate5m", lambda t: 1, 60, (2 * DAY + HOUR, 0), week_ago)
    record("name:bottleneck_observed_seconds:sum15m_rate5m", lambda t: 15, BLOCK)
    for resource in c.scores(0):
        if not c.sick:
            break
        record("name_resource:bottleneck_held_back_seconds:rate5m", held(c, resource), 60, (2 * DAY + HOUR, 0), week_ago, resource=resource)
        record("name_resource:bottleneck_held_back_seconds:sum15m_rate5m", lambda t, h=held(c, resource): h(t) and 15.0, BLOCK, resource=resource)
        record("name_resource:bottleneck_held_back:ratio_rate1h", hourly(c, resource), 300, resource=resource)
        record("name_resource:bottleneck_score:last5m", lambda t, r=resource: s if (s := c.scores(t)[r]) >= 0.5 else None, 60, (TODAY, 0), resource=resource)
    if c.sick:
        record("name:bottleneck_held_back:ratio_sum24h", daily(c), BLOCK, (2 * DAY + HOUR, 0))
    if c.leaks:
        killed = lambda t: (t - c.end + HALF) // (8 * HOUR)
        record("name:bottleneck_container_oom_events:increase15m", lambda t: 1 if killed(t) > killed(t - BLOCK) else None, BLOCK)
    for place, (what, severity, _) in enumerate(c.advice()):
        record("name_recommendation:bottleneck_recommendation:last5m", lambda t, p=place, s=severity: s if t >= c.open_since(p) else None, 60, (TODAY, 0), recommendation=what)
    third_week = (max(0, (days - 21) * DAY), 0)
    for course, name, median in ((c.cpu, f"{use}:avg1h_rate5m", f"{use}:median4w"), (c.memory, f"{memory}_bytes:avg1h", f"{memory}_bytes:median4w")):
        record(name, course, 300)
        record(median, lambda t, course=course: course(t - 7 * DAY), 300, third_week)
    if c.kind == "web":
        budgets(c, lambda name, value, step, *spans: record(f"name_budget:bottleneck_budget_{name}", value, step, *spans, budget="cpu_p95", workload="@SERVICE@", team=c.team))
    return g.series


def violated(c, t, window):
    """Seconds of the window before t in violation."""
    bad = min(window, max(0, t - c.breach))
    return 0.5 * bad + 0.002 * (window - bad)


def budgets(c, record):
    burn = lambda window: lambda t: violated(c, t, window) / window / 0.01
    record("objective:ratio", lambda t: 0.99, 60, (3 * HOUR, 0))
    for window, suffix in ((300, "burn:ratio_rate5m"), (HOUR, "burn:ratio_sum1h"), (3 * DAY, "burn:ratio_sum3d")):
        record(suffix, burn(window), 60, (3 * HOUR, 0))
    record("burn:ratio_sum6h", burn(6 * HOUR), 60, (3 * HOUR, 0))
    record("burn:block15m_ratio_sum6h", burn(6 * HOUR), BLOCK)
    record("remaining:ratio_sum28d", lambda t: 1 - burn(28 * DAY)(t), 60, (3 * HOUR, 0))
    for kind, bad in (("violation", True), ("observed", False)):
        sums = lambda window, unit=60: lambda t: (violated(c, t, window) if bad else window) / unit
        record(f"{kind}:rate5m", sums(60), 60, (2 * HOUR, 0))
        record(f"{kind}:sum15m_rate5m", sums(900), 900, (3 * DAY + HOUR, 0))
        record(f"{kind}:block1h_rate5m", sums(HOUR), HOUR)
        record(f"{kind}:sum6h_rate5m", sums(6 * HOUR), 900)
        record(f"{kind}:sum3d_rate5m", sums(3 * DAY), 900, (3 * HOUR, 0))
        record(f"{kind}:sum28d_rate5m", sums(28 * DAY), HOUR, (3 * HOUR, 0))
