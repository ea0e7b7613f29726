"""Memory: kills, forecasts, leaks."""
from cases import case
from scenario import MIB, Scenario, counter, ramp, steps

FILES = ["rules/containers.rules.yml", "alerts/containers.alerts.yml"]
CHANGE = "docker update --memory 320m --memory-swap 320m web"


def one(length):
    scenario = Scenario(length, files=FILES)
    return scenario, scenario.host().container("web", workload="shop/web", team="payments")


def kills(web, *when, length=200, start=0):
    return web.set("container_oom_events_total", [start + sum(step >= at for at in when) for step in range(length)])


@case("BottleneckOomKilled", "fires", "one kill is told within a minute, once, and is over half an hour later")
def oom_once():
    scenario, web = one(200)
    kills(web, 90).recommend("MEM_OOM_KILLED", 4, 90, 150, change=CHANGE)
    alert = web.alert("BottleneckOomKilled")
    scenario.silent("BottleneckOomKilled", 0, 90)
    scenario.firing(91, "BottleneckOomKilled", alert)
    scenario.firing(110, "BottleneckOomKilled", alert)
    scenario.firing(120, "BottleneckOomKilled")
    scenario.says(
        95, alert, "Container web on a:10110 was killed for lack of memory",
        "web (service shop/web) on a:10110 had 1 out-of-memory kill(s) within 10 minutes. Limit 200MiB, not reclaimable now "
        f"50MiB. Change: {CHANGE}",
        "bottleneckoomkilled", "bottleneck-container?var-cluster=c1&var-instance=a%3A10110&var-name=web")
    return scenario


@case("BottleneckOomKilled", "fires", "critical at the second kill within an hour")
def oom_twice():
    scenario, web = one(200)
    kills(web, 90, 115)
    scenario.firing(95, "BottleneckOomKilled", web.alert("BottleneckOomKilled"))
    scenario.firing(117, "BottleneckOomKilled", web.alert("BottleneckOomKilled"), web.alert("BottleneckOomKilled", "critical"))
    scenario.firing(185, "BottleneckOomKilled")
    return scenario


@case("BottleneckOomKilled", "fires", "killed before it was scraped once: the counter is new, but the exporter knows that it is recent")
def oom_new():
    scenario, web = one(100)
    kills(web, 0, length=100).recommend("MEM_OOM_KILLED", 4, 60, 100, since=59 * 60)
    web.only(60, 100)
    scenario.firing(61, "BottleneckOomKilled", web.alert("BottleneckOomKilled"))
    return scenario


@case("BottleneckOomKilled", "fires", "a container that is removed at once after its kill is told of")
def oom_removed():
    scenario, web = one(100)
    kills(web, 60, length=100).only(0, 62)
    scenario.firing(64, "BottleneckOomKilled", web.alert("BottleneckOomKilled"))
    return scenario


@case("BottleneckOomKilled", "silent", "Prometheus was away, or sees the host for the first time: old kills are no news")
def oom_old():
    scenario, web = one(200)
    kills(web, start=7).recommend("MEM_OOM_KILLED", 4, 0, 100, since=-3000)
    web.only(40, 200)
    scenario.quiet()
    return scenario


@case("BottleneckOomKilled", "silent", "the exporter lost its state and counts from 0 again")
def oom_reset():
    scenario, web = one(200)
    web.set("container_oom_events_total", steps((90, 5), (110, 0)))
    scenario.quiet()
    return scenario


@case("BottleneckOomKilled", "silent", "usage is at the limit all day, by page cache: limit hits are no kills")
def oom_page_cache():
    scenario, web = one(120)
    web.set("container_memory_usage_bytes", [200 * MIB] * 120)
    web.set("container_memory_limit_hits_total", counter((120, 500)))
    scenario.quiet()
    return scenario


@case("BottleneckMemoryLimitNear", "fires", "the limit is reached within 4 h by the exporter's forecast")
def limit_forecast():
    scenario, web = one(200)
    web.set("container_memory_unreclaimable_bytes", ramp(50 * MIB, 0.6 * MIB, 200))
    web.set("memory_limit_forecast_timestamp_seconds", [None] * 20 + [15000] * 180)
    alert = web.alert("BottleneckMemoryLimitNear")
    scenario.silent("BottleneckMemoryLimitNear", 0, 60)
    scenario.firing(130, "BottleneckMemoryLimitNear", alert)
    scenario.says(
        130, alert, "Container web on a:10110 is about to reach its memory limit",
        "web (service shop/web) on a:10110 uses 64% of its memory limit of 200MiB for what cannot be reclaimed. "
        "At its present growth it is full in 2h 0m 0s. "
        "Change: raise the memory limit, or restart it in good time if it leaks",
        "bottleneckmemorylimitnear", "bottleneck-container?var-cluster=c1&var-instance=a%3A10110&var-name=web")
    return scenario


