"""Reads the catalogue (exporter/model/fields.def) for tests that must cover every row of it."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CATALOGUE = ROOT / "exporter" / "model" / "fields.def"

_ROW = re.compile(
    r'^FIELD\(\s*(k\w+),\s*(\w+),\s*"([^"]*)",\s*"((?:[^"\\]|\\.)*)",\s*(k\w+),\s*(k\w+),\s*(k\w+),\s*(k\w+),',
    re.MULTILINE,
)


@dataclass(frozen=True)
class FieldRow:
    scope: str
    id: str
    family: str
    labels: tuple  # of (name, value)
    kind: str
    collector: str
    profile: str
    cadence: str

    @property
    def metric(self):
        return ("bottleneck_host_" if self.scope in ("kHost", "kHostDevice") else "bottleneck_container_") + self.family


def catalogue(path=CATALOGUE):
    """All rows by id, in the order of the file."""
    text = path.read_text()
    rows = {}
    for match in _ROW.finditer(text):
        scope, row_id, family, labels, kind, collector, profile, cadence = match.groups()
        pairs = tuple(re.findall(r'(\w+)=\\"([^"\\]*)\\"', labels))
        rows[row_id] = FieldRow(scope, row_id, family, pairs, kind, collector, profile, cadence)
    written = len(re.findall(r"^FIELD\(", text, re.MULTILINE))
    if written != len(rows):
        raise ValueError(f"{path}: {written} rows, {len(rows)} understood")
    return rows
