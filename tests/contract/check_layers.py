#!/usr/bin/env python3
"""The include graph, and what only base/ may do.

    base  <-  model  <-  config  <-  every stage; a stage never includes another one; app and main join them.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2] / "exporter"
FOUNDATION = {"base": {"base"}, "model": {"base", "model"}, "config": {"base", "model", "config"}}
STAGES = {"discover", "sample", "window", "analyze", "expose", "profile", "report", "replay"}
# profile and report come after the judgement and may use what it made; replay joins what needs no host.
ALSO = {"profile": {"window", "analyze", "sample"}, "report": {"profile", "analyze"}, "replay": {"window", "analyze", "report"}}
# What a stage must leave to base/ (file.h, clock.h, host_paths.h): files, time, environment.
BASE_ONLY = {
    r'"/proc': "a path of /proc",
    r'"/sys': "a path of /sys",
    r"(?<![\w.:>])(?:open|openat|fopen)\(": "opening a file",
    r"\bifstream\b": "opening a file",
    r"\bclock_gettime\(|(?:system|steady)_clock::now|(?<![\w.:>])time\(": "reading a clock",
    r"\bgetenv\(": "reading the environment",
}


def allowed(room):
    if room in FOUNDATION:
        return FOUNDATION[room]
    return {"base", "model", "config", room} | ALSO.get(room, set())


def problems():
    for path in sorted([*ROOT.rglob("*.h"), *ROOT.rglob("*.cpp")]):
        parts = path.relative_to(ROOT).parts
        room = parts[0] if len(parts) > 1 else None
        text = path.read_text()
        if room is not None and room not in FOUNDATION and room not in STAGES:
            yield f"{path}: {room} is not a room of the house"
        for number, line in enumerate(text.splitlines(), 1):
            code = line.split("//")[0]
            include = re.match(r'\s*#include "exporter/([a-z_]+)/', code)
            if include and room is not None and include.group(1) not in allowed(room):
                yield f"{path}:{number}: {room} must not include {include.group(1)}"
            if room == "base" or path.name == "main.cpp":
                continue
            for pattern, what in BASE_ONLY.items():
                # `static Result<X> open(...)` declares, it does not open.
                if re.search(pattern, code) and not re.match(r"\s*static .*\bopen\(", code):
                    yield f"{path}:{number}: {what} belongs into base/"


def types_with_one_name():
    """Two types of one name in one namespace are undefined behaviour that no linker reports."""
    places = {}
    for path in sorted([*ROOT.rglob("*.h"), *ROOT.rglob("*.cpp")]):
        depth_anonymous = False
        for line in path.read_text().splitlines():
            depth_anonymous = (depth_anonymous or line == "namespace {") and line != "}  // namespace"
            declared = re.match(r"(?:class|struct|enum class) (\w+)(?: final)?(?: : [^;{]*)? ?\{", line)
            if declared and not depth_anonymous:
                places.setdefault(declared.group(1), set()).add(path)
    for name, paths in places.items():
        if len(paths) > 1:
            yield f"{name} is the name of several types: {', '.join(str(p) for p in sorted(paths))}"


def main():
    found = [*problems(), *types_with_one_name()]
    print("\n".join(found) if found else "layers: ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
