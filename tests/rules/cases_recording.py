"""Recording rules: values, identity, and what a restart of anything does to them."""
import re

from cases import case
from cases_exporter import everything_wrong
from scenario import ROOT, Scenario, counter, steps

IDENTITY = {"cluster": "c1", "job": "bottleneck", "instance": "a:10110"}
CONTAINERS = ["rules/containers.rules.yml"]
RULES = ["rules/containers.rules.yml", "rules/aggregates.rules.yml", "rules/budgets.rules.yml"]


def recorded(*files):
    return [name for path in files for name in re.findall(r"record: (\S+)", (ROOT / path).read_text())]


def sick_host(scenario, instance, scale):
    """Every rule of RULES has a result for this host; numbers differ by `scale` from host to host."""
    host = scenario.host(instance)
    everything_wrong(scenario, host, 90, scenario.length)
    for container in host.containers.values():
        container.set("saving_cpu_cores", [0.5 * scale] * scenario.length)
        container.set("saving_memory_bytes", [1e8 * scale] * scenario.length)
        container.set("container_cpu_usage_seconds_total", counter((scenario.length, 6 * scale)))
    return host


@case("", "holds", "every rule keeps two hosts apart (name, instance) or adds them up once (workload, image, cluster)")
def apart():
    scenario = Scenario(200, files=RULES)
    sick_host(scenario, "a:10110", 1)
    sick_host(scenario, "b:10110", 2).container("only-here")
    late = 190
    skipped = {  # need days of history; see their own cases
        "name_resource:bottleneck_held_back:recurring",
    }
    for rule in dict.fromkeys(recorded(*RULES)):
        level = rule.split(":")[0]
        if rule in skipped:
            continue
        if level.split("_")[0] in ("name", "instance"):
            scenario.query(late, f"count(count by (cluster, job, instance) ({rule}))", ({}, 2))
            scenario.query(late, f'{rule}{{instance=""}}')
        else:
            scenario.query(late, f"count(count by (cluster) ({rule}))", ({}, 1))
            scenario.query(late, f'{rule}{{instance!=""}}')
    scenario.query(late, 'count(name:bottleneck_container_info:max{name="web"})', ({}, 2))
    scenario.query(late, 'workload:bottleneck_containers:count{workload="shop/web"}',
                   ({"__name__": "workload:bottleneck_containers:count", "cluster": "c1", "workload": "shop/web",
                     "team": "payments"}, 2))
    scenario.query(late, 'round(sum(workload:bottleneck_container_cpu_usage_seconds:sum_rate5m{workload="shop/web"}), 0.01)',
                   ({}, 0.3))
    scenario.query(late, 'round(name:bottleneck_container_cpu_usage_seconds:rate5m{name="web"}, 0.01)',
                   ({**IDENTITY, "name": "web"}, 0.1), ({**IDENTITY, "instance": "b:10110", "name": "web"}, 0.2))
    scenario.query(late, "cluster:bottleneck_containers:sum",
                   ({"__name__": "cluster:bottleneck_containers:sum", "cluster": "c1"}, 21))
    scenario.query(late, "cluster:bottleneck_saving_cpu_cores:sum",
                   ({"__name__": "cluster:bottleneck_saving_cpu_cores:sum", "cluster": "c1"}, 15))
    return scenario


@case("", "holds", "two clusters with hosts of one name stay apart")
def clusters():
    scenario = Scenario(20, files=RULES)
    for cluster in ("c1", "c2"):
        scenario.host(cluster=cluster).container("web")
    scenario.query(15, "cluster:bottleneck_containers:sum",
                   *(({"__name__": "cluster:bottleneck_containers:sum", "cluster": cluster}, 1) for cluster in ("c1", "c2")))
    scenario.query(15, "count by (cluster) (name:bottleneck_container_info:max)", ({"cluster": "c1"}, 1), ({"cluster": "c2"}, 1))
    return scenario


