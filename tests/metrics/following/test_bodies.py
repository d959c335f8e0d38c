"""What stands for a body is the same wherever it is computed."""

from __future__ import annotations

import pytest

from pytest_antipasta.engine.measuring.measurer import measure_once
from pytest_antipasta.metrics.following.bodies import NormalizedBlocks, shorten
from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.model.measured import Measured

# Computed with CPython 3.11, 3.12 and 3.13: what a baseline has must be found on each of them.
KNOWN = [
    pytest.param("def f(): pass\n", "f", "99765e5b8cb84412", id="the least"),
    pytest.param("def f(): pass\n", "", "f91597dc4e59267e", id="a file"),
    pytest.param("class A:\n    x: int = 1\n    def f(self): ...\n", "A", "d9e2b6cac31dda84", id="a class"),
    pytest.param(
        "def f(a):\n    return f'{a:.{a}}' f'{a!r:>{a}} {a=}'\n", "f", "2beb265e4f9798e1", id="formats"
    ),
    pytest.param(
        "def f(a):\n    return f'' + f'{a}' 'b' u'c' + 'd\\n'\n",
        "f",
        "cc328c7646f3e80c",
        id="texts",
    ),
    pytest.param(
        "def f(a):\n    return 'ä\\u0378\\U0001fae8', b'\\xff'\n",
        "f",
        "9eb71cc1ed2fe753",
        id="letters of a newer Unicode",
    ),
    pytest.param(
        "def f():\n    return 1e400, 1j, 0x" + "f" * 5000 + ", ...\n",
        "f",
        "22a856be556c71fc",
        id="large numbers",
    ),
    pytest.param(
        "@d\nasync def f(a, /, b=1, *c, e, g=2, **h) -> int:\n    yield {**a, 1: None}\n",
        "f",
        "c95bf4ea185b5089",
        id="parameters",
    ),
    pytest.param(
        "def f(a):\n    match a:\n        case [1, *_] | {'k': None, **r} if r: pass\n",
        "f",
        "41d0cccc6378b9ae",
        id="patterns",
    ),
    pytest.param(
        "def f(a):\n    '''A.\n\n      B.\n    '''\n    return a[1:2, ...], a[b]\n",
        "f",
        "5cba8a946db5cb9c",
        id="a docstring",
    ),
]


@pytest.mark.parametrize(("source", "name", "digest"), KNOWN)
def test_the_digest_is_the_same_on_every_python(source: str, name: str, digest: str) -> None:
    data = source.encode()
    file = FileVersion("a.py", lambda: data, lambda: Measured(measure_once(data)))
    assert shorten(NormalizedBlocks(data).find(name)) == file.digest(name) == digest


def test_what_is_not_there_has_none() -> None:
    assert NormalizedBlocks(b"def f(): pass\n").find("g") is None
    assert NormalizedBlocks(b"def f(:\n").find("") is None


DIFFERENT = [
    pytest.param("x = [f(a), b]", "x = [f(a, b)]", id="where a list ends"),
    pytest.param("x = 1", "x = '1'", id="a number and a text"),
    pytest.param("x = '0x1'", "x = 1", id="a text like a number"),
    pytest.param("x = None", "x = 'None'", id="nothing and its name"),
    pytest.param("x = {**a}", "x = {None: a}", id="unpacked"),
    pytest.param("def g(a=1, *, b): pass", "def g(a, *, b=1): pass", id="whose default it is"),
    pytest.param("x = f'{a}'", "x = f'a'", id="what is formatted"),
    pytest.param("x = f('')", "x = f()", id="an empty text as an argument"),
    pytest.param("del x", "x", id="what is done with a name"),
    pytest.param("x = 1.0", "x = 1", id="a fraction"),
    pytest.param("x = True", "x = 1", id="true and one"),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_differs_has_another(one: str, other: str) -> None:
    digests = {NormalizedBlocks(f"def f():\n    {text}\n".encode()).find("f") for text in (one, other)}
    assert len(digests) == 2


def test_nothing_is_too_deep_to_be_compared() -> None:
    """CPython 3.12 and earlier parse what ``ast.dump`` can't write."""
    source = "def {}():\n    return " + "-" * 900 + "a\n"
    assert NormalizedBlocks(source.format("f").encode()).find("f") == NormalizedBlocks(
        source.format("g").encode()
    ).find("g")
