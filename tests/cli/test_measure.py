"""``pytest-antipasta measure``: numbers only."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.measured import FUNCTION_METRICS
from pytest_antipasta.report.measure import iter_spreads
from tests.conftest import Program
from tests.metrics.notebook.making import make_notebook
from tests.plugin.conftest import FAILING, SETTINGS
from tests.report.shape import check_measurements
from tests.windows import can_be_on_disk

NESTED = "class A:\n    def f(self):\n        def g(): pass\n        return g\n"


@pytest.fixture
def project(made_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with two files."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "a.py").write_text(FAILING)
    (tmp_path / "b.py").write_text(NESTED)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_json_has_the_documented_shape(project: Path, program: Program) -> None:
    (project / "c.py").write_text("def f(:\n")
    report = json.loads(program("measure", "--format", "json", code=3).out)
    check_measurements(report)
    assert [file["path"] for file in report["files"]] == ["a.py", "b.py", "c.py"]
    assert [file["status"] for file in report["files"]] == ["measured", "measured", "error"]


def read_csv(program: Program, *args: str, code: int = 0) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(program("measure", "--format", "csv", *args, code=code).out)))


def test_csv_has_a_row_a_block(project: Path, program: Program) -> None:
    header, *rows = csv.reader(io.StringIO(program("measure", "--format", "csv").out))
    assert header[:10] == [
        "path",
        "qualified_name",
        "kind",
        "line",
        "end_line",
        "cyclomatic_complexity",
        "cognitive_complexity",
        "halstead_volume",
        "halstead_difficulty",
        "halstead_effort",
    ]
    assert [row[:7] for row in rows if row[2] != "file"] == [
        ["a.py", "decide", "function", "1", "5", "3", "3"],
        ["b.py", "A", "class", "1", "4", "2", ""],
        ["b.py", "A.f", "method", "2", "4", "1", "0"],
        ["b.py", "A.f.g", "closure", "3", "3", "1", ""],
    ]
    # What a file has besides is not for blocks, but every row is as long as the header.
    assert {len(row) for row in rows} == {len(header)}
    last = header.index("cell")
    assert header[last + 1 :] == [*FUNCTION_METRICS]
    assert {cell for row in rows if row[2] != "file" for cell in row[10:last]} == {""}
    assert {cell for row in rows if row[2] in ("file", "class") for cell in row[last:]} == {""}


def test_csv_has_a_row_a_file(project: Path, capsys: pytest.CaptureFixture[str], program: Program) -> None:
    (project / "a.py").write_text("def f(x):\n    return x + 1\n")
    (project / "c.py").write_text("x = (\n")
    files = [row for row in read_csv(program, code=3) if row["kind"] == "file"]
    assert [(row["path"], row["qualified_name"], row["cyclomatic_complexity"]) for row in files] == [
        ("a.py", "", ""),
        ("b.py", "", ""),
        ("c.py", "", ""),
    ]
    main(["measure", "--format", "json"])
    for row, file in zip(files, json.loads(capsys.readouterr().out)["files"], strict=True):
        numbers = {name: "" if value is None else str(value) for name, value in file["metrics"].items()}
        assert {name: row[name] for name in numbers} == numbers
    assert [(row["line"], row["error_kind"], row["error_message"]) for row in files] == [
        ("", "", ""),
        ("", "", ""),
        ("1", "syntax", "'(' was never closed"),
    ]


def test_the_table_has_a_line_a_block(project: Path, program: Program) -> None:
    (project / "c.py").write_text("def f(:\n")
    (project / "d.ipynb").write_text(make_notebook("x <- 1\n", language="R"))
    assert program("measure", ".", "d.ipynb", code=3).out.splitlines() == [
        "a.py: maintainability index 100, 5 lines",
        "  1:1  function decide  cyclomatic   3  cognitive   3",
        "b.py: maintainability index 100, 4 lines",
        "  1:1  class A        cyclomatic   2  cognitive   -",
        "  2:1  method A.f     cyclomatic   1  cognitive   0",
        "  3:1  closure A.f.g  cyclomatic   1  cognitive   -",
        "c.py:1: not measured (syntax): invalid syntax",
        "    still measured (partial): lines_of_code 1",
        "d.ipynb: no maintainability index, lines not counted",
        "                                  median  90th percentile  worst",
        "cyclomatic of 3 functions              1                3      3  a.py:1 decide",
        "cognitive of 2 functions               0                3      3  a.py:1 decide",
        "maintainability index of 2 files     100       100 (10th)    100  a.py",
        "halstead volume of 2 files             0                0      0  a.py",
        "halstead difficulty of 2 files         0                0      0  a.py",
        "halstead effort of 2 files             0                0      0  a.py",
    ]


@pytest.mark.parametrize(
    ("args", "lines"),
    [
        pytest.param(
            ["--top", "2"],
            [
                "cyclomatic_complexity",
                "a.py:1: function decide  3",
                "b.py:2: method A.f       1",
            ],
            id="the worst functions",
        ),
        pytest.param(
            ["--sort", "cognitive_complexity"],
            [
                "cognitive_complexity",
                "a.py:1: function decide  3",
                "b.py:2: method A.f       0",
            ],
            id="all that have a number, by it",
        ),
        pytest.param(
            ["--sort", "maintainability_index", "--top", "1"],
            ["maintainability_index", "d.py  89.7"],
            id="the worst file, where more is better",
        ),
        pytest.param(
            ["--sort", "path", "--top", "1"],
            [
                "a.py: maintainability index 100, 5 lines",
                "  1:1  function decide  cyclomatic   3  cognitive   3",
            ],
            id="the first file",
        ),
    ],
)
def test_the_worst_come_first(project: Path, args: list[str], lines: list[str], program: Program) -> None:
    (project / "d.py").write_text("x = 1 + 2 ** 3 / 4\n")
    assert program("measure", "--quiet", *args).out.splitlines() == lines


def test_what_has_no_numbers_stands_before_what_is_ranked(project: Path, program: Program) -> None:
    (project / "c.py").write_text("def f(:\n")
    lines = program("measure", "--top", "1", code=3).out.splitlines()
    assert lines[:4] == [
        "c.py:1: not measured (syntax): invalid syntax",
        "    still measured (partial): lines_of_code 1",
        "cyclomatic_complexity",
        "a.py:1: function decide  3",
    ]
    assert lines[5].startswith("cyclomatic of 3 functions ")


def test_csv_has_no_formulas(project: Path, program: Program) -> None:
    names = [*filter(can_be_on_disk, ("=1+cmd|x.py", "=x.py", "+x.py", "-x.py", "@x.py"))]
    for name in names:
        (project / name).write_text("def f(): pass\n")
    (project / "@broken.py").write_text("def f(:\n")
    rows = read_csv(program, code=3)
    assert {row["path"] for row in rows} >= {f"./{name}" for name in (*names, "@broken.py")}
    assert [row["path"] for row in rows if row["path"][0] in "=+-@"] == []


def test_csv_can_be_ranked(project: Path, program: Program) -> None:
    (project / "c.py").write_text("def f(:\n")
    by_function = read_csv(program, "--top", "2", code=3)
    assert [(row["path"], row["qualified_name"]) for row in by_function] == [
        ("c.py", ""),
        ("a.py", "decide"),
        ("b.py", "A.f"),
    ]
    first = read_csv(program, "--sort", "path", "--top", "1", code=3)
    assert [row["kind"] for row in first] == ["file", "function"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(
            ["--format", "json", "--top", "3"],
            "--top and --sort need --format table or csv; json output is always complete and unsorted",
            id="json has an order",
        ),
    ],
)
def test_an_error_is_reported_in_a_line(
    project: Path, args: list[str], message: str, program: Program
) -> None:
    assert program("measure", *args, code=2).err == f"error: {message}\n"


def test_numbers_are_the_same_from_the_store(project: Path, program: Program) -> None:
    ways: tuple[list[str], ...] = ([], [], ["--no-cache"], ["--jobs", "2"])
    assert len({program("measure", "--format", "json", *args).out for args in ways}) == 1


def test_nothing_to_measure_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], program: Program
) -> None:
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)
    hint = "found no Python files below . that git does not ignore; symlinks are not followed"
    assert program("measure").err == f"warning: 0 files: nothing was measured; {hint}\n"
    assert main(["measure", "docs", "--format", "json"]) == 0
    hint = "run `pytest-antipasta config show FILE` to see why a file is excluded"
    expected = f"warning: 0 files, limited to `docs`: nothing was measured; {hint}\n"
    assert capsys.readouterr().err == expected
    assert program("measure", "--quiet").err == ""


def test_percentiles_are_by_nearest_rank(project: Path, program: Program) -> None:
    """Of ten files, the 10th percentile is the smallest value, and the median the fifth."""
    for number in range(8):  # beside two
        (project / f"m{number}.py").write_text("x = y + z\n" * (number + 1))
    text = program("measure", ".", code=0).out
    values = sorted(float(line.split()[-3].rstrip(",")) for line in text.splitlines() if ".py: " in line)
    (row,) = (line for line in text.splitlines() if line.startswith("maintainability index of 10 files"))
    median, tenth, mark, worst = row.split()[5:9]
    assert (float(median), float(tenth), mark, float(worst)) == (values[4], values[0], "(10th)", values[0])


def test_titles_on_a_narrow_terminal_have_no_empty_line(project: Path) -> None:
    measurements = {path: measure((project / path).read_bytes()) for path in ("a.py", "b.py")}
    lines = [*iter_spreads(measurements, ["cyclomatic_complexity"], 30)]
    assert lines[0].split() == ["median", "90th", "percentile", "worst"]
    assert all(lines)
