"""The exporter itself, and what happens to the alerts of a host when it dies."""
from cases import case
from scenario import Scenario, counter, steps


def host_alert(host, alertname, severity="warning", **labels):
    return {"alertname": alertname, **{key: host.labels[key] for key in ("cluster", "job", "instance")},
            "severity": severity, **labels}


EXPORTER = "bottleneck-exporter?var-cluster=c1&var-instance=a%3A10110"
FILES = ["rules/containers.rules.yml", "rules/aggregates.rules.yml", "alerts/exporter.alerts.yml"]


@case("BottleneckExporterDown", "fires", "killed and not restarted")
def down():
    scenario = Scenario(60, files=FILES)
    host = scenario.host()
    host.killed(20)
    alert = host_alert(host, "BottleneckExporterDown")
    scenario.silent("BottleneckExporterDown", 0, 25)
    scenario.firing(35, "BottleneckExporterDown", alert)
    scenario.says(
        40, alert, "The exporter on a:10110 does not answer",
        "Prometheus could not scrape a:10110 (job bottleneck) for more than half of the last 10 minutes. Nothing is known about "
        "the containers of that host since; their alerts are held back, not resolved. "
        "Change: see whether the host is up, then whether the service runs and its port is reachable",
        "bottleneckexporterdown", EXPORTER)
    return scenario


@case("BottleneckExporterDown", "fires", "whatever the job is called, once it was seen; and while it keeps crashing")
def down_other_job():
    scenario = Scenario(90, files=FILES)
    host, flapping = scenario.host(job="nodes"), scenario.host("b:10110")
    host.killed(20)
    for step in range(30, 90, 4):
        flapping.killed(step, step + 3)
    scenario.firing(60, "BottleneckExporterDown", host_alert(host, "BottleneckExporterDown"),
                    host_alert(flapping, "BottleneckExporterDown"))
    scenario.add('up{cluster="c1",job="nodes",instance="other:9100"}', [0] * 90)
    return scenario


@case("BottleneckExporterDown", "silent", "an upgrade of three minutes, a reboot of four, a host taken out of service discovery, and one put in before it runs")
def down_short():
    scenario = Scenario(90, files=FILES)
    scenario.host().killed(20, 23)
    scenario.host("b:10110").killed(20, 24)
    gone = scenario.host("gone:10110")
    gone.killed(20)
    gone.set("up", steps((20, 1), (3, 0), (1, "stale"), (66, None)))
    new = scenario.host("new:10110")
    new.killed(0, 24)
    new.set("up", steps((20, None), (4, 0), (66, 1)))
    scenario.silent("BottleneckExporterDown", every=1)
    return scenario


@case("BottleneckCollectorFailing", "fires", "a collector that cannot read its files any more")
def collector():
    scenario = Scenario(60, files=FILES)
    host = scenario.host()
    host.set("bottleneck_exporter_collector_success", steps((20, 1), (40, 0)), collector="memory")
    host.set("bottleneck_exporter_read_errors_total", counter((20, 0), (40, 2)), collector="memory", reason="denied")
    alert = host_alert(host, "BottleneckCollectorFailing", collector="memory")
    scenario.firing(50, "BottleneckCollectorFailing", alert)
    scenario.says(
        50, alert, "Collector memory of the exporter on a:10110 fails",
        "The memory collector on a:10110 has failed for 15 minutes; its series and the judgements on them are missing "
        "(denied 30). Change: run `bottleneck_exporter self-test` on the host, it names the missing mount or capability; a "
        "collector that is not wanted is switched off with --no-collector.memory",
        "bottleneckcollectorfailing", EXPORTER)
    return scenario


@case("BottleneckCollectorFailing", "silent", "a kernel without PSI, and an engine that restarts for ten minutes")
def collector_unsupported():
    scenario = Scenario(60, files=FILES)
    host = scenario.host()
    host.set("bottleneck_exporter_collector_success", [0] * 60, collector="pressure")
    host.set("bottleneck_exporter_collector_supported", [0] * 60, collector="pressure")
    host.set("bottleneck_exporter_collector_success", steps((20, 1), (10, 0), (30, 1)), collector="docker")
    scenario.quiet()
    return scenario


@case("BottleneckExporterOverBudget", "fires", "half as much again as its budget, for an hour")
def over_budget():
    scenario = Scenario(120, files=FILES)
    host = scenario.host()
    host.set("bottleneck_exporter_cpu_budget_ratio", steps((20, 0.4), (100, 1.5)))
    alert = host_alert(host, "BottleneckExporterOverBudget", "info")
    scenario.firing(100, "BottleneckExporterOverBudget", alert)
    scenario.says(
        100, alert, "The exporter on a:10110 costs more CPU than its budget",
        "The exporter on a:10110 used 150% of its CPU budget over 30 minutes, watching 2 containers every 1 s. "
        "Change: raise sampling.cpu_budget_cores, lengthen sampling.pulse_seconds, or use the fleet profile",
        "bottleneckexporteroverbudget", EXPORTER)
    return scenario


