#!/usr/bin/env python3
"""The rules of Grafana's dashboard linter, by their names there, with the exceptions of dashboards/.lint, which it reads too:
each has a reason and has to apply to something, or it is out of date. All of its rules are here but these:
  target-promql-rule           check_queries.py sends every query to a Prometheus instead of parsing it
  target-logql-rule, target-logql-auto-rule     no query goes to Loki
Where the linter looks at some types of panels only (units, titles, targets, data source), all are looked at here; and its
target-counter-agg-rule finds no counter that has a matcher (v0.2.0), which this one does."""
import re
import sys

import yaml

from boards import FOLDER, boards, panels

EXCEPTIONS = yaml.safe_load((FOLDER / ".lint").read_text())["exclusions"]
# What the linter does not find, and so has no place among its exceptions.
PRESENCE = re.compile(r"bottleneck_observed_seconds_total.* > bool 0|count\(bottleneck_observed_seconds_total")
UNITS = {"none", "short", "sishort", "percentunit", "bytes", "Bps", "s", "cps", "iops", "reqps"}
USED = set()


def excused(rule, board, panel):
    for place, entry in enumerate(EXCEPTIONS.get(rule, {}).get("entries", ())):
        if (entry["dashboard"], entry["panel"]) == (board["title"], panel["title"]):
            USED.add((rule, place))
            return True
    return False


def template_rules(board):
    found = {v["name"]: v for v in board["templating"]["list"]}
    data_source = found.get("datasource", {})
    yield "template-datasource-rule", [] if data_source.get("query") == "prometheus" and data_source.get("label") == "Data source" else ["datasource"]
    for name in ("job", "instance"):
        v = found.get(name, {})
        right = (v.get("datasource", {}).get("uid") == "${datasource}" and v.get("type") == "query" and v.get("label") == name.capitalize()
                 and v.get("multi") and v.get("allValue") == ".+")
        yield f"template-{name}-rule", [] if right else [name]
    yield "template-label-promql-rule", [v["name"] for v in found.values() if v["type"] == "query" and not re.fullmatch(
        r"label_values\([a-zA-Z_][\w:]*(\{[^}]*\})?, \w+\)", v["query"]["query"])]
    yield "template-on-time-change-reload-rule", [v["name"] for v in found.values() if v["type"] == "query" and v["refresh"] != 2]
    yield "uneditable-dashboard", ["editable"] if board["editable"] else []


def panel_rules(board):
    all_ = list(panels(board))
    yield "panel-datasource-rule", [p["title"] for p in all_ if p["datasource"]["uid"] not in ("$datasource", "${datasource}")]
    yield "panel-title-description-rule", [p["id"] for p in all_ if not p["title"] or not p["description"]]
    yield "panel-units-rule", [p["title"] for p in all_ if p["fieldConfig"]["defaults"].get("unit") not in UNITS]
    yield "panel-no-targets-rule", [p["title"] for p in all_ if not p["targets"]]


def of_target(expr):
    """(rule, what is wrong) of one query."""
    for name, matchers in re.findall(r"([a-zA-Z_][\w:]*)\{([^}]*)\}", expr):
        for label in ("job", "instance"):
            if not re.search(rf'\b{label}=~"\${label}"', matchers):
                yield f"target-{label}-rule", f"{name} without {label}"
        if name.endswith(("_total", "_bucket", "_sum", "_count")) and ":" not in name:
            if not re.search(rf"(rate|increase)\({name}\{{", expr) and not PRESENCE.search(expr):
                yield "target-counter-agg-rule", name
    for span in re.findall(r"rate\([^\[\]]*(\[[^\]]*\])", expr):
        if span != "[$__rate_interval]":
            yield "target-rate-interval-rule", span


def target_rules(board):
    wrong = {f"target-{rule}-rule": [] for rule in ("job", "instance", "counter-agg", "rate-interval")}
    for panel in panels(board):
        for target in panel["targets"]:
            for rule, what in of_target(target["expr"]):
                if not excused(rule, board, panel):
                    wrong[rule].append(f"{panel['title']} {target['refId']}: {what}")
    yield from wrong.items()


def main():
    passed = failed = 0
    results = {}
    for board in boards():
        for rules in (template_rules, panel_rules, target_rules):
            for rule, wrong in rules(board):
                results.setdefault(rule, []).extend(f"{board['uid']}: {w}" for w in wrong)
    results["every exception has a reason"] = [rule for rule, found in EXCEPTIONS.items() if not found.get("reason")]
    results["every exception applies to something"] = [
        f"{rule}: {entry['panel']}" for rule, found in EXCEPTIONS.items() for place, entry in enumerate(found["entries"]) if (rule, place) not in USED]
    for rule, wrong in results.items():
        print(f"FAIL {rule}: {'; '.join(wrong)[:1500]}" if wrong else f"ok   {rule}")
        passed, failed = passed + (not wrong), failed + bool(wrong)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
