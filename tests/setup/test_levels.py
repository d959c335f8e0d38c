"""Limits from the numbers of today."""

from __future__ import annotations

import pytest

from pytest_antipasta.engine import measure
from pytest_antipasta.model import Block, FileMetrics, Measurement
from pytest_antipasta.settings import DEFAULT_THRESHOLDS
from pytest_antipasta.setup.levels import Level, propose_levels


def make(cyclomatic: int, index: float = 60, volume: float = 100, kind: str = "function") -> Measurement:
    """Return a file with one block."""
    block = Block("f", "f", kind, 1, 1, cyclomatic, 1, None, None, None)  # type: ignore[arg-type]
    metrics = FileMetrics(
        maintainability_index=index, halstead_volume=volume, halstead_difficulty=1, halstead_effort=1
    )
    return Measurement(metrics, (block,))


def limits(levels: list[Level], metric: str) -> dict[str, float]:
    return {level.name: level.thresholds[metric].limit for level in levels}


NOW = [
    pytest.param(make(3), "cyclomatic_complexity", 10, id="never stricter than the default"),
    pytest.param(make(27), "cyclomatic_complexity", 27, id="two digits stay"),
    pytest.param(make(131), "cyclomatic_complexity", 140, id="three are rounded up"),
    pytest.param(make(1, volume=8123.4), "halstead_volume", 8200, id="fractions too"),
    pytest.param(make(1, volume=1000.2), "halstead_volume", 1100, id="and those just over a limit"),
    pytest.param(make(1, index=45.7), "maintainability_index", 45, id="the index is rounded down"),
    pytest.param(make(1, index=70.0), "maintainability_index", 50, id="and never above the default"),
    pytest.param(make(1, index=0.0), "maintainability_index", 0, id="to nothing at worst"),
    pytest.param(make(99, kind="class"), "cyclomatic_complexity", 10, id="a class's average does not count"),
]


@pytest.mark.parametrize(("measurement", "metric", "expected"), NOW)
def test_now_is_what_all_of_it_keeps_to(measurement: Measurement, metric: str, expected: float) -> None:
    levels = propose_levels([measurement])
    assert limits(levels, metric)["now"] == expected
    assert {level.name: level.failing for level in levels}["now"] == 0


STRICT = [
    pytest.param([1] * 10, 5, id="at most twice as strict as the default"),
    pytest.param([7] * 9 + [30], 7, id="nine of ten keep to it"),
    pytest.param([7] * 8 + [30] * 2, 10, id="never looser than the default"),
]


@pytest.mark.parametrize(("values", "expected"), STRICT)
def test_strict_is_what_nine_of_ten_keep_to(values: list[int], expected: int) -> None:
    assert (
        limits(propose_levels([make(value) for value in values]), "cyclomatic_complexity")["strict"]
        == expected
    )


@pytest.mark.parametrize(("index", "expected"), [(99.0, 75), (62.9, 62), (30.0, 50)])
def test_a_strict_index_is_between_the_default_and_75(index: float, expected: int) -> None:
    assert limits(propose_levels([make(1, index=index)]), "maintainability_index")["strict"] == expected


def test_each_level_counts_the_files_that_fail() -> None:
    levels = propose_levels([make(7), make(12), make(5), *[make(1)] * 20])
    assert [(level.name, level.failing) for level in levels] == [("strict", 2), ("now", 0), ("default", 1)]


def test_without_files_all_levels_are_the_default() -> None:
    assert [level.thresholds for level in propose_levels([])] == [DEFAULT_THRESHOLDS] * 3


def test_numbers_that_are_missing_are_passed_over() -> None:
    source = b"x = 'a\x0cb'\n"
    measurement = measure(source)
    assert measurement.metrics.maintainability_index is None
    assert limits(propose_levels([measurement]), "maintainability_index")["now"] == 50
