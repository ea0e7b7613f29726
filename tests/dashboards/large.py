#!/usr/bin/env python3
"""Dashboards and rules over the past of a large fleet: see large.sh, and large_past.py for what that past is.

  large.py DIR [--hosts N] [--containers M] [--days D] [--end EPOCH] [--live MINUTES] [--keep] [--report FILE]

Three questions: is every query of every dashboard answered within 2 s at the range that the dashboard opens with; do the panels show
the known deploy, regression and breach; does every group of rules take less than a quarter of its interval, by
the median of its evaluations (the slowest is in the report: other work on the machine is in it). Exit code 1
where one of them is no. With --keep blocks of an earlier run below DIR are asked again.
"""
import argparse
import dataclasses
import json
import pathlib
import re
import shutil
import sys
import time
import urllib.parse
import urllib.request

import check_queries
import large_live
import large_past
import large_report
import large_values
from boards import boards, metrics, panels
from large_series import WIDE
from past import Prometheus

LIMIT = 2.0
RANGES = {"bottleneck-history": 28 * 86400, "bottleneck-recommendations": 86400}
# What rightly has no data: as in check_queries.py, and what this past has none of.
EMPTY = {where: why for where, why in check_queries.RIGHTLY_EMPTY.items() if "annotation Alerts" in where or "Hosts / H" in where}
EMPTY |= {f"{board['uid']} / annotation Changed limits": "no limit changes in this past" for board in boards()}
EMPTY["bottleneck-history / Change / A"] = "there is no range before this one"


@dataclasses.dataclass(frozen=True)
class LargePast(check_queries.Past):
    days: int = 28
    least: int = 15  # the panel's own least step, seconds

    def seconds(self, where):
        if " / Two versions " in where:
            return 86400  # the deploy is 20 h ago
        return min(RANGES.get(where.split(" / ")[0], 6 * 3600), self.days * 86400)

    def step(self, seconds):
        """As many points as a panel of half a screen has pixels for."""
        return max(self.least, seconds // 800)


def span(text):
    number, unit = re.fullmatch(r"(\d+)([smhd])", text).groups()
    return int(number) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]


def questions(board):
    """(where, expression, instant, least step) of panels and annotations."""
    for panel in panels(board):
        for target in panel["targets"]:
            least = target.get("interval") or panel.get("interval") or "15s"
            yield f"{board['uid']} / {panel['title']} / {target['refId']}", target["expr"], bool(target.get("instant")), span(least)
    for annotation in board["annotations"]["list"]:
        if "expr" in annotation:
            yield f"{board['uid']} / annotation {annotation['name']}", annotation["expr"], False, 15


def choices(of, board):
    """Seconds of each variable, asked as Grafana asks: values of a label within the range."""
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            where = f"{board['uid']} / variable {variable['name']}"
            selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()
            text = check_queries.filled(of, where, selector, ".+", of.seconds(where))
            form = urllib.parse.urlencode({"match[]": text, "start": of.end - of.seconds(where), "end": of.end})
            begin = time.monotonic()
            found = json.load(urllib.request.urlopen(f"{of.url}/api/v1/label/{label}/values?{form}", timeout=120))["data"]
            yield where, time.monotonic() - begin, None if found or label == "cluster" else "no data"


def ask_one(of, where, expr, instant, least):
    """(seconds, what is wrong). What took more than half of the limit is asked twice more, and the fastest counts: the others waited
    for other work on the machine."""
    of = dataclasses.replace(of, least=least)
    step = of.step(of.seconds(where))
    of = dataclasses.replace(of, interval=f"{max(60, step + 15)}s")
    problem, took = check_queries.one(of, where, expr.replace("$__interval", f"{step}s"), instant)
    times = [took]
    if took > LIMIT / 2:
        times += [check_queries.one(of, where, expr.replace("$__interval", f"{step}s"), instant)[1] for _ in range(2)]
    return min(times), None if problem and problem.startswith("took ") else problem


def ask_all(of):
    """[(where, seconds, what is wrong)] of every query."""
    asked = []
    for board in boards():
        for where, expr, instant, least in questions(board):
            asked.append((where, *ask_one(of, where, expr, instant, least)))
        asked.extend(choices(of, board))
        mine = [(took, where) for where, took, _ in asked if where.startswith(board["uid"])]
        print(f"     {board['uid']}: {len(mine)} queries, the slowest {max(mine)[0]:.2f} s: {max(mine)[1]}", flush=True)
    return asked


def sparse():
    """Raw series that are asked of all containers or hosts over a range, and are not as dense in the past as when scraped."""
    dense = [pattern for pattern, _ in WIDE]
    wrong = []
    for board in boards():
        if board["uid"] in check_queries.ONE:
            continue
        for where, expr, instant, _ in questions(board):
            for name in metrics(expr):
                ranged = not instant or re.search(rf"\b{name}\{{[^}}]*\}}\[", expr)
                if ranged and ":" not in name and name != "ALERTS" and not any(re.fullmatch(p, name) for p in dense):
                    wrong.append(f"{where}: {name}")
    return wrong


def say(what, wrong):
    print(f"{'FAIL' if wrong else 'ok  '} {what}" + "".join(f"\n     {w}" for w in wrong), flush=True)
    return bool(wrong)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    for option, default in (("hosts", 200), ("containers", 30), ("days", 28), ("end", 0), ("live", 12)):
        parser.add_argument(f"--{option}", type=int, default=default)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--report", type=pathlib.Path)
    o = parser.parse_args()
    o.folder.mkdir(parents=True, exist_ok=True)
    kept = o.folder / "made.json"
    if not o.keep:
        # The past ends when it is written, so that the rules go on where it ends.
        end = (o.end or int(time.time()) + 3 * o.hosts * o.containers * o.days // 1000) // 60 * 60
        kept.write_text(json.dumps(large_past.make(o.folder, o.hosts, o.containers, o.days, end)))
    for what in ("wal", "chunks_head"):  # of the rules of a run before
        shutil.rmtree(o.folder / "data" / what, ignore_errors=True)
    made = json.loads(kept.read_text())
    fleet = large_past.Fleet(made["hosts"], made["containers"] // made["hosts"], made["days"], made["end"])
    names = tuple(f"shop-{kind}-{n}" for kind in ("web", "db", "worker", "cache") for n in (1, 2))
    with Prometheus(o.folder, options=large_live.NO_COMPACTION) as prometheus:
        of = LargePast(prometheus.url, made["end"], names=names, empty=EMPTY, shift="1d", host=fleet.instance(fleet.special),
                       image=("registry.example.org/shop/web", "1.4.0", "1.5.0"), days=made["days"])
        asked = ask_all(of)
        values = large_values.compare(of, fleet)
    failed = say("the past is dense where all containers are asked over a range", sparse())
    failed += say(f"every one of {len(asked)} queries parses and has data", [f"{where}: {wrong}" for where, _, wrong in asked if wrong])
    failed += say(f"every query is answered within {LIMIT:g} s", [f"{where}: {took:.1f} s" for where, took, _ in asked if took > LIMIT])
    failed += say("the known values are shown", [f"{what}: {shown}, not {known}" for what, known, shown, well in values if not well])
    groups, cost = large_live.measure(o.folder, fleet, o.live) if o.live else ([], {})
    failed += say("every group of rules takes less than a quarter of its interval" if groups else "rules were not asked for",
                  [f"{g['name']}: {g['median']:.2f} s of {g['interval']} s" for g in groups if g["median"] > g["interval"] / 4])
    if o.report:
        large_report.write(o.report, made, asked, values, groups, cost)
    print(f"{5 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
