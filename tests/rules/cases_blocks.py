"""Recording rules for weeks and for the numbers on top: they say the same as what they are recorded from."""
from cases import case
from cases_recording import IDENTITY, RULES
from scenario import Scenario, counter


@case("", "holds", "kills in blocks that follow each other add up, those at their seams, of a new container and after a reset included")
def kills_in_blocks():
    scenario = Scenario(62, files=RULES)
    host = scenario.host()
    web = host.container("web", workload="shop/web", team="payments")
    web.set("container_oom_events_total", [7] * 15 + [8] * 16 + [9] * 31)  # at 15 and at 31: the seams are at 15, 30, 45 and 60
    fresh = host.container("fresh", workload="shop/web", team="payments")
    fresh.set("container_oom_events_total", [None] * 20 + [1] * 3 + [2] * 39)
    again = host.container("again", workload="shop/web", team="payments")
    again.set("container_oom_events_total", [5] * 40 + [0] * 5 + [1] * 17)
    host.container("calm", workload="shop/web", team="payments")
    added = "round(sum_over_time(name:bottleneck_container_oom_events:increase15m[60m:15m]))"
    scenario.query(60, added, *(({**IDENTITY, "name": name}, kills) for name, kills in (("web", 2), ("fresh", 1), ("again", 1))))
    return scenario


@case("", "holds", "what is asked over weeks adds up in blocks to what it is recorded from")
def blocks():
    scenario = Scenario(62, files=RULES)
    web = scenario.host().container("web", workload="shop/web", team="payments")
    web.set("held_back_seconds_total", counter((62, 30)), resource="io")
    lost = ("sum(sum_over_time(name_resource:bottleneck_held_back_seconds:sum15m_rate5m[45m:15m]))"
            " / sum(sum_over_time(name:bottleneck_observed_seconds:sum15m_rate5m[45m:15m]))")
    scenario.query(60, f"round({lost}, 0.01)", ({}, 0.5))
    return scenario


@case("", "holds", "hosts say how many containers are held back, each once, and how bad the worst is")
def worst_of_hosts():
    scenario = Scenario(10, files=RULES)
    host = scenario.host()
    for name, scores in (("two", (0.9, 0.6)), ("one", (0.5, 0.1)), ("none", (0.2, 0.1))):
        container = host.container(name, workload=f"shop/{name}", team="payments")
        for resource, score in zip(("cpu", "io"), scores):
            container.set("score", [score] * 10, resource=resource)
        container.set("overall_score", [max(scores)] * 10)
    scenario.query(8, "instance:bottleneck_containers_held_back:count", ({"__name__": "instance:bottleneck_containers_held_back:count", **IDENTITY}, 2))
    scenario.query(8, "instance:bottleneck_overall_score:max", ({"__name__": "instance:bottleneck_overall_score:max", **IDENTITY}, 0.9))
    return scenario
