"""Saturation: held back, throttled, contention, noisy neighbour, pressure of the host."""
from cases import case
from scenario import Scenario, counter, steps

FILES = ["rules/containers.rules.yml", "rules/aggregates.rules.yml", "alerts/containers.alerts.yml"]


def one(length, name="web", **info):
    scenario = Scenario(length, files=FILES)
    return scenario, scenario.host().container(name, **{"workload": "shop/web", "team": "payments", **info})


@case("BottleneckContainerHeldBack", "fires", "a service thrashes within its memory limit; resolved after it is well again")
def held_back_by_memory():
    scenario, web = one(260)
    web.sick("memory", 90, 160, "memory_limit").recommend(
        "MEM_LIMIT_RAISE", 3, 95, 160, change="docker update --memory 256m --memory-swap 256m web")
    alert = web.alert("BottleneckContainerHeldBack")
    scenario.silent("BottleneckContainerHeldBack", 0, 115)
    scenario.firing(130, "BottleneckContainerHeldBack", alert)
    scenario.firing(170, "BottleneckContainerHeldBack", alert)
    scenario.firing(200, "BottleneckContainerHeldBack")
    scenario.says(
        130, alert, "Container web on a:10110 is held back",
        "web (service shop/web) on a:10110 has a score of 0.90 of 1 and was held back for at least 80 % of the last 30 "
        "minutes (memory 100% of the time). Cause: memory_limit. "
        "Change: docker update --memory 256m --memory-swap 256m web",
        "bottleneckcontainerheldback", "bottleneck-container?var-cluster=c1&var-instance=a%3A10110&var-name=web")
    return scenario


@case("BottleneckContainerHeldBack", "fires", "one kind of evidence is enough when it is of high confidence")
def held_back_one_source():
    scenario, web = one(160)
    web.sick("io", 70, 160, "io", sources=1, confidence=0.85)
    scenario.firing(130, "BottleneckContainerHeldBack", web.alert("BottleneckContainerHeldBack"))
    return scenario


@case("BottleneckContainerHeldBack", "silent", "one kind of evidence of low confidence")
def held_back_uncorroborated():
    scenario, web = one(160)
    web.sick("memory", 70, 160, "memory_limit", sources=1, confidence=0.79)
    scenario.quiet()
    return scenario


@case("BottleneckContainerHeldBack", "silent", "an image build: a new container that uses CPU and disk for 50 minutes and goes")
def held_back_build():
    scenario, build = one(160, "build")
    build.sick("io", 62, 110, "io").sick("cpu", 62, 110, "cpu_contention").only(60, 112)
    scenario.quiet()
    return scenario


@case("BottleneckContainerHeldBack", "silent", "a backup that came at this hour yesterday too (the first night is told)")
def held_back_nightly():
    day = 24 * 30
    scenario = Scenario(30 * 30, 120, FILES[:1] + FILES[2:])
    backup = scenario.host().container("backup")
    on = [60 <= i % day < 100 for i in range(scenario.length)]
    backup.judge("io", [0.95 if x else 0.05 for x in on])
    backup.set("category", [1] * scenario.length, category="io")
    total, values = 0, []
    for x in on:
        total += 120 if x else 0
        values.append(total)
    backup.set("held_back_seconds_total", values, resource="io")
    backup.set("observed_seconds_total", counter((scenario.length, 120)))
    scenario.firing(85, "BottleneckContainerHeldBack", backup.alert("BottleneckContainerHeldBack"))
    scenario.silent("BottleneckContainerHeldBack", day, day + 150)
    return scenario


@case("BottleneckContainerHeldBack", "fires", "still told on the second day when it lasts all day: a habit is not an excuse")
def held_back_all_day():
    scenario = Scenario(30 * 30, 120, FILES[:1] + FILES[2:])
    web = scenario.host().container("web").sick("io", 60, scenario.length, "io")
    web.set("observed_seconds_total", counter((scenario.length, 120)))
    for step in (100, 400, 24 * 30 + 75, 24 * 30 + 150):
        scenario.firing(step, "BottleneckContainerHeldBack", web.alert("BottleneckContainerHeldBack"))
    return scenario


