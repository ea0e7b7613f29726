#!/usr/bin/env python3
"""What every dashboard keeps to: layout, ids, units, texts, colours, variables, names. Prints "ok" or "FAIL" a check."""
import collections
import re
import sys

import yaml

from boards import ROOT, boards, expressions, metrics, panels

sys.path.insert(0, str(ROOT / "tests/rules"))
import frozen  # noqa: E402

BANDS = [None, 0.25, 0.5, 0.75, 0.9]
PROMETHEUS_OWN = {"up", "ALERTS", "scrape_duration_seconds"}
# A chosen whole range or a fixed span is meant there, not the resolution of the graph: totals of the range, shares of a
# day or an hour, medians of 10-minute blocks. Everything drawn as a rate uses $__rate_interval.
FIXED_RANGES = {"$__range", "$__interval", "1h", "24h", "1d", "10m"}
FAILURES = []
PASSED = 0


def check(what, wrong):
    global PASSED
    if wrong:
        FAILURES.append(what)
        print(f"FAIL {what}: " + "; ".join(map(str, wrong))[:1500])
    else:
        PASSED += 1
        print(f"ok   {what}")


def overlaps(a, b):
    a, b = a["gridPos"], b["gridPos"]
    return a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"] and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]


def layout(board):
    everything = board["panels"]
    wide = collections.defaultdict(int)
    heights = collections.defaultdict(set)
    for panel in everything:
        wide[panel["gridPos"]["y"]] += panel["gridPos"]["w"]
        heights[panel["gridPos"]["y"]].add(panel["gridPos"]["h"])
    yield "rows are 24 wide", [f"y={y}: {w}" for y, w in wide.items() if w != 24]
    yield "panels of a row are equally high", [f"y={y}: {h}" for y, h in heights.items() if len(h) > 1]
    yield "no overlap", [f"{a['title']} and {b['title']}" for i, a in enumerate(everything) for b in everything[i + 1:] if overlaps(a, b)]
    # At 1280 pixels a column is 51 wide, a character of a title about 8, and 72 go to margins and the sign of the description.
    yield "titles fit at 1280 pixels", [p["title"] for p in panels(board) if len(p["title"]) * 8 + 72 > 51 * p["gridPos"]["w"]]


def identity(board):
    ids = [panel["id"] for panel in board["panels"]]
    yield "panel ids are unique", [i for i, n in collections.Counter(ids).items() if n > 1]
    yield "panel titles are unique", [t for t, n in collections.Counter(p["title"] for p in panels(board)).items() if n > 1]
    yield "refIds are unique", [p["title"] for p in panels(board) if len({t["refId"] for t in p["targets"]}) != len(p["targets"])]
    yield "the file is called like the uid", [] if (ROOT / f"dashboards/{board['uid']}.json").exists() else [board["uid"]]
    yield "not editable, so that a change goes into the source", [] if board["editable"] is False else ["editable"]
    tags = [tag for link in board["links"] if link["type"] == "dashboards" for tag in link["tags"]]
    yield "a menu with all six, which keeps choices and times", [] if set(tags) == {"bottleneck"} and "bottleneck" in board["tags"] and all(
        link["includeVars"] and link["keepTime"] for link in board["links"]) else tags
    away = {uid for uid in re.findall(r"/d/([\w-]+)", str(board["panels"]))}
    yield "links of panels lead to one of the six", sorted(away - frozen.DASHBOARDS)


def texts(board):
    yield "titles and descriptions", [p.get("title") or p["id"] for p in panels(board) if not p.get("title") or len(p.get("description", "")) < 15]
    yield "units", [p["title"] for p in panels(board) if not p["fieldConfig"]["defaults"].get("unit")]
    yield "queries", [p["title"] for p in panels(board) if not p.get("targets")]


def data_source(board):
    wrong = [p["title"] for p in panels(board) for t in (p, *p["targets"]) if t["datasource"] != {"type": "prometheus", "uid": "${datasource}"}]
    wrong += [a["name"] for a in board["annotations"]["list"] if a.get("datasource", {}).get("uid") != "${datasource}" and not a.get("builtIn")]
    yield "every query goes to ${datasource}", wrong
    yield "no ${DS_...}", ["found"] if "${DS_" in str(board) else []


def variables(board):
    found = {v["name"]: v for v in board["templating"]["list"]}
    yield "datasource, cluster, job and instance come first", [] if list(found)[:4] == ["datasource", "cluster", "job", "instance"] else list(found)
    yield "the data source is a Prometheus and called so", [] if (found["datasource"]["query"], found["datasource"]["label"]) == ("prometheus", "Data source") else ["datasource"]
    for name, everything in (("cluster", ".*"), ("job", ".+"), ("instance", ".+")):
        v = found[name]
        yield f"${name} is several or all", [] if v["multi"] and v["includeAll"] and v["allValue"] == everything else [v]
    yield "choices follow the time range", [v["name"] for v in found.values() if v["type"] == "query" and v["refresh"] != 2]


