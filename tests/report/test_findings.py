"""What findings say of their values."""

from __future__ import annotations

import pytest

from pytest_antipasta.model.judged import Comparison, Tolerated, ValueEffect, Verdict, Violation
from pytest_antipasta.model.measured import FileError, FileMetrics, Measurement
from pytest_antipasta.policy.limits import compute_effect
from pytest_antipasta.report.findings import find_findings

NOTHING = Measurement(FileMetrics())


@pytest.mark.parametrize(
    ("comparison", "before", "value", "expected"),
    [
        ("<=", 11, 12, "worse"),
        ("<=", 13, 12, "better"),
        ("<=", 12, 12, "same"),
        (">=", 9, 8, "worse"),
        (">=", 7, 8, "better"),
        ("==", 9, 12, "worse"),
        ("==", 8, 12, "same"),
        ("!=", 10, 12, "better"),
    ],
)
def test_an_effect_is_that_beside_the_limit(
    comparison: Comparison, before: int, value: int, expected: ValueEffect
) -> None:
    assert compute_effect(value, before, comparison, 10) == expected


def test_a_finding_has_the_effect_and_the_ratio_of_its_value() -> None:
    over = Violation("branches", "f", 1, 15, 10, "<=", 12, "modified")
    new = Violation("branches", "g", 3, 20, 10, "<=", None, "added")
    kept = Tolerated("branches", "h", 5, 11, 10, "<=", 13, "modified", why="not worse")
    findings = list(find_findings(Verdict("a.py", NOTHING, (over, new), (kept,))))
    assert [(item.block, item.effect, item.ratio) for item in findings] == [
        ("f", "worse", 1.5),
        ("g", None, 2.0),
        ("h", "better", 1.1),
    ]
    broken = Verdict("b.py", Measurement(FileMetrics(), (), FileError("syntax", "wrong", 3)))
    (problem,) = find_findings(broken)
    assert (problem.effect, problem.ratio) == (None, 0.0)
