"""``check --top``, ``--sort`` and ``--metric``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.conftest import Program
from tests.report.shape import check_verdicts

SETTINGS = """\
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 2
cognitive_complexity = 1
maintainability_index = false
halstead_volume = false
halstead_difficulty = false
halstead_effort = false

[[tool.pytest-antipasta.overrides]]
files = ["b.py"]
thresholds = { lines_of_code = 8, cognitive_complexity = false }
"""
# Cyclomatic 3 and cognitive 3; cyclomatic 6 and cognitive 6.
NESTED = "def nested(a):\n    if a:\n        if a:\n            a()\n"
LONG = "def long(a):\n" + "    if a: a()\n" * 5 + "\n\n\n"


@pytest.fixture
def project(made_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with four violations in two files, and a file without numbers; the current one."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "a.py").write_text(NESTED)
    (tmp_path / "b.py").write_text(LONG)
    (tmp_path / "c.py").write_text("def f(:\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


ERROR = "c.py:1: not measured (syntax): invalid syntax"
NESTED_ROW = "    1:1  nested  cyclomatic 3/2  cognitive 3/1"
LONG_ROW = "    1:1  long    cyclomatic 6/2"
LINES_ROW = "   file  lines of code 9/8"
LINES = "b.py  lines of code 9/8"
FIRST = "the first of 2 functions over a limit"
IN_FUNCTIONS, OF_FILES = "2 functions over a limit", "1 file over a limit"


def check(program: Program, *args: str, code: int = 1) -> list[str]:
    """Return the lines without the details of errors."""
    said = program("check", "--quiet", *args, code=code)
    return [line for line in said.out.splitlines() if not re.match(r" {4}[a-z]", line)]


@pytest.mark.parametrize(
    ("args", "lines"),
    [
        pytest.param(
            ["--sort", "excess"],
            [ERROR, "b.py", LONG_ROW, LINES_ROW, "a.py", NESTED_ROW],
            id="by how far they are over, equal ones by complexity",
        ),
        pytest.param(
            ["--sort", "path"],
            [ERROR, "a.py", NESTED_ROW, "b.py", LONG_ROW, LINES_ROW],
            id="by path",
        ),
        pytest.param(
            ["--sort", "cyclomatic_complexity"],
            [ERROR, "b.py", LONG_ROW, LINES_ROW, "a.py", NESTED_ROW],
            id="one metric first",
        ),
        pytest.param(
            ["--top", "2"],
            [ERROR, IN_FUNCTIONS, "b.py", LONG_ROW, "a.py", NESTED_ROW, OF_FILES, LINES],
            id="the worst, in functions and of files apart",
        ),
        pytest.param(
            ["--top", "1", "--sort", "path"],
            [ERROR, FIRST, "a.py", NESTED_ROW, OF_FILES, LINES],
            id="the first",
        ),
        pytest.param(
            ["--sort", "lines_of_code"],
            [ERROR, "b.py", LINES_ROW, LONG_ROW, "a.py", NESTED_ROW],
            id="all in one list",
        ),
    ],
)
def test_numbers_are_shown_in_an_order(
    project: Path, args: list[str], lines: list[str], program: Program
) -> None:
    assert check(program, *args) == lines


def test_functions_go_before_files_however_bad_those_are(project: Path, program: Program) -> None:
    (project / "pyproject.toml").write_text(SETTINGS.replace("lines_of_code = 8", "lines_of_code = 1"))
    found = check(program, "--top", "9")
    assert found[2:6] == ["b.py", LONG_ROW, "a.py", NESTED_ROW]
    assert found[7:] == ["b.py  lines of code 9/1"]


def test_of_two_that_are_as_complex_the_longer_one_goes_first(project: Path, program: Program) -> None:
    (project / "a.py").write_text("def short(a):\n    return a and a and a\n")
    (project / "b.py").write_text("def longer(a):\n    a()\n    return a and a and a\n")
    assert [line.split()[1] for line in check(program, "--sort", "excess")[2::2]] == ["longer", "short"]
    assert [line.split()[1] for line in check(program, "--top", "1")[3:]] == ["longer"]


def test_the_exit_code_is_that_of_all(project: Path, program: Program) -> None:
    (project / "a.py").write_text("")
    (project / "b.py").write_text("")
    assert check(program, "--top", "1", code=3) == [ERROR]
    (project / "c.py").write_text("")
    assert check(program, "--top", "1", code=0) == []


def test_top_tells_how_all_numbers_are_spread(
    project: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "d.py").write_text("def d(): pass\n")
    lines = program("check", "--top", "1", code=1).out.splitlines()
    start = lines.index("the worst of 2 functions over a limit")
    assert lines[start : start + 10] == [
        "the worst of 2 functions over a limit",
        "b.py",
        "    1:1  long  cyclomatic 6/2",
        OF_FILES,
        LINES,
        "                           median  90th percentile  worst",
        "cyclomatic of 3 functions       3                6      6  b.py:1 long",
        "cognitive of 3 functions        3                5      5  b.py:1 long",
        "lines of code of 3 files        4                9      9  b.py",
        "2 of 3 functions and 1 file are over a limit, in 2 of 4 files, 1 file not measured",
    ]
    assert "worst blocks:" not in lines
    (project / "sub").mkdir()
    monkeypatch.chdir(project / "sub")
    below = program("check", "--top", "1", code=1).out
    assert "  ../b.py:1 long\n" in below and "  b.py" not in below


def test_some_metrics_are_judged_as_if_there_were_no_other(project: Path, program: Program) -> None:
    args = ("--metric", "cognitive_complexity", "--metric", "lines_of_code")  # which some files limit
    lines = [ERROR, "a.py", "    1:1  nested  cognitive 3/1", "b.py", LINES_ROW]
    assert check(program, *args) == lines
    assert check(program, *args, "--jobs", "2") == lines, "from workers and from the store"
    assert "checked only cognitive_complexity, lines_of_code" in program("check", *args, code=1).out
    assert "checked only" not in program("check", code=1).out


def test_a_metric_that_is_kept_is_not_a_failure(project: Path, program: Program) -> None:
    """Even where others are not; what has no numbers does not have this one either."""
    (project / "b.py").write_text("")
    assert check(program, "--metric", "lines_of_code", code=3) == [ERROR]
    (project / "c.py").unlink()
    assert check(program, "--metric", "lines_of_code", code=0) == []
    assert main(["check"]) == 1


COMMENT = "# antipasta: ignore[{}]\n"
UNUSED = "a.py:1: unused suppression: {} of nested is not over a limit"


@pytest.fixture
def strict(project: Path) -> Path:
    """The same, where comments that do nothing fail."""
    fails = '[tool.pytest-antipasta]\nunused_suppressions = "fail"\n'
    (project / "pyproject.toml").write_text(fails + SETTINGS.replace("cyclomatic_complexity = 2", ""))
    return project


def test_comments_about_other_metrics_are_left_out(strict: Path, program: Program) -> None:
    (strict / "c.py").unlink()
    (strict / "a.py").write_text(COMMENT.format("cyclomatic_complexity") + NESTED)
    unused = UNUSED.format("cyclomatic_complexity")
    assert check(program, "--metric", "lines_of_code") == ["b.py", LINES_ROW]
    (strict / "b.py").unlink()
    assert check(program, "--metric", "cyclomatic_complexity") == [unused]
    (strict / "a.py").write_text(COMMENT.format("cognitive_complexity") + NESTED)
    assert check(program, "--metric", "cyclomatic_complexity", code=0) == []
    # What suppresses the others is not called unused for that.
    (strict / "a.py").write_text(COMMENT.format("cyclomatic_complexity, cognitive_complexity") + NESTED)
    assert check(program) == [unused]
    assert check(program, "--metric", "cyclomatic_complexity") == [unused]
    assert check(program, "--metric", "cognitive_complexity", code=0) == []
    said = program("check", "--list-suppressions", "--metric", "cognitive_complexity")
    assert "a.py:1: nested: cognitive_complexity: used" in said.out.splitlines()
    said = program("check", "--list-suppressions", "--metric", "cyclomatic_complexity")
    assert "a.py:1" in said.out
    assert "a.py:1" not in program("check", "--list-suppressions", "--metric", "lines_of_code").out


def test_comments_that_fail_stand_before_what_is_ranked(strict: Path, program: Program) -> None:
    (strict / "c.py").unlink()
    (strict / "b.py").unlink()
    (strict / "a.py").write_text(COMMENT.format("cyclomatic_complexity") + NESTED)
    assert check(program, "--top", "1") == [
        UNUSED.format("cyclomatic_complexity"),
        "1 function over a limit",
        "a.py",
        "    2:1  nested  cognitive 3/1",
    ]


def test_json_has_all_files_and_the_violations_of_one_metric(project: Path, program: Program) -> None:
    report = json.loads(program("check", "--format", "json", "--metric", "cognitive_complexity", code=1).out)
    check_verdicts(report)
    assert [(file["path"], len(file["violations"])) for file in report["files"]] == [
        ("a.py", 1),
        ("b.py", 0),
        ("c.py", 0),
    ]
    whole = json.loads(program("check", "--format", "json", code=1).out)
    headrooms = [
        {metric for block in file["blocks"] for metric in block.pop("headroom")}
        for each in (report, whole)
        for file in each["files"]
    ]
    assert set.union(*headrooms[:3]) == {"cognitive_complexity"} < set.union(*headrooms[3:])
    assert [file["blocks"] for file in report["files"]] == [file["blocks"] for file in whole["files"]]


def test_a_change_can_be_ranked_and_narrowed(project: Path, program: Program) -> None:
    from tests.conftest import Repository

    repository = Repository(project)
    repository.git("add", ".")
    assert check(program, "--staged", "--metric", "cognitive_complexity", "--top", "3") == [
        ERROR,
        "1 function over a limit",
        "a.py",
        "    1:1  nested  cognitive 3/1  added",
    ]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(
            ["--top", "3", "--format", "json"],
            (
                "--top and --sort need --format text, concise or agent; json output is always complete and "
                "unsorted"
            ),
            id="json has an order",
        ),
        pytest.param(
            ["--metric", "halstead_effort"],
            "--metric halstead_effort: has no limit; set one by --limit halstead_effort=N or in `thresholds`",
            id="a metric that is switched off",
        ),
        pytest.param(
            ["--sort", "halstead_effort", "--top", "1"],
            "--sort halstead_effort: has no limit; set one by --limit halstead_effort=N or in `thresholds`",
            id="an order by a metric that is switched off",
        ),
        pytest.param(
            ["--metric", "cyclomatic", "--sort", "cognitive"],
            "--sort cognitive_complexity needs --metric cognitive_complexity, as others are left out",
            id="an order by a metric that is left out",
        ),
        pytest.param(
            ["--metric", "cyclomatic", "--limit", "cognitive=5"],
            "--limit cognitive_complexity needs --metric cognitive_complexity, as others are left out",
            id="a limit of a metric that is left out",
        ),
    ],
)
def test_an_error_is_reported_in_a_line(
    project: Path, args: list[str], message: str, program: Program
) -> None:
    assert program("check", *args, code=2).err == f"error: {message}\n"


INSIDE = """\
def outer(a):
    def inner(b):
        if b:
            if b:
                b()
        while b: pass
    return inner


def other(a):
    if a: a()
    if a: a()
"""


@pytest.mark.parametrize(
    ("top", "title", "names"),
    [
        ("2", "the 2 worst of 3 functions over a limit, inner functions left out", ["outer", "other"]),
        ("3", "3 functions over a limit", ["outer", "outer.inner", "other"]),
    ],
)
def test_a_function_inside_a_worse_one_takes_no_place_of_many(
    project: Path, top: str, title: str, names: list[str], program: Program
) -> None:
    (project / "pyproject.toml").write_text(SETTINGS.partition("[[")[0])
    for name in "bc":
        (project / f"{name}.py").unlink()
    (project / "a.py").write_text(INSIDE)
    first, _, *rows = check(program, "--top", top)
    assert (first, [row.split()[1] for row in rows]) == (title, names)