def queries(board):
    all_ = list(expressions(board))
    yield "no `or vector(0)`", [where for where, expr, _ in all_ if re.search(r"or\s+vector\(", expr)]
    ranges = [(where, r) for where, expr, _ in all_ for r in re.findall(r"\b(?:rate|irate|increase)\([^\[\]]*\[([^\]]*)\]", expr)]
    yield "rates over $__rate_interval, or a span that is meant", [f"{w}: {r}" for w, r in ranges if r != "$__rate_interval" and r not in FIXED_RANGES]
    # Recorded series of a service, an image or a budget have no host: own budgets come from anywhere.
    free = re.compile(r"^(name_budget:|image|workload)")
    wrong = []
    for where, expr, _ in all_:
        for name, matchers in re.findall(r"([a-zA-Z_][\w:]*)\{([^}]*)\}", expr):
            missing = [label for label in ("cluster", "job", "instance") if f'{label}=~"$' not in matchers]
            if missing and not free.match(name) and " / variable " not in where:
                wrong.append(f"{where}: {name} without {missing}")
    yield "every selector says cluster, job and instance", wrong
    counters = [f"{where}: {m}" for where, expr, _ in all_ for m in metrics(expr)
                if m.endswith(("_total", "_bucket")) and not re.search(rf"(rate|increase|count)\(\s*{m}\{{|(> bool 0|bottleneck_observed_seconds_total)", expr)]
    yield "counters are not shown bare", counters
    yield "joins go through the recorded info series", [where for where, expr, _ in all_ if "bottleneck_container_info{" in expr.replace(":bottleneck_container_info", "")]


def colours(board):
    wrong = []
    for panel in panels(board):
        for found in find(panel, "steps"):
            values = [step.get("value") for step in found]
            # Two or more steps within 0..1 on a panel of scores have to be the bands.
            if len(values) > 4 and max(v or 0 for v in values) <= 1 and values != BANDS:
                wrong.append(f"{panel['title']}: {values}")
        defaults = panel["fieldConfig"]["defaults"]
        scores = any(m in str(panel["targets"]) for m in ("bottleneck_overall_score", "bottleneck_score"))
        if scores and panel["type"] in ("status-history", "timeseries", "stat") and panel["title"].lower().startswith("score ") and [
                s.get("value") for s in defaults["thresholds"]["steps"]] != BANDS:
            wrong.append(f"{panel['title']}: a score without the bands")
    yield "thresholds of scores are the bands", wrong


def find(node, key):
    if isinstance(node, dict):
        for k, v in node.items():
            if k == key and isinstance(v, list):
                yield v
            else:
                yield from find(v, key)
    elif isinstance(node, list):
        for v in node:
            yield from find(v, key)


def happenings(board):
    text = str(board["annotations"])
    yield "alerts, new images and changed limits are annotations", [
        what for what in ("ALERTS{", "bottleneck_container_image_changed_timestamp_seconds", "bottleneck_container_limits_changed_timestamp_seconds") if what not in text]


def fleet_profile(all_boards):
    beyond = frozen.beyond_fleet()
    board = next(b for b in all_boards if b["uid"] == "bottleneck-fleet")
    check("Fleet asks for nothing beyond the fleet profile", [
        f"{where}: {m}" for where, expr, _ in expressions(board) if " / annotation " not in where for m in sorted(metrics(expr) & beyond)])


def names(all_boards):
    known = set(frozen.metrics()) | PROMETHEUS_OWN
    for path in (ROOT / "rules").glob("*.rules.yml"):
        known |= {rule["record"] for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]}
    wrong = []
    for board in all_boards:
        for where, expr, _ in expressions(board):
            wrong += [f"{where}: {m}" for m in metrics(expr) if m not in known and re.sub(r"_bucket$", "", m) not in known]
    check("every metric is exported or recorded", wrong)


def main():
    all_boards = boards()
    check("the six dashboards", sorted(frozen.DASHBOARDS ^ {b["uid"] for b in all_boards}))
    for board in all_boards:
        for group in (layout, identity, texts, data_source, variables, queries, colours, happenings):
            for what, wrong in group(board):
                check(f"{board['uid']}: {what}", wrong)
    names(all_boards)
    fleet_profile(all_boards)
    maps = list(yaml.safe_load_all((ROOT / "deploy/grafana/kubernetes/dashboards.yaml").read_text()))
    check("a ConfigMap a dashboard, below 1 MiB", [m["metadata"]["name"] for m in maps if len(str(m)) > 1 << 20] or
          (frozen.DASHBOARDS ^ {m["metadata"]["name"].removesuffix("-dashboard") for m in maps}))
    print(f"{PASSED} passed, {len(FAILURES)} failed")
    return 1 if FAILURES else 0


if __name__ == "__main__":
    sys.exit(main())
