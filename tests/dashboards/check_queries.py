#!/usr/bin/env python3
"""Every query of every dashboard against a Prometheus that holds the past of history.py: it parses, ends, and returns data.

  check_queries.py [--work DIR] [--url URL --end EPOCH]     with a URL: another Prometheus, with a past until EPOCH
"""
import argparse
import dataclasses
import json
import pathlib
import re
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import past
from boards import boards, expressions

# What rightly returns nothing with this past, and why.
RIGHTLY_EMPTY = {
    "bottleneck-history / CPU, and what is usual at this hour / B": "the baseline needs three weeks of history",
    "bottleneck-history / Memory, and what is usual / B": "the baseline needs three weeks of history",
    "bottleneck-fleet / Time lost, now and a week ago / B": "the past is two days long",
    "bottleneck-fleet / annotation Alerts": "no alert fires in a past that was only written down",
    "bottleneck-container / annotation Alerts": "the same", "bottleneck-compare / annotation Alerts": "the same",
    "bottleneck-history / annotation Alerts": "the same", "bottleneck-recommendations / annotation Alerts": "the same",
    "bottleneck-exporter / annotation Alerts": "the same",
    "bottleneck-fleet / Hosts / H": "hold-ups that come back every day are nobody's victims",
}
# On these one container is chosen, with its host; on the others all hosts.
ONE = ("bottleneck-container", "bottleneck-compare")
# On these all containers are chosen at first.
MANY = ("bottleneck-history", "bottleneck-recommendations")
# What asks the hosts where all containers are chosen, and the containers where some are: both have to have data.
BY_HOST = 'instance!~"$name"'
SLOW = 5.0  # seconds of a machine that has nothing else to do
CPU = re.compile(r"^process_cpu_seconds_total (\S+)$", re.M)


