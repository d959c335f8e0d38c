"""What a file that is given up still tells: bytes, lines, and complexipy's points if it manages alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine import HeldSource, Task
from pytest_antipasta.engine.measuring import partial
from pytest_antipasta.engine.measuring.guard import Guard
from pytest_antipasta.engine.measuring.measurement import measure as measure_here
from pytest_antipasta.engine.measuring.partial import measure_partially
from pytest_antipasta.model import FileError, FileMetrics, Measurement
from pytest_antipasta.processes import Limits
from tests.limits import DEEP, LONG, SLOW, find_children

BRANCH = b"def f(a):\n    if a:\n        return 1\n"
TOO_LARGE = FileError("too_large", "it has too many bytes")
TOO_SLOW = FileError("timeout", "it takes too long")


def count(data: bytes) -> Measurement:
    """Return what is known of a content without complexipy."""
    return measure_partially(HeldSource("a.py", data), TOO_LARGE, 500, lambda _: None)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"x = 1", id="no newline at the end"),
        pytest.param(b"x = 1\n\n\n", id="blank lines"),
        pytest.param(b"x = 1\r\ny = 2\r\n\r\n", id="Windows"),
        pytest.param(b"x = 1\ry = 2\r", id="an old Mac"),
        pytest.param(b"\xef\xbb\xbfx = 1\n", id="a byte order mark"),
        pytest.param(b"x = 1\n\x0c\ny = 2\x0c\n", id="form feeds"),
        pytest.param("# \u2028 \xfc\nx = '\u20ac\u20ac'\n".encode(), id="other ends of lines"),
    ],
)
@pytest.mark.parametrize("chunk", [1, 2, 3, 1000])
def test_lines_are_those_that_radon_counts(data: bytes, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partial, "_CHUNK", chunk)
    assert count(data).metrics == FileMetrics(lines_of_code=measure_here(data).metrics.lines_of_code)
    assert count(data).error == FileError("too_large", TOO_LARGE.message, size=len(data))


def test_what_is_no_text_has_no_lines() -> None:
    assert count(b"x\n" * 1_000_000 + b"\0\n").metrics == FileMetrics()


def test_not_all_lines_of_a_very_long_text_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partial, "_MOST_CHARACTERS", 2_000_000)
    assert count(b"x\n" * 400_000).metrics.lines_of_code == 400_000
    assert count(b"x\n" * 1_200_000).metrics.lines_of_code is None


def test_a_content_that_alone_is_too_much_is_not_read_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"x = 1\n" * 200_000)

    def refuse(_: bytes) -> int:
        raise AssertionError

    measured = measure_partially(Task("a.py", str(path)), TOO_LARGE, 4, refuse)
    assert (measured.error and measured.error.size, measured.metrics.lines_of_code) == (1_200_000, 200_000)


def test_a_file_that_is_gone_has_no_numbers(tmp_path: Path) -> None:
    source = Task("a.py", str(tmp_path / "a.py"))
    assert measure_partially(source, TOO_SLOW, 500, lambda _: 1) == Measurement(FileMetrics(), (), TOO_SLOW)


@pytest.mark.parametrize(
    ("data", "points"),
    [
        pytest.param(BRANCH + SLOW, 1, id="what is slow for others"),
        pytest.param(BRANCH + DEEP, None, id="what complexipy refuses"),
        pytest.param(b"# \xff\n" + b"#" * 1_100_000, None, id="what is no text"),
    ],
)
@pytest.mark.parametrize("error", [TOO_SLOW, TOO_LARGE], ids=["too slow", "too large"])
def test_complexipy_is_asked_alone(data: bytes, points: int | None, error: FileError) -> None:
    told: list[str] = []
    guard = Guard(Limits(), told.append)
    measured = guard.give_up(HeldSource("a.py", data), error)
    assert measured.metrics.total_cognitive_complexity == points
    assert (find_children(), told) == ([], [])


@pytest.mark.parametrize("limits", [Limits(seconds=0.01), Limits(megabytes=64)], ids=["time", "memory"])
def test_complexipy_has_the_same_limits(limits: Limits) -> None:
    guard = Guard(limits, lambda _: None)
    measured = guard.give_up(HeldSource("a.py", BRANCH * 60_000), TOO_SLOW)
    assert measured.metrics == FileMetrics(lines_of_code=180_000)
    assert find_children() == []


def test_what_is_missing_is_looked_for_no_more() -> None:
    error = FileError("missing", "it is gone")
    source = HeldSource("a.py", BRANCH)
    assert Guard(Limits(), lambda _: None).give_up(source, error) == Measurement(FileMetrics(), (), error)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is too large, one that is too slow, and one that is fine."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(
        "[tool.pytest-antipasta]\nfile_timeout = 0.5\nmax_file_size_mb = 1\n"
    )
    (tmp_path / "fine.py").write_text("x = 1\n")
    (tmp_path / "large.py").write_bytes(BRANCH * 10_000 + LONG)
    (tmp_path / "slow.py").write_bytes(BRANCH + SLOW)
    return tmp_path


KNOWN = [
    "    still known (partial): bytes 1270003, lines_of_code 30001, total_cognitive_complexity 10000",
    "    still known (partial): bytes 450053, lines_of_code 150005, total_cognitive_complexity 1",
]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_it_is_told_and_never_stored(project: Path, jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("measure", "check"):
        assert main([command, "--jobs", jobs]) == 3
        output = capsys.readouterr().out
        assert [line for line in output.splitlines() if line.startswith("    still")] == KNOWN
    assert "store: 1 hit, 2 misses" in output


@pytest.mark.parametrize("command", ["check", "measure"])
def test_json_says_that_it_is_a_part(project: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--format=json", "--jobs=2"]) == 3
    fine, large, slow = json.loads(capsys.readouterr().out)["files"]
    assert "partial" not in fine
    assert [(one["status"], one["partial"]) for one in (large, slow)] == [("error", True)] * 2
    assert [one["error"]["size"] for one in (large, slow)] == [1_270_003, 450_053]
    assert [one["metrics"]["total_cognitive_complexity"] for one in (large, slow)] == [10_000, 1]
    assert [one["metrics"]["lines_of_code"] for one in (large, slow)] == [30_001, 150_005]
    assert [one["metrics"]["maintainability_index"] for one in (large, slow)] == [None, None]


def test_no_limit_is_kept_or_broken_by_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (project / "pyproject.toml").open("a") as file:
        file.write("on_error = 'warn'\nthresholds.lines_of_code = 10\n")
    assert main(["check"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "3 files: no violations, 2 files not measured"
    assert [line for line in lines if line.startswith("    still")] == KNOWN


def test_explain_shows_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "large.py"]) == 3
    assert KNOWN[0].strip() in capsys.readouterr().out.splitlines()
