"""Rewrites of statements: what keeps the behaviour is proven, what changes it is refused, on each Python."""

from __future__ import annotations

from textwrap import dedent

import pytest

from pytest_antipasta.advice.proof.proof import Proof, Refused, prove


def compare(before: str, after: str) -> Proof | None:
    """Prove a rewrite of ``f``; ``None`` if it is refused."""
    proof = prove(dedent(before), dedent(after), "f")
    return None if isinstance(proof, Refused) else proof


KEPT = [
    pytest.param(
        """
        def f(a, b):
            if a:
                if b:
                    a.g()
        """,
        """
        def f(a, b):
            if a and b:
                a.g()
        """,
        id="two ifs are merged",
    ),
    pytest.param(
        """
        def f(a, b):
            if a or b:
                if b is not None or a.x:
                    a.g()
        """,
        """
        def f(a, b):
            if (a or b) and (b is not None or a.x):
                a.g()
        """,
        id="two ifs with or are merged in parentheses",
    ),
    pytest.param(
        """
        def f(a, b):
            if a:
                return b.x
            else:
                if b > 1:
                    return 2
                else:
                    a.g()
            return a
        """,
        """
        def f(a, b):
            if a:
                return b.x
            elif b > 1:
                return 2
            else:
                a.g()
            return a
        """,
        id="else with an if becomes elif",
    ),
    pytest.param(
        """
        def f(a, b):
            for x in a:
                if x in b:
                    x.g()
                    if x > b:
                        x.h()
        """,
        """
        def f(a, b):
            for x in a:
                if x not in b:
                    continue
                x.g()
                if x > b:
                    x.h()
        """,
        id="a loop continues early",
    ),
    pytest.param(
        """
        def f(a, b):
            a.g()
            if a < b:
                with a:
                    b.g()
        """,
        """
        def f(a, b):
            a.g()
            if not (a < b):
                return
            with a:
                b.g()
        """,
        id="a function returns early",
    ),
    pytest.param(
        """
        def f(a, b):
            found = None
            if a:
                for x in b:
                    if x.y:
                        found = x
            return found
        """,
        """
        def f(a, b):
            found = None
            if not a:
                return found
            for x in b:
                if x.y:
                    found = x
            return found
        """,
        id="a return is copied to an early end",
    ),
    pytest.param(
        """
        def f(a, b):
            if a:
                raise ValueError(a)
            elif b:
                return 1
            else:
                a.g()
                return 2
        """,
        """
        def f(a, b):
            if a:
                raise ValueError(a)
            if b:
                return 1
            a.g()
            return 2
        """,
        id="else after a branch that always jumps is dropped",
    ),
    pytest.param(
        """
        def f(a, b):
            if a is None:
                for x in b:
                    x.g()
                return b
            else:
                return 0
        """,
        """
        def f(a, b):
            if a is not None:
                return 0
            for x in b:
                x.g()
            return b
        """,
        id="branches are swapped, so that the short one comes first",
    ),
    pytest.param(
        """
        def f(a, b):
            try:
                if a:
                    if b:
                        return a.g()
            except (KeyError, ValueError) as error:
                b.g(error)
            finally:
                a.close()
            return None
        """,
        """
        def f(a, b):
            try:
                if a and b:
                    return a.g()
            except (KeyError, ValueError) as error:
                b.g(error)
            finally:
                a.close()
            return None
        """,
        id="two ifs are merged in a try",
    ),
    pytest.param(
        """
        def f(a, b):
            while a.x:
                with b as c:
                    if c:
                        c.g([d for d in a if d is not c])
                    else:
                        break
        """,
        """
        def f(a, b):
            while a.x:
                with b as c:
                    if not c:
                        break
                    c.g([d for d in a if d is not c])
        """,
        id="a swap in a with and a loop",
    ),
    pytest.param(
        """
        async def f(a, b):
            async with a:
                async for x in b:
                    if x:
                        await x.g()
        """,
        """
        async def f(a, b):
            async with a:
                async for x in b:
                    if not x:
                        continue
                    await x.g()
        """,
        id="an asynchronous loop continues early",
    ),
    pytest.param(
        """
        def f(a, b):
            for x in a:
                if x:
                    b.append(lambda: x)
                    yield x
        """,
        """
        def f(a, b):
            for x in a:
                if not x:
                    continue
                b.append(lambda: x)
                yield x
        """,
        id="a generator with a captured variable",
    ),
    pytest.param(
        """
        def f(a, b):
            if a:
                class C:
                    x = 1
                    def g(self):
                        return super().g(b)
                return C
            else:
                return None
        """,
        """
        def f(a, b):
            # The class is now in another line.
            #
            if not a:
                return None
            class C:
                x = 1
                def g(self):
                    return super().g(b)
            return C
        """,
        id="a class inside moves to another line",
    ),
    pytest.param(
        """
        def f(a, b):
            def g(c):
                if c:
                    if b:
                        return c.x
            return g(a)
        """,
        """
        def f(a, b):
            def g(c):
                if c and b:
                    return c.x
            return g(a)
        """,
        id="a function inside is rewritten",
    ),
    pytest.param(
        """
        def f(a, b):
            ok = a.x and b.y
            if ok:
                return a
            else:
                return not b
        """,
        """
        def f(a, b):
            ok = a.x and b.y
            if not ok:
                return not b
            return a
        """,
        id="truth is kept in a variable",
    ),
    pytest.param(
        """
        def f(a, b):
            x: int
            if a:
                x = 1
            else:
                b.g()
                return 1
            return x
        """,
        """
        def f(a, b):
            x: int
            if not a:
                b.g()
                return 1
            x = 1
            return x
        """,
        id="a variable has only an annotation on one path",
    ),
    pytest.param(
        """
        def f(a, b):
            match a:
                case {"x": x, **rest} if x:
                    if rest:
                        return b(x, **rest)
                case C(y=[z, *_]):
                    return z
        """,
        """
        def f(a, b):
            match a:
                case {"x": x, **rest} if x:
                    if not rest:
                        return
                    return b(x, **rest)
                case C(y=[z, *_]):
                    return z
        """,
        id="an early return in a match",
    ),
]


