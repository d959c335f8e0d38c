"""Every number equals radon's and complexipy's: on drawn programs, on corner cases, to the last bit."""

from __future__ import annotations

import ast
import io
import os
import tokenize
import warnings

import pytest
from hypothesis import HealthCheck, assume, given, settings
from msgspec.structs import replace

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.measured import (
    BLOCK_METRICS,
    FILE_METRICS,
    FUNCTION_METRICS,
    FileError,
    Measurement,
)
from tests import programs
from tests.oracles import Expectation, Silence, consult, find_differences

# In CI the same programs each time: a red run there should be somebody's doing.
PROFILE = settings(
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def _can_be_tokenized(data: bytes) -> bool:
    """Whether CPython's own tokenizer reads it: that of 3.14 raises `MemoryError` for some t-strings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return bool(list(tokenize.tokenize(io.BytesIO(data).readline)))
        except MemoryError:
            return False
        except (SyntaxError, SystemError, UnicodeDecodeError, tokenize.TokenError):
            return True


def _assert_equal(data: bytes) -> None:
    with warnings.catch_warnings():
        # Measuring must not repeat the warnings that the measured code deserves.
        warnings.simplefilter("error")
        ours = measure(data)
    differences = find_differences("program", ours, consult(data))
    assert not differences, "\n".join(map(str, differences))


@settings(PROFILE, max_examples=40)
@given(programs.files())
def test_drawn_programs(data: bytes) -> None:
    """Any program in any layout, with any newlines and encoding."""
    assume(_can_be_tokenized(data))
    _assert_equal(data)


@pytest.mark.parametrize("kind", [*programs.STATEMENTS, *programs.EXPRESSIONS, *programs.PATTERNS])
def test_each_kind_of_node(kind: str) -> None:
    """Each kind of node by itself, so that a failure tells which one it is."""

    @settings(PROFILE, max_examples=8)
    @given(programs.programs_with(kind))
    def check(source: str) -> None:
        data = source.encode()
        assume(_can_be_tokenized(data))
        _assert_equal(data)

    check()


# The others have ruff as theirs, see `test_ruff_parity`.
OF_ORACLES = [metric for metric in BLOCK_METRICS if metric not in FUNCTION_METRICS]
# Names of constants in old Pythons, and t-strings, which radon 6.0.1 knows nothing of.
NEVER_DRAWN = {"Num", "Str", "Bytes", "NameConstant", "Ellipsis"}


@pytest.mark.parametrize(
    ("base", "drawn"),
    [
        pytest.param(ast.stmt, {*programs.STATEMENTS}, id="statements"),
        pytest.param(ast.expr, {*programs.EXPRESSIONS, *programs.EXPRESSION_PARTS}, id="expressions"),
        pytest.param(ast.pattern, {*programs.PATTERNS, *programs.PATTERN_PARTS}, id="patterns"),
    ],
)
def test_every_kind_can_be_drawn(base: type[ast.AST], drawn: set[str]) -> None:
    """A new kind of node in a new Python must not be forgotten."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        kinds = {one.__name__ for one in base.__subclasses__()}
    assert kinds - drawn - NEVER_DRAWN == set()


@pytest.mark.slow
def test_drawn_programs_are_valid() -> None:
    """Programs that Python refuses would compare nothing."""
    outcomes: list[bool] = []

    @settings(PROFILE, derandomize=True, database=None, max_examples=50)
    @given(programs.programs())
    def draw(source: str) -> None:
        outcomes.append(not consult(source.encode()).errors)

    draw()
    assert sum(outcomes) > 0.9 * len(outcomes)


CORNERS = {
    "nothing": "",
    "a newline": "\n",
    "blanks without a newline": " \t",
    "a form feed": "\f",
    "a comment without a newline": "# c",
    "a lone semicolon behind a statement": "x;",
    "several statements in a line": "x: int; y\ny; x: int\nif a: b; c;\n",
    "a colon, then a comment within brackets": "f(lambda i: # c\ni)",
    "a colon at the end of a line within brackets": "x = {'a':\n1}\n",
    "a comment behind a header": "if a: # c\n  b",
    "a backslash before a blank line": "x = 1 \\\n\ny\n",
    "a backslash before a comment": "x = 1 \\\n\n# c\ny",
    "a backslash before the end": "x = 1 \\\n",
    "a backslash within a string": "x = 'a\\\n  b'\ny = '''a\\\n\n'''\n",
    "a backslash with blanks behind it in a string": "'''a\\  \nb\n'''\n",
    "a backslash in a comment": "# a\\\nx\n",
    "a line of code with only a bracket": "f(\n\n\n)\n",
    "a docstring in one line": 'def f():\n  """a"""\n',
    "a docstring with blank lines": 'def f():\n  """a\n\n  b\n  """\n',
    "a docstring with a comment": '"""a"""  # c\n"""a\nb"""  # c\n',
    "a docstring in brackets": '("""a\n\nb""")\n',
    "a docstring in two parts": '"a" "b"\n"a" \\\n"b"\n',
    "a docstring with a semicolon": '"a";\n"""a\nb""";\n',
    "a docstring of bytes": 'b"""a\n\nb"""\nB"a"\n',
    "a raw docstring": "r'''a\\d\n'''\n",
    "an f-string alone": "f'a'\nf'''a\n\n{b}'''\n",
    "an f-string with a format": "x = f'{a:>10} {b!r:{c}.{d}} {e:%H:%M} {f=} {g = :>3}'\n",
    "an f-string with doubled braces": "x = f'{{:}}{{{a}:}}' f'}}{a:}'\n",
    "an f-string with a lambda and a dict": "x = f'{(lambda: a)} {({1: 2})} {(a := 1)} {a[1:2]}'\n",
    "an f-string with not-equal": "x = f'{a != b} {a!r} {a == b}'\n",
    "an f-string with a colon in quotes": "x = f\"{a[':']} {':'}\"\n",
    "an f-string in an f-string": "x = f'{f\"{a:{b}}\":>{c}}'\n",
    "an f-string over lines": "x = f'''{\na\n:\n>10}\n{\n b}'''\n",
    "an f-string with a named character": "x = f'\\N{BULLET}: {a:\\N{DIGIT ONE}}'\n",
    "a raw f-string": "x = rf'\\{a:\\d}\\N{b}'\n",
    "an f-string with its own quotes": "x = f'{a['b']:{c['d']}}'\n",
    "an f-string with a comment": "x = f'{a # : c\n}'\nx = f'{a # c }\n:>3}'\n",
    "an f-string with a newline in its field": "x = f'{a\n:>3}'\n",
    "an f-string with a backslash in its field": "x = f'{\"\\n\".join(a)}'\n",
    "an odd line break in a string": "x = 'a\u2028b'\n",
    "an odd line break in a docstring": "'''a\fb\n\x85c'''\n",
    "an odd line break in a comment": "# a\fb: c\nx\n# a\vx = (\n",
    "an odd line break in a comment behind code": "x = 1 # a\x1cy\n",
    "form feeds between functions": "def f():\n  pass\n\f\ndef g():\n  pass\n\fdef h(): pass\n",
    "form feeds within a line": "x =\f1\nif a:\f b\n",
    "a vertical tab is no whitespace": "x =\v1\n",
    "a non-breaking space is no whitespace": "x =\u00a01\n",
    "a non-breaking space in a string": "'''a\n\u00a0\n'''\n",
    "names outside of radon's pattern": "℘ = 1\na· = 2\n",
    "names that Python composes": "def ﬁ(): return ﬁ + fi\nclass ª:\n def º(self): pass\n",
    "names that are keywords elsewhere": "match = case = type = _ = 1\nmatch(x)[case]: type\ntype.x\n",
    "a match on a match": "match match:\n case case: match\n",
    "operators without blanks": "a=b if c else-d\nx=1if a else 2\ny=[0x1for x in y]\n",
    "invalid escapes": "x = '\\d'\ny = b'\\q'\nz = '\\400'\n",
    "decorators over lines": "@(\n a)\n\n# c\n@b\ndef f(): pass\n@c\nclass A: pass\n",
    "async and def in two lines": "async \\\n def f(): pass\n",
    "a tab after blanks": "if a:\n        b\n\tc\n",
    "comments at any depth": "if a:\n # c\n  b\n    # d\n# e\n  c\n",
    "an ellipsis with an attribute": "....x + ...\n",
    "a star in an index": "a[*b]: c\n",
    "type parameters": "def f[T: (a or b), *Ts, **P](x: T): pass\nclass A[T]: pass\ntype X[T] = T\n",
    "except with a star": "try: a\nexcept* b: c\n",
    "a template string": "x = t'{a if b else c:>{d}}' t'{{:}}{e!r}'\n",
    "a template string over lines": "def f(): return t'''{\n a and b\n:>3}'''\n",
    "a template string alone": "t'a'\nt'''a\n\n{b}'''\nrt'\\d{c=}'\n",
    "handlers without parentheses": "try: a\nexcept b, c: d if e else f\ntry: a\nexcept* g, h: i\n",
    "handlers without parentheses in a function": "def f():\n try: a\n except b, c: d = e or f\n",
    "annotations that are evaluated late": "def f(x: A if B else C) -> A or B: pass\n",
    "what no Python takes": "def f(:\n",
    "what an old Python took": "print 'x'\n",
    "an indentation that fits nowhere": "if a:\n    b\n  c\n",
    "a bracket that stays open": "x = (\n",
    "a string that stays open": "x = '''\n",
    "a NUL": "x = 1\0\n",
    "a NUL in a comment": "# \0\n",
    "a number of 5,000 digits": "x = 1" + "0" * 5000,
    "a hundred and one levels of indentation": "".join(" " * n + "if a:\n" for n in range(101))
    + " " * 101
    + "b",
    "ninety levels of indentation": "".join(" " * n + "if a:\n" for n in range(90)) + " " * 90 + "b",
    "parentheses too deep": "(" * 300 + ")" * 300,
    "many parentheses": "(" * 90 + "a" + ")" * 90,
    "a sum of 200": "a" + " + a" * 200,
    "a sum of 1,000": "a" + " + a" * 1000,
    "an elif chain of 200": "if a: pass\n" + "elif b: c + d\n" * 200,
    "a list over 300 lines": "x = [\n" + "'a',\n" * 300 + "]\n",
}

BYTES = {
    "a byte order mark alone": b"\xef\xbb\xbf",
    "a byte order mark": b"\xef\xbb\xbfx = 1\n",
    "two byte order marks": b"\xef\xbb\xbf\xef\xbb\xbfx = 1\n",
    "a byte order mark and a cookie for UTF-8": b"\xef\xbb\xbf# coding: utf-8\nx = '\xc3\xa9'\n",
    "a byte order mark and another cookie": b"\xef\xbb\xbf# coding: latin-1\nx = 1\n",
    "a cookie": b"# -*- coding: latin-1 -*-\nx = '\xe9'\n\xe9 = 2\n",
    "a cookie in the second line": b"#!/usr/bin/python\n# vim: fileencoding=cp1252\nx = '\x80'\n",
    "a cookie in the third line": b"\n\n# coding: latin-1\nx = '\xe9'\n",
    "a cookie behind code": b"x = 1\n# coding: latin-1\nx = '\xe9'\n",
    "a cookie in a docstring": b'"""\n# coding: latin-1\n\xe9"""\n',
    "a cookie before a lone carriage return": b"# coding: latin-1\rx = '\xe9'\r",
    "an unknown cookie": b"# coding: nonsense\nx = 1\n",
    "a cookie that names no text": b"# coding: hex\nx = 1\n",
    "a cookie of two bytes a character": b"# coding: utf-16\nx = 1\n",
    "a byte that is not UTF-8": b"x = '\xe9'\n",
    "a byte that is not ASCII": b"# coding: ascii\nx = '\xc3\xa9'\n",
    "a character that is half of one": b"# coding: raw_unicode_escape\nx = '\\ud800'\n",
    "a character that is half of one in a comment": b"# coding: utf-7\n# +2AA-\nx = 1\n",
    "carriage returns": b"def f():\r    '''a\r\r    b'''\r    return a + b\r",
    "carriage returns with newlines": b"def f():\r\n    '''a\r\n\r\n    b'''\r\n    return a + b\r\n",
    "all newlines mixed": b"a\rb\r\nc\n\rd\r\r\ne",
    "an end-of-file character": b"x = 1\n\x1a",
}


@pytest.mark.parametrize("source", [pytest.param(source, id=name) for name, source in CORNERS.items()])
def test_corner_cases(source: str) -> None:
    """Where a line, a string or a statement begins and ends is easily mistaken."""
    _assert_equal(source.encode())


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in BYTES.items()])
def test_encodings_and_newlines(data: bytes) -> None:
    """Bytes become text as in ``tokenize.open``."""
    _assert_equal(data)


