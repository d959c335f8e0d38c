"""Extractions into a helper: what keeps the behaviour is proven, and what changes it is refused."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent, indent

import pytest

from pytest_antipasta.advice.proof.proof import Proof, Refused, prove
from tests.tables import read_rows


def extract(before: str, after: str) -> Proof | None:
    """Prove an extraction from ``f`` or ``C.f`` into ``_h`` or ``C._h``; ``None`` if it is refused."""
    before, after = dedent(before), dedent(after)
    function = "C.f" if before.lstrip("\n").startswith("class") else "f"
    helper = "C._h" if "    def _h" in after or "    async def _h" in after else "_h"
    proof = prove(before, after, function, helper)
    return None if isinstance(proof, Refused) else proof


KEPT = read_rows(Path(__file__).with_name("extractions_kept.txt"))


@pytest.mark.parametrize(("before", "after"), KEPT)
def test_what_keeps_the_behaviour_is_proven(before: str, after: str) -> None:
    assert extract(before, after) is Proof.PROVEN


CHANGED = read_rows(Path(__file__).with_name("extractions_changed.txt"))


@pytest.mark.parametrize(("before", "after"), CHANGED)
def test_what_changes_the_behaviour_is_refused(before: str, after: str) -> None:
    assert extract(before, after) is None


def test_the_helper_may_be_called_twice() -> None:
    before = "def f(a, b):\n    a.g()\n    a.h()\n    b.g()\n    b.h()\n"
    after = "def f(a, b):\n    _h(a)\n    _h(b)\n\n\ndef _h(c):\n    c.g()\n    c.h()\n"
    assert extract(before, after) is Proof.PROVEN


BEFORE = "def f(a, b):\n    a.g()\n    if b:\n        b.g()\n"
AFTER = "def f(a, b):\n    a.g()\n    _h(b)\n"
HELPER = "def _h(b):\n    if b:\n        b.g()\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(BEFORE, f"{HELPER}\n\n{AFTER}", id="before the function"),
        pytest.param(BEFORE, f"{AFTER}\n\n{HELPER}", id="after the function"),
        pytest.param(f"x = 1\n{BEFORE}y = 2\n", f"x = 1\n{AFTER}\n\n{HELPER}y = 2\n", id="among others"),
        pytest.param(f"x = 1\n{BEFORE}f(1, 2)\n", f"{HELPER}x = 1\n{AFTER}f(1, 2)\n", id="further above"),
        pytest.param(
            f"@atexit.register\n{BEFORE}", f"{HELPER}\n@atexit.register\n{AFTER}", id="above a decorator"
        ),
        pytest.param(
            f"{BEFORE}def g(b): f(1, b)\n", f"{AFTER}def g(b): f(1, b)\n{HELPER}", id="below another function"
        ),
    ],
)  # fmt: skip
def test_where_the_helper_may_be_defined(before: str, after: str) -> None:
    assert extract(before, after) is Proof.PROVEN


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(f"{BEFORE}f(1, 2)\n", f"{AFTER}f(1, 2)\n{HELPER}", id="after a call of the function"),
        pytest.param(f"@now\n{BEFORE}", f"@now\n{AFTER}{HELPER}", id="after a decorator calls the function"),
        *(
            pytest.param(f"{BEFORE}{between}\n", f"{AFTER}{between}\n{HELPER}", id=name)
            for between, name in (
                ("class C: f(1, 2)", "after a class"),
                ("def g(b=f(1, 2)): pass", "after a default"),
                ("def g(b: f(1, 2)): pass", "after an annotation"),
                ("@f\ndef g(b): pass", "after another decorator"),
            )
        ),
        pytest.param(BEFORE, f"{AFTER}if x:\n{indent(HELPER, '    ')}", id="under a condition"),
        pytest.param(f"# _h\n{BEFORE}", f"# _h\n{HELPER}{AFTER}", id="the name is in a comment"),
        pytest.param(f"x._h\n{BEFORE}", f"x._h\n{HELPER}{AFTER}", id="the name is an attribute"),
        pytest.param(BEFORE, f"@cache\n{HELPER}{AFTER}", id="a decorator"),
        pytest.param(BEFORE, f"{HELPER}{AFTER}".replace("_h(b):", "_h(b: x()):"), id="an annotation"),
        pytest.param(
            BEFORE.replace("a,", "a: f,"),
            f"{AFTER}{HELPER}".replace("(a,", "(a: f,").replace("_h(b):", "_h(b: f):"),
            id="an annotation that is the function itself now",
        ),
        pytest.param(
            BEFORE.replace("f(a,", "f[T](a: T,"),
            f"{AFTER}{HELPER}".replace("f(a,", "f[T](a: T,").replace("_h(b):", "_h(b: T):"),
            id="an annotation that is a type parameter",
        ),
        pytest.param(
            BEFORE.replace("a,", "a: x(),"),
            f"{AFTER}{HELPER}".replace("(a,", "(a: x(),").replace("_h(b):", "_h(b: x()):"),
            id="an annotation that would be called twice",
        ),
        pytest.param(BEFORE, f"{HELPER}{AFTER}".replace("_h(b):", "_h(b=x()):"), id="a default"),
        pytest.param(BEFORE, f"{HELPER}{AFTER}".replace("_h(b)", "_h(*b)"), id="stars"),
        pytest.param(BEFORE, f"{HELPER}{AFTER}".replace("_h(b)\n", "_h(b=b)\n"), id="a call by keyword"),
        pytest.param(BEFORE, f"{HELPER}{AFTER}".replace("_h(b)\n", "_h(b, b)\n"), id="an argument too many"),
        pytest.param(BEFORE, f"{HELPER}x = 1\n{AFTER}", id="with another statement"),
        pytest.param(BEFORE, f"{HELPER}# A comment.\n{AFTER}", id="with a comment outside"),
    ],
)  # fmt: skip
def test_what_a_helper_may_not_be(before: str, after: str) -> None:
    assert extract(before, after) is None


def test_the_first_argument_of_a_method_is_its_object() -> None:
    before, after = _write_methods("self")
    assert prove(before, after, "C.f", "C._h") is Proof.PROVEN
    unknown = Refused("the helper can't be called by the first argument: unknown and unknown")
    assert prove(*_write_methods("cls"), "C.f", "C._h") == unknown
    assert prove(*_write_methods("text"), "C.f", "C._h") == unknown
    before, after = (text.replace("def f", "def __getattribute__") for text in (before, after))
    refused = Refused("the call of the helper runs `__getattribute__`")
    assert prove(before, after, "C.__getattribute__", "C._h") == refused


def _write_methods(first: str) -> tuple[str, str]:
    """Return a class before and after a part of its function is a method, called by the first argument."""
    after = f"{AFTER}\n{HELPER}".replace("_h(b):", "_h(a, b):").replace("_h(b)", "a._h(b)")
    before, after = (re.sub(r"\ba\b", first, indent(text, "    ")) for text in (BEFORE, after))
    return f"class C:\n{before}", f"class C:\n{after}"


@pytest.mark.parametrize("name", ["__bool__", "__h"])
def test_a_method_has_no_name_that_python_calls_or_changes(name: str) -> None:
    before = f"class C:\n{indent(BEFORE, '    ')}"
    method = f"{AFTER}\n{HELPER}".replace("_h(b):", f"{name}(a, b):").replace("_h(b)", f"a.{name}(b)")
    refused = Refused("the helper's name is private to its class, or special")
    assert prove(before, f"class C:\n{indent(method, '    ')}", "C.f", f"C.{name}") == refused


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("def f(a, *, b):", id="parameters by name"),
        pytest.param("def f(a, b, *c):", id="more parameters"),
        pytest.param("async def f(a, b):", id="a coroutine"),
        pytest.param("def f(a, b):\n    'doc'", id="a docstring"),
    ],
)
def test_the_head_of_the_function_stays(head: str) -> None:
    after = f"{AFTER}\n\n{HELPER}".replace("def f(a, b):", head)
    assert isinstance(prove(BEFORE, after, "f", "_h"), Refused)


def test_a_generator_is_a_helper_only_if_it_is_yielded_from() -> None:
    after = f"{AFTER}\n\n{HELPER}    if 0:\n        yield\n"
    refused = Refused("the helper is called without `await` or `yield from`")
    assert prove(BEFORE, after, "f", "_h") == refused
    refused = Refused("the helper is an asynchronous generator")
    assert prove(BEFORE, after.replace("def _h", "async def _h"), "f", "_h") == refused


def test_a_public_name_may_come_from_a_star_import() -> None:
    before, after = f"from x import *\n{BEFORE}", f"from x import *\n{HELPER}{AFTER}"
    assert prove(before, after, "f", "_h") is Proof.PROVEN
    public = prove(before, after.replace("_h", "h"), "f", "h")
    assert public == Refused("the module may import the helper's name by `*`")
