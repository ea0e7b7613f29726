"""Every number of the catalogue, driven off zero by a real load and held against an independent reading."""

import os
import time

import pytest
from harness import hostcgroups as host
from harness.wait import SLOW, Timeout, until
from subjects import KERNEL_ONLY
from table import EXCEPTIONS, TABLE, not_here

SWAP = os.environ.get("BOTTLENECK_E2E_SWAP") == "1"
HERE = [row for row in TABLE if not_here(row, host.is_v2(), SWAP) is None]


def _reference(world, row):
    if callable(row.read):
        return world.recorder.last(row.id)
    kind, other = row.read
    return world.recorder.peak_rate(other) if kind == "peak_rate" else world.recorder.peak(other)


@pytest.mark.loads
@pytest.mark.parametrize("row", [row for row in HERE if row.read], ids=lambda row: row.id)
def test_the_load_drives_the_row(world, row):
    """Without the exporter: what the load is known to do is what the kernel and the engine say."""
    try:
        until(f"the reference of {row.id} ({row.subject}) to be {row.expect}", 90, lambda: row.expect(_reference(world, row)), every=0.5)
    except Timeout as timeout:
        source = row.id if callable(row.read) else row.read[1]
        readings = world.recorder.readings(source, time.monotonic() - 10 * SLOW, time.monotonic())
        raise AssertionError(f"{timeout}; it is {_reference(world, row)}; error {world.recorder.errors.get(source)}; "
                             f"last readings (begin, end, value): {readings}") from timeout


@pytest.mark.parametrize("row", HERE, ids=lambda row: row.id)
def test_the_exporter_agrees(world, row):
    world.check(row)


@pytest.mark.loads
def test_rows_that_are_not_driven_here(capsys):
    """Prints them, so that nobody takes silence for coverage."""
    lines = [f"{row_id}: {reason}" for row_id, reason in EXCEPTIONS.items()]
    lines += [f"{row.id}: {not_here(row, host.is_v2(), SWAP)}" for row in TABLE if row not in HERE]
    with capsys.disabled():
        print("\nnot driven on this host:\n  " + "\n  ".join(sorted(lines)))
    assert len(lines) < len(TABLE) / (2 if KERNEL_ONLY else 4)
