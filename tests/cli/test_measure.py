"""``pytest-antipasta measure``: numbers only."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.plugin.conftest import FAILING, PASSING, SETTINGS
from tests.report.shape import check_measurements

NESTED = "class A:\n    def f(self):\n        def g(): pass\n        return g\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with two files."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "a.py").write_text(FAILING)
    (tmp_path / "b.py").write_text(NESTED)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_json_has_the_documented_shape(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "c.py").write_text("def f(:\n")
    assert main(["measure", "--format", "json"]) == 3
    report = json.loads(capsys.readouterr().out)
    check_measurements(report)
    assert [file["path"] for file in report["files"]] == ["a.py", "b.py", "c.py"]
    assert [file["status"] for file in report["files"]] == ["measured", "measured", "error"]


def test_nothing_is_judged(project: Path) -> None:
    assert main(["measure"]) == 0


def test_csv_has_a_row_a_block(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["measure", "--format", "csv"])
    header, *rows = csv.reader(io.StringIO(capsys.readouterr().out))
    assert header[:7] == [
        "path",
        "qualified_name",
        "kind",
        "line",
        "end_line",
        "cyclomatic_complexity",
        "cognitive_complexity",
    ]
    assert [row[:7] for row in rows] == [
        ["a.py", "decide", "function", "1", "5", "3", "3"],
        ["b.py", "A", "class", "1", "4", "2", ""],
        ["b.py", "A.f", "method", "2", "4", "1", "0"],
        ["b.py", "A.f.g", "closure", "3", "3", "1", ""],
    ]


def test_the_table_has_a_line_a_block(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "c.py").write_text("def f(:\n")
    (project / "d.py").write_text("s = 'a\x0cb'\n")
    main(["measure"])
    assert capsys.readouterr().out.splitlines() == [
        "a.py: maintainability index 100, 5 lines",
        "  cyclomatic   3  cognitive   3  1: function decide",
        "b.py: maintainability index 100, 4 lines",
        "  cyclomatic   2  cognitive   -  1: class A",
        "  cyclomatic   1  cognitive   0  2: method A.f",
        "  cyclomatic   1  cognitive   -  3: closure A.f.g",
        "c.py:1: not measured (syntax): invalid syntax",
        "d.py: no maintainability index, lines not counted",
    ]


@pytest.mark.parametrize(
    ("source", "code", "status"), [(PASSING, 0, "measured"), ("def f(:\n", 3, "error"), ("", 0, "measured")]
)
def test_standard_input_is_measured(
    project: Path,
    source: str,
    code: int,
    status: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(source.encode())))
    assert main(["measure", "-", "--format", "json"]) == code
    report = json.loads(capsys.readouterr().out)
    check_measurements(report)
    assert [(file["path"], file["status"]) for file in report["files"]] == [("-", status)]


def test_standard_input_is_read_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", "-", "a.py"]) == 2
    message = "error: `-` stands for standard input and can't be mixed with files\n"
    assert capsys.readouterr().err == message


def test_paths_narrow(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["measure", "b.py", "--format", "json"])
    assert [file["path"] for file in json.loads(capsys.readouterr().out)["files"]] == ["b.py"]
    assert main(["measure", "gone.py"]) == 2


def test_numbers_are_the_same_from_the_store(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = []
    for args in ([], [], ["--no-cache"], ["--jobs", "2"]):
        main(["measure", "--format", "json", *args])
        outputs.append(capsys.readouterr().out)
    assert len(set(outputs)) == 1
