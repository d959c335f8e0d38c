"""A few numbers of a file that tell whether it is within all limits."""

from __future__ import annotations

import pytest
from msgspec.msgpack import encode

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.model.measured import FUNCTION_METRICS, Measurement
from pytest_antipasta.policy.worst import WorstLimits, pack_worst
from tests.corpora import python_files
from tests.policy.judging import judge

CODE = b"""\
def f(a):
    if a:
        return 1 + a

class C:
    def g(self, b):
        def inner(c):
            return c and b or c
        return [x for x in b if x]
"""
FILE_LIMITS = ("maintainability_index", "halstead_volume", "halstead_difficulty", "halstead_effort")
LINES = ("lines_of_code", "logical_lines_of_code", "source_lines_of_code")


def passes(measurement: Measurement, *thresholds: Threshold) -> bool:
    functions = WorstLimits(PathLimits(thresholds)).count_passing(pack_worst(measurement))
    assert functions in (None, measurement.functions)
    return functions is not None


@pytest.mark.parametrize("metric", ["cyclomatic_complexity", "cognitive_complexity", *FUNCTION_METRICS])
def test_a_function_at_its_limit_passes_and_one_over_it_does_not(metric: str) -> None:
    measured = measure(CODE)
    worst = max(getattr(block, metric) or 0 for block in measured.blocks if block.kind != "class")
    assert passes(measured, Threshold(metric, worst, "<="))
    assert not passes(measured, Threshold(metric, worst, "<"))
    assert not passes(measured, Threshold(metric, worst - 1, "<="))


@pytest.mark.parametrize("metric", [*FILE_LIMITS, *LINES])
def test_numbers_of_files_are_compared_either_way(metric: str) -> None:
    measured = measure(CODE)
    own = getattr(measured.metrics, metric)
    assert passes(measured, Threshold(metric, own, "=="), Threshold(metric, own, ">="))
    assert not passes(measured, Threshold(metric, own, "<"))
    assert not passes(measured, Threshold(metric, own, ">"))


def test_halstead_numbers_of_functions_have_their_own_limit() -> None:
    measured = measure(CODE)
    worst = max(block.halstead_volume or 0 for block in measured.blocks)
    assert passes(measured, Threshold("halstead_volume", 1e6, "<=", worst))
    assert not passes(measured, Threshold("halstead_volume", 1e6, "<=", worst - 0.01))
    assert not passes(measured, Threshold("halstead_volume", 1, "<=", worst))


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(b"def f(:\n", id="a file without numbers"),
        pytest.param(CODE + b"def h(): return 1  # antipasta: ignore\n", id="one with a comment"),
    ],
)
def test_what_more_must_be_known_of_never_passes_by_them(source: bytes) -> None:
    assert not passes(measure(source))


@pytest.mark.parametrize(
    "threshold",
    [
        pytest.param(Threshold("halstead_bugs", 1e9, "<="), id="a number that is not among them"),
        pytest.param(Threshold("other:metric", 1e9, "<="), id="one of an extension"),
        pytest.param(Threshold("cyclomatic_complexity", 0, ">="), id="the least of functions"),
    ],
)
def test_a_limit_that_they_say_nothing_about_is_left_to_all_numbers(threshold: Threshold) -> None:
    assert not passes(measure(CODE), threshold)


def make_limits(share: float) -> list[Threshold]:
    """Return a limit for each metric, at a share of what long files and functions have."""
    most = {"cyclomatic_complexity": 20, "cognitive_complexity": 30, "halstead_volume": 4000}
    most |= {"halstead_difficulty": 30, "halstead_effort": 40000, "lines_of_code": 800}
    limits = [Threshold(metric, number * share, "<=") for metric, number in most.items()]
    return [*limits, Threshold("maintainability_index", 100 * (1 - share), ">=")]


@pytest.mark.parametrize("share", [0.1, 0.4, 1.0])
def test_a_corpus_passes_by_them_where_it_has_no_violation(share: float) -> None:
    thresholds = make_limits(share)
    limits, passing, others = WorstLimits(PathLimits(tuple(thresholds))), 0, 0
    for path in python_files("flask"):
        measured = measure(path.read_bytes())
        is_good = not judge(measured, thresholds).violations
        expected = measured.functions if is_good and not measured.comments else None
        assert limits.count_passing(pack_worst(measured)) == expected
        passing, others = passing + is_good, others + (not is_good)
    assert passing
    assert others


@pytest.mark.parametrize(
    "worst",
    [b"\xc1", b"\x00", encode((1, [1])), encode((1, [1.0] * 20 + [float("nan")])), encode((1, ["1"] * 21))],
    ids=["no msgpack", "no list", "too few", "no number", "texts"],
)
def test_what_was_never_packed_says_nothing(worst: bytes) -> None:
    limits = WorstLimits(PathLimits((Threshold("lines_of_code", 1e9, "<="),)))
    assert limits.count_passing(worst) is None
