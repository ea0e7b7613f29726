"""Reads the reference value of every row of the table again and again, so that a scrape can be held against what was
true around it, whatever the age of the exporter's number may be."""

import threading
import time
from collections import defaultdict, deque

from .wait import SLOW

INTERVAL = 0.5 * SLOW
KEEP = 130 * SLOW


class Recorder:
    def __init__(self, rows, targets):
        """rows: of the table, with a reader; targets: by subject."""
        self.rows, self.targets = rows, targets
        self.history = defaultdict(deque)  # row id -> (start, end, value)
        self.errors = {}
        peaks = {row.read[1] for row in rows if row.read and not callable(row.read)}
        self.often = [row for row in rows if row.id in peaks or row.swings]
        self._often_at = 0.0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._stop.set()
        if self._thread.is_alive():  # it was never started when the scenario failed
            self._thread.join(60 * SLOW)

    def _run(self):
        while not self._stop.is_set():
            begin = time.monotonic()
            for target in list(self.targets.values()):
                target.new_tick()
            for row in self.rows:
                self._read_often()
                if row not in self.often:  # a file of this pass would be recorded as if it were of now
                    self._read(row)
            # At most a third of a CPU: where reading is slow it must not be what is measured.
            took = time.monotonic() - begin
            next_pass = time.monotonic() + max(INTERVAL - took, 2 * took)
            while not self._stop.wait(max(0.0, min(self._often_at, next_pass) - time.monotonic())):
                if time.monotonic() >= next_pass:
                    break
                self._read_often()

    def _read_often(self):
        """What swings, and what peaks of a second are made of, however long a pass takes."""
        if time.monotonic() < self._often_at:
            return
        self._often_at = time.monotonic() + INTERVAL
        for row in self.often:
            if row.subject in self.targets:
                self.targets[row.subject].new_files()
            self._read(row)

    def _read(self, row):
        target = self.targets.get(row.subject)
        if target is None or not callable(row.read):
            return
        start = time.monotonic()
        try:
            value = row.read(target)
        except (OSError, LookupError, TypeError, ValueError, AttributeError) as error:  # being created, ended, replaced
            self.errors[row.id] = repr(error)
            return
        if value is None:
            return
        with self._lock:
            history = self.history[row.id]
            history.append((start, time.monotonic(), float(value)))
            while history and history[0][1] < start - KEEP:
                history.popleft()

    def readings(self, row_id, since, until):
        with self._lock:
            return [entry for entry in self.history[row_id] if entry[1] >= since and entry[0] <= until]

    def bracket(self, row_id, since, until):
        """(least, greatest) reference value between two monotonic times, the last reading before them included; None
        with less than two readings."""
        with self._lock:
            before = [entry for entry in self.history[row_id] if entry[1] < since]
        found = [entry[2] for entry in before[-1:] + self.readings(row_id, since, until)]
        return (min(found), max(found)) if len(found) >= 2 else None

    def last(self, row_id):
        with self._lock:
            return self.history[row_id][-1][2] if self.history[row_id] else None

    def peak_rate(self, row_id, seconds=60.0, over=1.0):
        """Largest increase per second over about one second, in the last `seconds`."""
        with self._lock:
            entries = list(self.history[row_id])
        best = None
        for i, (start, end, value) in enumerate(entries):
            if end < time.monotonic() - seconds:
                continue
            for _, later_end, later in entries[i + 1:]:
                if later_end - end >= over * 0.9:
                    rate = (later - value) / (later_end - start)  # what grew, grew between these two at the most
                    best = rate if best is None else max(best, rate)
                    break
        return best

    def increase(self, row_id, since, until):
        """(increase, seconds) of a counter between the readings nearest to two monotonic times."""
        with self._lock:
            entries = list(self.history[row_id])
        first = min(entries, key=lambda entry: abs(entry[1] - since))
        last = min(entries, key=lambda entry: abs(entry[1] - until))
        return last[2] - first[2], last[1] - first[1]

    def peak(self, row_id, seconds=60.0):
        found = self.bracket(row_id, time.monotonic() - seconds, time.monotonic())
        return found[1] if found else None
