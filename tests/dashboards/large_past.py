#!/usr/bin/env python3
"""Writes the past of a large fleet (200 hosts x 30 containers x 28 days) into blocks of Prometheus, with promtool.

  large_past.py DIR [--hosts N] [--containers M] [--days D] [--end EPOCH]

All raw series of such a fleet at the step of scraping over four weeks are 10^11 samples: nobody's Prometheus, and no text
file, holds a test of that size. Nothing is left out that a panel or a rule asks for, though:

- What is asked over weeks is recorded by rules/, and is written as recorded: at the interval of its group (1, 5, 15
  minutes, an hour), over all weeks. There is no coarser step anywhere, so no look-back of 5 minutes finds a hole.
- Series of all containers that are asked over hours (48 h of hold-ups at 1 minute, 7 h of scores and 25 h of savings and
  outcomes at 15 s) are written over that long at the interval of rules or scraping, and an hour more.
- What is asked of one container over a range has ten containers of one host: every raw series, 31 h at 15 s. Those of the other
  containers are there for the last half an hour at 1 minute, so that an index has the size that it has with the profile full.
- Containers of one class (kind, sick or well, phase of the day) share one course of values, computed once. Nothing in
  Prometheus is shared between series, so this saves time here only.
- One text a block, made into its block at once and removed: promtool reads a text once for its range and once a block. Blocks
  are of 54 h, as a retention of 35 days has them, and of 6 h in the last days. --max-block-duration is a hidden flag.

The known events are those of history.py, on one container only: the first of the host in the middle. Its budget is broken
18 h before the end, so that the 28 days' are spent.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import time

from large_fleet import Fleet
from large_series import DAY, HOUR

LARGE_BLOCK, SMALL_BLOCK = 54 * HOUR, 6 * HOUR


def windows(begin, end):
    """(begin, end, longest block) one after the other, on the boundaries of blocks."""
    at = begin
    while at <= end:
        block = LARGE_BLOCK if at // LARGE_BLOCK * LARGE_BLOCK + LARGE_BLOCK <= end - 36 * HOUR else SMALL_BLOCK
        until = at // block * block + block
        yield at, min(until, end + 1), block
        at = until


def write(path, groups, begin, stop):
    """Samples of [begin, stop) as OpenMetrics text; how many."""
    samples = 0
    with open(path, "w", encoding="utf-8", buffering=1 << 20) as out:
        for series, members in groups:
            for one in series:
                lines = one.lines(begin, stop)
                if not lines:
                    continue
                samples += len(lines) * len(members)
                for host, name, service in members:
                    head = one.head.replace("@HOST@", host).replace("@NAME@", name).replace("@SERVICE@", service)
                    out.write(head + head.join(lines))
        out.write("# EOF\n")
    return samples


def make(folder, hosts, containers, days, end):
    """Blocks below folder/data; what was made, as numbers."""
    fleet = Fleet(hosts, containers, days, end)
    data, text = folder / "data", folder / "chunk.om"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    groups = list(fleet.groups())
    started, written, samples = time.monotonic(), 0, 0
    for begin, stop, block in windows(end - days * DAY, end):
        some = write(text, groups, begin, stop)
        written, samples = written + text.stat().st_size, samples + some
        done = subprocess.run(["promtool", "tsdb", "create-blocks-from", f"--max-block-duration={block // HOUR}h", "-q", "openmetrics", str(text), str(data)],
                              capture_output=True, text=True)
        text.unlink()
        if done.returncode:
            raise RuntimeError(f"promtool: {done.stderr[-2000:]}")
        print(f"     {(end - begin) / DAY:5.1f} d ago: {some / 1e6:.1f} million samples, after {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    stats = [json.loads(path.read_text())["stats"] for path in data.glob("*/meta.json")]
    return {
        "hosts": hosts, "containers": hosts * containers, "days": days, "end": end, "blocks": len(stats),
        "series": sum(len(series) * len(members) for series, members in groups), "samples": sum(s["numSamples"] for s in stats),
        "text_bytes": written, "bytes": sum(path.stat().st_size for path in data.rglob("*") if path.is_file()),
        "seconds": round(time.monotonic() - started), "most_series_in_a_block": max(s["numSeries"] for s in stats),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    for option, default in (("hosts", 200), ("containers", 30), ("days", 28), ("end", 0)):
        parser.add_argument(f"--{option}", type=int, default=default)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    end = (options.end or int(time.time())) // 60 * 60
    made = make(options.folder, options.hosts, options.containers, options.days, end)
    (options.folder / "made.json").write_text(json.dumps(made, indent=1) + "\n")
    print(json.dumps(made, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