# The comparison itself: a comparison that finds nothing is worth nothing.

SOURCE = b"# c\nclass A:\n    def m(self):\n        return a + b if c else d\n"


def _measured() -> tuple[Measurement, Expectation]:
    ours, theirs = measure(SOURCE), consult(SOURCE)
    assert not find_differences("x.py", ours, theirs)
    return ours, theirs


def test_a_wrong_number_of_the_file_is_seen() -> None:
    """One in the last bit, and one that is not there."""
    ours, theirs = _measured()
    for metric in FILE_METRICS:
        value = getattr(ours.metrics, metric)
        if value is None:  # complexipy has no wheel for WebAssembly
            continue
        for wrong in {value + 1, value * (1 + 2**-52), None} - {value}:
            broken = replace(ours, metrics=replace(ours.metrics, **{metric: wrong}))
            (found,) = find_differences("x.py", broken, theirs)
            assert str(found) == f"x.py {metric}: ours {wrong!r}, theirs {value!r}"


def test_a_wrong_value_of_a_block_is_seen() -> None:
    """The block is named."""
    ours, theirs = _measured()
    first, method = ours.blocks
    for metric in ("name", "kind", "line", "end_line", *OF_ORACLES):
        broken = replace(ours, blocks=(first, replace(method, **{metric: "wrong"})))
        (found,) = find_differences("x.py", broken, theirs)
        assert str(found).startswith(f"x.py::A.m {metric}: ours 'wrong', theirs ")


