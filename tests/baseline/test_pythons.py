"""Numbers that another Python recorded."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_antipasta.baseline.entries import Baseline, depends_on_python
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.judged import BaselineEntry, Comparison, Violation
from pytest_antipasta.model.measured import FILE_METRICS, Number
from pytest_antipasta.runtime.environment import python_minor
from tests.baseline.conftest import Root

HERE = python_minor()
INDEX, LINES, VOLUME = "maintainability_index", "logical_lines_of_code", "halstead_volume"
# An index of about 63.
SOURCE = "x = 1 + 2\n" * 20
TRUE_INDEX: Any = measure(SOURCE.encode()).metrics.maintainability_index


@pytest.mark.parametrize(
    ("metric", "recorded", "python", "value", "comparison", "expected"),
    [
        (INDEX, 40, HERE, 39.9999, ">=", "worse"),
        (INDEX, 40, HERE, 39.99999, ">=", "same"),
        (INDEX, 40, HERE, 40.0001, ">=", "better"),
        (INDEX, 40, "3.9", 38, ">=", "same"),
        (INDEX, 40, "3.9", 37.9, ">=", "worse"),
        (INDEX, 40, "3.9", 42, ">=", "same"),
        (INDEX, 40, "3.9", 42.1, ">=", "better"),
        (LINES, 100, HERE, 101, "<=", "worse"),
        (LINES, 100, "3.9", 120, "<=", "same"),
        (LINES, 100, "3.9", 121, "<=", "worse"),
        (LINES, 100, "3.9", 80, "<=", "same"),
        (LINES, 100, "3.9", 79, "<=", "better"),
        (VOLUME, 100, None, 101, "<=", "worse"),
        (VOLUME, 100.0001, None, 100.00014, "<", "same"),
        (VOLUME, 100, None, 99, "<", "better"),
        (VOLUME, 100, None, 99, "==", "better"),
        (VOLUME, 100, None, 81, "==", "better"),
        (VOLUME, 100, None, 79, "==", "worse"),
        (LINES, 100, "3.9", 119, "==", "same"),
        (LINES, 100, "3.9", 121, "==", "worse"),
    ],
)
def test_what_is_worse(
    metric: str, recorded: Number, python: str | None, value: Number, comparison: Comparison, expected: str
) -> None:
    entry = BaselineEntry(path="a.py", metric=metric, value=recorded, python=python)
    baseline = Baseline([entry])
    violation = Violation(metric, None, None, value, 90, comparison)
    found = {"worse": baseline.is_worse(violation, entry), "better": baseline.is_better(violation, entry)}
    assert found == {"worse": expected == "worse", "better": expected == "better"}


def test_which_metrics_depend_on_it() -> None:
    assert [metric for metric in FILE_METRICS if depends_on_python(metric)] == [
        INDEX, LINES, "source_lines_of_code", "single_comment_lines", "multi_line_string_lines", "blank_lines"
    ]  # fmt: skip


def record_index(root: Root, value: float, python: str) -> None:
    root.write("a.py", SOURCE)
    root.record({"path": "a.py", "metric": INDEX, "value": round(value, 4), "python": python})


def test_a_small_difference_is_neither_a_failure_nor_a_change(root: Root) -> None:
    root.configure("strict_files = true", index="99")
    root.write("a.py", SOURCE)
    root.run("baseline", "write")
    body = root.baseline.read_text().partition('"body": ')[2][:18]
    text = root.baseline.read_text().replace(f'"python": "{HERE}"', '"python": "3.9"')
    text = text.replace(str(round(TRUE_INDEX, 4)), str(round(TRUE_INDEX + 1, 4)))
    assert body in text
    root.baseline.write_text(text)
    assert root.check() == []
    for command in ("prune", "write"):
        assert root.run("baseline", command).out == [
            "antipasta-baseline.json: up to date, 1 entry for 1 file"
        ]
    assert root.baseline.read_text() == text


def test_a_large_difference_is_both(root: Root) -> None:
    root.configure("strict_files = true", index="99")
    record_index(root, TRUE_INDEX + 5, "3.9")
    _, row = root.check()
    assert row.endswith(f" (the baseline has {TRUE_INDEX + 5:.1f})")
    record_index(root, TRUE_INDEX - 5, "3.9")
    assert root.run("baseline", "prune").code == 0
    assert root.entries() == [("a.py::maintainability_index", round(TRUE_INDEX, 4))]
    assert f'"python": "{HERE}"' in root.baseline.read_text()


def test_a_number_near_its_limit_stays_for_the_python_that_recorded_it(root: Root) -> None:
    root.configure(index=str(TRUE_INDEX - 0.5))
    record_index(root, TRUE_INDEX - 1, "3.9")
    before = root.entries()
    assert not any("no longer needed" in line for line in root.run("check").out)
    for command in ("prune", "write"):
        root.run("baseline", command)
        assert root.entries() == before
    record_index(root, TRUE_INDEX - 1, HERE)
    root.run("baseline", "prune")
    assert root.entries() == []
    record_index(root, TRUE_INDEX - 1, "3.9")
    root.configure(index="false")
    assert root.run("check").out[1].startswith("baseline: 1 recorded but no longer needed; ")
    root.run("baseline", "prune")
    assert root.entries() == []


def test_in_a_generated_file_without_limits_no_number_stays(root: Root) -> None:
    root.write("pyproject.toml", "[tool.pytest-antipasta]\n")
    text = f"# Generated by x.\n{SOURCE}"
    index: Any = measure(text.encode()).metrics.maintainability_index
    record_index(root, index - 1, "3.9")
    for source, number in ((text.replace("Generated", "Written"), 1), (text, 0)):
        root.write("a.py", source)
        root.run("baseline", "prune")
        assert len(root.entries()) == number


def test_the_numbers_of_a_file_may_drift_unless_files_are_strict(root: Root) -> None:
    root.configure(index="99")
    record_index(root, TRUE_INDEX + 5, HERE)
    assert root.check() == []
    assert (
        root.run("check").out[1]
        == "baseline: 1 violation tolerated, 1 of files worse than recorded (`strict_files` is off)"
    )
    root.run("baseline", "prune")
    assert root.entries() == [("a.py::maintainability_index", round(TRUE_INDEX + 5, 4))]
    root.configure("strict_files = true", index="99")
    assert len(root.check("--format", "concise")) == 1


def test_a_renamed_file_keeps_its_numbers(root: Root) -> None:
    root.configure(index="99")
    root.write("a.py", SOURCE)
    root.run("baseline", "write")
    (root.path / "a.py").rename(root.path / "b.py")
    assert root.check() == []
    root.write("a.py", SOURCE)
    path, row = root.check()
    assert (path, row.startswith("   file  maintainability index ")) == ("b.py", True)


def test_a_renamed_file_that_drifts_keeps_them_when_pruned(root: Root) -> None:
    root.configure(index="99")
    function = "def f(a):\n" + "    if a: a += 1\n" * 5
    root.write("a.py", SOURCE + function)
    root.run("baseline", "write")
    (_, recorded), _ = root.entries()
    (root.path / "a.py").rename(root.path / "b.py")
    root.write("b.py", SOURCE * 2 + function)
    assert root.check() == []
    root.run("baseline", "prune")
    assert root.entries() == [("b.py::maintainability_index", recorded), ("b.py::f", 6)]
    assert root.check() == []
