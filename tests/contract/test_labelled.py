"""The arithmetic of the labelled matrix: a wrong one would make every result worthless."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

for folder in ("e2e", "labelled"):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / folder))

from cases import CASES, LAST, QUOTA_PERIOD, QUOTA_SLOT, WINDOWS  # noqa: E402
from matrix import changes, report  # noqa: E402
from matrix.verdict import confusion, judge_case, precision_and_recall, spearman, totals  # noqa: E402
from matrix.watch import Tick  # noqa: E402


def test_every_case_has_a_window_and_every_category_a_case():
    assert {case.window for case in CASES} <= set(WINDOWS)
    assert {case.expect for case in CASES} == {
        "none", "cpu_quota", "cpu_contention", "cpu_demand", "memory_limit", "memory_leak", "memory_host", "io", "io_limit",
        "network", "pids", "lifecycle"}


def test_bursts_of_the_quota_ladder_do_not_meet():
    ladder = [case for case in CASES if case.ladder == "quota"]
    assert len(ladder) * QUOTA_SLOT <= QUOTA_PERIOD and QUOTA_PERIOD % 100 != 0
    for step, case in enumerate(ladder):
        burst, quota, phase = float(case.command[2]), float(case.options[1]), int(case.command[5])
        assert phase == step * QUOTA_SLOT and burst / quota < QUOTA_SLOT
    windows = list(WINDOWS)
    assert windows.index("cache") < windows.index("limits")  # what waits there for its change spins on


def test_a_starved_host_comes_last():
    assert list(WINDOWS)[-1] == LAST
    assert {case.expect for case in CASES if case.window == LAST} == {"memory_host"}


def test_a_command_that_meets_a_container_between_two_lives_is_given_again(monkeypatch):
    gone = "open /sys/fs/cgroup/memory/docker/1f/memory.limit_in_bytes: no such file or directory: unknown"
    answers = ["Cannot update container 1f: Container 1f is restarting, wait until the container is running", gone, ""]
    monkeypatch.setattr(changes, "shell", lambda engine, command: answers.pop(0))
    engine = SimpleNamespace(inspect=lambda name: {"State": {"Running": True, "Restarting": False}})
    assert changes.give(engine, "oom-first-process.1", "docker update") == ""
    refused = "docker update: write /sys/fs/cgroup/memory/docker/1f/memory.limit_in_bytes: device or resource busy"
    answers[:] = [refused]
    assert changes.give(engine, "oom-first-process.1", "docker update") == refused
    answers[:] = [gone] * changes.TRIES
    assert changes.give(engine, "oom-first-process.1", "docker update") == gone and not answers


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


def test_only_the_short_run_asks_twice_and_twice_wrong_is_wrong():
    def case(name, number, got):
        return {**result("io", got), "case": name, "round": number, "values": {}}

    once = [case("a", 1, "none"), case("b", 1, "none"), case("a", 2, "io"), case("b", 2, "none")]
    data = {"short": True, "rounds": 1, "results": once, "changes": []}
    assert [line[0] for line in report.failures(data)] == ["b", "b"]
    assert len(report.failures({**data, "short": False, "rounds": 2})) == 3


def run_data(guest):
    results = [judge_case(subject("idle"), [tick(140, "none", "none", {"cpu": 0.0})]),
               judge_case(subject("fsync-loop"), [tick(105, "io", "high", {"io": 0.8}), tick(140, "io", "high", {"io": 0.8})])]
    return {"seed": "1", "rounds": 1, "guest": guest, "kernel": "6.1", "busy": 0.1, "seconds": 9, "results": results, "changes": [],
            "windows": [{"limits": 0.2}], "not_built": [],
            "versions": {"exporter": "0", "engine": "20", "stress-ng": "0", "cgroup": "v2" if guest else "v1 or hybrid", "cpus": 2,
                         "memory_mb": 4096, "date": "2026-01-01"}}


def test_a_further_run_of_a_place_adds_its_changes_only():
    more = {**run_data(False), "seed": "2", "changes": [{"case": "oom"}]}
    host, guest = report.merged([run_data(False), run_data(True), more])
    assert (len(host["results"]), host["changes"], guest["changes"]) == (2, [{"case": "oom"}], [])
    assert "seed 2" in host["changes_from"]


def test_the_report_takes_one_result_or_two(tmp_path):
    readme = tmp_path / "README.md"
    (tmp_path / "tests" / "labelled").mkdir(parents=True)
    files = [tmp_path / "host.json", tmp_path / "guest.json"]
    for file, guest in zip(files, (False, True)):
        file.write_text(json.dumps(run_data(guest)))
    for used in (files[:1], files):
        readme.write_text("before <!-- labelled -->old<!-- /labelled --> after")
        report.write(tmp_path / "tests" / "labelled" / "RESULTS.md", used)
        row = next(line for line in readme.read_text().split("\n") if line.startswith("| category right"))
        assert row.count("100.0 % of 2") == len(used)
