#!/usr/bin/env python3
"""Copies rule files and Alertmanager configurations with shorter durations, and changes nothing else: an end-to-end test
or a demonstration sees in two minutes what the shipped files wait an hour for.

  shorten.py [--minute SECONDS] [--power P] --out DIR FILE...

One minute becomes --minute (default 2 s), shorter durations shrink in proportion, longer ones by the power P (default
0.5, the square root), so that their order stays and a week still fits into a test:
  1m -> 2 s   5m -> 4.5 s   15m -> 7.7 s   1h -> 15.5 s   6h -> 38 s   1d -> 76 s   3d -> 131 s   7d -> 201 s
With P = 1 all shrink in proportion: margins between two durations stay as wide as they are, and hours stay long.
Scrape at most every half --minute then. Changed are: for, keep_firing_for, interval, group_wait, group_interval,
repeat_interval, ranges [..], offsets, and ages written as N * 60, N * 3600 or N * 86400. A horizon (the 14400 s within
which a memory limit is near) is a threshold, not a wait, and stays.
"""
import argparse
import math
import pathlib
import re
import sys

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
DURATION = r"(?:\d+(?:ms|[smhdwy]))+"


def seconds_of(duration):
    return sum(int(n) * UNITS[unit] for n, unit in re.findall(r"(\d+)(ms|[smhdwy])", duration))


def short(seconds, minute, power=0.5):
    return minute * (seconds / 60 if seconds < 60 else math.pow(seconds / 60, power))


def shorten_text(text, minute, power=0.5):
    def duration(match):
        seconds = seconds_of(match["d"])
        return match["pre"] + (f"{max(1, round(1000 * short(seconds, minute, power)))}ms" if seconds else match["d"])

    def age(match):
        return f"{short(int(match[1]) * int(match[2]), minute, power):.3f}"

    out = []
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith("#"):
            out.append(line)
            continue
        line = re.sub(r"(?P<pre>^\s*(?:for|keep_firing_for|interval|group_wait|group_interval|repeat_interval): )"
                      rf"(?P<d>{DURATION})(?=\s*$)", duration, line)
        line = re.sub(rf"(?P<pre>\[)(?P<d>{DURATION})(?=\])", duration, line)
        line = re.sub(rf"(?P<pre>\boffset )(?P<d>{DURATION})\b", duration, line)
        out.append(re.sub(r"\b(\d+) \* (60|3600|86400)\b", age, line))
    return "".join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minute", type=float, default=2.0, metavar="SECONDS")
    parser.add_argument("--power", type=float, default=0.5, metavar="P")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    if not 0.05 <= options.minute <= 60:
        parser.error("--minute must be from 0.05 to 60 seconds")
    if not 0.3 <= options.power <= 1:
        parser.error("--power must be from 0.3 to 1")
    options.out.mkdir(parents=True, exist_ok=True)
    for path in options.files:
        (options.out / path.name).write_text(shorten_text(path.read_text(), options.minute, options.power))
    return 0


if __name__ == "__main__":
    sys.exit(main())
