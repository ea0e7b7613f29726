"""Every row of the catalogue is driven and compared end to end, or listed with the reason why not."""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "e2e"))

from harness.fields import catalogue  # noqa: E402
from subjects import OTHERS, SUBJECT  # noqa: E402
from table import EXCEPTIONS, ROWS, TABLE  # noqa: E402


def test_every_row_is_in_the_table_or_an_exception():
    missing = [row for row in catalogue() if row not in ROWS and row not in EXCEPTIONS]
    assert not missing, f"rows of fields.def without an end-to-end line in tests/e2e/table.py: {missing}"


def test_the_table_names_no_row_that_is_gone():
    rows = catalogue()
    assert not [row_id for row_id in [*ROWS, *EXCEPTIONS] if row_id not in rows]


def test_no_row_is_listed_twice():
    assert len(ROWS) == len(TABLE)
    assert not set(ROWS) & set(EXCEPTIONS)


def test_every_exception_has_a_reason():
    assert all(len(reason) > 20 for reason in EXCEPTIONS.values())


def test_every_subject_exists_and_is_used():
    used = {row.subject for row in TABLE}
    assert used <= set(SUBJECT) | set(OTHERS)
    # These are used by tests beside the table.
    assert set(SUBJECT) - used <= {"crowd"}
