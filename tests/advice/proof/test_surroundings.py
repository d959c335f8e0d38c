"""What a rewrite leaves alone: the rest of the module, docstrings and annotations; and names of functions."""

from __future__ import annotations

from textwrap import indent

import pytest

from pytest_antipasta.advice.proof.proof import Proof, Refused, prove
from pytest_antipasta.metrics.blocks import measure_tree

BODY = "    if a:\n        if b:\n            a.g()\n"
NEW_BODY = "    if a and b:\n        a.g()\n"
HEAD = '"""Module."""\nfrom x import y\n\n\n@y(1)\n'
TAIL = "\n\nx = 1  # a comment\n"


def rewrite(before: str, after: str, function: str = "f") -> Proof | None:
    """Prove a rewrite; ``None`` if it is refused."""
    proof = prove(before, after, function)
    return None if isinstance(proof, Refused) else proof


@pytest.mark.parametrize(
    ("head", "tail"),
    [
        pytest.param("", "", id="the function alone"),
        pytest.param(HEAD, TAIL, id="with other statements"),
        pytest.param("from __future__ import annotations\n", "", id="with a future"),
        pytest.param("if x:\n    pass\n# ü\f\n", "# no line end", id="with odd characters"),
    ],
)
def test_the_rest_may_be_anything(head: str, tail: str) -> None:
    before, after = (f"{head}def f(a, b):\n{body}{tail}" for body in (BODY, NEW_BODY))
    assert rewrite(before, after) is Proof.PROVEN
    lines = [text.replace("\n", "\r\n") for text in (before, after)]
    assert rewrite(*lines) is Proof.PROVEN


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("x = 1", "x = 2", id="a statement"),
        pytest.param("# a comment", "# another", id="a comment"),
        pytest.param("x = 1", "x  = 1", id="a space"),
        pytest.param(TAIL, f"\n{TAIL}", id="a blank line"),
        pytest.param("y(1)", "y(2)", id="a decorator"),
        pytest.param("(a, b)", "(a, b=1)", id="a default"),
        pytest.param("(a, b)", "(a: int, b)", id="an annotation"),
        pytest.param("(a, b)", "(a, *, b)", id="a kind of parameter"),
        pytest.param("def f", "async def f", id="async"),
        pytest.param('"""Module."""', '"""Another."""', id="the module's docstring"),
    ],
)
def test_nothing_else_may_change(old: str, new: str) -> None:
    before, after = (f"{HEAD}def f(a, b):\n{body}{TAIL}" for body in (BODY, NEW_BODY))
    assert old in after
    assert rewrite(before, after) is Proof.PROVEN
    assert rewrite(before, after.replace(old, new)) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('"""Doc."""', '"""Another."""', id="a docstring"),
        pytest.param('"""Doc."""', "pass", id="no docstring"),
        pytest.param("x: int = a", "x: str = a", id="the annotation of a variable"),
        pytest.param("x: int = a", "x = a", id="no annotation"),
        pytest.param('"""Inner."""', '"""Another."""', id="the docstring of a function inside"),
    ],
)
def test_what_bytecode_does_not_show_may_not_change(old: str, new: str) -> None:
    head = (
        'def f(a, b):\n    """Doc."""\n    x: int = a\n    def g():\n        """Inner."""\n        return x\n'
    )
    before, after = head + BODY, head + NEW_BODY
    assert rewrite(before, after) is Proof.PROVEN
    assert rewrite(before, after.replace(old, new)) is None


# Functions in the order of their lines, each with the text before it and its depth.
MANY = [
    ("f", "", 0),
    ("C.f", "class C:\n    @property\n", 1),
    ("C.f#2", "    @f.setter\n", 1),
    ("C.D.g.f.f", "    class D:\n        def g():\n            def f():\n", 4),
    ("f#2", "if x:\n", 1),
    ("f#3", "else:\n", 1),
]
NAMES = [name for name, _, _ in MANY]


def make_many(changed: str) -> str:
    """Return a module with many functions, of which one is rewritten."""
    return "".join(
        head + indent(f"def f(a, b):\n{NEW_BODY if name == changed else BODY}", "    " * depth)
        for name, head, depth in MANY
    )


@pytest.mark.parametrize("name", NAMES)
def test_functions_are_named_as_in_measurements(name: str) -> None:
    before, after = make_many(""), make_many(name)
    assert {*NAMES} <= {block.qualified_name for block in measure_tree(before, None).blocks}
    assert [other for other in NAMES if rewrite(before, after, other) is Proof.PROVEN] == [name]


@pytest.mark.parametrize("name", ["g", "f#2", "C", "C.g", "f.g", "", "f#0", "f#x"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    before, after = (f"def f(a, b):\n{body}\n\nclass C: pass\n" for body in (BODY, NEW_BODY))
    assert rewrite(before, after) is Proof.PROVEN
    assert rewrite(before, after, name) is None


@pytest.mark.parametrize("text", ["def f(:", "def f(a): return\0"])
def test_what_is_not_compiled_is_refused(text: str) -> None:
    assert rewrite(text, text) is None


def test_dead_code_is_refused() -> None:
    text = "def f():\n    return\n    def g(): pass\n"
    assert prove(text, text, "f.g") == Refused("g is compiled 0 times")
