"""``check --near``, and how far the numbers of reports are from their limits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from tests.conftest import Program

SETTINGS = """\
[tool.pytest-antipasta]
hints = false
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 5
halstead_volume = false
"""


def function(name: str, complexity: int) -> str:
    body = "".join(f"    if a == {number}: return {number}\n" for number in range(complexity - 1))
    return f"def {name}(a):\n{body}    return a\n"


SOURCE = function("far", 2) + function("near", 4) + function("at", 5) + function("over", 6)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a function on each side of a limit; the current one."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "a.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(program: Program, *args: str, code: int = 1) -> list[str]:
    return program(*args, code=code).out.splitlines()


def test_functions_close_to_a_limit_are_listed(folder: Path, program: Program) -> None:
    for _ in ("cold", "warm"):
        lines = run(program, "check", "--near", "0.8")
        assert lines[1:6] == [
            "   15:1  over  cyclomatic 6/5",
            "2 functions within the limits that reached 80 % of one",
            "a.py",
            "    9:1  at    cyclomatic 5/5",
            "    4:1  near  cyclomatic 4/5",
        ]
    assert not any("reached" in line for line in run(program, "check"))


def test_a_function_over_another_limit_is_not_within_the_limits(folder: Path, program: Program) -> None:
    (folder / "pyproject.toml").write_text(f"{SETTINGS}cognitive_complexity = 3\n")
    lines = run(program, "check", "--near", "0.9")
    assert lines[1:6] == [
        "    9:1  at                    cognitive 4/3",
        "   15:1  over  cyclomatic 6/5  cognitive 5/3",
        "1 function within the limits that reached 90 % of one",
        "a.py",
        "    4:1  near  cognitive 3/3",
    ]


def test_none_is_close(folder: Path, program: Program) -> None:
    (folder / "a.py").write_text(function("far", 2))
    none = "no function within the limits has reached 90 % of one"
    assert run(program, "check", "--near", "0.9", code=0)[0] == none


def test_the_nearest_come_first(folder: Path, program: Program) -> None:
    lines = run(program, "check", "--near", "0.4", "--top", "1")
    start = lines.index("the nearest 1 of 3 functions within the limits that reached 40 % of one")
    assert lines[start + 2] == "    9:1  at  cyclomatic 5/5"
    assert not any("near  cyclomatic" in line for line in lines)


def test_concise_has_lines_for_editors(folder: Path, program: Program) -> None:
    lines = run(program, "check", "--near", "0.8", "--format", "concise")
    assert "a.py:9: near: cyclomatic_complexity 5/5 at" in lines


@pytest.mark.parametrize("ratio", ["0", "1.1", "-1", "x", "nan"])
def test_a_wrong_ratio_is_refused(ratio: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", f"--near={ratio}"])
    assert "expected a number above 0 and up to 1" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["json", "agent"])
def test_other_formats_list_no_functions_near_a_limit(form: str, folder: Path, program: Program) -> None:
    said = program("check", "--near", "0.8", "--format", form, code=2)
    assert "--near needs --format text or concise; json has the headroom of all numbers" in said.err


def read(program: Program, *args: str) -> Any:
    return json.loads(program(*args, code=None).out)


def test_reports_and_numbers_have_the_same_headroom(folder: Path, program: Program) -> None:
    (file,) = read(program, "check", "--format", "json")["files"]
    (measured,) = read(program, "measure", "--format", "json")["files"]
    assert {block["name"]: block["headroom"]["cyclomatic_complexity"] for block in file["blocks"]} == {
        "far": 3,
        "near": 1,
        "at": 0,
        "over": -1,
    }
    assert measured["headroom"] == file["headroom"]
    assert [one["headroom"] for one in measured["blocks"]] == [one["headroom"] for one in file["blocks"]]
    assert "halstead_volume" not in file["headroom"]
    index = file["metrics"]["maintainability_index"]
    assert file["headroom"]["maintainability_index"] == round(index - 50, 4)


def test_limits_of_paths_count(folder: Path, program: Program) -> None:
    override = '[[tool.pytest-antipasta.overrides]]\nfiles = ["b.py"]\nthresholds.cyclomatic_complexity = 9\n'
    with (folder / "pyproject.toml").open("a") as file:
        file.write(override)
    (folder / "b.py").write_text(function("f", 6))
    for command in ("check", "measure"):
        _, other = read(program, command, "--format", "json")["files"]
        assert other["blocks"][0]["headroom"]["cyclomatic_complexity"] == 3
    lines = run(program, "check", "--near", "0.6")
    assert "    1:1  f     cyclomatic 6/9" in lines