@dataclasses.dataclass(frozen=True)
class Past:
    """What is asked, and of what. Of the names none has everything: a query needs data for one of them."""
    url: str
    end: int
    names: tuple = ("shop-web-1", "shop-db-1", "shop-worker-1", "shop-cache-1")
    empty: dict = dataclasses.field(default_factory=lambda: RIGHTLY_EMPTY)
    either: tuple = ()  # beginnings of what may have data or none
    other: str = "shop-db-1"
    image: tuple = ("registry.example.org/shop/web", "1.4.0", "1.5.0")
    interval: str = "10m"
    shift: str = "1h"
    host: str = ".+"  # where the one container is

    def seconds(self, where):
        # The deploy of the two versions is 20 h ago.
        return 86400 if where.startswith("bottleneck-history") or " / Two versions " in where else 21600

    def step(self, seconds):
        return max(60, seconds // 200)

    def fitted(self, expr):
        """The expression for a past of this length."""
        return expr


def filled(of, where, expr, name, seconds):
    host = of.host if where.startswith(ONE) else ".+"
    values = {
        "datasource": "", "cluster": ".*", "job": "bottleneck", "instance": host, "name": name,
        "other_instance": host, "other": of.other, "past": of.shift, "image": of.image[0], "old": of.image[1], "new": of.image[2],
        "__rate_interval": of.interval, "__interval": of.interval, "__range": f"{seconds}s",
    }
    return re.sub(r"\$\{?(\w+)\}?", lambda m: values[m[1]], of.fitted(expr))


def ask(of, expr, seconds, instant):
    if instant:
        path, form = "query", {"query": expr, "time": of.end}
    else:
        path, form = "query_range", {"query": expr, "start": of.end - seconds, "end": of.end, "step": of.step(seconds)}
    request = urllib.request.Request(f"{of.url}/api/v1/{path}", urllib.parse.urlencode(form).encode())
    try:
        return json.load(urllib.request.urlopen(request, timeout=60))["data"]["result"]
    except urllib.error.HTTPError as error:
        raise ValueError(json.loads(error.read())["error"]) from None


def spent(of):
    """CPU time of the Prometheus that is asked, in seconds."""
    with urllib.request.urlopen(f"{of.url}/metrics", timeout=60) as answer:
        return float(CPU.search(answer.read().decode())[1])


def first_of(of, where, expr, instant, names):
    """The first answer with data, and how long it took: what it cost in CPU time, where others kept the machine busy."""
    for name in names:
        begin, question = time.monotonic(), filled(of, where, expr, name, of.seconds(where))
        result = ask(of, question, of.seconds(where), instant)
        took = time.monotonic() - begin
        if took > SLOW:
            before = spent(of)
            ask(of, question, of.seconds(where), instant)
            took = min(took, spent(of) - before)
        if result or "$name" not in expr:
            break
    return result, took


def one(of, where, expr, instant):
    """(what is wrong or None, seconds)."""
    seconds = of.seconds(where)
    try:
        result, took = first_of(of, where, expr, instant, (".+",) if where.startswith(MANY) else of.names)
        if result and where.startswith(MANY) and BY_HOST in expr:
            result, some = first_of(of, where, expr, instant, of.names)
            took = max(took, some)
    except ValueError as error:
        return str(error), 0
    if where.startswith(of.either):
        return None, took
    if not result and where not in of.empty:
        return "no data: " + filled(of, where, expr, of.names[0], seconds)[:300], took
    if result and where in of.empty:
        return "listed as rightly empty, and has data", took
    return (f"took {took:.1f} s" if took > SLOW else None), took


def run(of):
    """(dashboards that are well, others); says which."""
    failed, slowest, count = 0, (0, ""), 0
    for board in boards():
        wrong = []
        for where, expr, instant in expressions(board):
            problem, took = one(of, where, expr, instant)
            slowest, count = max(slowest, (took, where)), count + 1
            if problem:
                wrong.append(f"     {where}: {problem}")
        print(f"{'FAIL' if wrong else 'ok  '} {board['uid']}: every query parses and has data")
        print("\n".join(wrong), end="\n" if wrong else "")
        failed += bool(wrong)
    print(f"     {count} queries, the slowest {slowest[0]:.2f} s: {slowest[1]}")
    return len(boards()) - failed, failed


def alike(of):
    """Sums over all containers are the same whether hosts are asked or, by their names, containers; as a check. To 5 %: promtool
    writes no marks of staleness, so what is there only during trouble lasts five minutes longer where it is read once more."""
    wrong, count = [], 0
    for where, expr, _ in (found for board in boards() for found in expressions(board) if BY_HOST in found[1]):
        asked = [ask(of, filled(of, where, expr, name, of.seconds(where)), of.seconds(where), True) for name in (".+", "shop-.+")]
        hosts, containers = ({tuple(sorted(r["metric"].items())): float(r["value"][1]) for r in result} for result in asked)
        count += bool(hosts)
        if hosts.keys() != containers.keys() or any(abs(hosts[k] - containers[k]) > 0.05 * abs(hosts[k]) for k in hosts):
            wrong.append(f"     {where}: {hosts}, {containers}"[:400])
    print(f"{'FAIL' if wrong else 'ok  '} {count} sums are the same of hosts and of containers")
    print("\n".join(wrong), end="\n" if wrong else "")
    return (0, 1) if wrong or not count else (1, 0)


def conclude(passed, failed):
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--url")
    parser.add_argument("--end", type=int)
    options = parser.parse_args()
    if options.url:
        return conclude(*run(Past(options.url, options.end or int(time.time()))))
    with tempfile.TemporaryDirectory(prefix="bottleneck-dashboards-") as temporary:
        folder = options.work or pathlib.Path(temporary)
        end = past.make(folder, 26, [])
        with past.Prometheus(folder) as prometheus:
            of = Past(prometheus.url, end)
            return conclude(*map(sum, zip(run(of), alike(of))))


if __name__ == "__main__":
    sys.exit(main())
