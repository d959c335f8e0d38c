"""``-``: source from standard input, for editors."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from _pytest.capture import CaptureResult

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
Pipe: TypeAlias = Callable[..., CaptureResult[str]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with limits of their own for some files; the current one."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "src" / "old").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def pipe(project: Path, monkeypatch: pytest.MonkeyPatch, program: Program) -> Pipe:
    """Runs a command with something on its standard input."""

    def run(source: str | bytes, *args: str, code: int = 0) -> CaptureResult[str]:
        data = source.encode() if isinstance(source, str) else source
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return program(*args, code=code)

    return run


@pytest.mark.parametrize(
    ("source", "code", "status"),
    [(PASSING, 0, "measured"), ("def f(:\n", 3, "error"), ("", 0, "measured"), (b"\xff", 3, "error")],
)
def test_standard_input_is_measured(pipe: Pipe, source: str | bytes, code: int, status: str) -> None:
    report = json.loads(pipe(source, "measure", "-", "--format", "json", code=code).out)
    check_measurements(report)
    assert [(file["path"], file["status"]) for file in report["files"]] == [("-", status)]


def test_standard_input_is_judged(pipe: Pipe) -> None:
    lines = pipe(FAILING, "check", "-", code=1).out.splitlines()
    assert lines[:3] == [
        "-",
        "    1:1  decide  cyclomatic 3/2",
        "1 function is over a limit, in 1 file",
    ]
    assert pipe(PASSING, "check", "-", "--quiet").out == ""


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
def test_a_name_brings_its_limits(pipe: Pipe, project: Path, name: str, code: int) -> None:
    report = json.loads(
        pipe(FAILING, "check", "-", "--stdin-filename", name, "--format", "json", code=code).out
    )
    check_verdicts(report)
    assert [file["path"] for file in report["files"]] == [name]
    absolute = str(project / name)
    said = pipe(FAILING, "check", "-", "--stdin-filename", absolute, "--format", "json", code=code)
    assert json.loads(said.out)["files"] == report["files"]


@pytest.mark.parametrize(
    ("name", "is_judged"),
    [
        pytest.param("src/a.py", True, id="a source file"),
        pytest.param("src/none/such/a.py", True, id="one that is not there yet"),
        pytest.param("src/old/a.py", False, id="an excluded one"),
        pytest.param("docs/a.py", False, id="one outside of the paths"),
        pytest.param("src/local_a.py", False, id="one that git ignores"),
        pytest.param("src/local_kept.py", True, id="one that git does not ignore after all"),
        pytest.param("ignored/a.py", True, id="one in a folder that is named, and ignored by git"),
    ],
)
def test_what_is_left_out_can_be_passed_over(pipe: Pipe, project: Path, name: str, is_judged: bool) -> None:
    Repository(project)
    (project / ".gitignore").write_text("ignored/\nlocal_*.py\n")
    (project / "src" / ".gitignore").write_text("!local_kept.py\n!kept.py\n")
    (project / "src" / "venv").mkdir()
    (project / "src" / "venv" / "pyvenv.cfg").touch()
    (project / "ignored").mkdir()
    (project / "pyproject.toml").write_text(SETTINGS.replace('"src"', '"src", "ignored"', 1))
    said = pipe(FAILING, "check", "-", "--stdin-filename", name, "--force-exclude", code=int(is_judged))
    line = f"warning: 0 of 1 file, limited to `{name}`: nothing was checked;"
    assert (line in said.out) == (not is_judged)
    # A walk that finds the file says the same.
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text(FAILING)
    assert main(["check"]) == int(is_judged)


def read_report(said: CaptureResult[str]) -> Any:
    report = json.loads(said.out)
    del report["run"]
    return report


@pytest.mark.parametrize(
    ("source", "code"),
    [
        pytest.param(FAILING, 1, id="a violation"),
        pytest.param(PASSING, 0, id="none"),
        pytest.param("def f(:\n", 3, id="a syntax error"),
        pytest.param(b"# coding: latin-1\nx = '\xe9'\r\n", 0, id="another encoding"),
        pytest.param("x = 1\n" * 200, 3, id="too much"),
    ],
)
def test_standard_input_is_judged_as_a_file_of_that_name(
    pipe: Pipe, project: Path, program: Program, source: str | bytes, code: int
) -> None:
    data = source.encode() if isinstance(source, str) else source
    (project / "src" / "a.py").write_bytes(data)
    report = read_report(program("check", "src/a.py", "--format", "json", code=code))
    (project / "src" / "a.py").write_bytes(b"something else\n")
    said = pipe(data, "check", "-", "--stdin-filename", "src/a.py", "--format", "json", code=code)
    assert read_report(said) == report


def test_the_store_is_asked_and_keeps_nothing(pipe: Pipe, project: Path, program: Program) -> None:
    for _ in range(2):
        assert "store: 0 hits, 1 miss, in " in pipe(PASSING, "check", "-", "--debug").out
    (project / "src" / "a.py").write_text(PASSING, newline="\n")
    program("check")
    assert "store: 1 hit, 0 misses, in " in pipe(PASSING, "check", "-", "--debug").out
    assert json.loads(program("check", "--format", "json").out)["run"]["hits"] == 1


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
def test_an_error_is_reported_in_a_line(pipe: Pipe, args: list[str], message: str) -> None:
    assert pipe("", "check", *args, code=2).err == f"error: {message}\n"


def test_a_closed_standard_input_is_reported(
    project: Path, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert program("measure", "-", code=2).err == "error: standard input is closed\n"


def test_what_to_explain_is_not_proposed_where_it_has_no_name(pipe: Pipe) -> None:
    assert "next: " not in pipe(FAILING, "check", "-", code=1).out
