"""Limits whose level is ``warning``, on the command line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.cli import main
from tests.conftest import Program

SETTINGS = """\
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = {}
cognitive_complexity = false
maintainability_index = false
halstead_volume = {{ limit = 1, level = "{}" }}
halstead_difficulty = false
halstead_effort = false
"""
# Three branches, and a volume of some bits.
SOURCE = "def decide(a, b):\n    if a:\n        return b\n    return a + b if b else a\n"
WARNED = '{ limit = 2, level = "warning" }'


@pytest.fixture
def project(made_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file that is over two limits, both of which are warnings; the current one."""
    (tmp_path / "a.py").write_text(SOURCE)
    configure(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(project: Path, cyclomatic: str = WARNED, volume: str = "warning") -> None:
    (project / "pyproject.toml").write_text(SETTINGS.format(cyclomatic, volume))


def read(program: Program, *args: str, code: int = 0) -> str:
    return program("check", *args, code=code).out


def read_json(program: Program, *args: str, code: int = 0) -> Any:
    return json.loads(read(program, "--format", "json", *args, code=code))


def metrics(numbers: list[dict[str, Any]]) -> list[str]:
    return [one["metric"] for one in numbers]


def test_warnings_are_listed_and_fail_nothing(project: Path, program: Program) -> None:
    for _ in ("cold", "warm"):
        lines = read(program).splitlines()
        assert lines[0] == "warning: a.py:1: decide  cyclomatic 3/2"
        assert re.fullmatch(r"warning: a\.py +halstead volume 4\.75/1", lines[1])
        assert lines[2] == "no violations in 1 file, 2 warnings in 1 file"
        assert lines[3].startswith("checked 1 file, ")


def test_concise_has_a_line_for_each(project: Path, program: Program) -> None:
    first, second, last = read(program, "--format", "concise").splitlines()
    assert first == "a.py:1: warning: cyclomatic_complexity 3/2 decide"
    assert second.startswith("a.py:1: warning: halstead_volume ")
    assert last == "no violations in 1 file, 2 warnings in 1 file"
    assert read(program, "--format", "concise", "--quiet") == ""


def test_json_has_them_in_a_list_of_their_own(project: Path, program: Program) -> None:
    configure(project, cyclomatic="2")
    report = read_json(program, code=1)
    (file,) = report["files"]
    assert (metrics(file["violations"]), metrics(file["warnings"])) == (
        ["cyclomatic_complexity"],
        ["halstead_volume"],
    )
    assert (report["summary"]["violations"], report["summary"]["warnings"]) == (1, 1)
    assert report["run"]["limits"]["halstead_volume"]["level"] == "warning"


def test_all_fail_where_that_is_asked_for(project: Path, program: Program) -> None:
    report = read_json(program, "--warnings-fail", code=1)
    (file,) = report["files"]
    assert metrics(file["violations"]) == ["halstead_volume", "cyclomatic_complexity"]
    assert file["warnings"] == []
    configure(project, cyclomatic="2", volume="error")
    errors = read_json(program, code=1)
    assert errors["files"] == report["files"]


@pytest.mark.parametrize(
    ("content", "code", "with_zero"),
    [
        pytest.param(SOURCE, 1, 0, id="a violation is no reason to fail"),
        pytest.param("def f(:\n", 3, 3, id="a file without numbers is no verdict"),
    ],
)
def test_nothing_fails_for_a_verdict_where_that_is_asked_for(
    project: Path, program: Program, content: str, code: int, with_zero: int
) -> None:
    configure(project, cyclomatic="2")
    (project / "a.py").write_text(content)
    shown = read(program, code=code).splitlines()
    assert read(program, "--exit-zero", code=with_zero).splitlines()[:-1] == shown[:-1]


def test_a_comment_takes_a_warning_away(project: Path, program: Program) -> None:
    comment = "# antipasta: ignore[cyclomatic_complexity<=3] as it is\n"
    (project / "a.py").write_text(comment + SOURCE)
    (file,) = read_json(program)["files"]
    assert metrics(file["warnings"]) == ["halstead_volume"]
    assert file["tolerated"] == []
    assert [one["state"] for one in file["suppressions"]] == ["used"]
    # As an error the same number would have failed without it.
    (file,) = read_json(program, "--warnings-fail", code=1)["files"]
    assert metrics(file["tolerated"]) == ["cyclomatic_complexity"]
    (file,) = read_json(program, "--no-ignore")["files"]
    assert metrics(file["warnings"]) == ["halstead_volume", "cyclomatic_complexity"]


def test_a_ceiling_that_is_exceeded_is_a_warning(project: Path, program: Program) -> None:
    comment = "# antipasta: ignore[cyclomatic_complexity<=3] as it is\n"
    (project / "a.py").write_text(
        comment + SOURCE.replace("    return a +", "    if b: a = 1\n    return a +")
    )
    (file,) = read_json(program)["files"]
    assert "cyclomatic_complexity" in metrics(file["warnings"])
    assert [one["state"] for one in file["suppressions"]] == ["exceeded"]


def test_a_baseline_does_not_record_warnings(project: Path, program: Program) -> None:
    configure(project, cyclomatic="2")
    assert main(["baseline", "write"]) == 0
    entries = json.loads((project / "antipasta-baseline.json").read_text())["entries"]
    assert metrics([one for one in entries if one]) == ["cyclomatic_complexity"]
    (file,) = read_json(program)["files"]
    assert (metrics(file["tolerated"]), metrics(file["warnings"])) == (
        ["cyclomatic_complexity"],
        ["halstead_volume"],
    )


def test_a_limit_for_once_is_an_error(project: Path, program: Program) -> None:
    (file,) = read_json(program, "--limit", "halstead_volume=1", code=1)["files"]
    assert (metrics(file["violations"]), metrics(file["warnings"])) == (
        ["halstead_volume"],
        ["cyclomatic_complexity"],
    )
    (file,) = read_json(program, "--metric", "halstead_volume")["files"]
    assert metrics(file["warnings"]) == ["halstead_volume"]


def test_without_settings_functions_fail_and_files_are_warned_of(project: Path, program: Program) -> None:
    (project / "pyproject.toml").unlink()
    (project / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    flat = "".join(f"def f{number}(a, b):\n    return a * {number} + b\n" for number in range(60))
    (project / "a.py").write_text(flat)
    (file,) = read_json(program)["files"]
    assert file["violations"] == []
    assert "halstead_volume" in metrics(file["warnings"])
    number = len(file["warnings"])
    quiet = f"{number} warnings about 1 file (maintainability, Halstead): `--all` lists them"
    assert read(program).splitlines()[:2] == [quiet, "no violations in 1 file"]
    assert read(program, "--format", "concise") == "no violations in 1 file\n"
    assert read(program, "--all").startswith("warning: a.py  maintainability index ")
    concise = read(program, "--format", "concise", "--all").splitlines()
    assert sum(line.startswith("a.py:1: warning: ") for line in concise) == number
    assert read(program, "--quiet") == ""
    (project / ".antipasta.yaml").write_text("")
    (file,) = read_json(program, code=1)["files"]
    assert "halstead_volume" in metrics(file["violations"])
    assert file["warnings"] == []


FORMATS: dict[str, Callable[[str], bool]] = {
    "github": lambda text: text.startswith("::warning title=") and "::error" not in text,
    "gitlab": lambda text: [one["severity"] for one in json.loads(text)] == ["info", "info"],
    "junit": lambda text: 'failures="0"' in text and "warning: a.py:1: decide: cyclomatic" in text,
    "junit-blocks": lambda text: 'failures="0"' in text and "warning: a.py:1: decide: cyclomatic" in text,
    "markdown": lambda text: (
        "passed" in text and "<summary>1 function and 1 file with warnings</summary>" in text
    ),
    "csv": lambda text: [one["status"] for one in csv.DictReader(io.StringIO(text))] == ["warning"] * 2,
    "sarif": lambda text: json.loads(text)["runs"][0]["results"] == [],
    "sarif-all": lambda text: (
        [one["level"] for one in json.loads(text)["runs"][0]["results"]] == ["warning"] * 2
    ),
    "prometheus": lambda text: 'antipasta_warnings{root="' in text and "} 2\n" in text,
    "html": lambda text: '"warnings":[{"metric":"halstead_volume"' in text.replace(" ", ""),
}


def test_every_format_has_them_and_fails_for_none(project: Path, program: Program) -> None:
    read(program, *(f"--report={form}=report.{form}" for form in FORMATS))
    for form, has_them in FORMATS.items():
        assert has_them((project / f"report.{form}").read_text()), form


def test_explain_and_settings_say_which_level_holds(project: Path, program: Program) -> None:
    shown = program("explain", "a.py::decide").out
    assert "cyclomatic_complexity 3, must be <= 2 (settings, pyproject.toml:2): warning, over by 1\n" in shown
    assert "<= 1, a warning  (settings, pyproject.toml:5)" in program("config", "show", "a.py").out


def test_a_terminal_gets_the_worst(project: Path, program: Program) -> None:
    for number in range(12):
        (project / f"b{number:02}.py").write_text(SOURCE)
    lines = read(program, "--top", "3").splitlines()
    assert sum(line.startswith("warning: ") for line in lines) == 3
    assert "and 23 more warnings" in lines
    assert sum(line.startswith("warning: ") for line in read(program).splitlines()) == 26
