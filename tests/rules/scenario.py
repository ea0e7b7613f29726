"""What promtool is fed: hosts and containers, minute by minute, and what must fire.

A series is a Python list with one value a step; None is a missing sample, STALE a staleness marker. Every container
starts with the whole healthy set of series of the fleet profile, so that a case says only what is unusual.
"""
import json
import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
STALE = "stale"
RESOURCES = ("cpu", "memory", "io", "network", "pids", "lifecycle")
RECORDING = ("containers", "aggregates", "baseline", "budgets")
ALERTING = ("containers", "budgets", "exporter")
RULE_FILES = [f"rules/{name}.rules.yml" for name in RECORDING] + [f"alerts/{name}.alerts.yml" for name in ALERTING]
MIB = 1024 * 1024


def group_names(files):
    """In the order in which promtool must evaluate them: inputs first (left alone it takes any order)."""
    return [name for path in files for name in re.findall(r"^  - name: (\S+)$", (ROOT / path).read_text(), flags=re.M)]


def steps(*phases):
    """steps((10, 0), (5, 1)): ten times 0, then five times 1."""
    return [value for count, value in phases for _ in range(count)]


def counter(*phases, start=0.0):
    """counter((10, 0), (5, 60)): ten steps that add nothing, then five that add 60 each. None: no sample, adds nothing."""
    out, total = [], start
    for count, increment in phases:
        for _ in range(count):
            total += increment or 0
            out.append(None if increment is None else round(total, 6))
    return out


def ramp(first, step, count):
    return [round(first + step * i, 6) for i in range(count)]


def notation(values):
    """promtool's "a+bxn" for a list of values."""
    out, i = [], 0
    while i < len(values):
        value, end = values[i], i + 1
        if value is None or value == STALE:
            while end < len(values) and values[end] == value:
                end += 1
            out.append(f"_x{end - i}" if value is None else " ".join([STALE] * (end - i)))
        else:
            step = None
            while end < len(values) and isinstance(values[end], (int, float)):
                difference = values[end] - values[end - 1]
                if step is None:
                    step = difference
                elif abs(difference - step) > 1e-9:
                    break
                end += 1
            out.append(f"{value!r}+{step!r}x{end - i - 1}".replace("+-", "-") if end - i > 1 else repr(value))
        i = end
    return " ".join(out)


def selector(name, labels):
    return name + "{" + ",".join(f"{key}={json.dumps(value)}" for key, value in labels.items()) + "}"


class Host:
    def __init__(self, scenario, instance, cluster="c1", job="bottleneck", **extra):
        self.scenario = scenario
        self.labels = {"cluster": cluster, "job": job, "instance": instance, **extra}
        self.containers = {}
        self.series = {}
        n = scenario.length
        self.set("up", [1] * n)
        self.set("bottleneck_exporter_build_info", [1] * n, version="1.0")
        self.set("bottleneck_host_cpus", [2] * n)
        self.set("bottleneck_host_cpu_busy_seconds_total", counter((n, 20)))
        self.set("bottleneck_host_cpu_steal_seconds_total", counter((n, 0)))
        self.set("bottleneck_host_memory_total_bytes", [8192 * MIB] * n)
        self.set("bottleneck_host_memory_available_bytes", [4096 * MIB] * n)
        for resource in ("cpu", "memory", "io"):
            self.set("bottleneck_host_pressure_waiting_seconds_total", counter((n, 1)), resource=resource)
        for resource in ("memory", "io"):
            self.set("bottleneck_host_pressure_stalled_seconds_total", counter((n, 0)), resource=resource)
        for collector in ("cpu", "memory", "docker"):
            self.set("bottleneck_exporter_collector_success", [1] * n, collector=collector)
            self.set("bottleneck_exporter_collector_supported", [1] * n, collector=collector)
        for name, value in (("cpu_budget_ratio", 0.3), ("containers", 2), ("sampling_interval_seconds", 1)):
            self.set(f"bottleneck_exporter_{name}", [value] * n)
        for reason in ("containers", "series"):
            self.set("bottleneck_exporter_containers_dropped", [0] * n, reason=reason)

    def set(self, metric, values, /, **labels):
        self.series[(metric, tuple(labels.items()))] = list(values)

    def drop(self, metric, **labels):
        self.series.pop((metric, tuple(labels.items())))

    def container(self, name, **info):
        self.containers[name] = Container(self, name, info)
        return self.containers[name]

    def killed(self, first, last=None):
        """The exporter does not answer from step `first` to before `last`: up is 0, all else goes stale."""
        last = self.scenario.length if last is None else last
        for (metric, _), values in [*self.series.items(),
                                    *(item for c in self.containers.values() for item in c.series.items())]:
            for i in range(first, min(last, len(values))):
                values[i] = 0 if metric == "up" else (STALE if i == first else None)

    def lines(self):
        for (metric, labels), values in self.series.items():
            yield selector(metric, {**self.labels, **dict(labels)}), values
        for container in self.containers.values():
            for (metric, labels), values in container.series.items():
                yield selector(metric, {**self.labels, "name": container.name, **dict(labels)}), values


