"""Which commits are looked at, and which files."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.trend.conftest import Past, function


@pytest.fixture(scope="module")
def twelve_days(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Past:
    """Twelve commits, three a day; the first day is a Friday."""
    past = Past(tmp_path_factory.mktemp("days") / "past")
    for number in range(12):
        commit = past.record({"a.py": f"x = {number}\n" * (number + 1)}, number // 3, f"number {number}")
        if tag := {4: "v1", 8: "v2"}.get(number):
            (past.path / ".git/refs/tags" / tag).write_text(f"{commit}\n")
    return past


@pytest.fixture
def days(past: Past, twelve_days: Past, monkeypatch: pytest.MonkeyPatch) -> Past:
    """Those commits; the current folder."""
    past.path = twelve_days.path
    monkeypatch.chdir(past.path)
    return past


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param([], range(12), id="all"),
        pytest.param(["--commits", "2"], [10, 11], id="the last two"),
        pytest.param(["--commits", "99"], range(12), id="more than there are"),
        pytest.param(["--since", "2017-07-16"], range(6, 12), id="a day"),
        pytest.param(["--since", "2017-07-16T23:00:00+00:00"], range(9, 12), id="a time"),
        pytest.param(["--since", "0001-01-01"], range(12), id="the first day"),
        pytest.param(["--quiet", "--since", "1 day ago"], [], id="words"),
        pytest.param(["--quiet", "--since", "40 years"], range(12), id="words without ago"),
        pytest.param(["--quiet", "--since", "90 years ago"], range(12), id="words before the first date"),
        pytest.param(["--quiet", "--since", "yesterday"], [], id="one word"),
        pytest.param(
            ["--quiet", "--since", "16 July 2017 23:00 UTC"], range(9, 12), id="a month by its name"
        ),
        pytest.param(["--quiet", "--since", "2017/07/16 23:00 UTC"], range(9, 12), id="numbers with slashes"),
        pytest.param(
            ["--quiet", "--since", "20170716 23:00 UTC"], range(9, 12), id="numbers without anything between"
        ),
        pytest.param(["--since", "v1"], range(4, 12), id="a tag"),
        pytest.param(["--since", "HEAD"], [11], id="the last one itself"),
        pytest.param(["--since", "v1", "--commits", "3"], [9, 10, 11], id="a tag, and the last of them"),
        pytest.param(["--ref", "v2"], range(9), id="up to a tag"),
        pytest.param(["--ref", "v2", "--since", "v1"], range(4, 9), id="from tag to tag"),
        pytest.param(["--every", "day"], [2, 5, 8, 11], id="the last one of each day"),
        pytest.param(["--every", "week"], [8, 11], id="the last one of each week"),
        pytest.param(["--every", "day", "--commits", "4"], [8, 11], id="days of the last ones"),
    ],
)
def test_commits_are_chosen(days: Past, args: list[str], expected: list[int]) -> None:
    found = days.ask(*args)["commits"]
    assert [one["subject"] for one in found] == [f"number {number}" for number in expected]
    assert [one["sum"]["lines_of_code"] for one in found] == [number + 1 for number in expected]


def test_a_commit_is_not_blamed_for_its_whole_week(past: Past) -> None:
    for day, complexity in enumerate((2, 2, 2, 99, 99)):
        past.record({"a.py": function(complexity)}, day, f"day {day}")
    note = "--every week: each commit is the last one of its week; an earlier commit may have made its"
    assert "day 3" in past.run() and "day 4" not in past.run()
    assert note not in past.run() + past.run("a.py::f")
    for args in ([], ["a.py::f"]):
        text = " ".join(past.run(*args, "--every", "week").split())
        assert "day 4" in text and note in text, args


def test_dates_may_go_backwards(past: Past) -> None:
    for day in (5, 1, 9, 2):
        past.record({"a.py": f"x = {day}\n" * day}, day)
    assert [one["sum"]["lines_of_code"] for one in past.ask("--every", "day")["commits"]] == [5, 1, 9, 2]
    since = ["--since", "2017-07-18"]
    assert [one["sum"]["lines_of_code"] for one in past.ask(*since)["commits"]] == [5, 9]


@pytest.mark.parametrize(
    ("args", "files"),
    [
        (["lib"], [0, 2, 1]),
        (["lib/a.py"], [0, 1, 0]),
        (["lib/a.py", "b.py"], [1, 2, 1]),
        (["."], [1, 3, 2]),
        (["lib", "nothing"], [0, 2, 1]),
    ],
)
def test_paths_narrow_it_also_those_that_are_gone(past: Past, args: list[str], files: list[int]) -> None:
    past.record({"b.py": "x = 1\n"})
    past.record({"lib/a.py": "x = 2\n", "lib/c.py": "x = 3\n"}, 1)
    past.record({"lib/a.py": None}, 2)
    assert [one["files"] for one in past.ask(*args)["commits"]] == files


def test_one_metric_is_looked_at_alone(past: Past) -> None:
    past.record({"a.py": function(5)})
    ((one,), metrics) = (past.ask("--metric", "lines_of_code")[key] for key in ("commits", "metrics"))
    assert (metrics, one["sum"], one["violations"]) == (["lines_of_code"], {"lines_of_code": 6}, 0)
    (one,) = past.ask("--metric", "cyclomatic_complexity")["commits"]
    assert (one["mean"], one["violations"]) == ({"cyclomatic_complexity": 5}, 1)
    (one,) = past.ask("--limit", "cyclomatic_complexity=5")["commits"]
    assert one["violations"] == 0


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--commits", "0"], "expected a number >= 1, got '0'"),
        (["--ref", "nothing"], "unknown commit 'nothing'"),
        (["--ref", "^HEAD"], "unknown commit '^HEAD'"),
        (["--since", "^HEAD"], "unknown commit '^HEAD'"),
        (
            ["--since", "last yeer"],
            "--since is not a date, such as 2026-01-31 or \"3 months ago\", and unknown commit 'last yeer'",
        ),
        (["--since", "v1.3"], "unknown commit 'v1.3'"),
        (["--since", "2017-02-29"], "unknown commit '2017-02-29'"),
        (["--since", ""], "unknown commit ''"),
        (["--metric", "cyclomatc"], "unknown metric 'cyclomatc'"),
        ([""], "a path is empty"),
        (
            ["0.1..HEAD"],
            "0.1..HEAD is a range of commits, not a path; did you mean `pytest-antipasta trend --since 0.1`?",
        ),
        (["lib/../b.py"], "none of the commits examined has a source file in b.py"),
        (["v1...v2"], "did you mean `pytest-antipasta trend --since v1 --ref v2`?"),
    ],
)
def test_what_makes_no_sense_is_reported(
    past: Past, capsys: pytest.CaptureFixture[str], args: list[str], told: str
) -> None:
    past.record({"a.py": "x = 1\n"})
    try:
        said = past.run(*args, code=2)
    except SystemExit as end:
        assert end.code == 2
        said = capsys.readouterr().err
    assert told in said


def test_a_path_that_never_had_a_source_file_is_an_error(past: Past) -> None:
    past.record({"src/a.py": "x = 1\n", "doc/a.txt": ""})
    for args in (["srcc"], ["srcc", "doc"]):
        said = past.run(*args, "--format", "json", code=2)
        assert f"error: none of the commits examined has a source file in {', '.join(args)}" in said
    assert past.ask("srcc", "--since", "2100-01-01")["commits"] == []


def test_a_history_that_ends_before_its_start_has_no_commits(past: Past) -> None:
    first = past.record({"a.py": "x = 1\n"})
    last = past.record({"a.py": "x = 2\n"})
    assert past.run("--ref", first, "--since", last) == f"no commit since {last}\n"
    assert past.run("--ref", last, "--since", last).splitlines()[1].startswith("1 commit, ")


def test_the_date_that_git_makes_of_words_is_printed(past: Past) -> None:
    past.record({"a.py": "x = 1\n"})
    said = past.run("--since", "16 July 2017 23:00 UTC")
    at = datetime(2017, 7, 16, 23, tzinfo=UTC).astimezone()
    assert said.startswith(f"--since 16 July 2017 23:00 UTC: {at:%Y-%m-%d %H:%M %z}\n")
    for early in ("never", "90 years ago"):
        at = datetime.fromtimestamp(0, UTC).astimezone()
        assert past.run("--since", early).startswith(f"--since {early}: {at:%Y-%m-%d %H:%M %z}\n")


@pytest.mark.parametrize("zone", ["UTC-14", "UTC+12"])
@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone is that of the machine")
def test_no_date_is_too_early_or_too_late(past: Past, monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    past.record({"a.py": "x = 1\n"})
    with monkeypatch.context() as environment:
        environment.setenv("TZ", zone)
        time.tzset()
        early, late = (past.run("--since", date) for date in ("0001-01-01", "9999-12-31 23:59"))
    time.tzset()
    assert early.splitlines()[1].startswith("1 commit, ")
    assert late == "no commit since 9999-12-31 23:59\n"
