#!/usr/bin/env python3
"""Every query of every dashboard against a Prometheus that scrapes real exporters beside the sick workloads of sick_test.py.

  live.py URL
"""
import pathlib
import sys
import time
from dataclasses import dataclass

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "dashboards"))

from check_queries import Past, conclude, run  # noqa: E402

# What has no data here, and why.
DAY = "savings rest on a day of history"
PAST_IMAGE = "what another image did is known after hours of it"
OUTCOME = "what became of a change is looked at later"
EMPTY = {
    "bottleneck-fleet / CPU spare / A": DAY, "bottleneck-fleet / RAM spare / A": DAY,
    "bottleneck-fleet / Held back most / D": "there is no hour ago",
    "bottleneck-fleet / Time lost, now and a week ago / B": "there is no week ago",
    "bottleneck-history / Regressions / A": PAST_IMAGE, "bottleneck-history / New image against old / A": PAST_IMAGE,
    "bottleneck-history / CPU, and what is usual at this hour / B": "the baseline needs three weeks of history",
    "bottleneck-history / Memory, and what is usual / B": "the baseline needs three weeks of history",
    "bottleneck-recommendations / CPU to save / A": DAY, "bottleneck-recommendations / Memory to save / A": DAY,
    "bottleneck-recommendations / Open recommendations / E": DAY, "bottleneck-recommendations / Open recommendations / F": DAY,
    "bottleneck-recommendations / Did it help? / A": OUTCOME, "bottleneck-recommendations / Did it help? / B": OUTCOME,
    "bottleneck-recommendations / Did it help? / C": OUTCOME,
}
# What needs a release, or an equal time before, in these few minutes: there or not, by how fast the machine is.
EITHER = ("bottleneck-compare / Two versions of an image / ", "bottleneck-history / Change / A")


@dataclass(frozen=True)
class Live(Past):
    def seconds(self, where):
        return 180

    def step(self, seconds):
        return 5

    def fitted(self, expr):
        # Subqueries step by ten minutes, which may all lie before this past of five.
        return expr.replace(":10m]", ":10s]")


def check(url):
    return run(Live(url, int(time.time()), ("web", "quota", "disk", "forks", "leak", "oom", "hog", "victim", "loop", "ill", "filling", "budget"),
                    EMPTY, EITHER, "web", ("bn-load", "1", "2"), "15s", "60s"))


if __name__ == "__main__":
    sys.exit(conclude(*check(sys.argv[1])))
