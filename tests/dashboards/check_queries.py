#!/usr/bin/env python3
"""Every query of every dashboard against a Prometheus that holds the past of history.py: it parses, ends, and returns data.

  check_queries.py [--work DIR] [--url URL --end EPOCH]     with a URL: another Prometheus, with a past until EPOCH
"""
import argparse
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
# Of these two containers each has what the other lacks: a query needs data for one of them.
NAMES = ("shop-web-1", "shop-db-1", "shop-worker-1", "shop-cache-1")
RANGE = {"bottleneck-history": 86400}
# On these all containers are chosen at first.
MANY = ("bottleneck-history", "bottleneck-recommendations")
SLOW = 5.0


def filled(expr, name, seconds):
    values = {
        "datasource": "", "cluster": ".*", "job": "bottleneck", "instance": ".+", "name": name,
        "other_instance": ".+", "other": "shop-db-1", "past": "1h", "image": "registry.example.org/shop/web", "old": "1.4.0", "new": "1.5.0",
        "__rate_interval": "10m", "__interval": "10m", "__range": f"{seconds}s",
    }
    return re.sub(r"\$\{?(\w+)\}?", lambda m: values[m[1]], expr)


def ask(url, expr, end, seconds, instant):
    if instant:
        path, form = "query", {"query": expr, "time": end}
    else:
        path, form = "query_range", {"query": expr, "start": end - seconds, "end": end, "step": max(60, seconds // 200)}
    request = urllib.request.Request(f"{url}/api/v1/{path}", urllib.parse.urlencode(form).encode())
    try:
        return json.load(urllib.request.urlopen(request, timeout=60))["data"]["result"]
    except urllib.error.HTTPError as error:
        raise ValueError(json.loads(error.read())["error"]) from None


def one(url, where, expr, end, instant):
    """(what is wrong or None, seconds)."""
    seconds = RANGE.get(where.split(" / ")[0], 21600)
    if " / Two versions " in where:
        seconds = 86400  # the deploy is 20 h ago
    try:
        for name in (".+",) if where.startswith(MANY) else NAMES:
            begin = time.monotonic()
            result = ask(url, filled(expr, name, seconds), end, seconds, instant)
            if result or "$name" not in expr:
                break
        took = time.monotonic() - begin
    except ValueError as error:
        return str(error), 0
    if not result and where not in RIGHTLY_EMPTY:
        return "no data: " + filled(expr, NAMES[0], seconds)[:300], took
    if result and where in RIGHTLY_EMPTY:
        return "listed as rightly empty, and has data", took
    return (f"took {took:.1f} s" if took > SLOW else None), took


def run(url, end):
    failed, slowest, count = 0, (0, ""), 0
    for board in boards():
        wrong = []
        for where, expr, instant in expressions(board):
            problem, took = one(url, where, expr, end, instant)
            slowest, count = max(slowest, (took, where)), count + 1
            if problem:
                wrong.append(f"     {where}: {problem}")
        print(f"{'FAIL' if wrong else 'ok  '} {board['uid']}: every query parses and has data")
        print("\n".join(wrong), end="\n" if wrong else "")
        failed += bool(wrong)
    print(f"     {count} queries, the slowest {slowest[0]:.2f} s: {slowest[1]}")
    print(f"{len(boards()) - failed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=pathlib.Path)
    parser.add_argument("--url")
    parser.add_argument("--end", type=int)
    options = parser.parse_args()
    if options.url:
        return run(options.url, options.end or int(time.time()))
    with tempfile.TemporaryDirectory(prefix="bottleneck-dashboards-") as temporary:
        folder = options.work or pathlib.Path(temporary)
        end = past.make(folder, 26, [])
        with past.Prometheus(folder) as prometheus:
            return run(prometheus.url, end)


if __name__ == "__main__":
    sys.exit(main())
