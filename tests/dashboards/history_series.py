"""Which series a host and a container of history.py have: the names and labels of METRICS.md."""
import hashlib

from history import GIB, MIB, TITLES, day, wobble

C = "bottleneck_container_"


def constant(value):
    return lambda t: value


def write_container(text, scrape, c):
    who = {**scrape, "name": c.name}
    gauge = lambda name, value, **more: text.gauge(name, {**who, **more}, value)
    counter = lambda name, rate, **more: text.counter(name, {**who, **more}, rate)
    identity(gauge, c)
    cpu(gauge, counter, c)
    memory(gauge, counter, c)
    disk_and_network(gauge, counter, c)
    for resource, waits in (("cpu", lambda t: 0.7 * c.throttled(t) + 0.02), ("memory", lambda t: 0.3 * c.scores(t)["memory"]), ("io", c.disk)):
        counter(C + "pressure_waiting_seconds_total", waits, resource=resource)
        counter(C + "pressure_stalled_seconds_total", lambda t, waits=waits: 0.6 * waits(t), resource=resource)
        gauge(C + "pressure_waiting_peak_ratio", lambda t, waits=waits: min(1, 1.4 * waits(t) + 0.03), resource=resource)
    life(gauge, counter, c)
    judgement(gauge, counter, c)
    recommendations(gauge, c)


def identity(gauge, c):
    for version in ("1.4.0", "1.5.0"):
        gauge(C + "info", lambda t, version=version: 1 if c.version(t) == version else None, id=hashlib.sha256((c.name + version).encode()).hexdigest()[:12],
              runtime="docker", image=f"registry.example.org/shop/{c.kind}:{version}", version=version, workload=c.workload, team=c.team)
    gauge(C + "state", constant(1), state="running")
    gauge(C + "health", constant(1), status="healthy")
    gauge("bottleneck_workload_profile", constant(1), profile={"web": "cpu_bound", "db": "io_write_heavy", "worker": "memory_bound"}.get(c.kind, "idle"))
    if c.kind == "web":
        gauge(C + "image_changed_timestamp_seconds", lambda t: c.deployed if t >= c.deployed else None)
    if c.kind == "db":
        gauge(C + "limits_changed_timestamp_seconds", lambda t: c.limit_changed if t >= c.limit_changed else None)


def cpu(gauge, counter, c):
    counter(C + "cpu_usage_seconds_total", c.cpu)
    counter(C + "cpu_periods_total", constant(10))
    counter(C + "cpu_throttled_periods_total", lambda t: 10 * c.throttled(t))
    counter(C + "cpu_throttled_seconds_total", lambda t: c.throttled(t) * c.wanted(t))
    gauge(C + "cpu_limit_cores", constant(c.cpu_limit))
    gauge(C + "cpu_effective_limit_cores", constant(c.cpu_limit))
    gauge(C + "cpu_usage_peak_cores", lambda t: min(c.cpu_limit, 1.3 * c.cpu(t)))
    gauge(C + "cpu_throttled_peak_ratio", lambda t: min(1, 1.5 * c.throttled(t)))
    right = 1.6 if c.kind == "web" else 0.5 if c.kind == "cache" else c.cpu_limit
    for bound, factor in (("", 1), ("lower_", 0.8), ("upper_", 1.3)):
        gauge(f"bottleneck_recommended_cpu_{bound}cores", constant(right * factor))
    gauge("bottleneck_rightsizing_confidence", constant(0.8), resource="cpu")
    if c.kind == "cache":
        gauge("bottleneck_saving_cpu_cores", constant(c.cpu_limit - right))


def memory(gauge, counter, c):
    gauge(C + "memory_unreclaimable_bytes", c.memory)
    gauge(C + "memory_usage_bytes", lambda t: min(c.memory_limit, c.memory(t) * 1.5))
    gauge(C + "memory_limit_bytes", constant(c.memory_limit))
    gauge(C + "memory_effective_limit_bytes", constant(c.memory_limit))
    gauge(C + "memory_swap_bytes", constant(0))
    counter(C + "memory_refaults_total", lambda t: 300 * c.scores(t)["memory"])
    counter(C + "memory_major_faults_total", lambda t: 40 * c.scores(t)["memory"])
    counter(C + "memory_limit_hits_total", lambda t: 5 * c.scores(t)["memory"])
    right = 768 * MIB if c.kind == "cache" else 1024 * MIB if c.kind == "worker" else c.memory_limit
    for bound, factor in (("", 1), ("lower_", 0.85), ("upper_", 1.25)):
        gauge(f"bottleneck_recommended_memory_{bound}bytes", constant(right * factor))
    gauge("bottleneck_rightsizing_confidence", constant(0.7), resource="memory")
    if c.kind == "cache":
        gauge("bottleneck_saving_memory_bytes", constant(c.memory_limit - right))
    if c.leaks:
        slope = 0.65 * c.memory_limit / (8 * 3600)
        gauge("bottleneck_memory_growth_bytes_per_second", constant(slope))
        gauge("bottleneck_memory_limit_forecast_timestamp_seconds", lambda t: t + (c.memory_limit - c.memory(t)) / slope)


