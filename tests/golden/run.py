#!/usr/bin/env python3
"""Golden hosts: one scrape of every captured host tree, compared with the committed text.

    tests/golden/run.py BINARY [--update] [HOST...]

A host is a folder of tests/fixtures/hosts with `proc`, `sys/fs/cgroup` and `rootfs`, and an ORIGIN.md that says where
it comes from. Extra flags of a host stand in its `flags` file, one a line.
"""
import difflib
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
HOSTS = ROOT / "fixtures" / "hosts"
# Ages and the exporter's own cost depend on when and where the test runs; everything else is the tree's.
VOLATILE = re.compile(r"^(# (HELP|TYPE) )?(bottleneck_container_sample_age_seconds|process_"
                      r"|bottleneck_exporter_(?!collector_s))")


def scrape(binary, host):
    flags = []
    extra = host / "flags"
    if extra.exists():
        flags = extra.read_text().split()
    command = [
        binary, "metrics", "--storage.path=", "--metrics.profile=full", "--log.level=error",
        f"--config.file={ROOT}/golden/golden.yml",
        f"--path.procfs={host}/proc", f"--path.sysfs={host}/sys",
        f"--path.cgroupfs={host}/sys/fs/cgroup", f"--path.rootfs={host}/rootfs", *flags,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr.strip()}")
    lines = [line for line in done.stdout.splitlines(keepends=True) if not VOLATILE.match(line)]
    return "".join(lines)


def main(arguments):
    update = "--update" in arguments
    arguments = [a for a in arguments if a != "--update"]
    binary, wanted = arguments[0], arguments[1:]
    hosts = sorted(p for p in HOSTS.iterdir() if (p / "proc").is_dir() and (not wanted or p.name in wanted))
    failed = 0
    for host in hosts:
        golden = ROOT / "golden" / "hosts" / f"{host.name}.prom"
        try:
            text = scrape(binary, host)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            print(f"FAIL {host.name}: {error}")
            failed += 1
            continue
        if not (host / "ORIGIN.md").exists():
            print(f"FAIL {host.name}: no ORIGIN.md")
            failed += 1
        elif update:
            golden.parent.mkdir(exist_ok=True)
            golden.write_text(text)
            print(f"wrote {golden.relative_to(ROOT)}")
        elif not golden.exists() or golden.read_text() != text:
            before = golden.read_text() if golden.exists() else ""
            diff = difflib.unified_diff(before.splitlines(True), text.splitlines(True), str(golden), "now", n=1)
            print(f"FAIL {host.name}:\n" + "".join(list(diff)[:60]))
            failed += 1
    print(f"{len(hosts) - failed} passed, {failed} failed")
    # Fewer hosts than promised is a failure too: a test that runs nothing cannot fail.
    return 1 if failed or (not wanted and len(hosts) < 10) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
