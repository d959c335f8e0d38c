"""``-``: source from standard input, for editors."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from pytest_antipasta.cli import main
from tests.conftest import Program, Repository
from tests.plugin.conftest import FAILING, PASSING
from tests.report.shape import check_measurements, check_verdicts

SETTINGS = """\
[tool.pytest-antipasta]
paths = ["src"]
exclude = ["src/old/"]
max_file_size_mb = 0.001

[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 2

[[tool.pytest-antipasta.overrides]]
files = ["src/lenient_*.py"]
thresholds = { cyclomatic_complexity = 5 }
"""
Pipe: TypeAlias = Callable[..., int]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with limits of their own for some files; the current one."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "src" / "old").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def pipe(project: Path, monkeypatch: pytest.MonkeyPatch) -> Pipe:
    """Runs a command with something on its standard input."""

    def run(source: str | bytes, *args: str) -> int:
        data = source.encode() if isinstance(source, str) else source
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return main([*args])

    return run


@pytest.mark.parametrize(
    ("source", "code", "status"),
    [(PASSING, 0, "measured"), ("def f(:\n", 3, "error"), ("", 0, "measured"), (b"\xff", 3, "error")],
)
def test_standard_input_is_measured(
    pipe: Pipe, source: str | bytes, code: int, status: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pipe(source, "measure", "-", "--format", "json") == code
    report = json.loads(capsys.readouterr().out)
    check_measurements(report)
    assert [(file["path"], file["status"]) for file in report["files"]] == [("-", status)]


def test_standard_input_is_judged(pipe: Pipe, capsys: pytest.CaptureFixture[str]) -> None:
    assert pipe(FAILING, "check", "-") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "-",
        "    1:1  decide  cyclomatic 3/2",
        "1 function is over a limit, in 1 file",
    ]
    assert pipe(PASSING, "check", "-", "--quiet") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("src/a.py", 1, id="a file under the limits of all"),
        pytest.param("src/lenient_a.py", 0, id="a file with limits of its own"),
        pytest.param("src/old/a.py", 1, id="a file that is excluded, as it is named"),
        pytest.param("docs/a.py", 1, id="a file outside of the paths, likewise"),
        pytest.param("src/a.pyi", 1, id="a file that is no source file, likewise"),
        pytest.param("src/none/such/a.py", 1, id="a file in a folder that is not there"),
    ],
)
def test_a_name_brings_its_limits(
    pipe: Pipe, project: Path, name: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pipe(FAILING, "check", "-", "--stdin-filename", name, "--format", "json") == code
    report = json.loads(capsys.readouterr().out)
    check_verdicts(report)
    assert [file["path"] for file in report["files"]] == [name]
    absolute = str(project / name)
    assert pipe(FAILING, "check", "-", "--stdin-filename", absolute, "--format", "json") == code
    assert json.loads(capsys.readouterr().out)["files"] == report["files"]


@pytest.mark.parametrize("has_git", [True, False], ids=["in a repository", "without one"])
@pytest.mark.parametrize(
    ("name", "is_judged"),
    [
        pytest.param("src/a.py", True, id="a source file"),
        pytest.param("src/none/such/a.py", True, id="one that is not there yet"),
        pytest.param("src/old/a.py", False, id="an excluded one"),
        pytest.param("docs/a.py", False, id="one outside of the paths"),
        pytest.param("src/a.pyi", False, id="no source file"),
        pytest.param("src/ignored/kept.py", False, id="one in a folder that git ignores"),
        pytest.param("src/local_a.py", False, id="one that git ignores"),
        pytest.param("src/local_kept.py", True, id="one that git does not ignore after all"),
        pytest.param("src/venv/a.py", False, id="one of a virtual environment"),
    ],
)
def test_what_is_left_out_can_be_passed_over(
    pipe: Pipe, project: Path, name: str, is_judged: bool, has_git: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if has_git:
        Repository(project)
    (project / ".gitignore").write_text("ignored/\nlocal_*.py\n")
    (project / "src" / ".gitignore").write_text("!local_kept.py\n!kept.py\n")
    (project / "src" / "venv").mkdir()
    (project / "src" / "venv" / "pyvenv.cfg").touch()
    args = ["check", "-", "--stdin-filename", name, "--force-exclude"]
    assert pipe(FAILING, *args) == int(is_judged)
    line = f"warning: 0 of 1 file, limited to `{name}`: nothing was checked;"
    assert (line in capsys.readouterr().out) == (not is_judged)
    # A walk that finds the file says the same.
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text(FAILING)
    assert main(["check"]) == int(is_judged)


def test_what_is_not_left_out_is_in_the_report(pipe: Pipe, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("src/a.py", "src/old/a.py"):
        pipe(FAILING, "check", "-", "--stdin-filename", name, "--force-exclude", "--format", "json")
        is_judged = name == "src/a.py"
        assert len(json.loads(capsys.readouterr().out)["files"]) == is_judged


def read_report(capsys: pytest.CaptureFixture[str]) -> Any:
    report = json.loads(capsys.readouterr().out)
    del report["run"]
    return report


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(FAILING, id="a violation"),
        pytest.param(PASSING, id="none"),
        pytest.param("def f(:\n", id="a syntax error"),
        pytest.param(b"# coding: latin-1\nx = '\xe9'\r\n", id="another encoding"),
        pytest.param("x = 1\n" * 200, id="too much"),
    ],
)
def test_standard_input_is_judged_as_a_file_of_that_name(
    pipe: Pipe, project: Path, source: str | bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    data = source.encode() if isinstance(source, str) else source
    (project / "src" / "a.py").write_bytes(data)
    code = main(["check", "src/a.py", "--format", "json"])
    report = read_report(capsys)
    (project / "src" / "a.py").write_bytes(b"something else\n")
    assert pipe(data, "check", "-", "--stdin-filename", "src/a.py", "--format", "json") == code
    assert read_report(capsys) == report


def test_the_store_is_asked_and_keeps_nothing(
    pipe: Pipe, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        pipe(PASSING, "check", "-", "--debug")
        assert "store: 0 hits, 1 miss, in " in capsys.readouterr().out
    (project / "src" / "a.py").write_text(PASSING)
    main(["check"])
    pipe(PASSING, "check", "-", "--debug")
    assert "store: 1 hit, 0 misses, in " in capsys.readouterr().out
    main(["check", "--format", "json"])
    assert json.loads(capsys.readouterr().out)["run"]["hits"] == 1


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(["-", "src"], "`-` (standard input) can't be used with files", id="- and a folder"),
        pytest.param(
            ["-", "--staged"],
            "`-` (standard input) can't be used with --staged, --diff or --shard",
            id="- and what is staged",
        ),
        pytest.param(
            ["-", "--diff", "main"],
            "`-` (standard input) can't be used with --staged, --diff or --shard",
            id="- and a branch",
        ),
        pytest.param(
            ["--stdin-filename", "a.py"],
            "--stdin-filename needs `-` (standard input); add `-`",
            id="a name without -",
        ),
        pytest.param(
            ["src", "--force-exclude"],
            "--force-exclude needs `-` (standard input); files named on the command line are never excluded",
            id="exclusions without -",
        ),
        pytest.param(
            ["-", "--force-exclude"],
            "--force-exclude needs a file name; add --stdin-filename PATH",
            id="exclusions without a name",
        ),
        pytest.param(
            ["-", "--stdin-filename", "src"],
            "--stdin-filename src: is a folder; name a file",
            id="a folder's name",
        ),
    ],
)
def test_an_error_is_reported_in_a_line(
    pipe: Pipe, args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pipe("", "check", *args) == 2
    assert capsys.readouterr().err == f"error: {message}\n"


def test_a_closed_standard_input_is_reported(
    project: Path, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert program("measure", "-", code=2).err == "error: standard input is closed\n"


def test_what_to_explain_is_not_proposed_where_it_has_no_name(
    pipe: Pipe, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pipe(FAILING, "check", "-") == 1
    assert "next: " not in capsys.readouterr().out
