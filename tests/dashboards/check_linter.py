#!/usr/bin/env python3
"""The rules of Grafana's dashboard linter that check_conventions.py does not have already, by their names there.
EXCEPTIONS are reasoned: each has to apply to something, or it is out of date."""
import re
import sys

from boards import boards, panels

EXCEPTIONS = {
    "target-job-rule": [
        (r"^(name_budget:|image:|image_resource:)", "recorded over all hosts: own budgets and images have no job and instance")],
    "target-rate-interval-rule": [
        (r"\[(\$__range|\$__interval|1h|24h|1d|10m)\]|offset", "totals and shares of a range, an hour or a day, not the resolution of a graph")],
    "target-counter-agg-rule": [
        (r"bottleneck_observed_seconds_total.* > bool 0|count\(bottleneck_observed_seconds_total", "its presence says which containers are known")],
}
UNITS = {"none", "short", "sishort", "percentunit", "bytes", "Bps", "s", "cps", "iops", "reqps"}
USED = set()


def excused(rule, text):
    for pattern, reason in EXCEPTIONS.get(rule, ()):
        if re.search(pattern, text):
            USED.add(reason)
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
    yield "template-label-promql-rule", [v["name"] for v in found.values() if v["type"] == "query" and not v["query"]["query"].startswith("label_values(")]
    yield "template-on-time-change-reload-rule", [v["name"] for v in found.values() if v["type"] == "query" and v["refresh"] != 2]
    yield "uneditable-dashboard-rule", ["editable"] if board["editable"] else []


def panel_rules(board):
    all_ = list(panels(board))
    yield "panel-datasource-rule", [p["title"] for p in all_ if p["datasource"]["uid"] not in ("$datasource", "${datasource}")]
    yield "panel-title-description-rule", [p["id"] for p in all_ if not p["title"] or not p["description"]]
    yield "panel-units-rule", [p["title"] for p in all_ if p["fieldConfig"]["defaults"].get("unit") not in UNITS]
    yield "panel-no-targets-rule", [p["title"] for p in all_ if not p["targets"]]


def selectors(expr):
    return re.findall(r"([a-zA-Z_][\w:]*)\{([^}]*)\}", expr)


def target_rules(board):
    jobs, rates, counters = [], [], []
    for panel in panels(board):
        for target in panel["targets"]:
            expr, where = target["expr"], f"{panel['title']} {target['refId']}"
            for name, matchers in selectors(expr):
                for label in ("job", "instance"):
                    if not re.search(rf'{label}=~"\$(other_)?{label}"', matchers) and not excused("target-job-rule", name):
                        jobs.append(f"{where}: {name} without {label}")
                if name.endswith(("_total", "_bucket", "_sum", "_count")) and ":" not in name:
                    if not re.search(rf"(rate|increase)\({name}\{{", expr) and not excused("target-counter-agg-rule", expr):
                        counters.append(f"{where}: {name}")
            for span in re.findall(r"(?:rate|increase)\([^\[\]]*(\[[^\]]*\])", expr):
                if span != "[$__rate_interval]" and not excused("target-rate-interval-rule", span):
                    rates.append(f"{where}: {span}")
    yield "target-job-rule and target-instance-rule", jobs
    yield "target-rate-interval-rule", rates
    yield "target-counter-agg-rule", counters


def main():
    passed = failed = 0
    results = {}
    for board in boards():
        for rules in (template_rules, panel_rules, target_rules):
            for rule, wrong in rules(board):
                results.setdefault(rule, []).extend(f"{board['uid']}: {w}" for w in wrong)
    unused = {reason for pairs in EXCEPTIONS.values() for _, reason in pairs} - USED
    results["every exception applies to something"] = sorted(unused)
    for rule, wrong in results.items():
        print(f"FAIL {rule}: {'; '.join(wrong)[:1500]}" if wrong else f"ok   {rule}")
        passed, failed = passed + (not wrong), failed + bool(wrong)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