@case("", "holds", "restart of Prometheus: old and new info overlap, in the scraped and in the recorded series; joins find one")
def overlap():
    scenario = Scenario(120)
    host = scenario.host()
    web = host.container("web", workload="shop/web", team="payments").recommend("MEM_OOM_KILLED", 4, 50, 110)
    web.set("container_oom_events_total", steps((61, 0), (59, 1)))
    web.set("container_starts_total", steps((58, 1), (62, 2)))
    # Away from 50 to 60, and back with a container that was recreated from another image by another team meanwhile.
    # No staleness marker was written, so everything of before stays visible for five minutes, and in ranges for longer.
    for values in [*host.series.values(), *(v for c in host.containers.values() for v in c.series.values())]:
        for i in range(57, 60):
            values[i] = None
    old = web.series.pop(next(key for key in web.series if key[0] == "bottleneck_container_info"))
    web.set("container_info", [None if i >= 57 else v for i, v in enumerate(old)], id="old", image="shop:1", version="1",
            workload="shop/web", team="payments")
    web.set("container_info", steps((60, None), (60, 1)), id="new",
            image="registry.example.org:5000/shop:2@sha256:0a", version="2", workload="shop/web", team="sales")
    web.set("category", steps((57, 1), (63, None)), category="none")
    web.set("category", steps((60, None), (60, 1)), category="memory_limit")
    labels = ",".join(f'{key}="{value}"' for key, value in IDENTITY.items())
    scenario.add(f'name:bottleneck_container_info:max{{{labels},name="web",workload="shop/web",team="before"}}', steps((59, 1), (61, None)))
    scenario.add(f'name:bottleneck_container_image:max{{{labels},name="web",image="shop:0",version="0"}}', steps((59, 1), (61, None)))
    for step in (60, 61, 62, 63, 64):
        scenario.query(step, 'count by (instance, name) (name:bottleneck_container_info:max{team="sales"})',
                       ({"instance": "a:10110", "name": "web"}, 1))
        scenario.query(step, 'sum(workload:bottleneck_containers:count)', ({}, 1))
        scenario.query(step, 'count by (image, version) (image:bottleneck_containers:count)',
                       ({"image": "registry.example.org:5000/shop", "version": "2"}, 1))
    sales = {**web.alert("BottleneckOomKilled"), "team": "sales"}
    for step in (62, 63, 70):
        scenario.firing(step, "BottleneckOomKilled", sales)
    return scenario


@case("", "holds", "the exporter's pod is replaced: further labels of the scrape do not become part of any identity")
def pods():
    scenario = Scenario(120)
    for pod, first, last in (("exporter-1", 0, 60), ("exporter-2", 60, 120)):
        host = scenario.host(namespace="monitoring", pod=pod)
        web = host.container("web").sick("memory", 5, 120, "memory_limit")
        web.set("container_health", [1] * 120, status="unhealthy")
        for values in [*host.series.values(), *web.series.values()]:
            for i in range(120):
                if not first <= i < last:
                    values[i] = "stale" if i == last else None
    for step in (30, 58, 60, 61, 62, 65, 100):
        scenario.firing(step, "BottleneckContainerUnhealthy", web.alert("BottleneckContainerUnhealthy"))
        scenario.query(step, "count(name:bottleneck_container_info:max)", ({}, 1))
    return scenario


@case("", "holds", "one scrape is missed: what was pending stays pending, what fires goes on")
def missed_scrape():
    scenario = Scenario(60, files=["rules/containers.rules.yml", "alerts/containers.alerts.yml"])
    host = scenario.host()
    web = host.container("web")
    web.set("container_health", [1] * 60, status="unhealthy")
    host.killed(3, 4)
    scenario.firing(6, "BottleneckContainerUnhealthy", web.alert("BottleneckContainerUnhealthy"))
    return scenario


@case("", "holds", "a container that stops is gone at once, while its exporter answers")
def stopped():
    scenario = Scenario(60, files=CONTAINERS)
    web = scenario.host().container("web").sick("memory", 5, 60, "memory_limit").recommend("MEM_LIMIT_RAISE", 3)
    web.only(0, 30)
    for rule in ("name_resource:bottleneck_score:last5m", "name_recommendation:bottleneck_recommendation:last5m",
                 "name:bottleneck_container_info:max"):
        scenario.query(29, f"count({rule})", ({}, 1))
        scenario.query(30, f"count({rule})")
    return scenario


@case("", "holds", "a container without info keeps its alerts, under its own name as service")
def no_info():
    scenario = Scenario(60, files=["rules/containers.rules.yml", "alerts/containers.alerts.yml"])
    web = scenario.host().container("web")
    web.series = {key: values for key, values in web.series.items() if key[0] != "bottleneck_container_info"}
    web.set("container_oom_events_total", steps((30, 0), (30, 1)))
    scenario.firing(35, "BottleneckOomKilled", web.alert("BottleneckOomKilled"))
    return scenario


@case("", "holds", "names with quotes, backslashes, braces and template marks pass through rules and texts")
def hostile():
    scenario = Scenario(60, files=["rules/containers.rules.yml", "alerts/containers.alerts.yml"])
    host = scenario.host()
    for name in ('a"b', "a\\b", "{{ .Labels }}", "<!channel>", "a}b,c=\"d\"", "é\u202eü"):
        web = host.container(name, workload=name, team="payments")
        web.set("container_health", [1] * 60, status="unhealthy")
        web.recommend("MEM_LIMIT_RAISE", 3, change=f"change {name}")
    scenario.query(30, 'count(ALERTS{alertname="BottleneckContainerUnhealthy",alertstate="firing"})', ({}, 6))
    return scenario


