"""What must not hurt: containers that come and go, hostile text, crashes, full disks, missing rights, bad clients."""

import json
import os
import signal
import socket
import subprocess
import threading
import time

import pytest
from harness.engine import run
from harness.exporter import binary, free_port
from harness.wait import SLOW, until
from subjects import PREFIX

USAGE = "bottleneck_container_memory_usage_bytes"


@pytest.fixture
def container(engine, request):
    """Containers of a test's own, removed whatever happens: container(name, options...)."""
    names = []

    def start(name, *options, command=("load", "hold"), image="bn-load:1"):
        full = PREFIX + name
        if full not in names:
            names.append(full)
        engine.docker("run", "-d", "--name", full, *options, image, *command)
        return full

    yield start
    for name in names:
        engine.docker("rm", "-f", name, check=False)


def value(exporter, metric, **labels):
    return exporter.scrape().get(metric, **labels)


def test_containers_that_vanish_while_they_are_read(engine, lone):
    """Thirty containers come and go while scrapes go on: no scrape fails, nothing is malformed, none stays."""
    exporter = lone("--log.level=debug")
    stop = threading.Event()
    failures = []

    def scrape_on():
        while not stop.is_set():
            try:
                exporter.scrape("/metrics")
            except (AssertionError, OSError) as error:
                failures.append(repr(error))

    thread = threading.Thread(target=scrape_on)
    thread.start()
    names = [f"{PREFIX}churn-{i}" for i in range(int(30 / SLOW))]
    try:
        for name in names:
            engine.docker("run", "-d", "--rm", "--name", name, "bn-load:1", "load", "anon", "2")
        for name in names:
            engine.docker("rm", "-f", name)
    finally:
        stop.set()
        thread.join()
    assert not failures
    until("all of them to be gone", 30, lambda: not any(
        exporter.scrape().find(USAGE, name=name) for name in names))
    bad = [found for found in exporter.scrape().find("bottleneck_exporter_read_errors_total") if found[1] > 0
           and found[0].get("reason") in ("malformed", "timeout", "denied")]
    assert not bad
    assert exporter.process.poll() is None


def test_a_job_that_fails_and_is_removed_shows_its_end(engine, lone):
    """`docker run --rm`: the engine forgets it in the moment it ends."""
    exporter = lone()
    names = {code: f"{PREFIX}job-{code}" for code in (7, 0)}
    for code, name in names.items():
        engine.docker("run", "--rm", "--name", name, "bn-load:1", "sh", "-c", f"sleep 1; exit {code}", check=False)
    until("its exit code", 30, lambda: value(exporter, "bottleneck_container_exit_code", name=names[7]) == 7)
    until("its state", 30, lambda: value(exporter, "bottleneck_container_state", name=names[7], state="exited") == 1)
    until("the one that ended well to be gone", 30, lambda: not exporter.scrape().find("bottleneck_container_info", name=names[0]))
    engine.docker("run", "-d", "--rm", "--name", names[7], "bn-load:1", "load", "hold")
    try:
        until("the next of that name to be seen", 30, lambda: value(exporter, "bottleneck_container_state", name=names[7], state="running") == 1)
        assert len(exporter.scrape().find("bottleneck_container_info", name=names[7])) == 1
    finally:
        engine.docker("rm", "-f", names[7])


def test_a_recreated_container_keeps_its_series(engine, lone, container):
    exporter = lone()
    name = container("again", command=("load", "spin", "1"))
    first_id = until("it to be seen", 30, lambda: exporter.scrape().find("bottleneck_container_info", name=name))[0][0]["id"]
    # Its name may be told before its first sample: a number that was not read is not there.
    until("it to be read", 30, lambda: [labels for labels, _ in exporter.scrape().find(USAGE, name=name) if labels == {"name": name}])
    engine.docker("rm", "-f", name)
    container("again", command=("load", "spin", "1"))

    def the_new_one():
        scrape = exporter.scrape()
        infos = [labels for labels, _ in scrape.find("bottleneck_container_info", name=name)]
        read = [labels for labels, _ in scrape.find(USAGE, name=name)]
        return (infos, read) if read and all(labels["id"] != first_id for labels in infos) else None

    infos, read = until("the new one to be read", 30, the_new_one)
    assert len(infos) == 1
    assert read == [{"name": name}]
    until("both starts to be counted", 30, lambda: value(exporter, "bottleneck_container_starts_total", name=name) == 2)


