"""Extractions into a helper: what keeps the behaviour is proven, and what changes it is refused."""

from __future__ import annotations

import re
from textwrap import dedent, indent

import pytest

from pytest_antipasta.advice.proof.proof import Proof, Refused, prove


def extract(before: str, after: str) -> Proof | None:
    """Prove an extraction from ``f`` or ``C.f`` into ``_h`` or ``C._h``; ``None`` if it is refused."""
    before, after = dedent(before), dedent(after)
    function = "C.f" if before.startswith("\nclass") else "f"
    helper = "C._h" if "    def _h" in after or "    async def _h" in after else "_h"
    proof = prove(before, after, function, helper)
    return None if isinstance(proof, Refused) else proof


KEPT = [
    pytest.param(
        """
        def f(a, b):
            for x in a:
                y = x.g()
                if y:
                    b.append(y)
            return b
        """,
        """
        def f(a, b):
            for x in a:
                _h(b, x)
            return b


        def _h(b, x):
            y = x.g()
            if y:
                b.append(y)
        """,
        id="no output",
    ),
    pytest.param(
        """
        def f(a, b):
            total = 0
            for x in a:
                if x > b:
                    total += x
            return total * b
        """,
        """
        def _h(a, b):
            total = 0
            for x in a:
                if x > b:
                    total += x
            return total


        def f(a, b):
            total = _h(a, b)
            return total * b
        """,
        id="one output",
    ),
    pytest.param(
        """
        def f(a, b):
            if a.x:
                c, d = a.x, 1
            else:
                c, d = b.x, 2
            return c.g(d)
        """,
        """
        def _h(left, right):
            if left.x:
                c, d = left.x, 1
            else:
                c, d = right.x, 2
            return c, d


        def f(a, b):
            c, d = _h(a, b)
            return c.g(d)
        """,
        id="two outputs, and parameters of other names",
    ),
    pytest.param(
        """
        def f(a, b):
            a.g()
            if b:
                return a
            return [x for x in a if x is not b]
        """,
        """
        def _h(a, b):
            if b:
                return a
            return [x for x in a if x is not b]


        def f(a, b):
            a.g()
            return _h(a, b)
        """,
        id="the end of the function",
    ),
    pytest.param(
        """
        def f(a, b):
            x = 0
            for y in a:
                if y:
                    x = y.g()
                b.g(x)
        """,
        """
        def _h(x, y):
            if y:
                x = y.g()
            return x


        def f(a, b):
            x = 0
            for y in a:
                x = _h(x, y)
                b.g(x)
        """,
        id="a variable written on one path is input and output",
    ),
    pytest.param(
        """
        class C:
            def f(self, a):
                for x in a:
                    if x in self.known:
                        self.known[x].g(self.__x)
                return self
        """,
        """
        class C:
            def f(self, a):
                for x in a:
                    self._h(x)
                return self

            def _h(self, x):
                if x in self.known:
                    self.known[x].g(self.__x)
        """,
        id="a method",
    ),
    pytest.param(
        """
        class C:
            @classmethod
            def f(cls, a):
                b = cls(a)
                if b.x:
                    b.g()
                return b
        """,
        """
        class C:
            @classmethod
            def f(cls, a):
                b = cls(a)
                cls._h(b)
                return b

            @classmethod
            def _h(cls, b):
                if b.x:
                    b.g()
        """,
        id="a class method",
    ),
    pytest.param(
        """
        class C:
            def f(self, a):
                self.x = []
                for b in a:
                    if b:
                        a.g(b)
        """,
        """
        class C:
            @staticmethod
            def _h(a):
                for b in a:
                    if b:
                        a.g(b)

            def f(self, a):
                self.x = []
                self._h(a)
        """,
        id="a static method",
    ),
    pytest.param(
        """
        async def f(a, b):
            for x in a:
                y = await x.g()
                async with b as c:
                    await c.h(y)
            return b
        """,
        """
        async def f(a, b):
            for x in a:
                await _h(b, x)
            return b


        async def _h(b, x):
            y = await x.g()
            async with b as c:
                await c.h(y)
        """,
        id="an asynchronous function",
    ),
    pytest.param(
        """
        async def f(a, b):
            try:
                async with b:
                    c = await a.g()
                    if c:
                        c.h()
            except Exception:
                b.h()
        """,
        """
        async def f(a, b):
            try:
                async with b:
                    await _h(a)
            except Exception:
                b.h()


        async def _h(a):
            c = await a.g()
            if c:
                c.h()
        """,
        id="an asynchronous function in a try and a with",
    ),
    pytest.param(
        """
        class C:
            async def f(self, a):
                try:
                    b = await self.g(a)
                    if b is None:
                        b = [x async for x in a]
                finally:
                    a.close()
                return b
        """,
        """
        class C:
            async def f(self, a):
                try:
                    b = await self._h(a)
                finally:
                    a.close()
                return b

            async def _h(self, a):
                b = await self.g(a)
                if b is None:
                    b = [x async for x in a]
                return b
        """,
        id="an asynchronous method in a try with finally",
    ),
    pytest.param(
        """
        def f(a, b):
            try:
                with a as c:
                    if c:
                        c.g()
            except ValueError:
                return None
            return b
        """,
        """
        def f(a, b):
            try:
                _h(a)
            except ValueError:
                return None
            return b


        def _h(a):
            with a as c:
                if c:
                    c.g()
        """,
        id="exceptions of the helper have the function's handler",
    ),
    pytest.param(
        """
        def f(a, b):
            try:
                a.g()
            except ValueError as error:
                b.g(error)
                if a.x:
                    raise
                return b.h(a)
            return a
        """,
        """
        def f(a, b):
            try:
                a.g()
            except ValueError as error:
                return _h(a, b, error)
            return a


        def _h(a, b, error):
            b.g(error)
            if a.x:
                raise
            return b.h(a)
        """,
        id="a handler raises again in the helper",
    ),
    pytest.param(
        """
        def f(a, b):
            found = [x for x in a if all(x > y for y in b)]
            names = {x: sorted(found, key=lambda z: z[b]) for x in found}
            return names
        """,
        """
        def f(a, b):
            found = [x for x in a if all(x > y for y in b)]
            names = _h(b, found)
            return names


        def _h(b, found):
            names = {x: sorted(found, key=lambda z: z[b]) for x in found}
            return names
        """,
        id="a captured variable that is not assigned any more",
    ),
    pytest.param(
        """
        def f(a, b):
            x = a.g()
            b.append(lambda: x)
            c = b.h()
            a.sort(key=lambda y: y[c])
            return x
        """,
        """
        def f(a, b):
            x = a.g()
            b.append(lambda: x)
            _h(a, b)
            return x


        def _h(a, b):
            c = b.h()
            a.sort(key=lambda y: y[c])
        """,
        id="one of two captured variables moves into the helper",
    ),
    pytest.param(
        """
        def f(a, b):
            for x in a:
                if any(x > y for y in b):
                    b.append(x)
            return b
        """,
        """
        def f(a, b):
            for x in a:
                _h(b, x)
            return b


        def _h(b, x):
            if any(x > y for y in b):
                b.append(x)
        """,
        id="a generator expression is used up in the helper",
    ),
    pytest.param(
        """
        def f(a, b):
            t: int
            if a:
                t = 1
                b.g(t)
            else:
                t = 2
            return t
        """,
        """
        def f(a, b):
            t = _h(a, b)
            return t


        def _h(a, b):
            t: int
            if a:
                t = 1
                b.g(t)
            else:
                t = 2
            return t
        """,
        id="an annotation moves along",
    ),
    pytest.param(
        """
        def f(a: int, b) -> None:
            a.g()
            if b:
                b.g(a)
        """,
        """
        def _h(a: int, b) -> None:
            \"\"\"What it does.\"\"\"
            if b:
                b.g(a)


        def f(a: int, b) -> None:
            a.g()
            _h(a, b)
        """,
        id="annotations and a docstring of the helper",
    ),
]