@case("BottleneckContainerHeldBack", "silent", "a spinner that uses all the CPU it may (cpu_demand): busy, nobody takes it away")
def demand():
    scenario, web = one(200)
    web.sick("cpu", 60, 200, "cpu_demand", score=0.98)
    scenario.quiet()
    return scenario


@case("BottleneckContainerHeldBack", "silent", "page cache at the memory limit: usage equals the limit, and the score is low")
def page_cache():
    scenario, web = one(200)
    web.set("container_memory_usage_bytes", web.series[("bottleneck_container_memory_effective_limit_bytes", ())])
    scenario.quiet()
    return scenario


@case("BottleneckContainerHeldBack", "silent", "a warm-up after a restart: the container started less than an hour ago")
def warm_up():
    scenario, web = one(200)
    web.sick("memory", 125, 165, "memory_limit")
    web.set("container_starts_total", steps((122, 1), (78, 2)))
    scenario.quiet()
    return scenario


@case("BottleneckContainerHeldBack", "silent", "after an OOM kill the score stays high for half an hour: the kill is told, not this")
def held_back_after_oom():
    scenario, web = one(200)
    web.sick("memory", 90, 160, "memory_limit").recommend("MEM_OOM_KILLED", 4, 90, 160)
    web.set("container_oom_events_total", steps((90, 0), (110, 1)))
    scenario.silent("BottleneckContainerHeldBack")
    return scenario


@case("BottleneckContainerThrottled", "fires", "a service at its CPU limit; information only")
def throttled():
    scenario, web = one(150)
    web.sick("cpu", 30, 150, "cpu_quota", score=0.82)
    alert = web.alert("BottleneckContainerThrottled", "info")
    scenario.firing(100, "BottleneckContainerThrottled", alert)
    for other in ("BottleneckContainerHeldBack", "BottleneckContentionVictim", "BottleneckHostPressure"):
        scenario.silent(other)
    scenario.says(
        100, alert, "Container web on a:10110 is held by its own CPU limit",
        "web (service shop/web) on a:10110 wants more CPU than its limit of 2.00 cores; score 0.82 of 1, no other symptom is "
        "known. Change: raise the limit by a quarter if it serves users; leave it if it is a batch job",
        "bottleneckcontainerthrottled", "bottleneck-container?var-cluster=c1&var-instance=a%3A10110&var-name=web")
    return scenario


@case("BottleneckContainerThrottled", "silent", "throttled in many periods, each for a moment: the score stays medium")
def throttled_short():
    scenario, web = one(150)
    web.sick("cpu", 30, 150, "cpu_quota", score=0.6)
    scenario.quiet()
    return scenario


@case("BottleneckContentionVictim", "fires", "the host is short of CPU; no limit of its own; the cause flickers and nothing flaps")
def victim():
    scenario, web = one(200)
    web.sick("cpu", 90, 170, "cpu_contention")
    flicker = [i for i in range(95, 170, 7)]
    for i in flicker:
        web.series[("bottleneck_category", (("category", "cpu_contention"),))][i] = "stale"
    web.set("category", [1 if i in flicker else ("stale" if i - 1 in flicker else None) for i in range(200)], category="cpu_demand")
    alert = web.alert("BottleneckContentionVictim")
    for step in range(120, 170, 5):
        scenario.firing(step, "BottleneckContentionVictim", alert)
    scenario.silent("BottleneckContainerHeldBack")
    scenario.says(
        130, alert, "Container web on a:10110 is held back by its neighbours",
        "web (service shop/web) on a:10110 has a score of 0.90 of 1 because others use what it needs. "
        "Cause: cpu_contention. Suspects: none is named. "
        "Change: limit the suspect, give this container a larger share, or move one of them",
        "bottleneckcontentionvictim", "bottleneck-container?var-cluster=c1&var-instance=a%3A10110&var-name=web")
    return scenario


@case("BottleneckContentionVictim", "fires", "waits for a disk that a named neighbour keeps busy")
def victim_of_disk():
    scenario, web = one(200)
    web.sick("io", 90, 170, "io")
    web.set("noisy_neighbour", steps((95, None), (75, 0.8), (1, "stale"), (29, None)), suspect="dump", resource="io")
    web.host.container("dump")
    scenario.firing(130, "BottleneckContentionVictim", web.alert("BottleneckContentionVictim"))
    scenario.silent("BottleneckContainerHeldBack")
    return scenario


