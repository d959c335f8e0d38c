"""Rewrites of statements: what keeps the behaviour is proven, what changes it is refused, on each Python."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from pytest_antipasta.advice.proof.proof import Proof, Refused, prove
from tests.tables import read_rows


def compare(before: str, after: str) -> Proof | None:
    """Prove a rewrite of ``f``; ``None`` if it is refused."""
    proof = prove(dedent(before), dedent(after), "f")
    return None if isinstance(proof, Refused) else proof


KEPT = read_rows(Path(__file__).with_name("rewrites_kept.txt"))


@pytest.mark.parametrize(("before", "after"), KEPT)
def test_what_keeps_the_behaviour_is_proven(before: str, after: str) -> None:
    assert compare(before, after) is Proof.PROVEN
    assert compare(after, before) is Proof.PROVEN, "the way back"


def test_two_steps_are_proven_at_once() -> None:
    before = """
        def f(a, b):
            for x in a:
                if x:
                    if b:
                        x.g()
                    else:
                        pass
        """
    after = """
        def f(a, b):
            for x in a:
                if not x:
                    continue
                if b:
                    x.g()
        """
    assert compare(before, after) is Proof.PROVEN


OPPOSITES = (
    """
    def f(a, b):
        if a == b.x:
            return a.y
        else:
            return 2
    """,
    """
    def f(a, b):
        if a != b.x:
            return 2
        return a.y
    """,
)


def test_an_inverted_comparison_is_proven_if_equal_and_unequal_are_opposites() -> None:
    assert compare(*OPPOSITES) is Proof.EQ


def test_an_inverted_comparison_whose_result_is_used_is_refused() -> None:
    before = "def f(a, b):\n    return (a == b) if a else (a != b)\n"
    after = "def f(a, b):\n    return (a != b) if not a else not (a != b)\n"
    assert compare(before, after) is None


CHANGED = read_rows(Path(__file__).with_name("rewrites_changed.txt"))


@pytest.mark.parametrize(("before", "after"), CHANGED)
def test_what_changes_the_behaviour_is_refused(before: str, after: str) -> None:
    """About the difference: none of these functions alone is out of reach."""
    assert compare(before, after) is None
    assert compare(before, before) is Proof.PROVEN
    assert compare(after, after) is Proof.PROVEN


NESTED = "    def i(b):\n        if b:\n            b.{}()\n            b.{}()\n"
FLAT = "    def i(b):\n        if not b:\n            return\n        b.{}()\n        b.{}()\n"
SECOND = "    x = i\n    def i(b):\n        b.{}()\n    return x, i\n"


def test_nested_functions_may_be_rewritten_too() -> None:
    before = f"def f(a):\n{NESTED.format('g', 'h')}{SECOND.format('k')}"
    after = f"def f(a):\n{FLAT.format('g', 'h')}{SECOND.format('k')}"
    assert prove(before, after, "f") is Proof.PROVEN
    for old, new in (
        ("b.h", "b.g"),
        ("b.k", "b.g"),
        ("x, i", "i, x"),
        ("i(b):\n        if", "i(*b):\n        if"),
        ("i(b):\n        if", "i(b):\n        'doc'\n        if"),
    ):
        assert isinstance(prove(before, after.replace(old, new), "f"), Refused)


def test_nested_functions_of_two_names_are_no_substitutes() -> None:
    before = f"def f(a):\n{NESTED.format('g', 'h')}    x = i\n    return x\n"
    after = f"def f(a):\n{FLAT.format('g', 'h')}    x = i\n    return x\n"
    assert prove(before, after, "f") is Proof.PROVEN
    assert isinstance(prove(before, after.replace("i(b)", "j(b)").replace("= i", "= j"), "f"), Refused)


def test_local_names_stay() -> None:
    before = "def f(a):\n    b = a.g()\n    return b\n"
    assert prove(before, before.replace("b", "c"), "f") == Refused("the function has other variables")