def test_a_number_too_many_is_seen() -> None:
    """None and zero are not the same."""
    ours, theirs = _measured()
    first, method = ours.blocks
    broken = replace(ours, blocks=(replace(first, cognitive_complexity=0), method))
    (found,) = find_differences("x.py", broken, theirs)
    assert str(found) == "x.py::A cognitive_complexity: ours 0, theirs None"


def test_other_blocks_are_seen() -> None:
    """Missing ones, and another order."""
    ours, theirs = _measured()
    for blocks in (ours.blocks[:1], ours.blocks[::-1]):
        (found,) = find_differences("x.py", replace(ours, blocks=blocks), theirs)
        assert (found.metric, found.theirs) == ("blocks", ["A", "A.m"])


def test_a_wrong_error_is_seen() -> None:
    """An error where there is none, and none where there is one."""
    ours, theirs = _measured()
    broken = replace(ours, error=FileError("syntax", "wrong"))
    assert [found.metric for found in find_differences("x.py", broken, theirs)] == ["error"]
    refused = Expectation(("syntax",), theirs.metrics, theirs.blocks)
    assert [found.metric for found in find_differences("x.py", ours, refused)] == ["error"]


def test_without_an_opinion_there_must_still_be_a_number() -> None:
    """The oracle's limits are no excuse for ours."""
    ours, theirs = _measured()
    silent = Expectation((), {**theirs.metrics, "halstead_volume": Silence.NO_OPINION}, theirs.blocks)
    assert not find_differences("x.py", ours, silent)
    broken = replace(ours, metrics=replace(ours.metrics, halstead_volume=None))
    assert [found.metric for found in find_differences("x.py", broken, silent)] == ["halstead_volume"]
