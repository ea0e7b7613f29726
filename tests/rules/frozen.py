"""The names that rules may use. Raw numbers are read from exporter/model/fields.def; judgements and the exporter's own
metrics are listed here with their labels (besides name), as they were frozen with the first release."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]

JUDGEMENTS = {
    "bottleneck_score": {"resource"},
    "bottleneck_signal": {"resource", "signal"},
    "bottleneck_overall_score": set(),
    "bottleneck_category": {"category"},
    "bottleneck_category_confidence": set(),
    "bottleneck_confidence": {"resource"},
    "bottleneck_corroborating_sources": {"resource"},
    "bottleneck_held_back_seconds_total": {"resource"},
    "bottleneck_observed_seconds_total": set(),
    "bottleneck_recommendation": {"recommendation"},
    "bottleneck_recommendation_active_since_timestamp_seconds": {"recommendation"},
    "bottleneck_recommendation_change_info": {"recommendation", "change"},
    "bottleneck_recommendation_info": {"recommendation", "type", "title"},
    "bottleneck_recommendations_outcome_total": {"recommendation", "outcome"},
    "bottleneck_saving_cpu_cores": set(),
    "bottleneck_saving_memory_bytes": set(),
    "bottleneck_memory_growth_bytes_per_second": set(),
    "bottleneck_memory_limit_forecast_timestamp_seconds": set(),
    "bottleneck_regression_ratio": {"metric"},
    "bottleneck_budget_ratio": {"budget"},
    "bottleneck_budget_objective_ratio": {"budget"},
    "bottleneck_budget_violation_seconds_total": {"budget"},
    "bottleneck_budget_observed_seconds_total": {"budget"},
    "bottleneck_noisy_neighbour": {"suspect", "resource"},
    "bottleneck_workload_profile": {"profile"},
}
IDENTITY = {
    "bottleneck_container_info": {"id", "image", "version", "image_id", "runtime", "workload", "team"},
    "bottleneck_host_info": {"hostname", "machine_id"},
}
EXPORTER = {
    "bottleneck_exporter_build_info": set(),
    "bottleneck_exporter_collector_success": {"collector"},
    "bottleneck_exporter_collector_supported": {"collector"},
    "bottleneck_exporter_read_errors_total": {"collector", "reason"},
    "bottleneck_exporter_sampling_interval_seconds": set(),
    "bottleneck_exporter_cpu_budget_ratio": set(),
    "bottleneck_exporter_series": set(),
    "bottleneck_exporter_containers": set(),
    # what the caps leave out at present; 0 while they are not reached
    "bottleneck_exporter_series_dropped": set(),
    "bottleneck_exporter_containers_dropped": set(),
}
# Named in runbooks only, and the program itself.
ONLY_IN_TEXTS = {"bottleneck_recommended_cpu_cores", "bottleneck_recommended_memory_bytes",
                 "bottleneck_exporter_collector_duration_seconds", "bottleneck_exporter"}
# Not in the fleet profile: alerts may look them up for their text, and nothing may depend on them.
NOT_IN_FLEET = {"bottleneck_signal", "bottleneck_recommendation_change_info", "bottleneck_workload_profile"}

SCRAPER_LABELS = {"cluster", "job", "instance"}
RECORDED_LABELS = {"name", "workload", "team", "image", "version", "resource", "category", "recommendation", "severity",
                   "budget", "week", "victim", "suspect", "collector"}

RECOMMENDATIONS = """
CPU_LIMIT_RAISE CPU_BURSTY CPU_HOT CPU_CONTENTION CPU_DEMAND CPU_SINGLE_THREAD CPU_VOLATILE CPU_NOISY_NEIGHBOUR
CPU_RIGHTSIZE_DOWN MEM_RIGHTSIZE_DOWN CPU_NO_LIMIT MEM_NO_LIMIT MEM_LIMIT_RAISE MEM_OOM_KILLED MEM_LEAK_SUSPECTED
MEM_CACHE_THRASH MEM_HOST_PRESSURE MEM_SWAPPING MEM_NEAR_LIMIT MEM_VOLATILE IO_STALLED IO_LIMIT_HIT IO_WRITE_HEAVY
IO_READ_HEAVY IO_SMALL_RANDOM IO_NOISY_NEIGHBOUR NET_RETRANSMIT NET_DROPS NET_LISTEN_OVERFLOW NET_CONNTRACK_FULL
PIDS_LIMIT FD_EXHAUSTION FD_OR_THREAD_LEAK RESTART_LOOP UNHEALTHY SLOW_START HOST_STORAGE_DRIVER IMAGE_LARGE
MEMORY_BOUND CPU_BOUND REGRESSION BUDGET_EXCEEDED
""".split()

DASHBOARDS = {"bottleneck-fleet", "bottleneck-container", "bottleneck-compare", "bottleneck-history",
              "bottleneck-recommendations", "bottleneck-exporter"}


def raw_metrics():
    """name -> (labels, least profile), from the catalogue."""
    text = (ROOT / "exporter/model/fields.def").read_text()
    out = {}
    row = r'^FIELD\(k(\w+),\s*\w+,\s*"(\w+)",\s*"((?:[^"\\]|\\.)*)",\s*k\w+,\s*k\w+,\s*k(\w+)'
    for scope, family, labels, profile in re.findall(row, text, flags=re.M):
        prefix = "bottleneck_host_" if scope.startswith("Host") else "bottleneck_container_"
        names = set(re.findall(r"(\w+)=", labels)) | {"Device": {"device"}, "Interface": {"interface"}}.get(scope, set())
        known, least = out.get(prefix + family, (set(), profile))
        out[prefix + family] = (known | names, "Fleet" if "Fleet" in (least, profile) else least)
    return out
