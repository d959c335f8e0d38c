"""complexipy's comments count where they count for complexipy."""

from __future__ import annotations

import pytest
from complexipy import code_complexity

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.policy.suppressions.apply import SuppressionRules, suppress
from tests.policy.judging import judge

BODY = "    if a:\n        return b\n"
SOURCES = [
    "def f(a, b):  # complexipy: ignore\n",
    "def f(a, b):  # complexipy: ignore (a reason)\n",
    "def f(a, b):  #COMPLEXIPY:ignore\n",
    "def f(a, b):  # complexipy : ignore\n",
    "def f(a, b):  # complexipy: ignored\n",
    "def f(a, b):  # complexipy: ignore-it\n",
    "def f(a, b):  # complexipy\n",
    "def f(a, b):  # x complexipy: ignore\n",
    "def f(a, b):  # x # complexipy: ignore\n",
    "def f(a, b):  # noqa: complexipy\n",
    "def f(a, b):  # noqa:complexipy, a reason\n",
    "def f(a, b):  # noqa: C901, complexipy\n",
    "def f(a, b):  # noqa\n",
    "def f(a, b='# complexipy: ignore'):\n",
    "async def f(a, b):  # complexipy: ignore\n",
    "def f(a,\n    b):  # complexipy: ignore\n",
    "def f(a,  # complexipy: ignore\n    b):\n",
    "# complexipy: ignore\ndef f(a, b):\n",
    "# complexipy: ignore\n\ndef f(a, b):\n",
    "x = 1  # complexipy: ignore\ndef f(a, b):\n",
    "# complexipy: ignore\n@x\ndef f(a, b):\n",
    "@x  # complexipy: ignore\ndef f(a, b):\n",
    "@y  # complexipy: ignore\n@x\ndef f(a, b):\n",
    "@y\n@x  # complexipy: ignore\ndef f(a, b):\n",
    "def f(a, b):\n    # complexipy: ignore\n",
]


@pytest.mark.parametrize("head", SOURCES)
def test_as_for_complexipy_itself(head: str) -> None:
    source = head + BODY
    assert len(code_complexity(source, no_ignore=True).functions) == 1
    is_ignored = not code_complexity(source).functions
    measurement = measure(source.encode())
    thresholds = [Threshold("cognitive_complexity", 0, "<=")]
    violations = judge(measurement, thresholds).violations
    rules = SuppressionRules(("complexipy",), False, False, lambda _: False)
    outcome = suppress(violations, measurement, PathLimits(tuple(thresholds)), rules)
    assert bool(outcome.tolerated) is is_ignored
    assert bool(outcome.violations) is not is_ignored


def test_a_class_of_complexipy_is_not_a_scope() -> None:
    source = "class A:  # complexipy: ignore\n    def f(self, a, b):\n        if a:\n            return b\n"
    assert [one.name for one in code_complexity(source).functions] == ["A::f"]
