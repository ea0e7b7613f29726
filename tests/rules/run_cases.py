#!/usr/bin/env python3
"""Runs the cases through promtool. run_cases.py [PATTERN] [--promtool PATH] [--dump]; prints one line a case."""
import argparse
import importlib
import json
import sys
import time

from cases import CASES

MODULES = ("cases_saturation", "cases_memory", "cases_life", "cases_budgets", "cases_exporter", "cases_recording")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pattern", nargs="?", default="")
    parser.add_argument("--promtool", default="promtool")
    parser.add_argument("--dump", action="store_true", help="print the promtool files instead of running them")
    options = parser.parse_args()
    for module in MODULES:
        importlib.import_module(module)
    failed = 0
    for alert, kind, why, make in CASES:
        title = f"{alert + ' ' if alert else ''}{kind}: {why}"
        if options.pattern not in title + " " + make.__name__:
            continue
        scenario = make()
        if options.dump:
            print(json.dumps(scenario.document(), indent=1))
            continue
        begin = time.monotonic()
        problem = scenario.run(options.promtool)
        print(f"{'FAIL' if problem else 'ok  '} {title} ({time.monotonic() - begin:.1f} s)", flush=True)
        if problem:
            failed += 1
            print("     " + problem.strip().replace("\n", "\n     ")[:6000])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
