#!/usr/bin/env python3
"""What must hold for every rule, alert, runbook and case. contract_test.py [--scrape FILE]: with a scrape of the exporter
(text format), every metric that rules use must also be in it, or in the list of those that a healthy host lacks."""
import argparse
import importlib
import pathlib
import re
import sys

import yaml

import frozen
from cases import CASES
from promql import queries_of, uses
from run_cases import MODULES
from scenario import ROOT, RULE_FILES

RESULTS = {"passed": 0, "failed": 0}
# Rightly absent on a healthy host: seen only once the thing has happened.
ONLY_WHEN_NEEDED = re.compile(
    r"bottleneck_(noisy_neighbour|regression_ratio|memory_(growth|limit_forecast)_.*|budget_.*|saving_.*|recommendation.*"
    r"|container_(health|exit_code|image_changed_timestamp_seconds)|exporter_read_errors_total)$")


def check(title, problems):
    problems = sorted(map(str, problems))
    RESULTS["failed" if problems else "passed"] += 1
    print(f"{'FAIL' if problems else 'ok  '} {title}" + "".join(f"\n     {problem}" for problem in problems), flush=True)


def load():
    groups = []
    for path in [*RULE_FILES, "rules/own-budget.example.yml"]:
        for group in yaml.safe_load((ROOT / path).read_text())["groups"]:
            groups.append((path, group))
    return groups