class Container:
    def __init__(self, host, name, info):
        self.host, self.name, self.series = host, name, {}
        self.workload, self.team = info.get("workload", name), info.get("team", "")
        n = host.scenario.length
        self.set("container_info", [1] * n, id="id-" + name, image=info.get("image", "shop:1"),
                 version=info.get("version", "1"), workload=self.workload, team=self.team)
        self.set("container_state", [1] * n, state="running")
        self.set("container_starts_total", [1] * n)
        self.set("container_oom_events_total", [0] * n)
        self.set("container_cpu_usage_seconds_total", counter((n, 6)))
        self.set("container_cpu_effective_limit_cores", [2] * n)
        self.set("container_memory_usage_bytes", [100 * MIB] * n)
        self.set("container_memory_unreclaimable_bytes", [50 * MIB] * n)
        self.set("container_memory_effective_limit_bytes", [200 * MIB] * n)
        self.set("observed_seconds_total", counter((n, 60)))
        self.set("overall_score", [0.05] * n)
        self.set("category", [1] * n, category="none")
        for resource in RESOURCES:
            self.judge(resource, [0.05] * n, [0] * n, [0.9] * n)
            self.set("held_back_seconds_total", [0] * n, resource=resource)

    def set(self, metric, values, /, **labels):
        self.series[("bottleneck_" + metric, tuple(labels.items()))] = list(values)
        return self

    def drop(self, metric, **labels):
        self.series.pop(("bottleneck_" + metric, tuple(labels.items())))
        return self

    def judge(self, resource, score, sources=None, confidence=None):
        """Evidence is exported only beside a score that is medium or above: rules must not need it before."""
        n = self.host.scenario.length
        self.set("score", score, resource=resource)
        for metric, values in (("corroborating_sources", sources or [2] * n), ("confidence", confidence or [0.9] * n)):
            sparse = [value if at is not None and at >= 0.5 else None for value, at in zip(values, score)]
            mark_stale(sparse)
            self.set(metric, sparse, resource=resource)
        return self

    def sick(self, resource, first, last, category, score=0.9, sources=2, confidence=0.9):
        """Held back by `resource` from step `first` to before `last`."""
        n = self.host.scenario.length
        seconds = self.host.scenario.seconds
        self.judge(resource, steps((first, 0.05), (last - first, score), (n - last, 0.05)),
                   [sources] * n, [confidence] * n)
        self.set("held_back_seconds_total", counter((first, 0), (last - first, seconds), (n - last, 0)), resource=resource)
        self.set("overall_score", steps((first, 0.05), (last - first, score), (n - last, 0.05)))
        if category != "none":
            self.set("category", steps((first, 1), (last - first, None), (n - last, 1)), category="none")
            self.set("category", steps((first, None), (last - first, 1), (n - last, None)), category=category)
            for key in [("bottleneck_category", (("category", label),)) for label in ("none", category)]:
                mark_stale(self.series[key])
        return self

    def recommend(self, recommendation, severity, first=0, last=None, change=None, since=None):
        n = self.host.scenario.length
        last = n if last is None else last
        on = steps((first, 0), (last - first, severity), (n - last, 0))
        self.set("recommendation", on, recommendation=recommendation)
        self.set("recommendation_active_since_timestamp_seconds",
                 [first * self.host.scenario.seconds if since is None else since] * n, recommendation=recommendation)
        if change:
            self.set("recommendation_change_info", [1 if value else None for value in on],
                     recommendation=recommendation, change=change)
        return self

    def only(self, first, last):
        """The container exists from step `first` to before `last`; then its series go stale."""
        for values in self.series.values():
            for i in range(len(values)):
                if i < first or i >= last:
                    values[i] = STALE if i == last else None
        return self

    def alert(self, alertname, severity="warning", **labels):
        out = {"alertname": alertname, **{k: v for k, v in self.host.labels.items() if k in ("cluster", "job", "instance")},
               "name": self.name, "workload": self.workload, "team": self.team, "severity": severity, **labels}
        return {key: value for key, value in out.items() if value}


