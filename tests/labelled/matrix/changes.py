"""Executes the changes that recommendations print, waits for the flag to clear, and undoes them."""

import json
import re
import subprocess
import time

from harness import hostcgroups as host
from harness.engine import run

TARGETS = ("docker", "systemd", "cgroup")
CLEAR_SECONDS = 480  # a kill is over after an hour, a tenth of it here
STEP_SECONDS = 65  # a step is asked for by the numbers under the limit before it, which are those of a minute
TRIES = 6
BETWEEN_LIVES = re.compile(
    r"is restarting|not running|no such container|no running task|already finished|no such process|"
    r"/sys/fs/cgroup.*(no such file|nonexistent|no such device)", re.IGNORECASE | re.DOTALL)
FILES = {
    "cpu": ("cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.cfs_burst_us", "cpu.shares", "cpu.max", "cpu.max.burst", "cpu.weight"),
    "memory": ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.max", "memory.swap.max"),
    "pids": ("pids.max",),
    "blkio": ("blkio.throttle.write_bps_device", "blkio.throttle.read_bps_device", "io.max"),
}
KEYS = ("NanoCpus", "CpuQuota", "CpuPeriod", "CpuShares", "Memory", "MemorySwap", "PidsLimit")


def settings(engine, name):
    """Everything that a change may touch: what the engine has written down, and what the kernel has."""
    inspect = engine.inspect(name)
    out = {key: inspect["HostConfig"][key] for key in KEYS}
    # The engine's own zero and minus one both mean "none".
    for key in ("PidsLimit", "CpuQuota"):
        out[key] = None if out[key] in (None, 0, -1) else out[key]
    # Its "not set" is the kernel's default, to which it cannot be set back; the kernel's number is compared below.
    out["CpuShares"] = out["CpuShares"] or 1024
    if inspect["State"]["Pid"]:
        try:
            cgroup = host.Cgroup.of_pid(inspect["State"]["Pid"])
            for controller, files in FILES.items():
                for file in files:
                    text = cgroup.text(controller if not host.is_v2() else "unified", file)
                    if text is not None:
                        out[file] = " ".join(sorted(text.split("\n"))).strip()
        except OSError:
            pass  # it is being restarted: what the engine has written down remains
    return out


def differences(before, after):
    return {key: (before[key], after[key]) for key in before if key in after and before[key] != after[key]}


def shell(engine, command):
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=120,
                          env={"DOCKER_HOST": engine.host, "PATH": "/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin"})
    return "" if done.returncode == 0 else f"{command}: {done.stdout}{done.stderr}".strip()


def is_running(engine, name):
    state = (engine.inspect(name) or {}).get("State", {})
    return state.get("Running") and not state.get("Restarting")


def give(engine, name, command):
    """Gives a command, and again where it met the container between two lives: what an operator would do."""
    for _ in range(TRIES):
        problem = shell(engine, command)
        if not BETWEEN_LIVES.search(problem):
            break
        deadline = time.monotonic() + 10  # the engine waits longer and longer: one that does not come back is tried as it is
        while time.monotonic() < deadline and not is_running(engine, name):
            time.sleep(0.1)
    return problem


def wants_more(case, category):
    """Whether a raised limit is still too small. Of a larger quota other work may take a part, and then that is said first."""
    return category == case.expect or (case.expect == "cpu_quota" and category == "cpu_contention")


def printed(watch, name):
    """{recommendation: (apply, undo)} of what is active and has a change for this engine."""
    whole = watch.whole(name) or {}
    out = {}
    for finding in whole.get("recommendations", []):
        changes = [c for c in finding.get("changes", []) if c["target"] in TARGETS]
        if finding["active"] and changes:
            out[finding["recommendation"]] = (changes[0]["apply"], changes[0].get("undo", ""))
    return out


class Execution:
    """The changes of one container, from the first to the last undo. Runs in a thread of its own."""

    def __init__(self, engine, watch, subject, slow):
        self.engine, self.watch, self.subject, self.slow = engine, watch, subject, slow
        self.result = {"case": subject.case.name, "round": subject.round, "recommendations": {}, "applied": [],
                       "cleared": {}, "undone": None, "problems": []}

    def run(self):
        name = self.subject.name
        deadline = time.monotonic() + 75 * self.slow
        found = {}
        while time.monotonic() < deadline and not found:
            found = printed(self.watch, name)
            time.sleep(1)
        if not found:
            return self.result  # nothing is printed for this engine
        time.sleep(10)  # others of the same moment
        found = printed(self.watch, name) or found
        self.result["recommendations"] = {key: {"apply": a, "undo": u} for key, (a, u) in found.items()}
        try:
            self.apply_until_clear(name, found)
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            self.result["problems"].append(str(error))
        return self.result

    def apply_until_clear(self, name, found):
        undo, wanted = [], set(found)
        begin = time.monotonic()
        last_apply = begin
        self.apply(name, found, undo)
        patience = (CLEAR_SECONDS + STEP_SECONDS * (self.subject.case.steps - 1)) * max(1.0, self.slow / 2)
        while wanted and time.monotonic() - begin < patience:
            time.sleep(2)
            latest = self.watch.latest(name)
            active = set(latest.recommendations) if latest else set()
            for key in sorted(wanted - active):
                self.result["cleared"][key] = round(time.monotonic() - begin, 1)
            wanted &= active
            if wanted and time.monotonic() - last_apply > STEP_SECONDS and self.step(name, wanted, latest, undo):
                last_apply = time.monotonic()
        for key in sorted(wanted):
            self.result["problems"].append(f"{key} did not clear within {patience:.0f} s")
        if wanted:
            self.result["left"] = self.watch.whole(name)
        self.undo_all(name, undo)

    def step(self, name, wanted, latest, undo):
        """Another change, when the numbers under the new limit ask for one."""
        if not wants_more(self.subject.case, latest.category) or len(undo) >= self.subject.case.steps:
            return False
        again = {key: change for key, change in printed(self.watch, name).items()
                 if key in wanted and change[0] not in self.result["applied"]}
        self.apply(name, again, undo)
        return bool(again)

    def apply(self, name, found, undo):
        done = set()
        for apply, back in found.values():
            # Two that begin at the same setting are two answers to one question: one is taken.
            if back in done:
                continue
            done.add(back)
            before = settings(self.engine, name)
            problem = give(self.engine, name, apply)
            if problem:
                self.result["problems"].append(problem)
                continue
            self.result["applied"].append(apply)
            if not differences(before, settings(self.engine, name)):
                self.result["problems"].append(f"{apply}: changed nothing")
            undo.append((before, back))

    def undo_all(self, name, undo):
        exact = True
        for before, back in reversed(undo):
            if not back:
                self.result["problems"].append("no undo is printed")
                exact = False
                continue
            problem = give(self.engine, name, back)
            if problem:
                # What was raised is in use now: the kernel takes a limit below the use only when it can reclaim.
                self.result["problems"].append("undo under load: " + problem)
                run("docker", "-H", self.engine.host, "kill", name, check=False)
                problem = give(self.engine, name, back)
            left = differences(before, settings(self.engine, name))
            if problem or left:
                exact = False
                self.result["problems"].append(f"{back}: {problem or json.dumps(left)}")
        self.result["undone"] = exact
