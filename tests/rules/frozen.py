"""The names that rules may use: the project's frozen list (tests/contract/frozen_names.txt); METRICS.md says what is in the
fleet profile, exporter/model/advice.def which recommendations there are."""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Named in runbooks only, and the program itself.
ONLY_IN_TEXTS = {"bottleneck_recommended_cpu_cores", "bottleneck_recommended_memory_bytes",
                 "bottleneck_exporter_collector_duration_seconds", "bottleneck_exporter"}
SCRAPER_LABELS = {"cluster", "job", "instance"}
RECORDED_LABELS = {"name", "workload", "team", "image", "version", "resource", "category", "recommendation", "severity",
                   "budget", "week", "victim", "suspect", "collector"}

RECOMMENDATIONS = re.findall(r'^ADVICE\(\w+, "(\w+)"', (ROOT / "exporter/model/advice.def").read_text(), flags=re.M)

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
    """What the fleet profile leaves out, by the column of METRICS.md."""
    out, columns = set(), []
    for line in (ROOT / "METRICS.md").read_text().splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if "metric" in cells[:1]:
            columns = cells
        elif cells and cells[0].startswith("`") and "profile" in columns and cells[columns.index("profile")] != "fleet":
            out.add(cells[0].strip("`"))
    return out


def metrics():
    """All of them: name -> labels."""
    return {**listed(), "up": set()}