def mark_stale(values):
    """As Prometheus does when a series disappears from a scrape that answers."""
    for i in range(len(values) - 1, 0, -1):
        if values[i] is None and isinstance(values[i - 1], (int, float)):
            values[i] = STALE


class Scenario:
    """`length` steps of `seconds` each. `files` are the rule files it needs, all by default."""

    def __init__(self, length, seconds=60, files=None):
        self.length, self.seconds, self.files = length, seconds, files or RULE_FILES
        self.hosts, self.extra, self.queries, self.texts = [], [], [], []

    def host(self, instance="a:10110", **labels):
        self.hosts.append(Host(self, instance, **labels))
        return self.hosts[-1]

    def add(self, series, values):
        """A series of no host of ours: an application's, or one that an earlier Prometheus recorded."""
        self.extra.append((series, list(values)))

    def query(self, step, expression, *samples):
        """At this step the expression gives exactly these (labels, value) pairs."""
        self.queries.append({"eval_time": f"{step * self.seconds}s", "expr": expression, "exp_samples": [
            {"labels": selector(labels.pop("__name__", ""), labels) if labels else "{}", "value": value}
            for labels, value in ((dict(labels), value) for labels, value in samples)]})

    def firing(self, step, alertname, *alerts):
        """At this step exactly these alerts of this name fire."""
        self.query(step, f'ALERTS{{alertname="{alertname}",alertstate="firing"}}',
                   *(({"__name__": "ALERTS", "alertstate": "firing", **alert}, 1) for alert in alerts))

    def silent(self, alertname, first=0, last=None, every=5):
        for step in range(first, last or self.length, every):
            self.firing(step, alertname)

    def quiet(self, first=0, last=None, every=5):
        """Nothing fires but the watchdog and what notifies nobody."""
        for step in range(first, last or self.length, every):
            self.query(step, 'ALERTS{alertname!="BottleneckWatchdog",alertstate="firing"}')

    def says(self, step, alert, summary, description, anchor, dashboard):
        """The whole text of one alert."""
        labels = dict(alert)
        self.texts.append({"eval_time": f"{step * self.seconds}s", "alertname": labels.pop("alertname"), "exp_alerts": [{
            "exp_labels": labels, "exp_annotations": {
                "summary": summary, "description": description,
                "runbook_url": "https://bottleneck-exporter.example.org/alerts/RUNBOOKS.md#" + anchor,
                "dashboard_url": "http://localhost:3000/d/" + dashboard}}]})

    def document(self):
        series = [{"series": name, "values": notation(values)} for host in self.hosts for name, values in host.lines()]
        series += [{"series": name, "values": notation(values)} for name, values in self.extra]
        return {"rule_files": [str(ROOT / path) for path in self.files], "evaluation_interval": f"{self.seconds}s",
                "group_eval_order": group_names(self.files),
                "tests": [{"interval": f"{self.seconds}s", "input_series": series,
                           "promql_expr_test": self.queries, "alert_rule_test": self.texts}]}

    def run(self, promtool="promtool"):
        """None when it holds, else what promtool says."""
        with tempfile.NamedTemporaryFile("w", suffix=".yml", prefix="rules-") as file:
            json.dump(self.document(), file)  # JSON is YAML
            file.flush()
            done = subprocess.run([promtool, "test", "rules", file.name], capture_output=True, text=True, check=False)
        return None if done.returncode == 0 else (done.stdout + done.stderr).replace(file.name, "case")
