"""Limits from the defaults, and from the numbers of today."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.extension.metrics import default_thresholds
from pytest_antipasta.model.measured import Block, FileMetrics, Measurement
from pytest_antipasta.settings.path_thresholds import OF_TESTS
from pytest_antipasta.settings.values import Override
from pytest_antipasta.setup.proposal import Preset, make_presets


def make(
    cyclomatic: int,
    cognitive: int = 1,
    index: float = 60,
    volume: float = 100,
    kind: str = "function",
    name: str = "f",
) -> Measurement:
    """Return a file with one block."""
    block = Block(
        name=name,
        qualified_name=name,
        kind=kind,  # type: ignore[arg-type]
        line=1,
        end_line=1,
        cyclomatic_complexity=cyclomatic,
        cognitive_complexity=cognitive,
    )
    metrics = FileMetrics(
        maintainability_index=index, halstead_volume=volume, halstead_difficulty=1, halstead_effort=1
    )
    return Measurement(metrics, (block,))


def limit(preset: Preset, metric: str) -> float | None:
    threshold = preset.thresholds[metric]
    return threshold.limit if threshold else None


def failing(presets: dict[str, Preset]) -> dict[str, int]:
    return {name: preset.failing for name, preset in presets.items()}


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
    presets = make_presets({"a.py": measurement, "b.py": make(1)})
    assert limit(presets["now"], metric) == expected
    assert failing(presets)["now"] == 0


def test_functions_has_their_complexities_alone() -> None:
    preset = make_presets({"a.py": make(1)})["functions"]
    assert {metric: threshold for metric, threshold in preset.thresholds.items() if threshold} == {
        metric: default_thresholds()[metric] for metric in ("cyclomatic_complexity", "cognitive_complexity")
    }
    assert preset.thresholds.keys() == default_thresholds().keys()


def test_each_preset_counts_the_files_that_fail() -> None:
    files = {"a.py": make(12), "b.py": make(5, index=10), "c.py": make(1)}
    assert failing(make_presets(files)) == {"functions": 1, "files": 2, "default": 1, "now": 0}


def test_files_fail_in_a_preset_that_says_so() -> None:
    presets = make_presets({"a.py": make(1)})
    levels = {
        name: {one.metric for one in preset.thresholds.values() if one and one.level == "warning"}
        for name, preset in presets.items()
    }
    assert levels["default"] == levels["now"] != set()
    assert levels["functions"] == levels["files"] == set()
    assert [*presets["files"].thresholds] == [*default_thresholds()]


def test_test_functions_have_no_cyclomatic_limit_alone() -> None:
    files = {"a.py": make(11), "tests/test_a.py": make(40, cognitive=20, index=3, name="test_f")}
    presets = make_presets(files)
    assert limit(presets["now"], "cyclomatic_complexity") == 11
    assert limit(presets["now"], "maintainability_index") == 3
    assert limit(presets["now"], "cognitive_complexity") == 20
    assert failing(presets) == {"functions": 2, "files": 2, "default": 2, "now": 0}
    files["tests/test_a.py"] = make(40, index=3, name="test_f")
    assert failing(make_presets(files)) == {"functions": 1, "files": 2, "default": 1, "now": 0}
    files["tests/test_a.py"] = make(40, name="f")
    presets = make_presets(files)
    assert failing(presets) == {"functions": 2, "files": 2, "default": 2, "now": 0}
    assert limit(presets["now"], "cyclomatic_complexity") == 40


@pytest.mark.parametrize(
    ("path", "name", "overrides"),
    [
        pytest.param("test_a.py", "test_f", (OF_TESTS,), id="a test"),
        pytest.param("test_a.py", "f", (), id="no function that is a test"),
        pytest.param("tests/a.py", "test_f", (), id="no file of tests"),
    ],
)
def test_limits_of_tests_are_written_if_there_are_tests(
    path: str, name: str, overrides: tuple[Override, ...]
) -> None:
    presets = make_presets({path: make(1, name=name)})
    assert [preset.overrides for preset in presets.values()] == [overrides] * 4


def test_without_files_now_is_the_default() -> None:
    presets = make_presets({})
    assert presets["now"].thresholds == presets["default"].thresholds == default_thresholds()


def test_numbers_that_are_missing_are_skipped() -> None:
    measurement = measure(b"x = 1\n")
    measurement = replace(measurement, metrics=replace(measurement.metrics, maintainability_index=None))
    assert limit(make_presets({"a.py": measurement})["now"], "maintainability_index") == 50
