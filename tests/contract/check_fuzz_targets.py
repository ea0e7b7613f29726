#!/usr/bin/env python3
"""Every parser of text from outside (by its name: parse_, next_, first_) has a row in a fuzz target's table."""
import pathlib
import re
import sys

# The words of who starts the program come apart in a library.
NOT_FROM_OUTSIDE = {"parse_command_line"}
ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    targets = set()
    for source in (ROOT / "tests/fuzz").glob("*.cpp"):
        targets |= set(re.findall(r'\{"(\w+)"', source.read_text()))
    declared = set()
    exporter = ROOT / "exporter"
    for header in exporter.rglob("*.h"):
        declared |= set(re.findall(r"^[\w:<>]+ ((?:parse|next|first)_\w+)\(", header.read_text(), re.M))
    missing = sorted(declared - targets - NOT_FROM_OUTSIDE)
    for name in missing:
        print(f"{name} has no row in tests/fuzz/")
    if not declared:
        print("no parser found: the check is broken")
    print(f"fuzz targets: {len(declared)} parsers, {len(missing)} without a target")
    return 1 if missing or not declared else 0


if __name__ == "__main__":
    sys.exit(main())
