"""Limits whose level is ``warning``, in pytest."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import COST, FAILING, PASSING, Project, outcomes, told

WARNED = '[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = { limit = 2, level = "warning" }\n'


@pytest.fixture
def warned(project: Project) -> Project:
    """A project with a function over a limit whose level is ``warning``."""
    project.write({"pyproject.toml": WARNED, "a.py": FAILING, "b.py": PASSING})
    return project


def test_an_item_with_a_warning_passes(warned: Project) -> None:
    for args in ([], [], ["-n", "1"]):  # cold, warm, in workers
        result = warned.run("--antipasta-only", "-W", "error", *args)
        assert result.ret == 0
        assert "warnings summary" not in result.stdout.str(), "warnings of Python are something else"
        assert outcomes(result) == {"a.py::antipasta": "passed", "b.py::antipasta": "passed"}
        lines = told(result)
        assert lines[:2] == [
            "warning: a.py:1: decide  cyclomatic 3/2",
            "no violations in 2 files, 1 warning in 1 file",
        ]


def test_it_fails_where_that_is_asked_for(warned: Project) -> None:
    result = warned.run("--antipasta-only", "--antipasta-warnings-fail", "-n", "1")
    assert result.ret == 1
    assert outcomes(result)["a.py::antipasta"] == "failed"


def test_only_the_worst_are_shown_unless_asked_for(warned: Project) -> None:
    warned.write({f"c{number:02}.py": FAILING for number in range(12)})
    lines = told(warned.run("--antipasta-only"))
    assert sum(line.startswith("warning: ") for line in lines) == 3
    assert "and 10 more warnings; `-v` shows them" in lines
    lines = told(warned.run("--antipasta-only", "-v"))
    assert sum(line.startswith("warning: ") for line in lines) == 13


TEST = "def test_it():\n    assert {}\n"


@pytest.mark.parametrize(
    ("files", "args", "code"),
    [
        pytest.param({"test_b.py": TEST.format(True)}, [], 0, id="beside a test that passes"),
        pytest.param({"test_b.py": TEST.format(False)}, [], 1, id="beside one that fails"),
        pytest.param({"b.py": "def f(:\n"}, [], 1, id="beside a file without numbers"),
        pytest.param({}, ["-n", "1"], 0, id="in workers", marks=pytest.mark.slow),
        pytest.param(
            {"b.py": "def f(:\n"},
            ["-n", "1"],
            1,
            id="beside a file without numbers in workers",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_verdict_ends_no_session(
    project: Project, files: dict[str, str], args: list[str], code: int
) -> None:
    project.write({"a.py": FAILING, **files})
    result = project.run("--antipasta", "--antipasta-exit-zero", *args)
    assert outcomes(result)["a.py::antipasta"] == "failed"
    assert result.ret == code


def test_a_verdict_that_stops_a_session_fails_it(project: Project) -> None:
    """What would have come after it was not checked, and may be a file without numbers."""
    project.write({"a.py": FAILING, "b.py": FAILING, "z.py": "def f(:\n"})
    result = project.run("--antipasta-only", "--antipasta-exit-zero", "--maxfail=2")
    assert "z.py::antipasta" not in outcomes(result)
    assert result.ret == 1


def test_files_over_default_limits_are_named_only_where_more_is_asked_for(project: Project) -> None:
    functions = "".join(f"def f{number}(a, b):\n    return a * {number} + b\n" for number in range(60))
    project.write({"pyproject.toml": "[tool.pytest]\n", "a.py": functions})
    result = project.run("--antipasta-only")
    assert told(result)[0] == "no violations in 1 file"
    assert any(COST.fullmatch(line) for line in result.outlines)
    quiet = project.run("--antipasta-only", "-q")
    assert not any(COST.fullmatch(line) for line in quiet.outlines)
    lines = told(project.run("--antipasta-only", "-v"))
    assert lines[0].startswith("warning: a.py  maintainability index ")
    assert "no violations in 1 file" in lines
