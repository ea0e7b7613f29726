"""Numbers beside `docker stats`: what people compare with first."""

import json
import time

import pytest
from harness import hostcgroups as host
from harness.readers import accounted_time
from harness.wait import SLOW, until


def _bytes(text):
    """ "12.3MiB" -> bytes """
    number = text.rstrip("kKMGTiB")
    unit = text[len(number):]
    factor = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}[unit]
    return float(number) * factor


def _stats(world, subject):
    line = world.engine.docker("stats", "--no-stream", "--format", "{{json .}}", world.label(subject))
    return json.loads(line)


@pytest.mark.parametrize("subject,row,cores", [("spin", "cpu_usage", 0.3), ("sys", "cpu_system", 0.1)])
def test_cpu(world, subject, row, cores):
    """docker stats shows the share of the last second; ours is the rate between two scrapes. A busy machine may give
    the loads less than their quota: the reference says how much it was."""
    def usage(scrape):
        return scrape.get("bottleneck_container_cpu_usage_seconds_total", name=world.label(subject))

    first = world.scrape(fresh=True)
    begin, told = time.monotonic(), accounted_time()
    shown = [float(_stats(world, subject)["CPUPerc"].rstrip("%")) / 100 for _ in range(3)]
    # Docker divides by the time that /proc/stat has, not by time that passed: an emulated machine loses ticks.
    ticks = (accounted_time() - told) / (time.monotonic() - begin) / host.online_cpus()
    shown = [share * ticks for share in shown]
    until("time to pass", 60, lambda: time.monotonic() - first.end > 8 * SLOW)
    second = world.scrape(fresh=True)
    ours = (usage(second) - usage(first)) / (second.end - first.end)
    grown, seconds = world.recorder.increase(row, first.end, second.end)
    assert ours == pytest.approx(grown / seconds, rel=0.15, abs=0.02)
    assert ours <= cores * 1.1 + 0.01
    assert min(shown) * 0.75 - 0.03 <= ours <= max(shown) * 1.25 + 0.03


def test_memory(world):
    """docker stats takes the inactive file pages off, as working_set does."""
    used, _, limit = _stats(world, "anon")["MemUsage"].partition(" / ")
    scrape = world.scrape(fresh=True)
    assert scrape.get("bottleneck_container_memory_working_set_bytes", name=world.label("anon")) == pytest.approx(
        _bytes(used), rel=0.05)
    assert scrape.get("bottleneck_container_memory_limit_bytes", name=world.label("anon")) == pytest.approx(_bytes(limit), rel=0.01)


def test_pids(world):
    shown = int(_stats(world, "pids")["PIDs"])
    assert world.scrape(fresh=True).get("bottleneck_container_pids", name=world.label("pids")) == shown == 20


@pytest.mark.any_host
def test_network(world):
    """A counter: ours was read around theirs."""
    before = world.scrape(fresh=True)
    received, _, sent = _stats(world, "sender")["NetIO"].partition(" / ")
    time_passed = time.monotonic()
    after = until("a later scrape", 30, lambda: (s := world.scrape(fresh=True)).start > time_passed + 1 and s)
    for name, shown in (("receive", received), ("transmit", sent)):
        metric = f"bottleneck_container_network_{name}_bytes_total"
        low, high = (s.get(metric, name=world.label("sender"), interface="eth0") for s in (before, after))
        assert low * 0.99 - 1e4 <= _bytes(shown) <= high * 1.01 + 1e4


@pytest.mark.skipif(not host.is_v2() and host.unified_root() is None, reason="no cgroup hierarchy with counters")
def test_block_io(world):
    before = world.scrape(fresh=True)
    read, _, written = _stats(world, "disk")["BlockIO"].partition(" / ")
    time_passed = time.monotonic()
    after = until("a later scrape", 30, lambda: (s := world.scrape(fresh=True)).start > time_passed + 1 and s)
    for name, shown in (("read", read), ("written", written)):
        metric = f"bottleneck_container_io_{name}_bytes_total"
        low, high = (sum(v for _, v in s.find(metric, name=world.label("disk"))) for s in (before, after))
        assert low * 0.98 <= _bytes(shown) <= high * 1.02
