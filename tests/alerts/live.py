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
EMPTY = {}


@dataclass(frozen=True)
class Live(Past):
    def seconds(self, where):
        return 180

    def step(self, seconds):
        return 5


def check(url):
    return run(Live(url, int(time.time()), ("quota", "disk", "leak", "oom", "hog", "victim", "loop", "ill", "filling", "budget"),
                    EMPTY, "web", ("bn-load", "1", "1"), "15s", "60s"))


if __name__ == "__main__":
    sys.exit(conclude(*check(sys.argv[1])))
