"""Budgets: burn rates over several windows, from the exporter's counters and from PromQL of one's own."""
from cases import case
from scenario import RULE_FILES, Scenario, counter, steps

FILES = ["rules/containers.rules.yml", "rules/budgets.rules.yml", "alerts/budgets.alerts.yml"]
HOUR = 60


def budget(container, *phases, name="latency", objective=0.99, scale=1.0):
    """phases: (steps, share of the time in violation; None while not observed)."""
    minute = 60 * scale
    container.set("budget_violation_seconds_total",
                  counter(*((n, None if share is None else minute * share) for n, share in phases)), budget=name)
    container.set("budget_observed_seconds_total",
                  counter(*((n, None if share is None else minute) for n, share in phases)), budget=name)
    if objective is not None:
        container.set("budget_objective_ratio", [objective] * container.host.scenario.length, budget=name)
    return container


def one(length, seconds=60):
    scenario = Scenario(length, seconds, files=FILES)
    return scenario, scenario.host().container("web", workload="shop/web", team="payments")


@case("BottleneckBudgetBurn", "fires", "critical: a quarter of the time in violation, objective 99 %")
def burn_fast():
    scenario, web = one(5 * HOUR)
    budget(web, (2 * HOUR, 0), (70, 0.25), (110, 0))
    web.sick("cpu", 2 * HOUR, 3 * HOUR + 10, "cpu_quota").recommend("CPU_LIMIT_RAISE", 3, 125, 190, change="docker update --cpus 2 web")
    alert = web.alert("BottleneckBudgetBurn", "critical", budget="latency", window="1h")
    scenario.silent("BottleneckBudgetBurn", 0, 2 * HOUR + 30)
    scenario.firing(2 * HOUR + 50, "BottleneckBudgetBurn", alert)
    scenario.query(3 * HOUR + 35, 'ALERTS{severity="critical",alertstate="firing"}')
    scenario.says(
        3 * HOUR + 6, alert, "Budget latency of web on a:10110 burns 25.0 times too fast",
        "web on a:10110 violates its budget latency (objective 99%) at 25.0 times the rate that it allows, over the last hour and "
        "the last 5 minutes: at 14.4 a budget of 30 days is gone in two. Cause: cpu_quota. Change: docker update --cpus 2 web",
        "bottleneckbudgetburn", "bottleneck-history?var-cluster=c1&var-instance=a%3A10110&var-name=web")
    return scenario


@case("BottleneckBudgetBurn", "fires", "warning: 8 % of the time in violation for hours")
def burn_steady():
    scenario, web = one(9 * HOUR)
    budget(web, (HOUR, 0), (8 * HOUR, 0.08))
    scenario.firing(8 * HOUR, "BottleneckBudgetBurn", web.alert("BottleneckBudgetBurn", budget="latency", window="6h"))
    return scenario


@case("BottleneckBudgetBurn", "fires", "information: 2 % of the time in violation for days; what is left of 28 days")
def burn_slow():
    scenario, web = one(3 * 24 * 30, 120)
    budget(web, (3 * 24 * 30, 0.02), scale=2)
    alert = web.alert("BottleneckBudgetBurn", "info", budget="latency", window="3d")
    scenario.silent("BottleneckBudgetBurn", 0, 36 * 30, every=60)
    scenario.firing(60 * 30, "BottleneckBudgetBurn", alert)
    scenario.query(60 * 30, "round(name_budget:bottleneck_budget_burn:ratio_sum3d, 0.01)",
                   ({"cluster": "c1", "job": "bottleneck", "instance": "a:10110", "name": "web", "budget": "latency",
                     "workload": "shop/web", "team": "payments"}, 2))
    scenario.query(60 * 30, "sum(round(name_budget:bottleneck_budget_remaining:ratio_sum28d, 0.01))", ({}, -1))
    return scenario


@case("BottleneckBudgetBurn", "silent", "everything fails for five minutes: over before the long window is convinced")
def burn_spike():
    scenario, web = one(4 * HOUR)
    budget(web, (2 * HOUR, 0), (5, 1), (2 * HOUR - 5, 0))
    scenario.silent("BottleneckBudgetBurn")
    return scenario


@case("BottleneckBudgetBurn", "silent", "a new container that violates its budget while it warms up")
def burn_new():
    scenario, web = one(3 * HOUR)
    budget(web, (HOUR, None), (20, 1), (100, 0))
    web.only(HOUR, 3 * HOUR)
    scenario.silent("BottleneckBudgetBurn")
    return scenario


@case("BottleneckBudgetBurn", "silent", "a busy machine above the default budgets, which have no objective")
def burn_without_objective():
    scenario, web = one(4 * HOUR)
    budget(web, (4 * HOUR, 0.9), name="cpu", objective=None)
    scenario.silent("BottleneckBudgetBurn")
    scenario.query(200, "name_budget:bottleneck_budget_violation:rate5m")
    return scenario


@case("BottleneckBudgetBurn", "silent", "the exporter restarts without its state: counters reset, and a reset burns nothing")
def burn_reset():
    scenario, web = one(4 * HOUR)
    minutes = 4 * HOUR
    web.set("budget_violation_seconds_total", steps((2 * HOUR, 4000), (minutes - 2 * HOUR, 0)), budget="latency")
    web.set("budget_observed_seconds_total", counter((2 * HOUR, 60)) + counter((2 * HOUR, 60)), budget="latency")
    web.set("budget_objective_ratio", [0.99] * minutes, budget="latency")
    scenario.silent("BottleneckBudgetBurn")
    return scenario


@case("BottleneckBudgetBurn", "fires", "budgets from PromQL of one's own: latency and errors burn, the queue does not")
def burn_own():
    scenario = Scenario(4 * HOUR, files=[*FILES, "rules/own-budget.example.yml"])
    slow = 2 * HOUR
    for le, good, bad in (("0.1", 600, 100), ("0.3", 600, 200), ("1", 600, 600), ("+Inf", 600, 600)):
        scenario.add(f'http_request_duration_seconds_bucket{{job="checkout",le="{le}"}}', counter((slow, good), (slow, bad)))
    scenario.add('http_requests_total{job="checkout",code="200"}', counter((slow, 1000), (slow, 950)))
    scenario.add('http_requests_total{job="checkout",code="503"}', [None] * slow + counter((slow, 50)))
    scenario.add('rabbitmq_queue_messages_ready{queue="orders"}', steps((slow, 10), (3, 5000), (slow - 3, 20)))
    own = {"alertname": "BottleneckBudgetBurn", "name": "checkout", "workload": "shop/checkout", "team": "payments",
           "severity": "critical", "window": "1h"}
    scenario.silent("BottleneckBudgetBurn", 0, slow)
    scenario.firing(slow + 45, "BottleneckBudgetBurn", {**own, "budget": "latency_p99_300ms"}, {**own, "budget": "errors"})
    scenario.query(slow + 59, 'round(name_budget:bottleneck_budget_burn:ratio_rate5m{budget="errors"}, 0.1)',
                   ({"name": "checkout", "budget": "errors", "workload": "shop/checkout", "team": "payments"}, 50))
    return scenario


@case("", "holds", "an objective of 0 or 1 cannot be burnt and makes no series")
def objective_range():
    scenario, web = one(60)
    budget(web, (60, 0.5), name="none", objective=0)
    budget(web, (60, 0.5), name="all", objective=1)
    scenario.query(50, "name_budget:bottleneck_budget_objective:ratio")
    scenario.query(50, "name_budget:bottleneck_budget_burn:ratio_rate5m")
    return scenario


assert set(FILES) <= set(RULE_FILES)
