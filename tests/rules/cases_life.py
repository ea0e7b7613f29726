"""Life: restarts, health, releases, reminders."""
from cases import case
from scenario import Scenario, steps

FILES = ["rules/containers.rules.yml", "alerts/containers.alerts.yml"]
DAY = 86400


def one(length, seconds=60):
    scenario = Scenario(length, seconds, files=FILES)
    return scenario, scenario.host().container("web", workload="shop/web", team="payments")


@case("BottleneckRestartLoop", "fires", "a service that starts over again every minute")
def restart_loop():
    scenario, web = one(120)
    web.set("container_starts_total", [1 + max(0, min(step - 30, 50)) for step in range(120)])
    web.set("container_exit_code", steps((31, None), (89, 1)))
    web.recommend("RESTART_LOOP", 4, 33, 90)
    alert = web.alert("BottleneckRestartLoop", "critical")
    scenario.silent("BottleneckRestartLoop", 0, 42)
    scenario.firing(60, "BottleneckRestartLoop", alert)
    scenario.firing(115, "BottleneckRestartLoop")
    scenario.says(
        60, alert, "Container web on a:10110 keeps restarting",
        "web (service shop/web) on a:10110 started 15 times within 15 minutes and last ended with exit code 1. "
        "Change: read its last log lines, then go back to the version before",
        "bottleneckrestartloop", "bottleneck-container?var-cluster=c1&var-instance=a%3A10110&var-name=web")
    return scenario


@case("BottleneckRestartLoop", "fires", "still told while the runtime waits five minutes between two attempts")
def restart_back_off():
    scenario, web = one(120)
    starts = (30, 31, 32, 34, 37, 42, 47)
    web.set("container_starts_total", [1 + sum(step >= at for at in starts) for step in range(120)])
    web.recommend("RESTART_LOOP", 3, 32, 60)
    scenario.firing(50, "BottleneckRestartLoop", web.alert("BottleneckRestartLoop", "critical"))
    return scenario


@case("BottleneckRestartLoop", "silent", "a service that crashes until its database is up: five starts in four minutes, then it runs")
def restart_at_boot():
    scenario, web = one(120)
    web.set("container_starts_total", [1 + max(0, min(step - 30, 4)) for step in range(120)])
    web.recommend("RESTART_LOOP", 4, 33, 60)
    scenario.silent("BottleneckRestartLoop", every=1)
    return scenario


@case("BottleneckRestartLoop", "silent", "a rolling replacement, a restart of the engine, and a job of one name every minute")
def restart_rollout():
    scenario, web = one(120)
    web.set("container_starts_total", steps((30, 1), (20, 2), (70, 3)))
    job = web.host.container("job")
    job.set("container_starts_total", [step + 1 for step in range(120)])
    scenario.quiet()
    return scenario


@case("BottleneckContainerUnhealthy", "fires", "the health check fails for ten minutes; its cause is looked up")
def unhealthy():
    scenario, web = one(120)
    web.set("container_health", steps((60, 1), (1, "stale"), (29, None), (30, 1)), status="healthy")
    web.set("container_health", steps((60, None), (30, 1), (1, "stale"), (29, None)), status="unhealthy")
    web.sick("memory", 55, 90, "memory_limit").recommend("MEM_LIMIT_RAISE", 3, 60, 100, change="docker update --memory 256m web")
    alert = web.alert("BottleneckContainerUnhealthy")
    scenario.firing(70, "BottleneckContainerUnhealthy", alert)
    scenario.firing(95, "BottleneckContainerUnhealthy", alert)
    scenario.firing(105, "BottleneckContainerUnhealthy")
    scenario.says(
        75, alert, "Container web on a:10110 is unhealthy",
        "The health check of web (service shop/web) on a:10110 has failed for more than 5 minutes. Score 0.90 of 1, cause "
        "memory_limit. Change: docker update --memory 256m web",
        "bottleneckcontainerunhealthy", "bottleneck-container?var-cluster=c1&var-instance=a%3A10110&var-name=web")
    return scenario