@case("BottleneckExporterOverBudget", "silent", "a burst of short containers for ten minutes")
def over_budget_burst():
    scenario = Scenario(120, files=FILES)
    scenario.host().set("bottleneck_exporter_cpu_budget_ratio", steps((20, 0.4), (10, 2), (90, 0.4)))
    scenario.quiet()
    return scenario


@case("BottleneckSeriesCapReached", "fires", "the cap on series on one host, the cap on containers on another")
def cap():
    scenario = Scenario(60, files=FILES)
    one, two = scenario.host(), scenario.host("b:10110")
    one.set("bottleneck_exporter_containers_dropped", steps((20, 0), (40, 12)), reason="series")
    two.set("bottleneck_exporter_containers_dropped", steps((20, 0), (40, 3)), reason="containers")
    alert = host_alert(one, "BottleneckSeriesCapReached")
    scenario.firing(50, "BottleneckSeriesCapReached", alert, host_alert(two, "BottleneckSeriesCapReached"))
    return scenario


@case("BottleneckSeriesCapReached", "fires", "the text says what is left out, and by which cap")
def cap_text():
    scenario = Scenario(60, files=FILES)
    host = scenario.host()
    host.set("bottleneck_exporter_containers_dropped", steps((20, 0), (40, 12)), reason="series")
    host.set("bottleneck_exporter_containers_dropped", steps((20, 0), (40, 3)), reason="containers")
    scenario.says(
        50, host_alert(host, "BottleneckSeriesCapReached"), "The exporter on a:10110 leaves containers or series out",
        "The exporter on a:10110 leaves out 3 containers by its cap on containers and 12 containers by its cap on series. "
        "They have no numbers and no alerts. "
        "Change: raise discovery.max_containers or metrics.max_series, use a smaller profile, or remove what creates the "
        "containers", "bottleneckseriescapreached", EXPORTER)
    return scenario


@case("BottleneckSeriesCapReached", "silent", "a burst that is over the cap for eight minutes")
def cap_burst():
    scenario = Scenario(60, files=FILES)
    scenario.host().set("bottleneck_exporter_containers_dropped", steps((20, 0), (8, 40), (32, 0)), reason="containers")
    scenario.quiet()
    return scenario


@case("BottleneckWatchdog", "fires", "always, also when nothing is scraped")
def watchdog():
    scenario = Scenario(10, files=FILES)
    scenario.add("unrelated", [1] * 10)
    for step in range(10):
        scenario.firing(step, "BottleneckWatchdog", {"alertname": "BottleneckWatchdog", "severity": "none"})
    scenario.says(5, {"alertname": "BottleneckWatchdog", "severity": "none"}, "Rules, Prometheus and Alertmanager work",
                  "This alert always fires. When it stops arriving, no other alert would arrive either. "
                  "Change: none while it arrives", "bottleneckwatchdog", "bottleneck-fleet")
    return scenario


def everything_wrong(scenario, host, first, last):
    """A host with something of every kind wrong with it; gives the alerts that must fire, by name."""
    n = scenario.length
    web = host.container("web", workload="shop/web", team="payments").sick("memory", first, last, "memory_limit")
    quota = host.container("quota").sick("cpu", first, last, "cpu_quota")
    victim, other = host.container("victim"), host.container("other")
    for each in (victim, other):
        each.sick("cpu", first, last, "cpu_contention")
        each.set("noisy_neighbour", steps((first, None), (last - first, 0.8), (n - last, None)), suspect="hog", resource="cpu")
    hog = host.container("hog")
    host.set("bottleneck_host_cpu_busy_seconds_total", counter((first, 20), (n - first, 118)))
    leak = host.container("leak").recommend("MEM_LEAK_SUSPECTED", 3, first, last)
    leak.set("container_memory_unreclaimable_bytes", [50e6 + 3e5 * step for step in range(n)])
    leak.set("memory_limit_forecast_timestamp_seconds", steps((first, None), (n - first, n * 60 + 3600)))
    sick = host.container("sick")
    sick.set("container_health", steps((first, None), (n - first, 1)), status="unhealthy")
    worse = host.container("worse").recommend("REGRESSION", 3, first, last)
    worse.set("regression_ratio", steps((first, None), (n - first, 0.4)), metric="cpu")
    loop = host.container("loop").recommend("RESTART_LOOP", 4, first, last)
    loop.set("container_starts_total", [1 + max(0, step - first) for step in range(n)])
    loop.set("container_oom_events_total", [max(0, step - first) for step in range(n)])
    late = host.container("late").recommend("CPU_LIMIT_RAISE", 3, since=-8 * 86400)
    late.set("budget_violation_seconds_total", counter((first, 0), (n - first, 30)), budget="latency")
    late.set("budget_observed_seconds_total", counter((n, 60)), budget="latency")
    late.set("budget_objective_ratio", [0.99] * n, budget="latency")
    return [web.alert("BottleneckContainerHeldBack"), quota.alert("BottleneckContainerThrottled", "info"),
            victim.alert("BottleneckContentionVictim"), other.alert("BottleneckContentionVictim"),
            hog.alert("BottleneckNoisyNeighbour"), host_alert(host, "BottleneckHostPressure"),
            leak.alert("BottleneckMemoryLeak"), leak.alert("BottleneckMemoryLimitNear"),
            sick.alert("BottleneckContainerUnhealthy"), worse.alert("BottleneckRegression"),
            loop.alert("BottleneckRestartLoop", "critical"), loop.alert("BottleneckOomKilled"),
            loop.alert("BottleneckOomKilled", "critical"), late.alert("BottleneckRecommendationOpen", "info"),
            late.alert("BottleneckBudgetBurn", "critical", budget="latency", window="1h"),
            late.alert("BottleneckBudgetBurn", budget="latency", window="6h")]