def disk_and_network(gauge, counter, c):
    bytes_ = 30 * MIB if c.kind == "db" else MIB / 4
    for name, factor in (("read", 0.4), ("written", 1.0)):
        counter(f"{C}io_{name}_bytes_total", lambda t, f=factor: f * bytes_ * c.day(t) * wobble(t, c.seed), device="sda")
    for name, factor in (("reads", 0.4), ("writes", 1.0)):
        counter(f"{C}io_{name}_total", lambda t, f=factor: f * bytes_ / 16384 * c.day(t), device="sda")
    if c.kind == "db":
        gauge(C + "io_written_bytes_limit", constant(40 * MIB), device="sda")
        gauge(C + "io_read_bytes_limit", constant(60 * MIB), device="sda")
    for way, factor in (("receive", 1.0), ("transmit", 1.7)):
        counter(f"{C}network_{way}_bytes_total", lambda t, f=factor: f * 400_000 * c.day(t) * wobble(t, c.seed), interface="eth0")
        counter(f"{C}network_{way}_drops_total", constant(0.02), interface="eth0")
    counter(C + "network_tcp_retransmits_total", constant(0.3))
    counter(C + "network_tcp_segments_sent_total", constant(400))
    counter(C + "network_listen_overflows_total", constant(0))
    for name, used, limit in (("pids", 40, 512), ("open_files", 300, 1024)):
        gauge(C + name, lambda t, used=used: round(used * wobble(t, c.seed)))
        gauge(f"{C}{name}_limit", constant(limit))


def life(gauge, counter, c):
    kills = lambda t: (t - c.end + 1800) // (8 * 3600) + 1000 if c.leaks else 0
    gauge(C + "oom_events_total", kills)
    gauge(C + "starts_total", lambda t: kills(t) + (2 if c.version(t) == "1.5.0" else 1))
    gauge(C + "exits_total", kills, reason="oom")
    gauge(C + "exits_total", lambda t: 1 if c.version(t) == "1.5.0" else 0, reason="stopped")


def judgement(gauge, counter, c):
    for resource in c.scores(0):
        gauge("bottleneck_score", lambda t, r=resource: c.scores(t)[r], resource=resource)
        gauge("bottleneck_confidence", lambda t, r=resource: 0.9 if c.scores(t)[r] >= 0.5 else None, resource=resource)
        gauge("bottleneck_corroborating_sources", lambda t, r=resource: 2 if c.scores(t)[r] >= 0.5 else None, resource=resource)
        counter("bottleneck_held_back_seconds_total", lambda t, r=resource: 1.0 if c.scores(t)[r] >= 0.5 else 0.0, resource=resource)
    for resource, signal, share in (("cpu", "cpu.quota", 1), ("cpu", "cpu.starve", 0.3), ("memory", "mem.leak", 1), ("memory", "mem.space", 0.8), ("io", "io.stall", 1), ("io", "io.device", 0.5)):
        gauge("bottleneck_signal", lambda t, r=resource, s=share: s * c.scores(t)[r], resource=resource, signal=signal)
    gauge("bottleneck_overall_score", lambda t: max(c.scores(t).values()))
    for category in ("none", "cpu_quota", "memory_leak", "io", "lifecycle"):
        gauge("bottleneck_category", lambda t, k=category: 1 if c.category(t) == k else None, category=category)
    gauge("bottleneck_category_confidence", lambda t: 0.85)
    counter("bottleneck_observed_seconds_total", constant(1))
    if c.kind == "web":
        gauge("bottleneck_regression_ratio", lambda t: 0.4 if t >= c.deployed + 3600 else None, metric="cpu")
        gauge("bottleneck_regression_ratio", lambda t: 0 if t >= c.deployed + 3600 else None, metric="memory")
        gauge("bottleneck_budget_ratio", lambda t: 1.2 if t >= c.breach else 0.6, budget="cpu_p95")
        gauge("bottleneck_budget_objective_ratio", constant(0.99), budget="cpu_p95")
        counter("bottleneck_budget_violation_seconds_total", lambda t: 0.5 if t >= c.breach else 0.002, budget="cpu_p95")
        counter("bottleneck_budget_observed_seconds_total", constant(1), budget="cpu_p95")
        gauge("bottleneck_noisy_neighbour", lambda t: 0.4 * wobble(t, c.seed), suspect=c.name.replace("web", "batch"), resource="cpu")


