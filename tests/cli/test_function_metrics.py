"""The metrics of functions alone: shown where they have limits, and in what programs read."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.extension.metrics import look_up_metric
from pytest_antipasta.model.measured import FUNCTION_METRICS
from tests.conftest import Program
from tests.report.conftest import FORMATS
from tests.report.reading import read_page

SOURCE = """\
class Cart:
    def total(self, prices, discount):
        if discount and prices and not self:
            for price in prices:
                return price
        return 0
"""
NUMBERS = {
    "parameters": 2,
    "positional_parameters": 2,
    "branches": 2,
    "returns": 2,
    "statements": 1,
    "mccabe_complexity": 3,
    "boolean_expressions": 3,
    "nesting_depth": 2,
    "length": 5,
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one file; the current one."""
    (tmp_path / "cart.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def limit(path: Path, **limits: int) -> None:
    """Write settings with limits."""
    lines = "".join(f"{metric} = {number}\n" for metric, number in limits.items())
    (path / "pyproject.toml").write_text(f"[tool.pytest-antipasta.thresholds]\n{lines}")


def check(program: Program, *args: str, code: int) -> str:
    """Return what `check` prints."""
    return program("check", "--quiet", *args, code=code).out


def test_none_is_left_out() -> None:
    assert [*NUMBERS] == [*FUNCTION_METRICS], "NUMBERS has what SOURCE has of each, in this order"


def test_each_can_have_a_limit(project: Path, program: Program) -> None:
    limit(project, **NUMBERS)
    assert check(program, code=0) == ""
    limit(project, **{metric: number - 1 for metric, number in NUMBERS.items()})
    said, explained = check(program, code=1), program("explain", "cart.py::Cart.total").out
    for metric, number in NUMBERS.items():
        assert f"  {look_up_metric(metric).label} {number}/{number - 1}" in said
        assert f"{metric} {number}, must be <= {number - 1} (settings, pyproject.toml:" in explained
    raised = [f"--limit={metric}={number}" for metric, number in NUMBERS.items()]
    assert check(program, *raised, code=0) == ""
    comment = ", ".join(f"{metric}<={number}" for metric, number in NUMBERS.items())
    (project / "cart.py").write_text(
        SOURCE.replace("discount):", f"discount):  # antipasta: ignore[{comment}]")
    )
    assert check(program, code=0) == ""
    (project / "cart.py").write_text(SOURCE)
    program("baseline", "write")
    assert check(program, code=0) == ""


def test_all_reports_have_one_with_a_limit(project: Path, program: Program) -> None:
    limit(project, branches=1)
    outputs = {form: project / f"report.{form}" for form in FORMATS}
    check(program, *(f"--report={form}={path}" for form, path in outputs.items()), code=1)
    for form, path in outputs.items():
        assert "branches" in path.read_text(encoding="utf-8"), form
    assert "branches" in read_page(outputs["html"].read_bytes())["block_metrics"]


def test_reports_for_people_have_none_without_a_limit(project: Path, program: Program) -> None:
    limit(project, cyclomatic_complexity=1)
    outputs = {form: project / f"report.{form}" for form in ("html", "markdown", "junit", "gitlab", "github")}
    text = check(program, *(f"--report={form}={path}" for form, path in outputs.items()), code=1)
    page = read_page(outputs.pop("html").read_bytes())
    assert not {*FUNCTION_METRICS} & {*page["block_metrics"], *page["metrics"]}
    assert text == "cart.py\n    2:1  Cart.total  cyclomatic 5/1\n"
    for shown in (path.read_text(encoding="utf-8") for path in outputs.values()):
        assert not [metric for metric in FUNCTION_METRICS if metric in shown and metric != "length"]


def test_programs_have_all_of_them(program: Program) -> None:
    (file,) = json.loads(program("measure", "--format", "json").out)["files"]
    outer, method = file["blocks"]
    assert [*method][-len(NUMBERS) - 1 :] == [*NUMBERS, "headroom"]
    assert {metric: method[metric] for metric in NUMBERS} == NUMBERS
    assert {outer[metric] for metric in NUMBERS} == {None}
    header, _, _, row = csv.reader(program("measure", "--format", "csv").out.splitlines())
    assert header[-len(NUMBERS) :] == [*NUMBERS]
    assert row[-len(NUMBERS) :] == [str(number) for number in NUMBERS.values()]
    assert "cart.py:2: method Cart.total  2" in program("measure", "--sort", "branches").out


def test_a_limit_measures_nothing_anew(project: Path, program: Program) -> None:
    cache = ["--cache-dir", str(project / "cache")]
    main(["check", *cache])
    limit(project, **{metric: number - 1 for metric, number in NUMBERS.items()})
    output = program("check", "--debug", *cache, code=1).out
    assert "1 function is over a limit, in 1 file" in output
    assert "store: 1 hit, 0 misses" in output


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        pytest.param("# noqa: PLR0913, PLR0912", {"returns"}, id="ruff's, by codes"),
        pytest.param("# noqa", set(), id="ruff's, for all"),
        pytest.param("# pylint: disable=too-many-branches,R0911", {"parameters"}, id="pylint's"),
        pytest.param("# noqa: C901", {"parameters", "branches", "returns"}, id="about another rule"),
    ],
)
def test_comments_of_other_tools_count(comment: str, left: set[str], project: Path, program: Program) -> None:
    limit(project, parameters=1, branches=1, returns=1)
    with (project / "pyproject.toml").open("a") as file:
        file.write('[tool.pytest-antipasta]\nforeign_suppressions = ["noqa", "pylint"]\n')
    (project / "cart.py").write_text(SOURCE.replace("discount):", f"discount):  {comment}"))
    output = check(program, code=1 if left else 0)
    assert {metric for metric in FUNCTION_METRICS if f"  {metric} {NUMBERS[metric]}/1" in output} == left
