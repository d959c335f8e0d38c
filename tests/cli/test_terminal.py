"""``check`` on a terminal: a screen of the worst, colours, and places that can be opened."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from pytest_antipasta.cli import main
from tests.conftest import Program, Repository
from tests.coverage.conftest import run_coverage

if sys.platform == "win32":
    pytest.skip("Windows has no such terminals", allow_module_level=True)

from tests.terminals import read_shown

Show: TypeAlias = Callable[..., list[str]]

SETTINGS = """\
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 1
lines_of_code = 1
"""
CODES = re.compile(r"\x1b\[[0-9;]*m")
MORE = "next: `--all` shows all 14 functions and 14 files, `--top N` the N worst"
EXPLAIN = "next: `pytest-antipasta explain pkg/m13.py::f` shows how its values are calculated, and its limits"
RECORD = "next: `pytest-antipasta baseline write` records them, so that only new or worse ones fail"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fourteen files in two folders, each over a limit, with a function that is; the upper one is current."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "pkg").mkdir()
    for number in range(14):
        folder = tmp_path / "pkg" if number % 2 else tmp_path
        (folder / f"m{number:02}.py").write_text("def f(a):\n    if a: a()\n" + "    if a: a()\n" * number)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Show:
    """Runs ``check`` with a real terminal as its standard output, and returns the lines that this shows."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR")

    def run(*args: str, code: int = 1) -> list[str]:
        def act() -> None:
            assert main(["check", *args]) == code

        return read_shown(act, 80).splitlines()

    return run


def plain(lines: list[str]) -> list[str]:
    """Return the lines without colours, and without the one that says how long it took."""
    return [line for line in (CODES.sub("", line) for line in lines) if not line.startswith("checked ")]


@pytest.fixture
def pipe(program: Program) -> Show:
    """Runs ``check`` with a pipe as its standard output, and returns the lines."""

    def run(*args: str) -> list[str]:
        return program("check", *args, code=1).out.splitlines()

    return run


def test_a_terminal_gets_the_worst_functions_then_files_then_counts(project: Path, show: Show) -> None:
    lines = plain(show())
    assert lines[0] == "the 10 worst of 14 functions over a limit"
    assert lines[1:3] == ["pkg/m13.py", "    1:1  f  cyclomatic 15/1"]
    assert lines[21] == "the 10 worst of 14 files over a limit"
    assert lines[22] == "pkg/m13.py  lines of code 15/1"
    assert lines[32] == "14 of 14 functions and 14 files are over a limit, in 14 of 14 files"
    assert " ".join(lines[33:]).replace("   ", " ") == f"{RECORD} {EXPLAIN} {MORE}"


def test_a_pipe_gets_every_line_and_so_does_who_asks_for_all(project: Path, show: Show, pipe: Show) -> None:
    lines = plain(pipe())
    assert sum(line.startswith("   ") for line in lines) == 28
    assert lines == plain(pipe("--all"))
    for args in (["--all"], ["--top", "14"]):
        assert " ".join(plain(show(*args))).split() == " ".join(plain(pipe(*args))).split()
    assert show("--output", "report.txt") == []
    assert plain(Path("report.txt").read_text().splitlines()) == lines


def test_what_fits_is_shown_without_more(project: Path, show: Show) -> None:
    lines = plain(show("pkg"))
    assert (lines[0], lines[15]) == ("7 functions over a limit", "7 files over a limit")
    assert len(lines) == 27 and lines[25].startswith("next: `pytest-antipasta explain ")
    assert len(show("--quiet")) == 32


def test_beside_a_baseline_recording_is_not_proposed(project: Path, show: Show) -> None:
    main(["baseline", "write", "--quiet", "m00.py"])
    assert show()[-2] == MORE.replace("14 functions and 14", "13 functions and 13")
    assert show("--no-baseline")[-2] == MORE


@pytest.mark.parametrize(
    ("limit", "args"),
    [
        pytest.param(
            'cyclomatic = { limit = 1, level = "warning" }', ["--warnings-fail"], id="warnings that fail"
        ),
        pytest.param("crap = 1", ["--coverage", ".coverage"], id="coverage"),
    ],
)
def test_recording_is_not_proposed_for_what_a_baseline_has_not(
    project: Path, show: Show, limit: str, args: list[str]
) -> None:
    (project / "pyproject.toml").write_text(f"[tool.pytest-antipasta.thresholds]\n{limit}\n")
    (project / "m00.py").write_text("".join(f"def f{place}(a): return a or 1\n" for place in range(20)))
    run_coverage(project, "run", "m00.py")
    lines = plain(show(*args))
    assert lines[0].startswith("the 10 worst of ")
    assert "baseline write" not in " ".join(lines)


