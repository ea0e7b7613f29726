"""deploy/quickstart.sh for real: starts, is safe to run again, stops what it started and nothing else."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from harness.wait import until  # noqa: E402

SCRIPT = ROOT / "deploy" / "quickstart.sh"
SERVICES = ("exporter", "alertmanager", "prometheus")


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """A state folder of the test's own, on ports of its own; stopped whatever happens."""
    folder = tmp_path_factory.mktemp("quickstart")
    environment = dict(os.environ, QUICKSTART_STATE=str(folder), EXPORTER_PORT="21110", PROMETHEUS_PORT="21090",
                       ALERTMANAGER_PORT="21093")

    def run(*arguments, check=True):
        done = subprocess.run([SCRIPT, *arguments], env=environment, capture_output=True, text=True, timeout=900, check=False)
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done

    run.folder = folder
    yield run
    run("--stop")


def port(state, name):
    return int((state.folder / f"{name}.port").read_text())


def pid(state, name):
    return int((state.folder / f"{name}.pid").read_text().split()[0])


def get(address):
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read().decode()


def test_it_starts_and_prints_where(state):
    said = state().stdout
    assert f"http://127.0.0.1:{port(state, 'exporter')}" in said
    assert f"http://127.0.0.1:{port(state, 'prometheus')}" in said
    assert "[1/" in said


def test_the_exporter_serves(state):
    assert "bottleneck_host_cpus" in get(f"http://127.0.0.1:{port(state, 'exporter')}/metrics")


def test_prometheus_has_its_numbers(state):
    answer = json.loads(get(f"http://127.0.0.1:{port(state, 'prometheus')}/api/v1/query?query=bottleneck_host_cpus"))
    assert [float(sample["value"][1]) for sample in answer["data"]["result"]] == [float(os.cpu_count())]


def test_prometheus_has_the_rules_and_reaches_the_alertmanager(state):
    address = f"http://127.0.0.1:{port(state, 'prometheus')}/api/v1/"
    groups = json.loads(get(address + "rules"))["data"]["groups"]
    alerts = {rule["name"] for group in groups for rule in group["rules"] if rule["type"] == "alerting"}
    assert {"BottleneckWatchdog", "BottleneckExporterDown"} <= alerts
    assert all(rule["health"] != "err" for group in groups for rule in group["rules"])
    # Prometheus looks for them apart from its targets, and may have found those first.
    active = until("an Alertmanager", 30, lambda: json.loads(get(address + "alertmanagers"))["data"]["activeAlertmanagers"])
    assert [f":{port(state, 'alertmanager')}/" in manager["url"] for manager in active] == [True]


def test_only_loopback_is_listened_on(state):
    listening = subprocess.run(["ss", "-ltnH"], capture_output=True, text=True, check=True).stdout
    for name in SERVICES:
        lines = [line for line in listening.splitlines() if line.split()[3].endswith(f":{port(state, name)}")]
        assert lines and all(line.split()[3].startswith("127.0.0.1:") for line in lines)


def test_running_it_again_changes_nothing(state):
    before = [pid(state, name) for name in SERVICES]
    assert "runs already" in state().stdout
    assert [pid(state, name) for name in SERVICES] == before


def test_stop_ends_what_it_started_and_only_that(state):
    pids = [pid(state, name) for name in SERVICES]
    with subprocess.Popen(["sleep", "300"]) as bystander:
        # A pid file that points at somebody else's process: the start time does not fit.
        (state.folder / "exporter.pid").rename(state.folder / "kept")
        (state.folder / "exporter.pid").write_text(f"{bystander.pid} 1\n")
        state("--stop")
        assert bystander.poll() is None
        (state.folder / "kept").rename(state.folder / "exporter.pid")
        state("--stop")
        assert bystander.poll() is None
        bystander.kill()
    assert not [p for p in pids if Path(f"/proc/{p}").exists() and "Z" not in Path(f"/proc/{p}/stat").read_text().split(")")[1]]
    assert state("--status", check=False).returncode == 1


def test_it_starts_again_after_a_stop(state):
    state()
    assert state("--status").returncode == 0
