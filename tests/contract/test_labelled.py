"""The arithmetic of the labelled matrix: a wrong one would make every result worthless."""

import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "labelled"))

from cases import CASES, WINDOWS  # noqa: E402
from matrix.verdict import confusion, judge_case, precision_and_recall, spearman, totals  # noqa: E402
from matrix.watch import Tick  # noqa: E402


def test_every_case_has_a_window_and_every_category_a_case():
    assert {case.window for case in CASES} <= set(WINDOWS)
    assert {case.expect for case in CASES} == {
        "none", "cpu_quota", "cpu_contention", "cpu_demand", "memory_limit", "memory_leak", "memory_host", "io", "io_limit",
        "network", "pids", "lifecycle"}


def test_accepted_alternatives_have_reasons():
    assert all(len(reason) > 20 for case in CASES for reason in case.accept.values())


def test_spearman_is_that_of_ranks():
    assert spearman([(1, 10), (2, 20), (3, 400)]) == 1
    assert spearman([(1, 3), (2, 2), (3, 1)]) == -1
    assert abs(spearman([(1, 1), (2, 3), (3, 2), (4, 4)]) - 0.8) < 1e-9
    assert abs(spearman([(1, 1), (2, 2), (3, 3), (4, 3)]) - 0.9487) < 1e-4  # ties share their rank
    assert spearman([(1, 1), (2, 1), (3, 1)]) is None


def result(expect, got, **more):
    return {"ladder": "", "expect": expect, "got": got, "right": expect == got, "accepted": False, "negative": expect == "none",
            "fast": expect != "none", "ticks": 10, "false_flags": 0, "flag_seconds": 5, **more}


def test_precision_and_recall():
    results = [result("io", "io"), result("io", "none"), result("none", "none"), result("none", "io"), result("none", "none")]
    table = precision_and_recall(confusion(results))
    assert table["io"] == (0.5, 0.5, 2)
    assert table["none"] == (2 / 3, 2 / 3, 3)
    assert totals(results)["right"] == 3


def tick(time, category, band, scores):
    return Tick(time, category, 1.0, max(scores.values()), band, scores)


def subject(name):
    case = next(case for case in CASES if case.name == name)
    return SimpleNamespace(case=case, round=1, values={}, began=100.0, ended=145.0)


def test_a_flag_counts_from_the_begin_of_the_fault_and_with_its_category_only():
    ticks = [tick(105, "cpu_contention", "high", {"cpu": 0.8}), tick(109, "cpu_quota", "low", {"cpu": 0.3}),
             tick(112, "cpu_quota", "medium", {"cpu": 0.6}), tick(140, "cpu_quota", "high", {"cpu": 0.8})]
    got = judge_case(subject("quota-1-spinner"), ticks)
    assert (got["flag_seconds"], got["got"], got["right"]) == (12.0, "cpu_quota", True)


def test_a_negative_is_falsely_flagged_by_what_it_may_not_be_flagged_for():
    flagged = [tick(130, "io", "medium", {"io": 0.6, "memory": 0.1}), tick(140, "memory_limit", "high", {"io": 0.1, "memory": 0.8})]
    assert judge_case(subject("scan-huge-file"), flagged)["false_flag_resources"] == {"memory": 1}
    assert judge_case(subject("idle"), flagged)["false_flags"] == 2


def test_contention_is_accepted_only_on_a_full_machine():
    ticks = [tick(140, "cpu_contention", "low", {"cpu": 0.3})]
    assert judge_case(subject("idle"), ticks, busy=0.95)["right"]
    assert not judge_case(subject("idle"), ticks, busy=0.5)["right"]
