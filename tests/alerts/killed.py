#!/usr/bin/env python3
"""With the durations as shipped: an exporter is killed while alerts of its containers fire. Nothing is resolved within 5
minutes, nor in the minutes until the exporter itself is told to be down, which then holds the rest back. See README.md."""
import os
import sys
import tempfile
import time

from hosts import Host, build_load
from alertmanager import Alertmanager  # noqa: E402  (hosts.py makes the tests' rooms importable)
from prometheus import Prometheus  # noqa: E402
from receiver import Receiver  # noqa: E402

INSTANCE = "killed:10110"
MINUTES = 13  # avg over 10 min below a half takes 5, `for` takes 5 more, and a group is told within another


def told(receiver, status):
    return {(a["labels"]["alertname"], a["labels"].get("name", "")) for m in list(receiver.messages)
            if isinstance(m["body"], dict) for a in m["body"].get("alerts", [])
            if a["status"] == status and a["labels"]["alertname"] != "BottleneckWatchdog"}


def main():
    failed = 0

    def check(condition, title, detail):
        nonlocal failed
        failed += not condition
        print(f"{'ok  ' if condition else 'FAIL'} {title}" + ("" if condition else f"\n     {detail}"), flush=True)

    with tempfile.TemporaryDirectory(prefix="killed.", dir=os.environ.get("BOTTLENECK_TEST_STATE", "/var/tmp/bottleneck-tests")) as work, \
            Receiver() as receiver:
        host = Host("killed", work, build_load(work))
        try:
            host.start()
            host.run("oom", "load", "oom", "64", options=["-m", "24m", "--memory-swap", "24m", "--cpus", "0.05"], told=True)
            host.watch()
            with Alertmanager(receiver, 60, 1.0) as alertmanager, \
                    Prometheus({INSTANCE: host.address()}, alertmanager.port, 60, 1.0, 15.0) as prometheus:
                prometheus.wait(lambda: prometheus.query("name:bottleneck_container_info:max"), "rules have run", 180)
                host.tell("oom")
                receiver.wait(lambda _: ("BottleneckOomKilled", "oom") in told(receiver, "firing"), 300)
                host.exporter.kill()
                since = time.monotonic()
                print("     killed", flush=True)
                time.sleep(300)
                check(not told(receiver, "resolved"), "nothing is resolved within 5 minutes", told(receiver, "resolved"))
                check(("BottleneckOomKilled", "oom") in {(a, n) for a, n, _ in prometheus.firing()}, "and what fired goes on to fire", prometheus.firing())
                down = ("BottleneckExporterDown", "")
                try:
                    receiver.wait(lambda _: down in told(receiver, "firing"), 60 * MINUTES - 300)
                except TimeoutError:
                    pass
                check(down in told(receiver, "firing"), f"the exporter is told to be down ({(time.monotonic() - since) / 60:.1f} min after it was killed)",
                      told(receiver, "firing"))
                check(not told(receiver, "resolved"), "and nothing was resolved until then", told(receiver, "resolved"))
        finally:
            host.stop()
    print(f"{4 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
