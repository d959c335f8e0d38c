"""complexipy's comments count where they count for complexipy."""

from __future__ import annotations

import pytest
from complexipy import code_complexity

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model import Threshold
from pytest_antipasta.policy import SuppressionRules, judge, suppress

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
    outcome = suppress(violations, measurement, thresholds, rules)
    assert bool(outcome.tolerated) is is_ignored
    assert bool(outcome.violations) is not is_ignored


def test_a_class_of_complexipy_is_not_a_scope() -> None:
    source = "class A:  # complexipy: ignore\n    def f(self, a, b):\n        if a:\n            return b\n"
    assert [one.name for one in code_complexity(source).functions] == ["A::f"]


IN_BODY = "# pylint: disable=too-many-branches"
BODIES = {
    "before the first statement": (f"def f(a):\n    {IN_BODY}\n    if a: pass\n", []),
    "indented otherwise": (f"def f(a):\n{IN_BODY}\n    if a: pass\n", []),
    "behind a docstring": (f'def f(a):\n    """x"""\n    {IN_BODY}\n    if a: pass\n', []),
    "before a docstring": (f'def f(a):\n    {IN_BODY}\n    """x"""\n    if a: pass\n', []),
    "at the end of a docstring": (f'def f(a):\n    """x"""  {IN_BODY}\n    if a: pass\n', []),
    "behind a text that is no docstring": (f'def f(a):\n    "x".x()\n    {IN_BODY}\n    if a: pass\n', ["f"]),
    "at the end of a statement": (f"def f(a):\n    x = 1  {IN_BODY}\n    if a: pass\n", ["f"]),
    "behind a statement": (f"def f(a):\n    x = 1\n    {IN_BODY}\n    if a: pass\n", ["f"]),
    "in a block of it": (f"def f(a):\n    if a:\n        {IN_BODY}\n        pass\n", ["f"]),
    "for those inside, too": (
        f"def f(a):\n    {IN_BODY}\n    def g(b):\n        if b: pass\n    if a: pass\n"
        "def h(a):\n    if a: pass\n",
        ["h"],
    ),
    "of one inside": (
        f"def f(a):\n    def g(b):\n        {IN_BODY}\n        if b: pass\n    if a: pass\n",
        ["f"],
    ),
    "of a method": (f"class C:\n    def m(self, a):\n        {IN_BODY}\n        if a: pass\n", []),
    "by its number": ("def f(a):\n    # pylint: disable=R0912\n    if a: pass\n", []),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_comment_of_pylint_counts_in_a_body(name: str) -> None:
    """The functions that are left are those of which pylint 4.1 still says it."""
    source, expected = BODIES[name]
    measurement = measure(source.encode())
    thresholds = [Threshold("branches", 0, "<=")]
    rules = SuppressionRules(("pylint",), False, False, lambda _: False)
    over = judge(measurement, thresholds).violations
    left, _, comments = suppress(over, measurement, thresholds, rules)
    assert [one.qualified_name for one in left] == expected
    assert {one.tool for one in comments} == ({"pylint"} if len(left) < len(over) else set())
    others = SuppressionRules(("noqa",), False, False, lambda _: False)
    assert suppress(over, measurement, thresholds, others).violations == over
