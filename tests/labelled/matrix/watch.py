"""Asks the exporter every two seconds what it says of every container, and keeps the answers."""

import csv
import json
import threading
import time
from dataclasses import dataclass, field

BANDS = ("none", "low", "medium", "high", "critical")


@dataclass
class Tick:
    time: float  # monotonic
    category: str
    confidence: float
    overall: float
    band: str
    scores: dict
    recommendations: dict = field(default_factory=dict)  # name -> severity

    def band_at_least(self, band):
        return BANDS.index(self.band) >= BANDS.index(band)

    @property
    def worst(self):
        """The resource with the largest score."""
        return max(self.scores, key=self.scores.get) if self.scores else ""


class Watch:
    def __init__(self, exporter, every=2.0):
        self.exporter, self.every = exporter, every
        self.ticks = {}  # container -> [Tick]
        self.failures = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._lock = threading.Lock()

    def start(self):
        self._thread.start()

    def stop(self):
        self._stop.set()
        self._thread.join(30)

    def _run(self):
        due = time.monotonic()
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            due = max(due + self.every, time.monotonic())
            try:
                self.read()
            except (OSError, ValueError):
                self.failures += 1  # told in the report

    def read(self):
        status, _, body = self.exporter.get("/api/v1/containers")
        if status != 200:
            raise ValueError(status)
        now = time.monotonic()
        with self._lock:
            for row in json.loads(body)["containers"]:
                if "overall_score" not in row:
                    continue
                self.ticks.setdefault(row["name"], []).append(Tick(
                    now, row.get("category", "none"), row.get("confidence", 0.0), row["overall_score"],
                    row.get("band", "none"), row.get("scores", {}),
                    {r["recommendation"]: r["severity"] for r in row.get("recommendations", [])}))

    def of(self, name, begin=0.0, end=float("inf")):
        with self._lock:
            return [tick for tick in self.ticks.get(name, []) if begin <= tick.time <= end]

    def latest(self, name):
        with self._lock:
            ticks = self.ticks.get(name)
            return ticks[-1] if ticks else None

    def whole(self, name):
        """The full judgement of one container; None when there is none."""
        status, _, body = self.exporter.get("/api/v1/containers/" + name)
        return json.loads(body) if status == 200 else None

    def save(self, path, begin):
        resources = ("cpu", "memory", "io", "network", "pids", "lifecycle")
        with open(path, "w", newline="") as file:
            out = csv.writer(file)
            out.writerow(["seconds", "name", "category", "confidence", "band", "overall", *resources, "recommendations"])
            for name, ticks in sorted(self.ticks.items()):
                for t in ticks:
                    out.writerow([f"{t.time - begin:.1f}", name, t.category, f"{t.confidence:.2f}", t.band, f"{t.overall:.3f}",
                                  *(f"{t.scores[r]:.3f}" if r in t.scores else "" for r in resources),
                                  " ".join(t.recommendations)])
