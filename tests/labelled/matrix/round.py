"""One round: every case in its window, then the changes that recommendations print."""

import json
import threading
import time
from pathlib import Path

from .bench import Subject, draw
from .changes import Execution
from .verdict import disturbance, judge_case, signal_value

from cases import LAST, WINDOWS  # noqa: E402  (found through bench)
from harness.wait import until  # noqa: E402

SHORT_SECONDS = 200  # of the longest cases in a short run
# Those whose changes take CPU time: theirs come when nothing else is measured, and in this order.
DEMANDING = {"cpu_quota": "none", "cpu_contention": "spinning"}


def log(*words):
    print(f"[{time.strftime('%H:%M:%S')}]", *words, flush=True)


class HostLoad:
    """Mean busy share of the machine over spans; read once a second."""

    def __init__(self):
        self.samples = [self.read()]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)
        self._thread.start()

    @staticmethod
    def read():
        numbers = [int(n) for n in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return time.monotonic(), sum(numbers) - numbers[3] - numbers[4], sum(numbers)

    def _run(self):
        while not self._stop.wait(1):
            self.samples.append(self.read())

    def stop(self):
        self._stop.set()
        self._thread.join()

    def since(self, moment):
        now = self.samples[-1]
        before = next((s for s in self.samples if s[0] >= moment), self.samples[0])
        return (now[1] - before[1]) / max(1, now[2] - before[2])

    @property
    def mean(self):
        return self.since(0)


class Round:
    def __init__(self, bench, watch, load, arguments, number, cases, drawn=None):
        """drawn: the round whose values these are; its own when left out."""
        self.bench, self.watch, self.load, self.arguments, self.number = bench, watch, load, arguments, number
        self.drawn = drawn or number
        self.subjects = [self.subject(case) for case in cases]
        self.results, self.executions, self.windows = [], [], {}
        self.refused = {}  # container -> why it could not be started
        self._threads = []

    def subject(self, case):
        return Subject(case, self.number, draw(case, self.arguments.seed, self.drawn, self.bench.facts))

    def seconds_of(self, subject):
        seconds = subject.case.seconds or WINDOWS[subject.case.window][0]
        return min(seconds, SHORT_SECONDS) if self.arguments.short else seconds

    def run(self):
        log(f"round {self.number}: {len(self.subjects)} containers")
        self.refused = self.bench.create_all(self.subjects)
        self.bench.weigh_containers(alone=False)
        for name, reason in self.refused.items():
            log(f"not built here: {name}: {reason}")
        self.subjects = [s for s in self.subjects if s.name not in self.refused]
        names = [s.name for s in self.subjects]
        until("the exporter to judge all containers", 120, lambda: all(self.watch.latest(n) for n in names), every=1.0)
        if self.arguments.quiet_past:
            time.sleep(self.arguments.quiet_past)
        long_ones = [s for s in self.subjects if s.case.window == "long"]
        started = False
        for window, (_, neighbours, _) in WINDOWS.items():
            inside = [s for s in self.subjects if s.case.window == window]
            if window in ("long", LAST) or not inside:
                continue
            self.bench.set_neighbours(neighbours)
            self.bench.weigh_containers(alone=neighbours == "none")
            if not started:
                self.begin(long_ones)
                started = True
            self.run_window(window, inside)
        if not started:
            self.bench.set_neighbours("busy")
            self.begin(long_ones)
        self.bench.set_neighbours("none")
        for subject in long_ones:
            self.sleep_until(subject.began + self.seconds_of(subject))
            self.finish(subject)
        self.change_demanding()
        self.await_changes()
        last = [s for s in self.subjects if s.case.window == LAST]
        if last:
            self.bench.set_neighbours(WINDOWS[LAST][1])
            self.run_window(LAST, last)
            self.await_changes()
        self.bench.remove(names)

    def await_changes(self):
        for thread in self._threads:
            thread.join()

    def begin(self, subjects):
        for subject in subjects:
            self.bench.begin(subject)
            subject.began = time.monotonic()

    @staticmethod
    def sleep_until(moment):
        time.sleep(max(0.0, moment - time.monotonic()))

    def run_window(self, window, inside):
        begin = time.monotonic()
        self.begin(inside)
        log(f"round {self.number}: window {window}: {', '.join(s.case.name for s in inside)}")
        for subject in sorted(inside, key=self.seconds_of):
            self.sleep_until(subject.began + self.seconds_of(subject))
            self.finish(subject)
        self.windows[window] = round(self.load.since(begin), 2)

    def finish(self, subject):
        subject.ended = time.monotonic()
        ticks = self.watch.of(subject.name, subject.began, subject.ended)
        result = judge_case(subject, ticks, self.load.since(subject.began))
        result["window"] = subject.case.window
        self.results.append(result)
        whole = self.keep_evidence(subject)
        if subject.case.ladder:
            result["score"] = signal_value(subject.case.ladder, whole)
        if WINDOWS[subject.case.window][1] == "none" and subject.case.expect == "cpu_demand" and whole:
            result["disturbed"] = disturbance(self.used(subject.case.window), result["seconds"], result["busy"],
                                              self.bench.facts["cpu_count"])
        mark = "void" if result["disturbed"] else "ok  " if result["right"] and not result["false_flags"] else "MISS"
        if not subject.case.ladder or self.arguments.verbose:
            log(f"  {mark} {subject.case.name}: {result['got']} (expected {result['expect']}), score {result['score']}, "
                f"flag {result['flag_seconds']}, false {result['false_flags']}/{result['ticks']} {result['values']}")
        if self.wants_changes(subject):
            if subject.case.expect in DEMANDING:
                # Goes on in the last part. One with a quota takes little, and v1 may fail to freeze what is throttled.
                if subject.case.expect == "cpu_contention":
                    self.bench.engine.docker("pause", subject.name)
                return
            self.execute(subject)
        else:
            self.bench.remove([subject.name])

    def wants_changes(self, subject):
        # The short run has those that clear after one step.
        if self.arguments.short and subject.case.expect not in ("pids", "io_limit"):
            return False
        # That of cpu_demand is another machine, that of a parent's quota is not the container's own.
        return self.arguments.changes and self.number == 1 and not subject.case.negative and not subject.case.ladder \
            and subject.case.expect != "cpu_demand" and not subject.case.parent_quota

    def execute(self, subject):
        execution = Execution(self.bench.engine, self.watch, subject, self.arguments.slow)
        self.executions.append(execution)

        def work():
            execution.run()
            if execution.result["problems"]:
                self.keep_evidence(subject, "after-change")
            self.bench.remove([subject.name])

        thread = threading.Thread(target=work, name=subject.name, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def change_demanding(self):
        self.bench.weigh_containers(alone=False)
        for category, neighbours in DEMANDING.items():
            waiting = [s for s in self.subjects if self.wants_changes(s) and s.case.expect == category]
            if not waiting:
                continue
            log(f"round {self.number}: changes of {', '.join(s.case.name for s in waiting)}")
            self.bench.set_neighbours(neighbours)
            # What takes every CPU once its limit is raised comes alone: beside it the others are short of CPUs, for which
            # no quota is a cure.
            for greedy in (False, True):
                group = [s for s in waiting if s.case.greedy == greedy]
                for subject in group:
                    if category == "cpu_contention":
                        self.bench.engine.docker("unpause", subject.name)
                for thread in [self.execute(subject) for subject in group]:
                    thread.join()
        self.bench.set_neighbours("none")

    def keep_evidence(self, subject, when=""):
        whole = self.watch.whole(subject.name)
        if whole is not None:
            (self.arguments.results / f"{subject.name}{when and '.' + when}.json").write_text(json.dumps(whole, indent=1))
        return whole

    def used(self, window):
        """Cores that the containers of a window used, by the exporter."""
        total = 0.0
        for subject in self.subjects:
            if subject.case.window == window:
                for signal in (self.watch.whole(subject.name) or {}).get("signals", []):
                    if signal["signal"] == "cpu.util":
                        total += sum(i["value"] for i in signal["inputs"] if i["name"] == "used")
        return total
