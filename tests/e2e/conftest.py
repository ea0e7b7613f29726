"""Fixtures of the end-to-end tests. Needs root, Docker, Podman and Prometheus; see README.md beside this file."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from harness import hostcgroups, readers  # noqa: E402
from harness.engine import Engine, Podman, run  # noqa: E402
from harness.exporter import Exporter, binary  # noqa: E402
from harness.fields import ROOT  # noqa: E402
from harness.wait import SLOW  # noqa: E402
from harness.world import World  # noqa: E402

STATE = Path(os.environ.get("BOTTLENECK_TEST_STATE", "/var/tmp/bottleneck-tests"))


def pytest_addoption(parser):
    parser.addoption("--loads-only", action="store_true", help="check the loads, without an exporter")


def pytest_configure(config):
    config.addinivalue_line("markers", "loads: needs no exporter")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--loads-only"):
        items[:] = [item for item in items if item.get_closest_marker("loads")]


@pytest.fixture(scope="session")
def work():
    """A folder on a real disk, gone afterwards; logs are kept where BOTTLENECK_E2E_LOGS says."""
    STATE.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="e2e.", dir=STATE))
    folder.chmod(0o755)
    yield folder
    logs = os.environ.get("BOTTLENECK_E2E_LOGS")
    if logs:
        Path(logs).mkdir(parents=True, exist_ok=True)
        for log in folder.rglob("*.log"):
            shutil.copy(log, Path(logs) / "-".join(log.relative_to(folder).parts))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def load(work):
    """The static load program; the guest gets it ready-made."""
    ready = os.environ.get("BOTTLENECK_LOAD")
    if ready:
        return ready
    program = work / "load"
    run("cc", "-O2", "-static", "-pthread", "-Wall", "-Wextra", "-Werror", "-o", program,
        Path(__file__).parent / "load" / "load.c")
    return str(program)


@pytest.fixture(scope="session")
def engine(load):
    engine = Engine("e2e")
    try:
        engine.import_load_images(load)
        yield engine
    finally:
        engine.stop()


@pytest.fixture(scope="session")
def podman():
    podman = Podman("e2e")
    try:
        yield podman
    finally:
        podman.stop()


@pytest.fixture(scope="session")
def swap(work):
    """Swap of the tests' own, where the host may be changed so (the guest); else whether there is none."""
    if os.environ.get("BOTTLENECK_E2E_SWAP") != "1":
        yield False
        return
    file = work / "swap"
    run("dd", "if=/dev/zero", f"of={file}", "bs=1M", "count=256")
    file.chmod(0o600)
    run("mkswap", file)
    run("swapon", file)
    yield True
    run("swapoff", file)


@pytest.fixture(scope="session")
def in_mount_namespace(podman, work):
    """Words before a command: it sees the tests' Podman storage where Podman keeps it by default."""
    Path("/var/lib/containers/storage").mkdir(parents=True, exist_ok=True)
    script = work / "with-podman-storage"
    script.write_text(f'#!/bin/sh\nmount --make-rprivate / &&\nmount --bind {podman.storage} /var/lib/containers/storage'
                      ' &&\nexec "$@"\n')
    script.chmod(0o755)
    return ["unshare", "--mount", str(script)]


@pytest.fixture(scope="session")
def exporter(engine, in_mount_namespace, work, pytestconfig):
    """The long-lived exporter of the value tests; it starts before the scenario does."""
    if pytestconfig.getoption("--loads-only"):
        yield None
        return
    assert binary().exists(), f"{binary()} is not built"
    config = work / "exporter.yml"
    # Limits are read again every 10 s, so that a change of one need not be waited for; under emulation the exporter costs
    # more than its budget, and would slow down.
    config.write_text(f"sampling: {{limits_seconds: 10, cpu_budget_cores: {0.01 if SLOW == 1 else 0.5}}}\n")
    exporter = Exporter(work / "exporter", f"--config.file={config}", f"--docker.host={engine.host}",
                        "--discovery.cgroups=/bn-e2e/(plain|outer/inner|vanishing)", "--metrics.profile=full", prefix=in_mount_namespace).start()
    yield exporter
    exporter.stop()


@pytest.fixture
def lone(engine, work, request):
    """Exporters of a test's own, ended whatever happens: lone(flags..., **options of Exporter). `folder` is for one that
    goes on where another was killed."""
    with ExitStack() as started:
        def start(*flags, ready=True, folder=None, **options):
            folder = folder or tempfile.mkdtemp(prefix=f"{request.function.__name__}-", dir=work)
            engine_flags = [] if any(flag.startswith("--docker.host=") for flag in flags) else [f"--docker.host={engine.host}"]
            exporter = Exporter(folder, *engine_flags, *flags, **options)
            started.callback(exporter.stop)
            return exporter.start(ready=ready)

        yield start


@pytest.fixture(scope="session")
def world(engine, podman, load, swap, exporter):
    """The scenario, running and recorded."""
    world = World(engine, podman, load, swap, exporter)
    readers.DISK[:] = [world.scenario.disk, world.scenario.disk_numbers]
    try:
        world.start()
        yield world
    finally:
        world.stop()


def pytest_report_header():
    kernel = subprocess.run(["uname", "-r"], capture_output=True, text=True, check=True).stdout.strip()
    version = "v2" if hostcgroups.is_v2() else "v1 or hybrid"
    return f"host: Linux {kernel}, cgroup {version}, exporter {binary().relative_to(ROOT) if ROOT in binary().parents else binary()}"