@pytest.mark.parametrize(("before", "after"), KEPT)
def test_what_keeps_the_behaviour_is_proven(before: str, after: str) -> None:
    assert compare(before, after) is Proof.PROVEN


@pytest.mark.parametrize(("before", "after"), KEPT)
def test_and_so_is_the_way_back(before: str, after: str) -> None:
    assert compare(after, before) is Proof.PROVEN


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


CHANGED = [
    pytest.param(
        """
        def f(a, b):
            if a:
                if b:
                    a.g()
            else:
                b.g()
        """,
        """
        def f(a, b):
            if a and b:
                a.g()
            else:
                b.g()
        """,
        id="merged although the outer if has an else",
    ),
    pytest.param(
        """
        def f(a, b):
            for x in a:
                if x:
                    x.g()
            return b
        """,
        """
        def f(a, b):
            for x in a:
                if not x:
                    return
                x.g()
            return b
        """,
        id="a loop is left where it should continue",
    ),
    pytest.param(
        """
        def f(a, b):
            if a < b:
                a.g()
        """,
        """
        def f(a, b):
            if a >= b:
                return
            a.g()
        """,
        id="less is inverted to greater or equal",
    ),
    pytest.param(
        """
        def f(a, b):
            if a or b:
                if b.x or a.x:
                    a.g()
        """,
        """
        def f(a, b):
            if a or b and b.x or a.x:
                a.g()
        """,
        id="or without parentheses",
    ),
    pytest.param(
        """
        def f(a, b):
            try:
                a.g()
            finally:
                if a:
                    b.g()
        """,
        """
        def f(a, b):
            try:
                a.g()
            finally:
                if not a:
                    return
                b.g()
        """,
        id="a return in finally swallows the exception",
    ),
    pytest.param(
        """
        def f(a, b):
            try:
                if a:
                    a.g()
            except ValueError:
                pass
            else:
                b.g()
        """,
        """
        def f(a, b):
            try:
                if not a:
                    return
                a.g()
            except ValueError:
                pass
            else:
                b.g()
        """,
        id="a return in a try skips its else",
    ),
    pytest.param(
        """
        def f(a, b):
            if a:
                with b:
                    return a.h()
            else:
                a.g()
            return 2
        """,
        """
        def f(a, b):
            if a:
                with b:
                    return a.h()
            a.g()
            return 2
        """,
        id="a with that may suppress an exception is taken for a jump",
    ),
    pytest.param(
        """
        def f(a, b):
            for x in a:
                x.g()
            else:
                if b:
                    b.g()
            return a
        """,
        """
        def f(a, b):
            for x in a:
                x.g()
            else:
                if not b:
                    return
                b.g()
            return a
        """,
        id="the else of a loop is left by return",
    ),
    pytest.param(
        """
        def f(a, b):
            if a.x:
                try:
                    return a.g()
                except ValueError:
                    b.g()
            else:
                b.h()
        """,
        """
        def f(a, b):
            if a.x:
                try:
                    return a.g()
                except ValueError:
                    b.g()
            b.h()
        """,
        id="a try is taken for a jump although its handler is none",
    ),
    pytest.param(
        "def f(a, b):\n    if a.x and b.x:\n        a.g()\n",
        "def f(a, b):\n    if b.x and a.x:\n        a.g()\n",
        id="operands of and change places",
    ),
    pytest.param(
        "def f(a, b):\n    if not (a and b):\n        a.g()\n",
        "def f(a, b):\n    if not a and not b:\n        a.g()\n",
        id="de Morgan without the other operator",
    ),
    pytest.param(
        "def f(a, b):\n    if a is None:\n        return b\n    return a.x\n",
        "def f(a, b):\n    if not a:\n        return b\n    return a.x\n",
        id="None is taken for false",
    ),
    pytest.param(
        "def f(a, b):\n    if a:\n        if a:\n            b.g()\n",
        "def f(a, b):\n    if a:\n        b.g()\n",
        id="a truth test is left out",
    ),
    pytest.param(
        "def f(a, b):\n    if a:\n        return 1\n    return 0\n",
        "def f(a, b):\n    if a:\n        return True\n    return 0\n",
        id="a constant has another type",
    ),
    pytest.param(
        "def f(a, b):\n    if a:\n        return 0.0\n    return b\n",
        "def f(a, b):\n    if a:\n        return -0.0\n    return b\n",
        id="zero has another sign",
    ),
    pytest.param(
        """
        def f(a, b):
            try:
                x = a.g()
            except ValueError:
                return b
            return x.h()
        """,
        """
        def f(a, b):
            try:
                x = a.g()
                return x.h()
            except ValueError:
                return b
        """,
        id="a call moves into a try",
    ),
    pytest.param(
        """
        def f(a, b):
            try:
                b.g()
                return x
            except UnboundLocalError:
                pass
            x = 1
        """,
        """
        def f(a, b):
            try:
                b.g()
            except UnboundLocalError:
                pass
            else:
                return x
            x = 1
        """,
        id="a variable that is unbound is read outside of the try",
    ),
    pytest.param(
        """
        def f(a, b):
            x = 1
            b.append(lambda: x)
            a.g()
            x = 2
        """,
        """
        def f(a, b):
            x = 1
            b.append(lambda: x)
            x = 2
            a.g()
        """,
        id="a captured variable is assigned before a call",
    ),
    pytest.param(
        """
        def f(a, b):
            x = 1
            def g():
                nonlocal x
                x = 2
            a(g)
            if x == 1:
                return b
        """,
        """
        def f(a, b):
            x = 1
            def g():
                nonlocal x
                x = 2
            y = x
            a(g)
            x = y
            if x == 1:
                return b
        """,
        id="an assignment by a nested function is lost",
    ),
    pytest.param(
        """
        def f(a, b):
            if a:
                assert False
            else:
                b.g()
        """,
        """
        def f(a, b):
            if a:
                assert False
            b.g()
        """,
        id="an assertion is taken for a jump, which it is not without assertions",
    ),
    pytest.param(
        """
        def f(a, b):
            if a:
                x = 1
            else:
                y = 2
            return locals()
        """,
        """
        def f(a, b):
            if not a:
                y = 2
            else:
                x = 1
            return locals()
        """,
        id="locals have another order",
    ),
    pytest.param(
        """
        def f(a, b):
            def g(c):
                if c:
                    return c.x
                return b
            return g(a)
        """,
        """
        def f(a, b):
            def g(c):
                if not c:
                    return c.x
                return b
            return g(a)
        """,
        id="a function inside changes",
    ),
    pytest.param(
        "def f(a, b):\n    return [x for x in a if x.y]\n",
        "def f(a, b):\n    return [x for x in a if not x.y]\n",
        id="a comprehension changes",
    ),
    pytest.param(
        "def f(a, b):\n    y = 1\n    return sum((y for x in b), (y := a.g()))\n",
        "def f(a, b):\n    y = 1\n    return sum((y for x in b), a.g())\n",
        id="an assignment before a generator expression is used up is left out",
    ),
    pytest.param(
        "def f(a, b):\n    while True:\n        a.g()\n",
        "def f(a, b):\n    while b:\n        a.g()\n",
        id="a loop may end",
    ),
    pytest.param(
        "def f(a, b):\n    a.g()\n    return b\n",
        "def f(a, b):\n    yield a.g()\n    return b\n",
        id="a function becomes a generator",
    ),
]


@pytest.mark.parametrize(("before", "after"), CHANGED)
def test_what_changes_the_behaviour_is_refused(before: str, after: str) -> None:
    assert compare(before, after) is None


@pytest.mark.parametrize(("before", "after"), CHANGED)
def test_each_side_alone_is_proven(before: str, after: str) -> None:
    """A refusal is about the difference: none of these functions is out of reach."""
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
