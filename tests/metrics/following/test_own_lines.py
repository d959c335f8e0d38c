"""A function's body by its own lines is the one that the whole source gives, or is not told."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.engine.measuring.measurer import measure_once
from pytest_antipasta.metrics.following.bodies import NormalizedBlocks, find_body
from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.model.measured import Measured

ROOT = Path(__file__).parents[3]


def find_bodies(data: bytes) -> dict[str, tuple[str | None, str | None]]:
    """Return for each function its body by its own lines, and by the whole source."""
    version = FileVersion("a.py", lambda: data, lambda: Measured(measure_once(data)))
    whole = NormalizedBlocks(data)
    return {
        name: (find_body(version.lines, version.starts[name], block), whole.find(name))
        for name, block in version.blocks.items()
    }


SOURCES = {
    "alone": "def f(a):\n    return a\n",
    "at the end without a newline": "def f(a): return a",
    "decorated": "@a\n@b(\n    1,\n)\n# comment\n@c\n\ndef f(): pass\n",
    "behind one that is decorated": "@a\ndef g(): pass\n@b\ndef f(): pass\n",
    "behind a matrix product": "x = (a\n@b\n)\n@c\ndef f(): pass\n",
    "behind decorators in a string": 'x = """\n@a\n"""\n@c\ndef f(): pass\n',
    "behind a string, undecorated": 'x = """\n@a\n"""\ndef f():\n    """Doc."""\n',
    "a method": "class A:\n    x = 1\n\n    @a\n    def f(self):\n        '''Doc.\n\n        More.'''\n",
    "a closure": "def g():\n    if x:\n        @a\n        def f(): return '''\n  b\n'''\n    return f\n",
    "in an else": "if x:\n    def f(): pass\nelse:\n    @a\n    def f(): pass\n",
    "asynchronous": "async def f():\n    async with a: await b\n",
    "recursive": "class A:\n    def f(self): return self.f() + f()\n",
    "tabs": "class A:\n\t@a\n\tdef f(self):\n\t\tif x:\n\t\t\treturn\n",
    "lines that hang out": "class A:\n    def f(self, a=(\n1,\n    )):\n# comment\n        return '\\\n'\n",
    "a line for all of a class": "class A:\n    def g(self): pass\n    @a\n    def f(self): pass\n",
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_it_is_the_same(source: str) -> None:
    for name, (own, whole) in find_bodies(source.encode()).items():
        assert own == whole is not None, name


UNTOLD = {
    "a decorator behind a form feed": "x = 1\n\f@a\ndef f(): pass\n",
    "a product that goes on on the next line": "x = a \\\n@b\ndef f(): pass\n",
    "more marks than are tried": 'x = """\n@\n@\n@\n@\n@\n@\n"""\ndef f(): pass\n',
}


@pytest.mark.parametrize("source", UNTOLD.values(), ids=UNTOLD.keys())
def test_it_is_not_reported(source: str) -> None:
    ((own, whole),) = find_bodies(source.encode()).values()
    assert own is None
    assert whole is not None


def test_it_is_the_same_in_some_of_our_own_sources() -> None:
    paths = (ROOT / "pytest_antipasta" / "engine").rglob("*.py")
    found = [pair for path in paths for pair in find_bodies(path.read_bytes()).values()]
    assert len(found) > 300
    assert [own for own, whole in found if own not in (whole, None)] == []
    assert sum(own is None for own, _ in found) < 10


@pytest.mark.parametrize("data", [b"", b"x = 1\n", b"def f(:\n"])
def test_a_file_that_has_changed_since_it_was_measured_has_no_body_of_its_blocks(data: bytes) -> None:
    measured = Measured(measure_once(b"x = 1\n\n\ndef f(): pass\n"))
    assert FileVersion("a.py", lambda: data, lambda: measured).digest("f") is None
