#!/usr/bin/env python3
"""The generated variants say the same as their sources, the short one differs in durations only, and all are accepted.
PROMTOOL and AMTOOL in the environment name other binaries than the installed ones."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

from alertmanager import SHIPPED
from scenario import ROOT, RULE_FILES

sys.path.insert(0, str(ROOT / "rules"))
import generate  # noqa: E402
from shorten import DURATION, short, shorten_text  # noqa: E402

PROMTOOL, AMTOOL = os.environ.get("PROMTOOL", "promtool"), os.environ.get("AMTOOL", "amtool")
RESULTS = {"passed": 0, "failed": 0}


def check(condition, title, detail=""):
    RESULTS["passed" if condition else "failed"] += 1
    print(f"{'ok  ' if condition else 'FAIL'} {title}" + (f"\n     {detail}" if not condition and detail else ""), flush=True)


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def groups_of(paths, base=ROOT):
    return [group for path in paths for group in yaml.safe_load((base / path).read_text())["groups"]]


def main():
    sources = groups_of(RULE_FILES)
    check(generate.SOURCES == RULE_FILES, "the generator and the tests know the same files")
    on_disk = {str(path.relative_to(ROOT)) for folder in ("rules", "alerts") for path in (ROOT / folder).glob("*.yml")}
    check(on_disk == {*RULE_FILES, "rules/own-budget.example.yml"}, "no rule file is left out", on_disk ^ set(RULE_FILES))
    for path in [*RULE_FILES, "rules/own-budget.example.yml", "deploy/prometheus/rules/bottleneck.yaml"]:
        check(*flip(path, run(PROMTOOL, "check", "rules", "--lint=all", "--lint-fatal", ROOT / path)))
    check(*flip("committed variants are up to date", run(sys.executable, ROOT / "rules/generate.py", "--check")))
    check(groups_of(["deploy/prometheus/rules/bottleneck.yaml"]) == sources, "one file for Mimir and Thanos: the same groups")
    manifest = yaml.safe_load((ROOT / "deploy/prometheus/rules/prometheusrule.yaml").read_text())
    check(manifest["spec"]["groups"] == sources and manifest["kind"] == "PrometheusRule", "PrometheusRule: the same groups")
    local = yaml.safe_load((ROOT / "deploy/alertmanager/alertmanager-local.yml").read_text())
    shipped = yaml.safe_load(SHIPPED.read_text())
    check(all(local[key] == shipped[key] for key in ("route", "inhibit_rules", "templates"))
          and [r["name"] for r in local["receivers"]] == [r["name"] for r in shipped["receivers"]]
          and all(set(receiver) == {"name"} for receiver in local["receivers"]) and "global" not in local,
          "alertmanager-local.yml: the same routes and inhibitions, and nobody to send to")
    secrets = re.findall(r"^\s*-?\s*(\w*(?:password|secret|token|api_url|credentials|routing_key|api_key)\w*):", SHIPPED.read_text(), flags=re.M)
    check(secrets and all(key.endswith("_file") for key in secrets), "secrets by file only", secrets)
    mixin(sources)
    shortened(sources)
    print(f"{RESULTS['passed']} passed, {RESULTS['failed']} failed")
    return 1 if RESULTS["failed"] else 0


def flip(title, result):
    return result[0], title, result[1]


def mixin(sources):
    code = (f"local m = (import '{ROOT}/rules/mixin.libsonnet') + {{ _config+:: {{ grafanaUrl: 'https://g.example.org', "
            "runbookUrl: 'https://r.example.org/R.md' } }; { rules: m.prometheusRules.groups, alerts: m.prometheusAlerts.groups }")
    ok, text = run("jsonnet", "-e", code)
    check(ok, "the mixin evaluates in jsonnet", text)
    if not ok:
        return
    got = json.loads(text)
    linked = json.dumps(sources).replace(generate.RUNBOOK_URL, "https://r.example.org/R.md").replace(
        generate.GRAFANA_URL, "https://g.example.org")
    check(got["rules"] + got["alerts"] == json.loads(linked), "the mixin: the same groups with its own links")
    check(all("alert" in rule for group in got["alerts"] for rule in group["rules"])
          and all("record" in rule for group in got["rules"] for rule in group["rules"]), "the mixin keeps rules and alerts apart")
    with tempfile.TemporaryDirectory() as directory:
        run(sys.executable, ROOT / "rules/generate.py", "--grafana-url", "https://g.example.org/", "--runbook-url",
            "https://r.example.org/R.md", "--out", directory)
        check(groups_of(RULE_FILES, pathlib.Path(directory)) == json.loads(linked), "generate.py --out: the same with its own links")


def shortened(sources):
    with tempfile.TemporaryDirectory() as directory:
        files = [ROOT / path for path in RULE_FILES] + [SHIPPED]
        check(*flip("shorten.py runs", run(sys.executable, ROOT / "rules/shorten.py", "--out", directory, *files)))
        out = pathlib.Path(directory)
        same = []
        for path in files:
            blank = [re.sub(rf"(?<=[\[ ]){DURATION}\b|\b\d+ \* (?:60|3600|86400)\b|(?<=> |< )\d+\.\d{{3}}\b", "DURATION", text)
                     for text in (path.read_text(), (out / path.name).read_text())]
            same.append(path.name if blank[0] != blank[1] else None)
        check(not any(same), "the short variant differs from the shipped files in durations only", [s for s in same if s])
        check(*flip("promtool accepts the short rules", run(
            PROMTOOL, "check", "rules", "--lint=all", "--lint-fatal", *(out / pathlib.Path(path).name for path in RULE_FILES))))
        check(*flip("amtool accepts the short Alertmanager configuration", run(AMTOOL, "check-config", out / SHIPPED.name)))
        left = [(group["name"], key, rule[key]) for group in groups_of([pathlib.Path(p).name for p in RULE_FILES], out)
                for rule in [group, *group["rules"]] for key in ("interval", "for", "keep_firing_for")
                if key in rule and not rule[key].endswith("ms")]
        check(not left, "no wait is forgotten", left)
    seconds = [1, 10, 30, 60, 300, 600, 900, 1800, 3600, 6 * 3600, 86400, 3 * 86400, 7 * 86400, 28 * 86400]
    values = [short(value, 2) for value in seconds]
    check(values == sorted(values) and values[3] == 2 and values[-1] < 500, "a longer duration stays the longer one", values)
    check(shorten_text("expr: x[5m] offset 1w > 7 * 86400  # not [5m]\nfor: 1h\n# for: 1h\n  repeat_interval: 4d\n", 1) ==
          "expr: x[2236ms] offset 100399ms > 100.399  # not [2236ms]\nfor: 7746ms\n# for: 1h\n  repeat_interval: 75895ms\n",
          "what is shortened, and what is not")
    check(shorten_text("expr: x[1h] > 2 * 3600\nfor: 5m\n", 1, 1) == "expr: x[60000ms] > 120.000\nfor: 5000ms\n",
          "the power counts for durations and ages alike")


if __name__ == "__main__":
    sys.exit(main())