@pytest.mark.parametrize(("before", "after"), KEPT)
def test_what_keeps_the_behaviour_is_proven(before: str, after: str) -> None:
    assert extract(before, after) is Proof.PROVEN


CHANGED = [
    pytest.param(
        """
        def f(self, a):
            t: int
            if a:
                if a > 2:
                    t = 1
                else:
                    a.g()
            return 3
        """,
        """
        def f(self, a):
            t: int
            if a:
                t = _h(a, t)
            return 3


        def _h(a, t):
            if a > 2:
                t = 1
            else:
                a.g()
            return t
        """,
        id="an input may be unbound, as only its annotation comes before",
    ),
    pytest.param(
        """
        def f(a, b):
            for x in a:
                if x:
                    y = x.g()
                b.g()
        """,
        """
        def f(a, b):
            for x in a:
                y = _h(x)
                b.g()


        def _h(x):
            if x:
                y = x.g()
            return y
        """,
        id="an output may be unbound",
    ),
    pytest.param(
        """
        def f(a, b):
            x, y = 1, 2
            if a:
                x = a.g()
                y = b.g()
            return x, y
        """,
        """
        def f(a, b):
            x, y = 1, 2
            x = _h(a, b, x, y)
            return x, y


        def _h(a, b, x, y):
            if a:
                x = a.g()
                y = b.g()
            return x
        """,
        id="an output is missing",
    ),
    pytest.param(
        """
        def f(a, b):
            x, y = a.g(), b.g()
            x, y = y.h(), x.h()
            return x, y
        """,
        """
        def f(a, b):
            x, y = a.g(), b.g()
            y, x = _h(x, y)
            return x, y


        def _h(x, y):
            x, y = y.h(), x.h()
            return x, y
        """,
        id="outputs change places",
    ),
    pytest.param(
        """
        def f(a, b):
            c = a.g()
            d = b.g()
            return c, d
        """,
        """
        def f(a, b):
            d = _h(b)
            c = a.g()
            return c, d


        def _h(b):
            d = b.g()
            return d
        """,
        id="the order of calls changes",
    ),
    pytest.param(
        """
        def f(a, b):
            for x in a:
                y = x.g()
                b.append(lambda: y)
            return b
        """,
        """
        def f(a, b):
            for x in a:
                _h(b, x)
            return b


        def _h(b, x):
            y = x.g()
            b.append(lambda: y)
        """,
        id="each call has a variable of its own for an escaping function",
    ),
    pytest.param(
        """
        def f(a, b):
            x = 1
            b.append(lambda: x)
            a.g()
            x = 2
            return a
        """,
        """
        def f(a, b):
            x = 1
            _h(a, b, x)
            x = 2
            return a


        def _h(a, b, x):
            b.append(lambda: x)
            a.g()
        """,
        id="a variable that an escaping function reads is assigned later",
    ),
    pytest.param(
        """
        def f(a, b):
            for x in a:
                b.append(y.g(x) for y in a)
            return b
        """,
        """
        def f(a, b):
            for x in a:
                _h(a, b, x)
            return b


        def _h(a, b, x):
            b.append(y.g(x) for y in a)
        """,
        id="a generator expression is used up later",
    ),
    pytest.param(
        """
        def f(a, b):
            x = 0
            def g():
                nonlocal x
                x += 1
            a.keep(g)
            if x:
                a.g(x)
                b.g(x)
            return b
        """,
        """
        def f(a, b):
            x = 0
            def g():
                nonlocal x
                x += 1
            a.keep(g)
            _h(a, b, x)
            return b


        def _h(a, b, x):
            if x:
                a.g(x)
                b.g(x)
        """,
        id="a nested function assigns an input",
    ),
    pytest.param(
        """
        def f(a, b):
            if a:
                a.g()
                if b:
                    return 1
            b.g()
            return 2
        """,
        """
        def f(a, b):
            _h(a, b)
            b.g()
            return 2


        def _h(a, b):
            if a:
                a.g()
                if b:
                    return 1
        """,
        id="the helper swallows a return",
    ),
    pytest.param(
        """
        def f(a, b):
            a.g()
            if b:
                b.g()
            return b
        """,
        """
        def f(a, b):
            a.g()
            return _h(b)


        def _h(b):
            if b:
                b.g()
        """,
        id="the function returns nothing any more",
    ),
    pytest.param(
        """
        def f(a, b):
            x = 1
            try:
                x = a.g()
                b.g()
            except ValueError:
                return x
            return b
        """,
        """
        def f(a, b):
            x = 1
            try:
                _h(a, b)
            except ValueError:
                return x
            return b


        def _h(a, b):
            x = a.g()
            b.g()
        """,
        id="a handler reads what the helper has assigned",
    ),
    pytest.param(
        """
        def f(a, b):
            x = a.g()
            with b:
                if x:
                    x.g()
        """,
        """
        def f(a, b):
            with b:
                _h(a)


        def _h(a):
            x = a.g()
            if x:
                x.g()
        """,
        id="a call moves into a with",
    ),
    pytest.param(
        """
        async def f(a, b):
            async with b:
                c = await a.g()
                if c:
                    next(c)
        """,
        """
        async def f(a, b):
            async with b:
                await _h(a)


        async def _h(a):
            c = await a.g()
            if c:
                next(c)
        """,
        id="a handler sees StopIteration, which does not leave a coroutine",
    ),
    pytest.param(
        """
        async def f(a, b):
            c = await a.g()
            if c:
                b.append(c)
            return b
        """,
        """
        async def f(a, b):
            _h(a, b)
            return b


        async def _h(a, b):
            c = await a.g()
            if c:
                b.append(c)
        """,
        id="the helper is not awaited",
    ),
    pytest.param(
        """
        class C:
            def f(self, a):
                if a:
                    a.g(self)
                self = a.x
                if self:
                    self.g()
        """,
        """
        class C:
            def f(self, a):
                if a:
                    a.g(self)
                self = a.x
                self._h()

            def _h(self):
                if self:
                    self.g()
        """,
        id="the helper is called on another object",
    ),
    pytest.param(
        """
        class C:
            @staticmethod
            def f(a, b):
                if a.x:
                    b.g(a)
                return a
        """,
        """
        class C:
            @staticmethod
            def f(a, b):
                a._h(b)
                return a

            def _h(a, b):
                if a.x:
                    b.g(a)
        """,
        id="the first argument of a static method is any object",
    ),
    pytest.param(
        """
        class C:
            def f(self, a):
                b = super().f(a)
                if b:
                    a.g()
                return b
        """,
        """
        class C:
            def f(self, a):
                b = self._h(a)
                return b

            def _h(self, a):
                b = super().f(a)
                if b:
                    a.g()
                return b
        """,
        id="super reads the frame",
    ),
    pytest.param(
        """
        def f(a, b):
            x = a.g()
            if x:
                b.g(x)
            return b % locals()
        """,
        """
        def f(a, b):
            _h(a, b)
            return b % locals()


        def _h(a, b):
            x = a.g()
            if x:
                b.g(x)
        """,
        id="locals are read",
    ),
    pytest.param(
        """
        def f(a, b):
            x = a.g()
            if x:
                b.g(x)
            return b.query("y > @x")
        """,
        """
        def f(a, b):
            _h(a, b)
            return b.query("y > @x")


        def _h(a, b):
            x = a.g()
            if x:
                b.g(x)
        """,
        id="a local is read by its name in a text",
    ),
    pytest.param(
        """
        def f(a, b):
            def g():
                return b
            if a:
                a.g(g)
            return g
        """,
        """
        def f(a, b):
            g = _h(a, b)
            return g


        def _h(a, b):
            def g():
                return b
            if a:
                a.g(g)
            return g
        """,
        id="a nested function has another qualified name",
    ),
    pytest.param(
        """
        def f(a, b):
            for x in a:
                if x:
                    yield x
        """,
        """
        def f(a, b):
            for x in a:
                _h(x)


        def _h(x):
            if x:
                yield x
        """,
        id="a yield moves into the helper",
    ),
    pytest.param(
        """
        def f(a, b):
            if a:
                a.g()
            return b
        """,
        """
        def f(a, b):
            if a:
                a.g()
            return b


        def _h(a):
            a.g()
        """,
        id="the helper is never called",
    ),
    pytest.param(
        """
        def f(a, b):
            a.g()
            a.h()
            b.g()
            b.h()
        """,
        """
        def f(a, b):
            _h(a)
            _h(a)


        def _h(c):
            c.g()
            c.h()
        """,
        id="the helper is called with another value",
    ),
]


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


def test_a_generator_is_no_helper() -> None:
    after = f"{AFTER}\n\n{HELPER}    if 0:\n        yield\n"
    assert prove(BEFORE, after, "f", "_h") == Refused("the helper is a generator")


def test_a_public_name_may_come_from_a_star_import() -> None:
    before, after = f"from x import *\n{BEFORE}", f"from x import *\n{HELPER}{AFTER}"
    assert prove(before, after, "f", "_h") is Proof.PROVEN
    public = prove(before, after.replace("_h", "h"), "f", "h")
    assert public == Refused("the module may import the helper's name by `*`")