@case("BottleneckContentionVictim", "silent", "held by its own quota beside a busy host: never blamed on a neighbour")
def victim_of_quota():
    scenario, web = one(200)
    web.sick("cpu", 70, 200, "cpu_quota")
    scenario.silent("BottleneckContentionVictim")
    scenario.silent("BottleneckNoisyNeighbour")
    return scenario


def neighbours(score):
    scenario, web = one(200)
    api = web.host.container("api")
    hog = web.host.container("hog", workload="batch/hog", team="batch")
    hog.set("container_cpu_usage_seconds_total", counter((200, 96)))
    for victim_, correlation in ((web, 0.71), (api, 0.64)):
        victim_.sick("cpu", 90, 170, "cpu_contention", score=score)
        victim_.set("noisy_neighbour", steps((95, None), (75, correlation), (1, "stale"), (29, None)),
                    suspect="hog", resource="cpu")
    return scenario, web, api, hog


@case("BottleneckNoisyNeighbour", "fires", "one alert about the suspect, to the suspect's team, for two victims")
def noisy():
    scenario, _, _, hog = neighbours(0.9)
    alert = hog.alert("BottleneckNoisyNeighbour")
    scenario.firing(130, "BottleneckNoisyNeighbour", alert)
    scenario.says(
        130, alert, "Container hog on a:10110 holds back its neighbours",
        "hog (service batch/hog) on a:10110 takes what others need; it fits the hold-ups of: api (cpu, correlation 0.64), web "
        "(cpu, correlation 0.71). It uses 1.60 cores. Change: give it a limit, a lower weight, or another host",
        "bottlenecknoisyneighbour", "bottleneck-container?var-cluster=c1&var-instance=a%3A10110&var-name=hog")
    return scenario


@case("BottleneckNoisyNeighbour", "silent", "a suspect correlates with containers that are hardly held back")
def noisy_without_harm():
    scenario, *_ = neighbours(0.6)
    scenario.quiet()
    return scenario


@case("BottleneckHostPressure", "fires", "two services suffer and the CPUs are taken; before the alerts of its victims")
def host_pressure():
    scenario, web, api, _ = neighbours(0.9)
    host = web.host
    host.set("bottleneck_host_cpu_busy_seconds_total", counter((90, 20), (110, 118)))
    host.set("bottleneck_host_pressure_waiting_seconds_total", counter((90, 1), (110, 54)), resource="cpu")
    alert = {k: v for k, v in web.alert("BottleneckHostPressure").items() if k not in ("name", "workload", "team")}
    scenario.firing(110, "BottleneckHostPressure", alert)
    scenario.firing(110, "BottleneckContentionVictim")
    scenario.firing(130, "BottleneckHostPressure", alert)
    scenario.firing(130, "BottleneckContentionVictim", web.alert("BottleneckContentionVictim"),
                    api.alert("BottleneckContentionVictim"))
    scenario.says(
        130, alert, "Host a:10110 is too small for its containers: 2 are held back",
        "On a:10110, 2 services are held back by each other or by the host. CPU busy 98.33%, memory available 50%, pressure "
        "cpu 90%, io 1.667%, memory 1.667%. Worst: api (0.90), web (0.90). "
        "Largest users of CPU: api (0.10 cores), hog (1.60 cores), web (0.10 cores). "
        "Change: move or limit the largest users, or give the host more",
        "bottleneckhostpressure", "bottleneck-fleet?var-cluster=c1&var-instance=a%3A10110")
    return scenario


@case("BottleneckHostPressure", "silent", "all CPUs busy with builds and jobs, and no service suffers")
def busy_host():
    scenario, web = one(200)
    host = web.host
    host.set("bottleneck_host_cpu_busy_seconds_total", counter((60, 20), (140, 119)))
    host.set("bottleneck_host_pressure_waiting_seconds_total", counter((60, 1), (140, 57)), resource="cpu")
    for i in range(4):
        host.container(f"build{i}").sick("cpu", 62, 100 + 10 * i, "cpu_contention").only(60, 105 + 10 * i)
    scenario.quiet()
    return scenario
