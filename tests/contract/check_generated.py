#!/usr/bin/env python3
"""What is generated is what is committed, and names that were released stay.

    check_generated.py [--update]        BOTTLENECK_BINARY names the program (default: the release build's)

METRICS.md and the configuration's example and reference come from the program itself. frozen_names.txt lists every
metric with its type and labels: a name may be added (run with --update), never changed or removed.
"""
import difflib
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("BOTTLENECK_BINARY", str(ROOT / "build/release/exporter/bottleneck_exporter"))
FILES = {
    "METRICS.md": ["metrics", "--reference"],
    "deploy/config.example.yml": ["config", "example"],
    "deploy/CONFIGURATION.md": ["config", "reference"],
}
FROZEN = ROOT / "tests/contract/frozen_names.txt"


def generated(arguments):
    return subprocess.run([BINARY, *arguments], check=True, capture_output=True, text=True).stdout


def names(reference):
    """`name type labels` of every metric of METRICS.md; info metrics have no type column."""
    found = []
    for line in reference.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not cells or not cells[0].startswith("`"):
            continue
        name = cells[0].strip("`")
        if name.endswith("_info") and cells[1] not in ("counter", "gauge", "info"):
            found.append(f"{name} info {cells[1]}")
        else:
            found.append(f"{name} {cells[1]} {cells[2]}".strip())
    return found


def main():
    update = "--update" in sys.argv
    failed = 0
    for name, arguments in FILES.items():
        path, text = ROOT / name, generated(arguments)
        if update:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            before = path.read_text().splitlines() if path.exists() else []
            print("\n".join(list(difflib.unified_diff(before, text.splitlines(), name, "generated", lineterm="", n=0))[:20]))
            print(f"{name} is not what the program generates: run {pathlib.Path(__file__).name} --update")
            failed += 1
    now = names(generated(FILES["METRICS.md"]))
    before = FROZEN.read_text().splitlines() if FROZEN.exists() else []
    for line in before:
        if line not in now:
            print(f"frozen: {line!r} is gone or changed; a released name stays")
            failed += 1
    added = [line for line in now if line not in before]
    if update:
        FROZEN.write_text("\n".join(before + added) + "\n")
    elif added:
        print("frozen: not listed yet, run with --update: " + ", ".join(line.split()[0] for line in added))
        failed += 1
    print(f"generated files and names: {len(now)} metrics, {failed} problems")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
