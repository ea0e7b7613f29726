#!/usr/bin/env python3
"""Series a container, by profile: fleet at most 30, standard at most 90, on every captured host."""
import collections
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("BOTTLENECK_BINARY", str(ROOT / "build/release/exporter/bottleneck_exporter"))
LIMITS = {"fleet": 30, "standard": 90}


def series_by_container(host, profile):
    command = [BINARY, "metrics", "--storage.path=", f"--metrics.profile={profile}", "--log.level=error",
               f"--config.file={ROOT}/tests/golden/golden.yml",
               f"--path.procfs={host}/proc", f"--path.sysfs={host}/sys", f"--path.cgroupfs={host}/sys/fs/cgroup",
               f"--path.rootfs={host}/rootfs"]
    flags = host / "flags"
    if flags.exists():
        command += flags.read_text().split()
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = collections.defaultdict(lambda: [0, set()])
    for line in text.splitlines():
        name = re.search(r'\bname="((?:[^"\\]|\\.)*)"', line)
        if not line.startswith("#") and name:
            found[name.group(1)][0] += 1
            found[name.group(1)][1] |= set(re.findall(r'\b(?:device|interface)="[^"]*"', line))
    return found


def main():
    failed = most = looked_at = 0
    for host in sorted((ROOT / "tests/fixtures/hosts").iterdir()):
        if not (host / "proc").is_dir():
            continue
        for profile, limit in LIMITS.items():
            for name, (count, parts) in series_by_container(host, profile).items():
                if len(parts) > 2:
                    continue  # the promise is for one interface and one device
                looked_at += 1
                most = max(most, count if profile == "standard" else 0)
                if count > limit:
                    print(f"{host.name}: {name} has {count} series in profile {profile}, more than {limit}")
                    failed += 1
    print(f"series: {looked_at} containers looked at, at most {most} series in standard, {failed} over their limit")
    return 1 if failed or not looked_at else 0


if __name__ == "__main__":
    sys.exit(main())