def recommendations(gauge, c):
    for position, (recommendation, severity, change) in enumerate(c.advice()):
        since = c.open_since(position)
        gauge("bottleneck_recommendation", lambda t, s=severity, since=since: s if t >= since else 0, recommendation=recommendation)
        gauge("bottleneck_recommendation_active_since_timestamp_seconds", lambda t, since=since: since if t >= since else None, recommendation=recommendation)
        gauge("bottleneck_recommendation_change_info", lambda t, since=since: 1 if t >= since else None, recommendation=recommendation, change=change)


def write_host(text, scrape, containers):
    gauge = lambda name, value, **more: text.gauge(name, {**scrape, **more}, value)
    counter = lambda name, rate, **more: text.counter(name, {**scrape, **more}, rate)
    counter("bottleneck_host_cpu_busy_seconds_total", lambda t: min(7.5, sum(c.cpu(t) for c in containers) + 0.4))
    counter("bottleneck_host_cpu_steal_seconds_total", constant(0.01))
    gauge("bottleneck_host_cpus", constant(8))
    gauge("bottleneck_host_memory_total_bytes", constant(16 * GIB))
    gauge("bottleneck_host_memory_available_bytes", lambda t: 16 * GIB - GIB - sum(c.memory(t) for c in containers) / max(1, len(containers) / 10))
    for resource, share in (("cpu", 0.2), ("memory", 0.02), ("io", 0.3)):
        counter("bottleneck_host_pressure_waiting_seconds_total", lambda t, s=share: s * day(t, containers[0].end), resource=resource)
        counter("bottleneck_host_pressure_stalled_seconds_total", lambda t, s=share: s * 0.3 * day(t, containers[0].end), resource=resource)
    gauge("bottleneck_host_info", constant(1), hostname=scrape["instance"], engine="docker", engine_version="24.0.7", storage_driver="overlay2", kernel="6.1.0-18-amd64", cgroup_version="2")
    for recommendation, (kind, title) in TITLES.items():
        gauge("bottleneck_recommendation_info", constant(1), recommendation=recommendation, type=kind, title=title)
        for outcome, share in (("helped", 3), ("no_effect", 1), ("worse", 0)):
            counter("bottleneck_recommendations_outcome_total", constant(share / 86400), recommendation=recommendation, outcome=outcome)
    itself(gauge, counter, containers)


def itself(gauge, counter, containers):
    e = "bottleneck_exporter_"
    gauge("up", constant(1))
    gauge("scrape_duration_seconds", lambda t: 0.012 * wobble(t, 1))
    gauge(e + "build_info", constant(1), version="0.9.0", revision="abcdef0")
    gauge(e + "containers", constant(len(containers)))
    gauge(e + "series", constant(90 * len(containers)))
    gauge(e + "containers_dropped", constant(0), reason="containers")
    gauge(e + "containers_dropped", constant(0), reason="series")
    counter(e + "series_dropped_total", constant(0))
    gauge(e + "cpu_budget_ratio", lambda t: 0.4 * wobble(t, 2))
    gauge(e + "sampling_interval_seconds", constant(1))
    counter(e + "ticks_skipped_total", constant(0.001))
    gauge(e + "config_last_reload_successful", constant(1))
    counter(e + "http_requests_total", constant(0.07), code="200", handler="/metrics")
    counter(e + "http_requests_total", constant(0.001), code="404", handler="other")
    for worker, share in (("sampler", 0.008), ("http", 0.001), ("walker", 0.0004)):
        counter(e + "worker_busy_seconds_total", lambda t, s=share: s * wobble(t, 3), worker=worker)
    for collector, seconds in (("cpu", 0.0006), ("memory", 0.0011), ("io", 0.0004), ("network", 0.0009), ("storage", 0.0)):
        gauge(e + "collector_success", constant(1), collector=collector)
        gauge(e + "collector_supported", constant(0 if collector == "storage" else 1), collector=collector)
        gauge(e + "collector_duration_seconds", lambda t, s=seconds: s * wobble(t, 4), collector=collector)
    counter(e + "read_errors_total", constant(0.002), collector="network", reason="gone")
    for le, share in (("0.005", 0.2), ("0.05", 0.9), ("0.5", 1.0), ("+Inf", 1.0)):
        counter(e + "docker_api_request_duration_seconds_bucket", constant(0.1 * share), endpoint="containers", le=le)
    counter("process_cpu_seconds_total", lambda t: 0.01 * wobble(t, 5))
    gauge("process_resident_memory_bytes", lambda t: 14 * MIB * wobble(t, 6, 0.02))
    gauge("process_open_fds", constant(180))
