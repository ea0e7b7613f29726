#!/usr/bin/env python3
"""Runs the cases through promtool. run_cases.py [PATTERN] [--promtool PATH] [--dump]; prints one line a case."""
import argparse
import concurrent.futures
import importlib
import json
import sys
import time

from cases import CASES

MODULES = ("cases_saturation", "cases_memory", "cases_life", "cases_budgets", "cases_exporter", "cases_recording", "cases_blocks")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pattern", nargs="?", default="")
    parser.add_argument("--promtool", default="promtool")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--dump", action="store_true", help="print the promtool files instead of running them")
    options = parser.parse_args()
    for module in MODULES:
        importlib.import_module(module)
    chosen = []
    for alert, kind, why, make in CASES:
        title = f"{alert + ' ' if alert else ''}{kind}: {why}"
        if options.pattern in title + " " + make.__name__:
            chosen.append((title, make()))
    if options.dump:
        for _, scenario in chosen:
            print(json.dumps(scenario.document(), indent=1))
        return 0

    def run(chosen_case):
        begin = time.monotonic()
        return chosen_case[1].run(options.promtool), time.monotonic() - begin

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for (title, _), (problem, seconds) in zip(chosen, pool.map(run, chosen)):
            print(f"{'FAIL' if problem else 'ok  '} {title} ({seconds:.1f} s)", flush=True)
            if problem:
                failed += 1
                print("     " + problem.strip().replace("\n", "\n     ")[:6000])
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