HOSTILE = 'quote" back\\slash\nnew line {brace} \u2028 \U0001f4a5 , comma="x" # hash'


@pytest.mark.any_host
def test_hostile_label_values(lone, container):
    exporter = lone()
    name = container("hostile", "--label", f"bottleneck.team={HOSTILE}",
                     "--label", "com.docker.compose.project=" + "p" * 5000,
                     "--label", "com.docker.compose.service=a\x1b[31mred\x7f")
    info = until("it to be named", 30, lambda: exporter.scrape().find("bottleneck_container_info", name=name))[0][0]
    # The strict reader of the tests has already parsed it; the text must survive as it was.
    assert info["team"] == HOSTILE
    assert len(info["compose_project"]) <= 5000
    for headers in ({}, {"Accept": "application/openmetrics-text; version=1.0.0"}):
        assert exporter.get("/metrics", headers)[0] == 200
    for page in ("/", f"/containers/{name}", "/status"):
        status, _, body = exporter.get(page)
        assert status in (200, 404)
        assert b"<script" not in body or HOSTILE.encode() not in body


def test_a_cgroup_with_a_hostile_name(lone):
    from harness.scenario import PlainCgroup

    weird = '/bn-weird/we"ird\\ name{x="y"} \u2028\U0001f4a5'  # the kernel itself refuses a newline
    exporter = lone("--discovery.cgroups=/bn-weird/.*")
    group = PlainCgroup(weird, ["sleep", "1000"], {})
    try:
        until("it to be shown", 40, lambda: [
            labels for labels, _ in exporter.scrape().find(USAGE) if "ird" in labels["name"]])
        assert exporter.get("/")[0] == 200
    finally:
        group.remove()


def test_event_counters_survive_a_crash(engine, lone, container, work):
    """SIGKILL, then an end while nobody watches, then a restart: no count is lost or doubled."""
    folder = work / "crash"
    exporter = lone(folder=folder)
    name = container("crash", command=("sh", "-c", "while [ ! -e /tmp/end ]; do usleep 100000; done; exit 3"))
    until("it to be seen", 30, lambda: value(exporter, "bottleneck_container_starts_total", name=name) == 1)
    engine.docker("exec", name, "touch", "/tmp/end")
    until("its end to be counted", 30, lambda: value(
        exporter, "bottleneck_container_exits_total", name=name, reason="error") == 1)
    state = exporter.storage / "events.json"
    until("the counters to be on disk", 60, lambda: state.exists() and name in state.read_text())
    exporter.kill()
    again = lone(folder=folder, storage=exporter.storage)
    until("the counters to be back", 30, lambda: value(again, "bottleneck_container_starts_total", name=name) == 1)
    # What the state did not hold yet is settled a moment after the engine told of it.
    until("the end to be counted once", 30, lambda: value(
        again, "bottleneck_container_exits_total", name=name, reason="error") == 1)
    # It goes on counting where it was.
    engine.docker("start", name)
    until("the next start to be counted", 30, lambda: value(again, "bottleneck_container_starts_total", name=name) == 2)


@pytest.fixture
def fragile():
    """An engine that may be frozen and killed."""
    from harness.engine import Engine

    engine = Engine("frail", "--live-restore")
    engine.remember_command()
    try:
        yield engine
    finally:
        engine.stop()