@case("BottleneckContainerUnhealthy", "silent", "a check that fails for three minutes, a long start, and a container stopped while unhealthy")
def unhealthy_short():
    scenario, web = one(120)
    web.set("container_health", steps((60, 1), (1, "stale"), (2, None), (57, 1)), status="healthy")
    web.set("container_health", steps((60, None), (3, 1), (1, "stale"), (56, None)), status="unhealthy")
    starting = web.host.container("starting")
    starting.set("container_health", [1] * 120, status="starting")
    stopped = web.host.container("stopped")
    stopped.set("container_health", steps((60, None), (4, 1), (1, "stale"), (55, None)), status="unhealthy")
    scenario.silent("BottleneckContainerUnhealthy", every=1)
    return scenario


@case("BottleneckRegression", "fires", "a release needs 40 % more CPU at a like load, for an hour")
def regression():
    scenario, web = one(200)
    web.set("regression_ratio", steps((60, None), (140, 0.4)), metric="cpu")
    web.set("regression_ratio", steps((60, None), (140, 0.12)), metric="memory")
    web.set("container_image_changed_timestamp_seconds", steps((40, None), (160, 2400)))
    web.recommend("REGRESSION", 3, 60)
    alert = web.alert("BottleneckRegression")
    scenario.silent("BottleneckRegression", 0, 90)
    scenario.firing(130, "BottleneckRegression", alert)
    scenario.says(
        130, alert, "Container web on a:10110 got worse with its new image",
        "Since its image changed 1h 30m 0s ago, web (service shop/web) on a:10110 needs more: cpu +40%, memory +12%"
        ". Change: go back to the image before shop:1, or accept the new need and size for it",
        "bottleneckregression", "bottleneck-compare?var-cluster=c1&var-instance=a%3A10110&var-name=web")
    return scenario


@case("BottleneckRegression", "silent", "a new version warms up its caches for 20 minutes, and one needs 12 % more")
def regression_small():
    scenario, web = one(200)
    web.set("regression_ratio", steps((60, None), (20, 0.5), (120, 0.02)), metric="cpu")
    web.recommend("REGRESSION", 4, 60, 80)
    api = web.host.container("api")
    api.set("regression_ratio", steps((60, None), (140, 0.12)), metric="cpu")
    api.recommend("REGRESSION", 2, 60)
    scenario.quiet()
    return scenario


@case("BottleneckRecommendationOpen", "fires", "two of medium severity, open for more than a week: one reminder")
def recommendation_open():
    scenario, web = one(120)
    web.recommend("CPU_LIMIT_RAISE", 3, since=-8 * DAY, change="docker update --cpus 1.5 web")
    web.recommend("MEM_SWAPPING", 2, since=-2 * DAY)
    web.recommend("MEM_VOLATILE", 1, since=-30 * DAY)
    alert = web.alert("BottleneckRecommendationOpen", "info")
    scenario.firing(100, "BottleneckRecommendationOpen", alert)
    scenario.says(
        96, alert, "Container web on a:10110 has had an open recommendation for 8d 1h 36m 0s",
        "Open on web (service shop/web) on a:10110: CPU_LIMIT_RAISE, MEM_SWAPPING - the oldest for 8d 1h 36m 0s. "
        "Change: CPU_LIMIT_RAISE: docker update --cpus 1.5 web; or silence it with the container label bottleneck.ignore",
        "bottleneckrecommendationopen", "bottleneck-recommendations?var-cluster=c1&var-instance=a%3A10110&var-name=web")
    return scenario


@case("BottleneckRecommendationOpen", "silent", "a saving that nobody took for a month, one that is two days old, and one that is cleared")
def recommendation_young():
    scenario, web = one(120)
    web.recommend("CPU_RIGHTSIZE_DOWN", 1, since=-30 * DAY)
    web.recommend("CPU_LIMIT_RAISE", 3, since=-2 * DAY)
    web.recommend("MEM_NEAR_LIMIT", 0, since=-20 * DAY)
    scenario.quiet()
    return scenario