@case("", "holds", "hold-ups are time held back over time observed, and gaps and resets do not count")
def held_back_ratio():
    scenario = Scenario(120, files=RULES)
    web = scenario.host().container("web", workload="shop/web", team="payments")
    held = counter((60, 0), (60, 30))
    web.set("held_back_seconds_total", [v if i < 90 else v - held[89] for i, v in enumerate(held)], resource="io")
    labels = {**IDENTITY, "name": "web", "resource": "io"}
    scenario.query(75, "round(name_resource:bottleneck_held_back_seconds:rate5m, 0.01)", (labels, 0.5))
    scenario.query(95, "name_resource:bottleneck_held_back_seconds:rate5m <= bool 0.51", (labels, 1))
    scenario.query(119, "round(name_resource:bottleneck_held_back:ratio_rate30m, 0.05)", (labels, 0.5))
    scenario.query(119, "round(workload_resource:bottleneck_held_back:ratio_rate5m, 0.01)",
                   ({"cluster": "c1", "workload": "shop/web", "team": "payments", "resource": "io"}, 0.5))
    return scenario


@case("", "holds", "use is a share of the effective limit; a limit of 0 or none gives no ratio")
def ratios():
    scenario = Scenario(20, files=CONTAINERS)
    host = scenario.host()
    host.container("web").set("container_cpu_usage_seconds_total", counter((20, 60)))
    none = host.container("none").drop("container_cpu_effective_limit_cores")
    none.set("container_memory_effective_limit_bytes", [0] * 20)
    scenario.query(15, "round(name:bottleneck_container_cpu_usage:ratio_rate5m, 0.01)", ({**IDENTITY, "name": "web"}, 0.5))
    scenario.query(15, "name:bottleneck_container_memory_unreclaimable:ratio",
                   ({"__name__": "name:bottleneck_container_memory_unreclaimable:ratio", **IDENTITY, "name": "web"}, 0.25))
    return scenario


@case("", "holds", "baseline: median and MAD of the same hour of four weeks; one odd week moves neither; two hosts apart")
def baseline():
    week, total = 7 * 48, 4 * 7 * 48 + 30
    scenario = Scenario(total, 1800, files=["rules/baseline.rules.yml"])
    identity = 'cluster="c1",job="bottleneck",instance="{}",name="web"'
    for instance, scale in (("a:10110", 1), ("b:10110", 10)):
        weekly = (1.0, 1.1, 9.0, 0.9)
        values = []
        for i in range(total):
            now = i >= 4 * week
            values.append(scale * (2.0 if now else weekly[i // week]))
        scenario.add(f"name:bottleneck_container_cpu_usage_seconds:rate5m{{{identity.format(instance)}}}", values)
    late = 4 * week + 10
    for instance, scale in (("a:10110", 1), ("b:10110", 10)):
        where = f'{{instance="{instance}"}}'
        metric = "name:bottleneck_container_cpu_usage_seconds"
        scenario.query(late, f"sum(round({metric}:median4w{where}, 0.001))", ({}, 1.05 * scale))
        scenario.query(late, f"sum(round({metric}:mad4w{where}, 0.001))", ({}, 0.1 * scale))
        scenario.query(late, f"sum(round({metric}:deviation4w{where}, 0.01))", ({}, 6.41))
    for step in (week, 2 * week):
        scenario.query(step, "name:bottleneck_container_cpu_usage_seconds:median4w")
        scenario.query(step, "name:bottleneck_container_cpu_usage_seconds:deviation4w")
    return scenario


@case("", "holds", "baseline of a service whose use never varies: a spread of 5 % is assumed, and nothing divides by 0")
def baseline_flat():
    week, total = 7 * 48, 4 * 7 * 48 + 30
    scenario = Scenario(total, 1800, files=["rules/baseline.rules.yml"])
    series = 'workload:bottleneck_container_memory_unreclaimable_bytes:sum{{cluster="c1",workload="{}"}}'
    scenario.add(series.format("flat"), [1e9] * (4 * week) + [1.1e9] * 30)
    scenario.add(series.format("zero"), [0] * total)
    late = 4 * week + 10
    metric = "workload:bottleneck_container_memory_unreclaimable_bytes"
    scenario.query(late, f'sum({metric}:deviation4w{{workload="flat"}})', ({}, 2))
    scenario.query(late, f'sum({metric}:deviation4w{{workload="zero"}})', ({}, 0))
    return scenario
