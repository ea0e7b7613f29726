"""The names that rules may use: the project's frozen list (tests/contract/frozen_names.txt), and until they are in it the
judgements, listed here with their labels besides name. The catalogue (exporter/model/fields.def) says what is in the fleet
profile."""
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


def listed():
    """name -> labels, from the frozen list; label_... there stands for what a user allows."""
    out = {}
    for line in (ROOT / "tests/contract/frozen_names.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, labels = line.split(" ", 2) if line.count(" ") > 1 else (*line.split(" "), "")
            out[name] = {label for label in re.findall(r"\w+", labels) if label not in ("name", "label_")}
    return out


def beyond_fleet():
    """Raw numbers that the fleet profile leaves out."""
    text = (ROOT / "exporter/model/fields.def").read_text()
    least = {}
    row = r'^FIELD\(k(\w+),\s*\w+,\s*"(\w+)",\s*"(?:[^"\\]|\\.)*",\s*k\w+,\s*k\w+,\s*k(\w+)'
    for scope, family, profile in re.findall(row, text, flags=re.M):
        name = ("bottleneck_host_" if scope.startswith("Host") else "bottleneck_container_") + family
        least.setdefault(name, set()).add(profile)
    return {name for name, profiles in least.items() if "Fleet" not in profiles}


def metrics():
    """All of them: name -> labels. A judgement that the list has already must have the same labels there."""
    found = listed()
    different = {name for name, labels in JUDGEMENTS.items() if name in found and found[name] != labels}
    if different:
        raise AssertionError(f"frozen.py and frozen_names.txt disagree on the labels of {different}")
    return {**JUDGEMENTS, **found, "up": set()}