@pytest.mark.any_host
def test_a_daemon_that_hangs_dies_and_comes_back(fragile, load, lone):
    """Numbers go on, names stay, the collector says that the engine is away."""
    fragile.import_load_images(load)
    name = PREFIX + "survivor"
    fragile.docker("run", "-d", "--name", name, "bn-load:1", "load", "spin", "1")
    exporter = lone(f"--docker.host={fragile.host}")

    def usage():
        return value(exporter, "bottleneck_container_cpu_usage_seconds_total", name=name)

    def docker_success():
        return value(exporter, "bottleneck_exporter_collector_success", collector="docker")

    until("the container to be named", 30, usage)
    until("the engine to be fine", 30, lambda: docker_success() == 1)
    os.kill(fragile.pid, signal.SIGSTOP)
    try:
        until("the engine to be missed", 90, lambda: docker_success() == 0)
        before = usage()
        begin = time.monotonic()
        until("numbers to go on without the engine", 30, lambda: usage() > before)
        assert exporter.get("/metrics")[0] == 200
        assert time.monotonic() - begin < 20 * SLOW
    finally:
        os.kill(fragile.pid, signal.SIGCONT)
    until("the engine to be back", 60, lambda: docker_success() == 1)
    os.kill(fragile.pid, signal.SIGKILL)
    until("the engine to be missed again", 90, lambda: docker_success() == 0)
    before = usage()
    until("numbers to go on", 30, lambda: usage() > before)
    process = fragile.restart_daemon()
    try:
        until("the engine to be back again", 120, lambda: docker_success() == 1)
        assert usage() >= before
    finally:
        fragile.stop()
        process.wait(60 * SLOW)


@pytest.mark.any_host
def test_a_port_in_use(lone):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        exporter = lone(port=port, ready=False)
        assert exporter.process.wait(15 * SLOW) == 2
        line = exporter.log().strip().split("\n")[-1]
        assert str(port) in line and "in use" in line


@pytest.mark.any_host
@pytest.mark.parametrize("flags,told", [
    (["--metrics.profile=huge"], "huge"),
    (["--discovery.cgroups=("], "discovery.cgroups"),
    (["--config.file=/nonexistent.yml"], "/nonexistent.yml"),
    (["--docker.host=ftp://x"], "ftp://x"),
])
def test_a_bad_start_says_why(lone, flags, told):
    exporter = lone(*flags, ready=False)
    assert exporter.process.wait(15 * SLOW) == 2
    assert told in exporter.log()


def test_without_rights(engine, lone, container, work):
    """As nobody: cgroup files are read, the rest says what is denied and how to get it."""
    name = container("norights", "-m", "64m")
    identity = engine.inspect(name)["Id"][:12]
    storage = work / "nobody"
    storage.mkdir(exist_ok=True)
    os.chown(storage, 65534, 65534)
    public = work / "bottleneck_exporter"
    public.write_bytes(binary().read_bytes())
    public.chmod(0o755)
    exporter = lone(storage=storage, program=public, prefix=["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"])
    # The engine's socket is closed to us: the short id serves as the name.
    until("the container to be shown", 40, lambda: exporter.scrape().find(USAGE, name=identity))
    scrape = exporter.scrape()
    assert scrape.get("bottleneck_container_memory_limit_bytes", name=identity) == 64 << 20
    assert not scrape.find("bottleneck_container_open_files", name=identity)
    until("denials to be shown", 40, lambda: [
        labels for labels, count in exporter.scrape().find("bottleneck_exporter_read_errors_total", reason="denied") if count > 0])
    failed = {labels["collector"] for labels, ok in exporter.scrape().find("bottleneck_exporter_collector_success") if ok == 0}
    assert "processes" in failed and "cpu" not in failed and "memory" not in failed
    assert exporter.log().lower().count("denied") < 30
    assert exporter.stop() == 0


@pytest.mark.any_host
def test_a_full_disk(engine, lone, work):
    """The state cannot be written: everything else goes on, and it is said once, not every second."""
    storage = work / "full"
    storage.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", storage)
    try:
        filler = os.open(storage / "filler", os.O_WRONLY | os.O_CREAT)
        try:
            while os.write(filler, b"x" * 4096):
                pass
        except OSError:
            pass
        os.close(filler)
        exporter = lone(storage=storage)
        name = PREFIX + "fulldisk"
        engine.docker("run", "-d", "--name", name, "bn-load:1", "load", "hold")
        try:
            until("a container to be shown", 30, lambda: exporter.scrape().find(USAGE, name=name))
        finally:
            engine.docker("rm", "-f", name)
        until("the failure to be told", 90, lambda: "No space left" in exporter.log() or "ENOSPC" in exporter.log(), every=1)
        assert exporter.log().count("No space left") < 20
        assert exporter.stop() == 0
    finally:
        run("umount", "-l", storage)