@case("BottleneckMemoryLimitNear", "fires", "at 97 % of the limit, and stalled by it")
def limit_reached():
    scenario, web = one(120)
    web.set("container_memory_unreclaimable_bytes", steps((30, 50 * MIB), (90, 194 * MIB)))
    web.sick("memory", 30, 120, "memory_limit", score=0.6)
    scenario.firing(60, "BottleneckMemoryLimitNear", web.alert("BottleneckMemoryLimitNear"))
    return scenario


@case("BottleneckMemoryLimitNear", "silent", "a database that locks 97 % of its limit and is calm")
def limit_locked():
    scenario, web = one(200)
    web.set("container_memory_unreclaimable_bytes", [194 * MIB] * 200)
    web.judge("memory", [0.66] * 200, [0] * 200, [0.9] * 200)
    scenario.quiet()
    return scenario


@case("BottleneckMemoryLimitNear", "silent", "a warm-up that allocates fast for 40 minutes after a start, then stays")
def limit_warm_up():
    scenario, web = one(200)
    web.set("container_starts_total", steps((100, 1), (100, 2)))
    web.set("container_memory_unreclaimable_bytes", steps((100, 160 * MIB)) + ramp(40 * MIB, 3 * MIB, 40) + [157 * MIB] * 60)
    web.set("memory_limit_forecast_timestamp_seconds", [None] * 111 + [100 * 60 + 3400] * 30 + ["stale"] + [None] * 58)
    scenario.quiet()
    return scenario


@case("BottleneckMemoryLimitNear", "silent", "growth that needs 30 h, and growth from a low level")
def limit_far():
    scenario, web = one(200)
    web.set("container_memory_unreclaimable_bytes", [150 * MIB] * 200)
    web.set("memory_limit_forecast_timestamp_seconds", [30 * 3600] * 200)
    low = web.host.container("low")
    low.set("memory_limit_forecast_timestamp_seconds", [3 * 3600] * 200)
    scenario.quiet()
    return scenario


@case("BottleneckMemoryLeak", "fires", "a confirmed leak whose floor keeps rising")
def leak():
    scenario, web = one(240)
    web.set("container_memory_unreclaimable_bytes", [(40 + 2.5 * (step // 10)) * MIB for step in range(240)])
    web.set("memory_growth_bytes_per_second", [4096] * 240)
    web.set("memory_limit_forecast_timestamp_seconds", [200 * 60 + 36000] * 240)
    web.recommend("MEM_LEAK_SUSPECTED", 3, 120)
    alert = web.alert("BottleneckMemoryLeak")
    scenario.silent("BottleneckMemoryLeak", 0, 120)
    scenario.firing(200, "BottleneckMemoryLeak", alert)
    scenario.says(
        200, alert, "Container web on a:10110 leaks memory",
        "The floor of the memory of web (service shop/web) on a:10110 keeps rising: 82.5MiB now, 67.5MiB an hour ago, growing by "
        "14.06MiB an hour. Its limit is reached in 10h 0m 0s. "
        "Change: fix the leak; until then restart it before the limit is reached, a higher limit only buys time",
        "bottleneckmemoryleak", "bottleneck-container?var-cluster=c1&var-instance=a%3A10110&var-name=web")
    return scenario


@case("BottleneckMemoryLeak", "silent", "a sawtooth of garbage collection and a warm-up that has ended, both suspected")
def leak_sawtooth():
    scenario, web = one(300)
    web.set("container_memory_unreclaimable_bytes", ramp(40 * MIB, 4 * MIB, 20) * 15)
    web.recommend("MEM_LEAK_SUSPECTED", 3, 150)
    plateau = web.host.container("plateau")
    plateau.set("container_memory_unreclaimable_bytes", ramp(40 * MIB, MIB, 60) + [100 * MIB] * 240)
    plateau.recommend("MEM_LEAK_SUSPECTED", 3, 150)
    scenario.quiet()
    return scenario


@case("BottleneckMemoryLeak", "silent", "suspected only (medium): the limit is days away")
def leak_medium():
    scenario, web = one(240)
    web.set("container_memory_unreclaimable_bytes", ramp(40 * MIB, 0.25 * MIB, 240))
    web.recommend("MEM_LEAK_SUSPECTED", 2, 120)
    scenario.quiet()
    return scenario
