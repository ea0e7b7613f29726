#!/usr/bin/env python3
"""The provisioning files agree with the dashboards, the ConfigMaps with the JSON, and nothing in them is a secret."""
import json
import re
import sys

import yaml

from boards import FOLDER, ROOT, boards

GRAFANA = ROOT / "deploy/grafana"


def checks():
    sources = yaml.safe_load((GRAFANA / "provisioning/datasources/bottleneck.yaml").read_text())["datasources"]
    kinds = {source["type"]: source for source in sources}
    yield "a Prometheus that is the default, and an Alertmanager", set(kinds) == {"prometheus", "alertmanager"} and kinds["prometheus"]["isDefault"]
    yield "the Prometheus knows its Alertmanager", kinds["prometheus"]["jsonData"]["alertmanagerUid"] == kinds["alertmanager"]["uid"]
    yield "queries are posted: the long ones do not fit an address", kinds["prometheus"]["jsonData"]["httpMethod"] == "POST"
    scrape = yaml.safe_load((ROOT / "deploy/prometheus/scrape.example.yml").read_text())
    intervals = set(re.findall(r"scrape_interval['\"]?: ['\"]?(\w+)", str(scrape))) or {"15s"}
    yield "the interval is that of the scrape example", kinds["prometheus"]["jsonData"]["timeInterval"] in intervals
    providers = yaml.safe_load((GRAFANA / "provisioning/dashboards/bottleneck.yaml").read_text())["providers"]
    yield "a provider a dashboard", {p["options"]["path"].split("/")[-1] for p in providers} == {p.name for p in FOLDER.glob("bottleneck-*.json")}
    yield "they are read only: a change goes into the source", all(p["type"] == "file" and p["allowUiUpdates"] is False for p in providers)
    text = "".join(path.read_text() for path in (GRAFANA / "provisioning").rglob("*.yaml"))
    yield "no password, no token, no path of a machine", not re.search(r"password|token|secret|path: /", text, re.I)
    maps = {m["metadata"]["name"]: m for m in yaml.safe_load_all((GRAFANA / "kubernetes/dashboards.yaml").read_text())}
    yield "ConfigMaps are named as Kubernetes wants", all(re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name) and len(name) <= 63 for name in maps)
    yield "ConfigMaps hold the same JSON", all(json.loads(maps[f"{b['uid']}-dashboard"]["data"][f"{b['uid']}.json"]) == b for b in boards())
    yield "ConfigMaps have the label of the sidecar", all(m["metadata"]["labels"] == {"grafana_dashboard": "1"} for m in maps.values())


def main():
    passed = failed = 0
    for what, right in checks():
        print(f"{'ok  ' if right else 'FAIL'} {what}")
        passed, failed = passed + bool(right), failed + (not right)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
