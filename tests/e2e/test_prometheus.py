"""A real Prometheus scrapes the exporter: formats, rates, limits."""

import subprocess
import time

import pytest
from harness.engine import run
from harness.prometheus import Prometheus
from harness.wait import until


pytestmark = pytest.mark.any_host


@pytest.fixture(scope="module")
def prometheus(world, work):
    server = Prometheus(work / "prometheus", world.exporter.port)
    yield server
    server.stop()


def test_the_target_is_up(prometheus):
    until("the target to be up", 60, lambda: [value for _, value in prometheus.query("up")] == [1.0])
    target = prometheus.api("targets")["activeTargets"][0]
    assert target["lastError"] == ""


def test_no_sample_is_lost(prometheus, world):
    """Prometheus keeps every sample that the exposition has: no duplicate, no refused line."""
    kept = until("samples to be counted", 60, lambda: prometheus.query("scrape_samples_scraped"))[0][1]
    assert kept == pytest.approx(len(world.scrape(fresh=True).samples), abs=20)


def test_metadata_is_understood(prometheus):
    def types():
        return {name: entries[0]["type"] for name, entries in prometheus.api("metadata").items()
                if name.startswith("bottleneck_")}

    found = until("metadata", 60, types)
    # Under OpenMetrics a counter's family has no _total.
    counters = {name for name, kind in found.items() if kind == "counter"}
    assert any("cpu_usage_seconds" in name for name in counters)
    assert not [name for name, kind in found.items() if kind == "unknown"]


def _window(prometheus, world, row):
    """(seconds, increase of the reference) of a window that Prometheus has wholly seen."""
    seconds = 15 * prometheus.interval
    until("a whole window", 180, lambda: (prometheus.query(
        f'count_over_time(up[{int(seconds)}s])') or [({}, 0)])[0][1] >= 14, every=1)
    end = time.monotonic()
    return seconds, *world.recorder.increase(row, end - seconds, end)


def test_a_rate_is_what_the_kernel_counted(prometheus, world):
    """0.3 CPU where the machine has them to give; the reference says how much it was."""
    window, grown, seconds = _window(prometheus, world, "cpu_usage")
    rate = prometheus.query(
        f'rate(bottleneck_container_cpu_usage_seconds_total{{name="{world.label("spin")}"}}[{int(window)}s])')[0][1]
    assert rate == pytest.approx(grown / seconds, rel=0.15, abs=0.01)
    assert rate <= 0.33


def test_throttling_share_is_what_the_kernel_counted(prometheus, world):
    window, throttled, _ = _window(prometheus, world, "cpu_throttled_periods")
    name = f'{{name="{world.label("spin")}"}}'
    share = prometheus.query(f"rate(bottleneck_container_cpu_throttled_periods_total{name}[{int(window)}s]) / "
                             f"rate(bottleneck_container_cpu_periods_total{name}[{int(window)}s])")[0][1]
    periods, _ = world.recorder.increase("cpu_periods", time.monotonic() - window, time.monotonic())
    assert share == pytest.approx(throttled / periods, abs=0.1)
    assert share > 0.2


def test_series_do_not_churn(prometheus, world):
    """Only a container that came or went may add or remove series."""
    until("two scrapes", 60, lambda: len(prometheus.query("scrape_series_added")) == 1)
    until("a scrape that adds nothing new but a few of those that come and go", 60, lambda: prometheus.query(
        "scrape_series_added")[0][1] <= 10)


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text;version=1.0.0"])
def test_promtool_finds_nothing_to_complain_about(world, accept):
    status, headers, body = world.exporter.get("/metrics", {"Accept": accept} if accept else {})
    assert status == 200
    if accept:
        assert headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
        assert body.endswith(b"\n# EOF\n")
        return
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    checked = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, check=False)
    assert checked.returncode == 0, (checked.stdout + checked.stderr).decode()


def test_the_scrape_example_is_valid(work):
    from harness.fields import ROOT
    example = ROOT / "deploy" / "prometheus" / "scrape.example.yml"
    if not example.exists():  # the guest has the tests alone
        pytest.skip("deploy/ is not here: the host's run checks it")
    run("promtool", "check", "config", "--syntax-only", example)
