"""Input of twice the size takes twice the work, counted in lines of Python."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.model.judged import Verdict, Violation
from pytest_antipasta.model.measured import FileMetrics, Measurement
from pytest_antipasta.report.suppressions import format_unheeded
from tests.commits import commit_all
from tests.conftest import Repository
from tests.steps import measure_growth

SETTINGS = """\
[tool.pytest-antipasta]
notebooks = true

[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 1
"""
# What is linear has 2, what is quadratic 4.
MOST = 2.3
# Most of what a change costs is linear, and hides a part that is not.
MOST_OF_CHANGE = 2.1

NESTED = ("for b in a:", "if b:", "if a:", "for c in b:", "if c: print(c)")

Grow: TypeAlias = Callable[[Sequence[str], str, Callable[[int], str], int], float]


def _functions(size: int) -> str:
    return "".join(f"def f{number}(a):\n    return a if a else {number}\n" for number in range(size))


def _closures(size: int) -> str:
    inner = (f"    def f{number}(a):\n        return a if a else {number}\n" for number in range(size))
    return f"def outer(a):\n{''.join(inner)}"


def _namesakes(size: int) -> str:
    return "def f(a):\n    return a if a else 1\n" * size


def _planned(size: int) -> str:
    """Functions that complexipy has plans for."""
    body = "".join(f"{'    ' * depth}{line}\n" for depth, line in enumerate(NESTED, 1))
    return "".join(f"def f{number}(a):\n{body * 2}" for number in range(size))


def _comments(size: int) -> str:
    return "# flake8: noqa\n" + "# another one\n" * size + "def f(a):\n    return a if a else 1\n"


def _ranges(size: int) -> str:
    return "".join(f"# ruff: disable[C901]\ndef f{number}(a):\n    return a\n" for number in range(size))


def _in_bodies(size: int) -> str:
    comment = "# pylint: disable=too-many-branches"
    return "".join(f"def f{number}(a):\n    {comment}\n    return a\n" for number in range(size))


def _between(size: int) -> str:
    comment = "# pylint: disable=too-many-branches"
    return "".join(f"{comment}\ndef f{number}(a):\n    return a\n" for number in range(size))


def _cells(size: int) -> list[str]:
    return [f"if x: y = {number}" for number in range(size)]


def _cell_of_functions(size: int) -> list[str]:
    return [_functions(size)]


def _heads(size: int) -> list[str]:
    """A cell with comments that are about it."""
    return ["# antipasta: ignore[cyclomatic_complexity]\n" * size + "if x: y = 1"]


def _magics(size: int) -> list[str]:
    return ["%%time\n" * size + "x = 1"]


def _suppressed(size: int) -> str:
    return _functions(size).replace(":\n", ":  # antipasta: ignore[cyclomatic_complexity]\n")


def _unheeded(size: int) -> str:
    """Functions with comments of a tool that the settings do not name."""
    return _functions(size).replace(":\n", ":  # noqa: C901\n")


def _exceeded(size: int) -> str:
    """Functions beyond the ceilings of comments that are about the file."""
    return "# antipasta: ignore-file[cyclomatic_complexity<=1.5]\n" * size + _functions(size)


def _lines(size: int, head: str = "f", condition: str = "a") -> str:
    """Functions that are still similar to themselves with another name and another condition."""
    return "".join(
        f"def {head}{number}(a):\n    b = a + {number}\n    c = b * {number}\n"
        f"    return a if {condition} else {number}\n"
        for number in range(size)
    )


EXPLAIN = ("explain", "--all", "--format", "text")
CASES = [
    pytest.param(("check",), _ranges, 100, id="ranges of ruff's comments"),
    pytest.param(("check",), _in_bodies, 100, id="pylint's comments in functions"),
    pytest.param(("check",), _between, 100, id="pylint's comments between functions", marks=pytest.mark.slow),
    pytest.param(("check",), _comments, 60, id="comments after one that suppresses"),
    pytest.param(("check",), _planned, 60, id="plans of complexipy", marks=pytest.mark.slow),
    pytest.param(("check",), _suppressed, 60, id="comments that suppress"),
    pytest.param(("check",), _exceeded, 40, id="ceilings for a file", marks=pytest.mark.slow),
    pytest.param(("check", "--format", "html"), _closures, 40, id="sources of closures in HTML"),
    pytest.param(EXPLAIN, _functions, 30, id="explain functions"),
    pytest.param(EXPLAIN, _suppressed, 60, id="explain comments"),
    pytest.param(EXPLAIN, _unheeded, 60, id="explain comments of other tools"),
    pytest.param(EXPLAIN, _closures, 30, id="explain closures"),
    pytest.param(EXPLAIN, _namesakes, 30, id="explain functions of one name"),
    pytest.param(EXPLAIN, _planned, 10, id="explain plans"),
    pytest.param(
        ("measure", "--sort", "cyclomatic_complexity", "--format", "csv"), _functions, 60, id="sorted"
    ),
]
NOTEBOOKS = [
    pytest.param(("check",), _magics, 100, id="cell magics"),
    pytest.param(("check",), _heads, 50, id="comments at the head of a cell"),
    pytest.param(("measure",), _cells, 50, id="cells"),
    pytest.param(("measure",), _cell_of_functions, 100, id="functions in a cell"),
    pytest.param(EXPLAIN, _cells, 20, id="explain cells"),
]

CHANGES = [
    pytest.param(lambda size: _lines(size, "g", "a and b"), id="functions renamed and edited"),
    pytest.param(_suppressed, id="functions with a new comment"),
    pytest.param(lambda size: _lines(size, condition="a and b"), id="functions edited"),
]


@pytest.fixture
def grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Grow:
    """Return how much more a command does for a file of twice the size."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)

    def measure(command: Sequence[str], name: str, make: Callable[[int], str], size: int) -> float:
        def prepare(size: int) -> Callable[[], object]:
            Path(name).write_text(make(size))
            return lambda: main([*command, "--no-cache", name])

        growth = measure_growth(prepare, size)
        assert capsys.readouterr().err == ""
        return growth

    return measure


@pytest.mark.parametrize(("command", "make", "size"), CASES)
def test_of_a_source(grow: Grow, command: Sequence[str], make: Callable[[int], str], size: int) -> None:
    assert grow(command, "a.py", make, size) < MOST


@pytest.mark.parametrize(("command", "make", "size"), NOTEBOOKS)
def test_of_a_notebook(
    grow: Grow, command: Sequence[str], make: Callable[[int], list[str]], size: int
) -> None:
    def write(size: int) -> str:
        cells = [{"cell_type": "code", "source": cell} for cell in make(size)]
        return json.dumps({"cells": cells, "metadata": {}})

    assert grow(command, "a.ipynb", write, size) < MOST


def test_of_the_line_about_comments_of_other_tools() -> None:
    def prepare(size: int) -> Callable[[], object]:
        names, metric = [f"f{number}" for number in range(size)], "cyclomatic_complexity"
        verdict = Verdict(
            "a.py",
            Measurement(FileMetrics()),
            violations=tuple(Violation(metric, name, 1, 2, 1, "<=") for name in names),
            unheeded=tuple(("noqa", name, metric) for name in names),
        )
        return lambda: list(format_unheeded([verdict]))

    assert measure_growth(prepare, 60) < MOST


@pytest.mark.parametrize("command", [("check",), ("baseline", "prune")], ids=" ".join)
def test_of_a_baseline(grow: Grow, command: Sequence[str]) -> None:
    def write(size: int) -> str:
        Path("a.py").write_text(_functions(size))
        main(["baseline", "write", "--no-cache", "--quiet"])
        return _functions(size).replace("if a", "if a and a") if command == ("check",) else _functions(size)

    assert grow(command, "a.py", write, 40) < MOST


@pytest.mark.parametrize("make", CHANGES)
@pytest.mark.parametrize("recorded", ["", "after", "before and after"])
def test_of_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[int], str], recorded: str
) -> None:
    def record(when: str) -> None:
        if when in recorded:
            main(["baseline", "write", "--no-cache", "--quiet"])

    def prepare(size: int) -> Callable[[], object]:
        root = tmp_path / str(size)
        repository, file = Repository(root), root / "a.py"
        (root / "pyproject.toml").write_text(SETTINGS)
        file.write_text(_lines(size))
        monkeypatch.chdir(root)
        record("before")
        commit_all(root, "first")
        file.write_text(make(size))
        record("after")
        repository.git("add", "--all")

        def check() -> None:
            monkeypatch.chdir(root)
            main(["check", "--staged", "--no-cache", "--jobs", "1"])

        return check

    assert measure_growth(prepare, 60) < MOST_OF_CHANGE