@case("", "holds", "an exporter that is killed resolves nothing within 12 minutes, and its own alert is there before that")
def killed():
    scenario = Scenario(225)
    host = scenario.host()
    alerts = everything_wrong(scenario, host, 90, 225)
    host.killed(200)
    for alertname in {alert["alertname"] for alert in alerts}:
        for step in (198, 200, 201, 203, 205, 206, 210, 212):
            scenario.firing(step, alertname, *(alert for alert in alerts if alert["alertname"] == alertname))
    scenario.silent("BottleneckExporterDown", 0, 205)
    scenario.firing(212, "BottleneckExporterDown", host_alert(host, "BottleneckExporterDown"))
    return scenario


@case("", "holds", "two hosts, one equal name: each alert is about the one that has it")
def two_hosts():
    scenario = Scenario(200)
    host, healthy = scenario.host(), scenario.host("b:10110")
    alerts = everything_wrong(scenario, host, 90, 200)
    for name in host.containers:
        healthy.container(name)
    healthy.container("only-here")
    scenario.query(198, 'ALERTS{alertname!="BottleneckWatchdog",alertstate="firing"}',
                   *(({"__name__": "ALERTS", "alertstate": "firing", **alert}, 1) for alert in alerts))
    return scenario


@case("", "holds", "two hosts that are both sick in everything: every alert twice, none merged")
def two_sick_hosts():
    scenario = Scenario(200)
    alerts = [alert for name in ("a:10110", "b:10110") for alert in everything_wrong(scenario, scenario.host(name), 90, 200)]
    scenario.query(198, 'ALERTS{alertname!="BottleneckWatchdog",alertstate="firing"}',
                   *(({"__name__": "ALERTS", "alertstate": "firing", **alert}, 1) for alert in alerts))
    return scenario


@case("", "holds", "a busy day: a build, a backup, a warm-up, short jobs, a rolling replacement, restarts of the exporter")
def busy_day():
    scenario = Scenario(300)
    host = scenario.host()
    host.set("bottleneck_host_cpu_busy_seconds_total", counter((70, 20), (230, 117)))
    host.set("bottleneck_host_pressure_waiting_seconds_total", counter((70, 1), (230, 55)), resource="cpu")
    host.set("bottleneck_host_pressure_stalled_seconds_total", counter((70, 0), (230, 25)), resource="io")
    host.container("build").sick("cpu", 72, 130, "cpu_demand", 0.97).sick("io", 72, 130, "cpu_demand").only(70, 132)
    host.container("backup").sick("io", 80, 125, "io", 0.95).only(78, 127)
    warm = host.container("warm")
    warm.set("container_memory_unreclaimable_bytes", [50e6] * 90 + [50e6 + 2.5e6 * step for step in range(50)] + [175e6] * 160)
    warm.set("memory_limit_forecast_timestamp_seconds", [None] * 101 + [9600] * 39 + ["stale"] + [None] * 159)
    warm.set("container_starts_total", steps((90, 1), (210, 2)))
    for job in range(12):
        host.container(f"job{job}").sick("cpu", 100 + 5 * job, 104 + 5 * job, "cpu_contention").only(99 + 5 * job, 105 + 5 * job)
    for replica in range(3):
        rolled = host.container(f"replica{replica}", workload="shop/replica")
        rolled.set("container_starts_total", steps((150 + 2 * replica, 1), (150 - 2 * replica, 2)))
    batch = host.container("batch").sick("cpu", 90, 300, "cpu_quota")
    batch.series.pop(("bottleneck_noisy_neighbour", ()), None)
    for first in (110, 160, 161, 220):
        host.killed(first, first + 2)
    for step in range(0, 300, 2):
        scenario.query(step, 'ALERTS{alertname!~"BottleneckWatchdog|BottleneckContainerThrottled",alertstate="firing"}')
    return scenario
