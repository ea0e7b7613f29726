#!/usr/bin/env python3
"""Every parser declared in exporter/sample/parsers/, of replay and of report/ has a row in the fuzz target's table."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    targets = set(re.findall(r'\{"(\w+)"', (ROOT / "tests/fuzz/parsers_fuzz.cpp").read_text()))
    declared = set()
    exporter = ROOT / "exporter"
    for header in [*(exporter / "sample/parsers").glob("*.h"), *exporter.glob("replay*.h"), *(exporter / "report").glob("*.h")]:
        declared |= set(re.findall(r"^[\w:<>]+ ((?:parse|next|first)_\w+)\(", header.read_text(), re.M))
    missing = sorted(declared - targets)
    for name in missing:
        print(f"{name} has no row in tests/fuzz/parsers_fuzz.cpp")
    if not declared:
        print("no parser found: the check is broken")
    print(f"fuzz targets: {len(declared)} parsers, {len(missing)} without a target")
    return 1 if missing or not declared else 0


if __name__ == "__main__":
    sys.exit(main())
