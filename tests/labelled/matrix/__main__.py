"""The labelled matrix; see run.sh beside this folder."""

import argparse
import json
import os
import platform
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from .bench import Bench, facts_of_machine, missing
from .report import print_summary, problems_of, versions
from .round import HostLoad, Round, log
from .watch import Watch

from cases import CASES  # noqa: E402  (found through bench)


def arguments_of():
    parser = argparse.ArgumentParser(prog="tests/labelled/run.sh")
    parser.add_argument("--seed", default=str(random.randrange(10 ** 6)))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--cases", default="", help="comma-separated parts of names")
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--no-changes", dest="changes", action="store_false")
    parser.add_argument("--no-ladders", dest="ladders", action="store_false", help="leave out the intensities")
    parser.add_argument("--only-ladders", action="store_true", help="the intensities and nothing else")
    parser.add_argument("--first", action="store_true", help="cgroup v1: before all else on this machine, which it starves")
    parser.add_argument("--guest-machine", action="store_true", help="this machine is the test's own")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--quiet-past", type=float, default=None, help="seconds before the first fault")
    arguments = parser.parse_args()
    arguments.slow = float(os.environ.get("BOTTLENECK_E2E_SLOW", "1"))
    if arguments.quiet_past is None:
        arguments.quiet_past = 15 if arguments.short else 35
    return arguments


def select(arguments, facts):
    """(cases, [(case, reason)]) of this machine."""
    wanted = [part for part in arguments.cases.split(",") if part]
    cases = [c for c in CASES if not wanted or any(part in c.name for part in wanted)]
    if not arguments.ladders:
        cases = [c for c in cases if not c.ladder]
    if arguments.only_ladders:
        cases = [c for c in cases if c.ladder]
    if arguments.short:
        cases = [c for c in cases if c.short]
    reasons = [(c, missing(c, facts)) for c in cases]
    return [c for c, reason in reasons if not reason], [(c, reason) for c, reason in reasons if reason]


def play(current, data):
    """Runs a round; what it found is kept even when it ends early."""
    try:
        current.run()
    finally:
        data["results"] += current.results
        data["changes"] += [e.result for e in current.executions if e.result["recommendations"]]
        data["windows"].append(current.windows)
        data["not_built"] += [{"case": name, "expect": "", "reason": reason} for name, reason in current.refused.items()]


def main():
    arguments = arguments_of()
    arguments.results.mkdir(parents=True, exist_ok=True)
    state = Path(os.environ.get("BOTTLENECK_TEST_STATE", "/var/tmp/bottleneck-tests"))
    state.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="labelled.", dir=state))
    programs = {"load": os.environ["BOTTLENECK_LOAD"], "faults": os.environ["BOTTLENECK_FAULTS"],
                "stress-ng": shutil.which("stress-ng")}
    facts = facts_of_machine(arguments.guest_machine)
    bench = Bench(work, facts, programs, arguments.slow, arguments.first)
    log(f"seed {arguments.seed}, {arguments.rounds} rounds, results in {arguments.results}")
    data = {"seed": arguments.seed, "rounds": arguments.rounds, "short": arguments.short, "results": [], "changes": [],
            "windows": [], "guest": arguments.guest_machine, "kernel": platform.release()}
    watch, begin = None, time.monotonic()
    load = HostLoad()
    try:
        bench.start()
        data["versions"] = versions(bench)
        cases, absent = select(arguments, facts)
        data["not_built"] = [{"case": c.name, "expect": c.expect, "reason": reason} for c, reason in absent]
        for case, reason in absent:
            log(f"not built here: {case.name}: {reason}")
        watch = Watch(bench.exporter, every=2.0)
        watch.start()
        for number in range(1, arguments.rounds + 1):
            play(Round(bench, watch, load, arguments, number, cases), data)
        # What the short run misses is asked once more, alone and with the same values: a machine full of other tests is no
        # fault of the exporter, what is missed twice is.
        for number in range(1, arguments.rounds + 1 if arguments.short else 1):
            missed = {r["case"] for r in data["results"] if r["round"] == number and problems_of(r)}
            again = [c for c in cases if c.name in missed]
            if again:
                play(Round(bench, watch, load, arguments, arguments.rounds + number, again, drawn=number), data)
    finally:
        if watch:
            watch.stop()
            watch.save(arguments.results / "ticks.csv", begin)
            data["unanswered"] = watch.failures
        load.stop()
        data["busy"] = round(load.mean, 2)
        data["seconds"] = round(time.monotonic() - begin)
        if bench.exporter and bench.exporter.log_path.exists():
            shutil.copy(bench.exporter.log_path, arguments.results / "exporter.log")
        problems = bench.stop()
        for problem in problems:
            log("while taking away:", problem)
        shutil.rmtree(work, ignore_errors=True)
        (arguments.results / "results.json").write_text(json.dumps(data, indent=1))
    return print_summary(data)


if __name__ == "__main__":
    sys.exit(main())
