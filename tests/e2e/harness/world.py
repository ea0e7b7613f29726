"""Scenario, recorder and exporter together: holds the exporter's numbers against the reference."""

import time

from table import TABLE, not_here

from . import hostcgroups as host
from .fields import catalogue
from .recorder import Recorder
from .scenario import Scenario
from .wait import SLOW, until

# How old a number may be, in seconds, by the cadence of its row. An idle container's pulse comes up to 5 s late;
# details are fresh at a scrape, which scrapers within 1 s share.
MAX_AGE = {"kPulse": 6, "kDetail": 2.5, "kSlow": 11, "kLimits": 11, "kDerived": 11, "kEvent": 6}
CHECKS = 2  # scrapes in a row that must agree
ROUND_SECONDS = 60  # how long a round of scrapes serves the rows; the recorder remembers longer


class World:
    def __init__(self, engine, podman, load, swap, exporter):
        self.engine, self.exporter = engine, exporter
        self.swap = swap
        self.rows = [row for row in TABLE if not_here(row, host.is_v2(), swap) is None]
        self.fields = catalogue()
        self.scenario = Scenario(engine, podman, load, swap)
        self.recorder = Recorder(self.rows, self.scenario.targets)
        self._scrape = None
        self._round = []

    def start(self):
        self.scenario.start()
        self.recorder.start()
        if self.exporter:
            ends = [name for name in ("exited", "failed", "oomed", "oomtold", "stopped", "killed", "vanishing", "changed")
                    if name in self.scenario.targets]
            until("the exporter to show all that will end", 30, lambda: all(self.shows(name) for name in ends))
        self.scenario.end_some()
        if self.exporter:
            until("the exporter to see the cgroup gone", 60, lambda: not self.shows("vanishing"))
        self.scenario.bring_back()
        self.scenario.change_image()
        if self.exporter:
            until("the exporter to show the new image", 60, lambda: self.scrape(fresh=True).find(
                "bottleneck_container_info", name=self.label("changed"), version="2"))
        self.scenario.change_limit()

    def stop(self):
        try:
            self.recorder.stop()
        finally:
            self.scenario.stop()

    def label(self, subject):
        """The value of the label `name`."""
        return self.scenario.targets[subject].name

    def shows(self, subject):
        return self.scrape(fresh=True).find("bottleneck_container_memory_usage_bytes", name=self.label(subject))

    def scrape(self, fresh=False):
        """At most one scrape a second, shared by the tests, unless a fresh one is needed."""
        if fresh or self._scrape is None or time.monotonic() - self._scrape.end > 1:
            self._scrape = self.exporter.scrape()
        return self._scrape

    def round(self):
        """CHECKS + 1 scrapes that the rows share: parsing one for each row is what takes time on an emulated machine."""
        if not self._round or time.monotonic() - self._round[-1].end > ROUND_SECONDS * SLOW:
            self._round = []
            for _ in range(CHECKS + 1):
                self._round.append(self.scrape(fresh=True))
                time.sleep(1.2)  # a detail is shared by scrapers for a second: the next scrape is to be another reading
        return self._round

    # --- one row

    def series(self, row):
        """(metric, labels) of a row's series."""
        field = self.fields[row.id]
        labels = dict(field.labels)
        if field.scope in ("kContainer", "kDevice", "kInterface"):
            labels["name"] = self.label(row.subject)
        if field.scope in ("kDevice", "kHostDevice"):
            labels["device"] = self.scenario.disk
        if field.scope == "kInterface":
            labels["interface"] = "eth0"
        return field.metric, labels

    def value(self, scrape, row):
        metric, labels = self.series(row)
        found = scrape.find(metric, **labels)
        assert len(found) <= 1, f"{len(found)} series of {metric}{labels}: {found}"
        if not found:
            return 0.0 if row.id.startswith(("state_", "health_")) else None
        return found[0][1]

    def reference(self, row, scrape=None):
        """(least, greatest) value that was true while the scraped number may have been read; None: not known yet."""
        if row.read is None:
            return None
        if not callable(row.read):
            kind, other = row.read
            value = self.recorder.peak_rate(other) if kind == "peak_rate" else self.recorder.peak(other)
            return None if value is None else (value, value)
        cadence = self.fields[row.id].cadence
        # The host's details are not read anew for a scrape, as those of containers are.
        age = MAX_AGE["kSlow" if row.subject == "host" and cadence == "kDetail" else cadence] * SLOW
        after = until(f"a reading of {row.id} after the scrape", 20, lambda: self.recorder.readings(
            row.id, scrape.end, time.monotonic()))
        bracket = self.recorder.bracket(row.id, scrape.start - age, after[0][1])
        assert bracket, f"{row.id} was not read before the scrape; error {self.recorder.errors.get(row.id)}"
        return bracket

    def check(self, row):
        """Waits until the row is driven, then demands that scrapes agree with the reference."""
        if not row.expect(self.value(self.round()[0], row)):
            until(f"{row.id} to be driven: {row.expect} expected", 90,
                  lambda: row.expect(self.value(self.scrape(), row)), every=1.0)
            self._round = []
        first, *others = self.round()
        for scrape in others:
            if row.how == "delta":
                self.compare(row, *self.growth(row, first))
            else:
                scrape = self.scrape(fresh=True) if row.how == "peak" else scrape  # the reference's peak is of now
                self.compare(row, self.value(scrape, row), self.reference(row, scrape))

    def growth(self, row, first):
        """Increases since the first scrape, of value and reference."""
        value = self.value(first, row)
        scrape = until(f"{row.id} to grow", 60, lambda: self._grown_scrape(row, value), every=1.0)
        (least, most), (low, high) = self.reference(row, first), self.reference(row, scrape)
        return self.value(scrape, row) - value, (low - most, high - least)

    def _grown_scrape(self, row, than):
        scrape = self.scrape(fresh=True)
        return scrape if self.value(scrape, row) > than else None

    def compare(self, row, value, reference):
        if reference is None:
            assert row.expect(value), f"{row.id}: {value}, expected {row.expect}"
            return
        low, high = reference
        slack = row.abs + row.rel * max(abs(low), abs(high))
        assert value is not None, f"{row.id}: absent; the reference is {low:g} to {high:g}"
        assert low - slack <= value <= high + slack, (
            f"{row.id} of {row.subject}: the exporter says {value!r}, the reference is {low!r} to {high!r}, "
            f"tolerance {slack:g}; last reading error: {self.recorder.errors.get(row.id)}")