def test_of_files_that_can_not_be_measured_the_first_are_named(project: Path, show: Show) -> None:
    for number in range(12):
        (project / f"bad{number:02}.py").write_text("def f(:\n")
    lines = plain(show())
    assert sum("not measured (syntax)" in line for line in lines) == 10
    assert lines[30:32] == ["and 2 more files", "the 10 worst of 14 functions over a limit"]


def test_places_and_violations_have_colours(project: Path, show: Show, pipe: Show) -> None:
    shown = show("m00.py")
    assert shown[1] == "\x1b[1mm00.py\x1b[0m"
    row = ["1:1", "  f  ", "cyclomatic ", "2", "/1"]
    codes = ["\x1b[2m{}\x1b[0m", "{}", "\x1b[2m{}\x1b[0m", "\x1b[31m{}\x1b[0m", "\x1b[2m{}\x1b[0m"]
    assert shown[2] == "    " + "".join(code.format(text) for code, text in zip(codes, row, strict=True))
    assert shown[5].startswith("\x1b[31m1 function and 1 file are over a limit, in 1 file")
    assert (
        show("--limit", "cyclomatic_complexity=off", "--limit", "lines_of_code=off", code=0)[0]
        == "\x1b[32mno violations in 14 files\x1b[0m"
    )
    assert not CODES.search("".join(pipe()))


def test_places_are_relative_to_the_current_folder_and_reports_to_the_root(
    project: Path, show: Show, pipe: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = [line.replace("pkg/", "") for line in pipe("pkg")][:21]
    assert below[:2] == ["m01.py", "    1:1  f  cyclomatic 3/1"]
    monkeypatch.chdir("pkg")
    for lines in (pipe("."), plain(show("--all", "."))):
        assert lines[:21] == below
    assert "../m12.py" in pipe()
    main(["check", "--output", "report.json"])
    main(["check", "--output", "report.txt"])
    report = json.loads(Path("report.json").read_bytes())
    assert [file["path"] for file in report["files"]][12:] == ["pkg/m11.py", "pkg/m13.py"]
    assert "\nm12.py\n" in Path("report.txt").read_text()


def test_from_above_the_root_places_have_its_folder(
    project: Path, pipe: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.parent)
    assert f"{project.name}/m00.py" in pipe("--config", f"{project.name}/pyproject.toml")


@pytest.mark.parametrize(
    ("command", "place"),
    [
        pytest.param(["measure"], "../m00.py: maintainability index", id="measure"),
        pytest.param(["explain", "../m00.py::f"], "../m00.py:1 function f", id="explain"),
        pytest.param(["check", "--list-suppressions"], "../m00.py:1: f: not honoured", id="suppressions"),
        pytest.param(["check"], "../m00.py:1: suppression not applied", id="a comment"),
        pytest.param(["hook"], "../m00.py\n    1:1  f  cyclomatic 2/1", id="hook"),
    ],
)
def test_all_that_has_places_has_them_so(
    command: list[str],
    place: str,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    program: Program,
) -> None:
    comment = "# antipasta: ignore[lines_of_code]"
    (project / "m00.py").write_text(f"def f(a):  {comment}\n    if a: a()\n")
    Repository(project).git("add", ".")
    monkeypatch.chdir("pkg")
    assert f"\n{place}" in f"\n{program(*command, code=None).out}"


def test_a_hook_for_a_project_in_a_subfolder_has_places_from_the_top(project: Path, program: Program) -> None:
    (project / "pyproject.toml").rename(project / "pkg" / "pyproject.toml")
    Repository(project).git("add", "pkg")
    said = program("hook", "--config", "pkg/pyproject.toml", code=1)
    assert "\npkg/m01.py\n    1:1  f  cyclomatic 3/1" in said.out


def test_a_hook_has_places_from_where_the_user_called_git_as_commands_have(
    project: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git runs its hooks at the top."""
    Repository(project).git("add", "pkg")
    monkeypatch.setenv("GIT_PREFIX", "pkg/")
    said = program("hook", code=1)
    assert "\nm01.py\n    1:1  f  cyclomatic 3/1" in f"\n{said.out}"
    monkeypatch.setenv("FORCE_HYPERLINK", "1")
    assert f"]8;;{(project / 'pkg' / 'm01.py').as_uri()}\x1b" in program("hook", code=1).out
    assert "git add ../antipasta-baseline.json\n" in said.out