@pytest.mark.any_host
def test_reload(lone, work):
    config = work / "reload.yml"
    config.write_text("metrics: {profile: fleet}\n")
    exporter = lone(f"--config.file={config}")
    few = len(until("samples", 30, lambda: exporter.scrape().samples))
    config.write_text("metrics: {profile: full}\n")
    exporter.signal(signal.SIGHUP)
    until("the new profile", 30, lambda: len(exporter.scrape().samples) > few * 1.5)
    assert value(exporter, "bottleneck_exporter_config_last_reload_successful") == 1
    many = len(exporter.scrape().samples)
    config.write_text("metrics: {profile: enormous}\n")
    exporter.signal(signal.SIGHUP)
    until("the failure to be shown", 30, lambda: value(exporter, "bottleneck_exporter_config_last_reload_successful") == 0)
    assert len(exporter.scrape().samples) > many * 0.8  # the old configuration goes on
    assert "enormous" in exporter.log() and str(config) in exporter.log()


@pytest.mark.any_host
def test_half_sent_requests(lone):
    """Clients that say half a word and wait hold nobody up."""
    exporter = lone()
    begin = time.monotonic()
    exporter.scrape()
    alone = time.monotonic() - begin
    with_open = []
    try:
        for _ in range(8):
            sock = socket.create_connection(("127.0.0.1", exporter.port))
            sock.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-")
            with_open.append(sock)
        begin = time.monotonic()
        exporter.scrape()
        assert time.monotonic() - begin < max(2 * SLOW, 5 * alone)
    finally:
        for sock in with_open:
            sock.close()


@pytest.mark.any_host
@pytest.mark.parametrize("request_text", [
    b"\x00\x01\x02\r\n\r\n",
    b"GET " + b"/" * 100000 + b" HTTP/1.1\r\n\r\n",
    b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
    b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /containers/%00%ff%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n",
])
def test_bad_requests(world, request_text):
    with socket.create_connection(("127.0.0.1", world.exporter.port), timeout=20 * SLOW) as sock:
        answer = b""
        try:  # it may hang up in the middle of our words
            sock.sendall(request_text)
            sock.shutdown(socket.SHUT_WR)
            while chunk := sock.recv(65536):
                answer += chunk
        except OSError:
            pass
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert b"root:" not in answer
    assert world.exporter.get("/-/healthy")[0] == 200


@pytest.mark.any_host
def test_commands_beside_serving(engine, work):
    """`metrics` prints one scrape, `self-test` what can be read, `config check` judges a file; each with its exit code."""
    shown = subprocess.run([binary(), "metrics", f"--docker.host={engine.host}", "--storage.path="], capture_output=True, text=True,
                           timeout=60 * SLOW, check=False)
    assert shown.returncode == 0 and "bottleneck_container_cpu_usage_seconds_total" in shown.stdout
    tested = subprocess.run([binary(), "self-test", f"--docker.host={engine.host}", "--storage.path="], capture_output=True,
                            text=True, timeout=60 * SLOW, check=False)
    assert tested.returncode in (0, 1) and "docker" in tested.stdout.lower()
    bad = work / "bad.yml"
    bad.write_text("metrics: {profil: full}\n")
    judged = subprocess.run([binary(), "config", "check", f"--config.file={bad}"], capture_output=True, text=True, check=False,
                            timeout=60 * SLOW)
    assert judged.returncode == 2 and "profil" in judged.stderr and str(bad) in judged.stderr


@pytest.mark.any_host
def test_two_listen_addresses(lone):
    port = free_port()
    exporter = lone(f"--web.listen-address=127.0.0.1:{port}")
    with socket.create_connection(("127.0.0.1", port), timeout=10 * SLOW):
        pass
    assert exporter.get("/-/healthy")[0] == 200


@pytest.mark.any_host
def test_json_log(lone):
    exporter = lone("--log.format=json", "--log.level=debug")
    until("a line", 20, lambda: exporter.log().strip())
    for line in exporter.log().strip().split("\n"):
        json.loads(line)