def slug(title):
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def sections():
    """heading -> its text"""
    text = (ROOT / "alerts/RUNBOOKS.md").read_text()
    parts = re.split(r"^## (.+)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def check_rules(groups):
    shipped = [(path, group) for path, group in groups if "own-budget" not in path]
    recorded = [(path, rule) for path, group in groups for rule in group["rules"] if "record" in rule]
    alerts = [rule for _, group in groups for rule in group["rules"] if "alert" in rule]
    names = [rule["record"] for path, rule in recorded if "own-budget" not in path]
    check("a recorded name is level:metric:operations",
          [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)*:bottleneck_[a-z0-9_]+:[a-z0-9_]+", name)])
    check("a name is recorded once", {name for name in names if names.count(name) > 1})
    check("at most 20 rules a group (the default of Mimir), each group named once",
          [group["name"] for _, group in shipped if len(group["rules"]) > 20]
          + [group["name"] for _, group in shipped if [g["name"] for _, g in shipped].count(group["name"]) > 1])
    check("every group has an interval of its own", [group["name"] for _, group in shipped if "interval" not in group])

    known = frozen.metrics()
    fleet = known.keys() - frozen.beyond_fleet()
    unknown, beyond, strange, labels_used, heavy, used = set(), set(), set(), set(), set(), set()
    own = {"http_request_duration_seconds_bucket", "http_requests_total", "rabbitmq_queue_messages_ready", "le", "code", "queue"}
    for path, group in groups:
        for rule in group["rules"]:
            title = rule.get("record") or rule["alert"]
            for expression, must in [(rule["expr"], True)] + [
                    (query, False) for text in rule.get("annotations", {}).values() for query in queries_of(text)]:
                metrics, labels, words, _, subquery = uses(expression)
                words -= own if "own-budget" in path else set()
                unknown |= {f"{title}: {m}" for m in metrics if m not in known and m not in names}
                beyond |= {f"{title}: {m}" for m in metrics if must and m in known and m not in fleet}
                strange |= {f"{title}: {word}" for word in words}
                allowed = frozen.SCRAPER_LABELS | frozen.RECORDED_LABELS | set().union(*(known.get(m, set()) for m in metrics))
                labels_used |= {f"{title}: {label}" for label in labels - allowed - (own if "own-budget" in path else set())}
                heavy |= {f"{title}: {expression}"} if subquery else set()
                used |= {m for m in metrics if m in known}
    check("every metric is in the catalogue, in the frozen list, or recorded by a rule", unknown)
    check("rules and alerts work on the fleet profile alone", beyond)
    check("functions are stable ones of 2.42 and 3.x", strange)
    check("labels are labels of those metrics", labels_used)
    check("no subquery", heavy)
    check("the frozen list and the catalogue hold something", [] if len(known) > 100 and len(frozen.beyond_fleet()) > 20 else [len(known)])
    for name in [rule["record"] for path, rule in recorded if "own-budget" in path]:
        if name not in names:
            check("own budgets record names that the rules follow", [name])
    return alerts, used


def check_alerts(alerts, groups):
    wrong = {"texts": [], "labels": [], "links": [], "case": [], "hold": [], "raw": []}
    for alert in alerts:
        name, notes, labels = alert["alert"], alert.get("annotations", {}), alert.get("labels", {})
        if set(notes) != {"summary", "description", "runbook_url", "dashboard_url"} or "Change: " not in notes["description"]:
            wrong["texts"].append(name)
        if set(labels) - {"severity", "window"} or "{{" in str(labels) or labels.get("severity") not in ("critical", "warning", "info", "none"):
            wrong["labels"].append(f"{name}: {labels}")
        if not notes["runbook_url"].endswith("/alerts/RUNBOOKS.md#" + name.lower()):
            wrong["links"].append(f"{name}: {notes['runbook_url']}")
        if notes["dashboard_url"].partition("/d/")[2].partition("?")[0] not in frozen.DASHBOARDS:
            wrong["links"].append(f"{name}: {notes['dashboard_url']}")
        kinds = {kind for about, kind, _, _ in CASES if about == name}
        if "fires" not in kinds or ("silent" not in kinds and name != "BottleneckWatchdog"):
            wrong["case"].append(f"{name}: has {kinds or 'no case'}")
        if name not in ("BottleneckWatchdog", "BottleneckExporterDown") and "keep_firing_for" not in alert:
            wrong["hold"].append(name)
        if re.search(r"label_replace\([^\n]*severity|severity=", alert["expr"]):
            wrong["raw"].append(name)
    check("every alert has a summary, a description with the change, and two links", wrong["texts"])
    check("its labels are a severity (and a window), never a cause nor a template", wrong["labels"] + wrong["raw"])
    check("its links lead to its own runbook section and to a dashboard", wrong["links"])
    check("every alert has a case in which it fires and one in which it is silent", wrong["case"])
    check("every alert is held for a while, so that a gap resolves nothing", wrong["hold"])
    check("cases are about alerts that exist", {about for about, *_ in CASES if about} - {a["alert"] for a in alerts})
    texts = {text["alertname"] for *_, make in CASES for text in make().texts}
    check("the whole text of every alert is compared in a case", {a["alert"] for a in alerts} - texts)


def check_runbooks(alerts):
    found = sections()
    wanted = sorted({alert["alert"] for alert in alerts}) + frozen.RECOMMENDATIONS
    check("every alert and every recommendation has a runbook section, and no section is without one",
          set(wanted) ^ set(found))
    check("each says meaning, impact, diagnosis and mitigation",
          [f"{title}: {word}" for title, text in found.items() for word in ("Meaning", "Impact", "Diagnosis", "Mitigation")
           if f"**{word}.**" not in text])
    text = (ROOT / "alerts/RUNBOOKS.md").read_text()
    anchors = {slug(title) for title in re.findall(r"^#+ (.+)$", text, flags=re.M)}
    check("links within the runbooks lead somewhere", set(re.findall(r"\]\(#([^)]+)\)", text)) - anchors)
    known = frozen.metrics().keys() | {
        rule["record"] for _, group in load() for rule in group["rules"] if "record" in rule} | frozen.ONLY_IN_TEXTS
    named = set(re.findall(r"\b((?:[a-z_]+:)?bottleneck_[a-z0-9_]+(?::[a-z0-9_]+)?)\b(?!\*)", text))
    check("the runbooks name metrics that exist", (named or {"none is named"}) - known)


def check_scrape(path, used):
    present = set(re.findall(r"^([a-zA-Z_:]\w*)[{ ]", path.read_text(), flags=re.M)) | {"up"}
    check(f"every metric that rules use is in {path.name}", {m for m in used - present if not ONLY_WHEN_NEEDED.match(m)})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scrape", type=pathlib.Path)
    options = parser.parse_args()
    for module in MODULES:
        importlib.import_module(module)
    groups = load()
    alerts, used = check_rules(groups)
    check_alerts(alerts, groups)
    check_runbooks(alerts)
    if options.scrape:
        check_scrape(options.scrape, used)
    print(f"{RESULTS['passed']} passed, {RESULTS['failed']} failed")
    return 1 if RESULTS["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
