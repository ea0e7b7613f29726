"""The Dockerfile is really built, and the image started as the documents say: read-only, without capabilities, scraped."""

import json
import os
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from harness.engine import Engine, run  # noqa: E402
from harness.exposition import Scrape  # noqa: E402
from harness.wait import until  # noqa: E402

def _root_mount():
    """rslave, as documented, lets later mounts of the host through; it needs a root that is shared, as systemd makes it."""
    for line in Path("/proc/self/mountinfo").read_text().split("\n"):
        words = line.split()
        if len(words) > 6 and words[4] == "/" and words[6].startswith("shared:"):
            return "/:/host/root:ro,rslave"
    return "/:/host/root:ro"


MOUNTS = ["-v", "/proc:/host/proc:ro", "-v", "/sys:/host/sys:ro", "-v", _root_mount()]
HARDENED = ["--pid", "host", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]


@pytest.fixture(scope="module")
def engine():
    engine = Engine("image")
    try:
        with open(run(ROOT / "tests" / "lib" / "base_image.sh", timeout=900), "rb") as base:
            run("docker", "-H", engine.host, "import", "-", "debian:bookworm-slim", stdin=base, timeout=300)
        yield engine
    finally:
        engine.stop()


@pytest.fixture(scope="module")
def image(engine):
    run("docker", "-H", engine.host, "build", "--network", "host", "-t", "bottleneck_exporter:test", ROOT, timeout=1500,
        env=dict(os.environ, DOCKER_BUILDKIT="0"))
    return "bottleneck_exporter:test"


@pytest.fixture
def started(engine, image, request):
    """Starts the image with options; returns (name, address)."""
    names = []

    def start(*options, arguments=()):
        name = f"image-{request.node.name[:30].replace('[', '-').replace(']', '')}-{len(names)}"
        names.append(name)
        engine.docker("run", "-d", "--name", name, *options, image, *arguments)
        address = engine.inspect(name)["NetworkSettings"]["IPAddress"]
        return name, address

    yield start
    for name in names:
        print(engine.docker("logs", name, check=False))
        engine.docker("rm", "-f", "-v", name, check=False)


def scrape(address):
    import urllib.request
    with urllib.request.urlopen(f"http://{address}:10110/metrics", timeout=10) as answer:
        return Scrape(answer.read().decode())


def test_it_is_small_and_has_no_shell(engine, image):
    facts = json.loads(engine.docker("image", "inspect", image))[0]
    assert facts["Size"] < 60e6, facts["Size"]
    assert facts["Config"]["User"] == "65532:65532"
    assert facts["Config"]["Healthcheck"]["Test"][0] == "CMD"
    assert engine.docker("run", "--rm", "--entrypoint", "/bin/sh", image, "-c", "true", check=False) == ""


def test_it_says_its_version(engine, image):
    assert engine.docker("run", "--rm", image, "--version").startswith("bottleneck_exporter ")


def test_documented_start_sees_the_containers_of_the_host(engine, started):
    engine.docker("run", "-d", "--name", "watched", "-m", "64m", "busybox:latest", "sleep", "1000")
    try:
        identity = engine.inspect("watched")["Id"]
        name, address = started(*HARDENED, "--user", "0:0", "--cap-add", "SYS_PTRACE", "--cap-add", "DAC_READ_SEARCH", *MOUNTS)
        found = until("the other container to be shown", 40, lambda: [
            labels for labels, _ in scrape(address).find("bottleneck_container_info") if labels["id"] == identity])
        watched = found[0]["name"]
        # Its name may be told before its first sample: a number that was not read is not there.
        until("its limit", 30, lambda: scrape(address).get("bottleneck_container_memory_limit_bytes", name=watched) == 64 << 20)
        # With the capabilities also what belongs to its processes.
        until("its open files", 30, lambda: scrape(address).get("bottleneck_container_open_files", name=watched))
        until("its network", 30, lambda: scrape(address).find("bottleneck_container_network_receive_bytes_total", name=watched))
        assert until("the health check to pass", 90, lambda: engine.inspect(name)["State"]["Health"]["Status"] == "healthy")
    finally:
        engine.docker("rm", "-f", "watched")


def test_as_the_user_of_the_image_without_any_capability(engine, started):
    """Nothing but the read-only mounts: the numbers of the cgroup files are there."""
    engine.docker("run", "-d", "--name", "watched2", "-m", "48m", "busybox:latest", "sleep", "1000")
    try:
        identity = engine.inspect("watched2")["Id"]
        _, address = started(*HARDENED, *MOUNTS)
        found = until("the other container to be shown", 40, lambda: [
            labels for labels, _ in scrape(address).find("bottleneck_container_info") if labels["id"] == identity])
        until("its limit", 30, lambda: scrape(address).get(
            "bottleneck_container_memory_limit_bytes", name=found[0]["name"]) == 48 << 20)
    finally:
        engine.docker("rm", "-f", "watched2")


def test_it_ends_at_once_when_stopped(engine, started):
    name, address = started(*HARDENED, *MOUNTS)
    until("it to serve", 30, lambda: scrape(address))
    begin = time.monotonic()
    engine.docker("stop", "-t", "20", name)
    assert time.monotonic() - begin < 10
    assert engine.inspect(name)["State"]["ExitCode"] == 0
