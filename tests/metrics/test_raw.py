"""Raw line counts: radon's numbers, and where its chunks of stripped lines surprise."""

from __future__ import annotations

import ast
import subprocess
import sys
import tokenize
import warnings
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import TypeAlias

import pytest
import radon.raw
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pytest_antipasta.metrics.raw import LongScanError, RawCountError, RawCounts, count_lines
from tests.busy import PATIENT
from tests.oracles import write_plainly
from tests.programs import programs

# From 3.12 on (PEP 701) the tokenizer takes f-strings apart, and it is the one in C.
PEP_701 = sys.version_info >= (3, 12)

# Logical lines, of sources that have nothing else to tell.
LOGICAL_LINES = [
    pytest.param("pass", 1, id="a statement is one"),
    pytest.param("if x:\n    y", 2, id="a header and its body are two"),
    pytest.param("if x: y", 2, id="on one line too"),
    pytest.param("if x:  # c\n    y", 2, id="a comment behind a colon is nothing behind it"),
    pytest.param("if x: y  # c", 2, id="a comment behind code neither"),
    pytest.param("try:\n    x\nexcept A: y\nelse:\n    z\nfinally: z", 8, id="other headers are the same"),
    pytest.param("class A: x: int", 2, id="without a semicolon it is never more than two"),
    pytest.param("x: int", 2, id="an annotation counts twice"),
    pytest.param("x: int = 1", 2, id="with a value too"),
    pytest.param("def f(x: int) -> int:\n    y", 2, id="but not where the last token is a colon"),
    pytest.param("def f(x: int) -> int: y", 2, id="a header with colons and a body on its line counts twice"),
    pytest.param("@f(x[1:])\ndef f(): y", 4, id="a decorator is a line of its own"),
    pytest.param("x[1:2]", 2, id="a slice counts twice"),
    pytest.param("x[:]", 2, id="an empty slice too"),
    pytest.param("{a: b, c: d, e: f}", 2, id="a dict counts twice, however many items it has"),
    pytest.param("{a, b}", 1, id="a set counts once"),
    pytest.param("lambda: x", 2, id="a lambda counts twice"),
    pytest.param("f(lambda x: x)", 2, id="in brackets too"),
    pytest.param("f(((x[a:b])))", 2, id="a colon four brackets deep"),
    pytest.param("f(lambda: # c\nx)", 2, id="a comment behind a colon in brackets does not end the code"),
    pytest.param("f({a:\nb})", 2, id="the end of the line does not either"),
    pytest.param("f({'a':  # c\n 1}, [b, (c, # d\n [d[1:]])])", 2, id="comments may stand in any brackets"),
    pytest.param("(x := 1)", 1, id="a walrus has no colon"),
    pytest.param("if x := f():\n    y", 2, id="outside of brackets neither"),
    pytest.param("x[(y := 1):2]", 2, id="a colon beside a walrus is one"),
    pytest.param("f((((((((a, [b for c in d[1:]]))))))))", 2, id="a deep nest with a colon counts twice"),
    pytest.param("f((((((((a, [b for c in d]))))))))", 1, id="a deep nest without one counts once"),
    pytest.param("f((((((((a))))))))(b)[c][d:e]", 2, id="a colon may follow on a deep nest"),
    pytest.param("f(  # c\n)[1:]", 2, id="a colon may follow on brackets with a comment"),
    pytest.param("while f(  # c\n): x", 2, id="a body may follow on them"),
    pytest.param("while f(  # c\n):\n    x", 2, id="the last colon may follow on them"),
    pytest.param("while f(  # c\n):  # d\n    x", 2, id="with another comment too"),
    pytest.param("x = f(  # c\n)# d\ny", 2, id="a comment may follow on them"),
    pytest.param("x = (  # c\n'a'\n)\ny", 2, id="a string may be the last in them"),
    pytest.param("x = (  # c\n    1\n)if'a'else'b'\ny", 2, id="a string may end their line"),
    pytest.param("x = ':', {':'}  # a: b", 1, id="a colon in a string or a comment is none"),
    pytest.param("x = 'it\\'s', \"\\\"\", '\\\\', ''", 1, id="quotes may be escaped"),
    pytest.param("x = r'\\':', y", 1, id="in a raw string too"),
    pytest.param("x = '''a'b''c\\''''", 1, id="triple quotes may hold quotes"),
    pytest.param("x = ''\ny = \"\"\nz = '' \"\"", 3, id="an empty string is no triple quote"),
    pytest.param("x = Rb'a', bR':', u'c', U'd', rB\"e\"", 1, id="strings have prefixes in any case"),
    pytest.param("x = 1if'a'else'b:'", 1, id="words may touch numbers and strings"),
    pytest.param("x = a if'{b:c}'else[d for e in f if'{g:h}']", 1, id="the end of a word is no prefix"),
    pytest.param("x = not'a:'", 1, id="not before a string neither"),
    pytest.param("x = 0_0, 0xf_f, 1_0.5e-3j, .5, 5., 0xfor y", 1, id="numbers have any form"),
    pytest.param("x = a @ b\nx @= ~c\nx = d != e\nx = ...", 4, id="operators are of all kinds"),
    pytest.param("match x:\n    case {'a': b} if c: d\n    case _:\n        e", 5, id="case is a header"),
    pytest.param("é = 'ß'\n变量 = é", 2, id="names and strings are in any script"),
    pytest.param("x = " + "f(a)[b] + " * 600 + "1", 1, id="thousands of brackets on a line"),
    pytest.param("x = [" + "f(a)[b], " * 600 + "c[1:]]", 2, id="thousands in brackets"),
]

SEMICOLONS = [
    pytest.param("x; y", 2, id="a semicolon ends a logical line"),
    pytest.param("x; y; z;", 3, id="the last one ends nothing more"),
    pytest.param("x;  # c\ny", 2, id="a comment behind it is nothing"),
    pytest.param("y; x: int", 3, id="an annotation in the last piece counts twice"),
    pytest.param("x: int; y", 2, id="in another piece only once, as there is one token behind the colon"),
    pytest.param("x: int = 1; y", 3, id="with more tokens it counts twice"),
    pytest.param("x: int;", 1, id="before a last semicolon it is another piece"),
    pytest.param("x[1:]; y", 2, id="a bracket behind the colon is one token"),
    pytest.param("x[1:2]; y", 3, id="a slice with an end is two tokens"),
    pytest.param("if x: y; z", 2, id="a body of one word is one token"),
    pytest.param("if x: f(); z", 3, id="a body with a call is more"),
    pytest.param("if x: y; z: int", 3, id="each piece counts by itself"),
    pytest.param("x: 'a\\\nb'; y", 2, id="a string over two lines is one token"),
    pytest.param("x = [  # c\n1]; y", 2, id="brackets with a comment may come before it"),
    pytest.param("x = [  # c\n1];", 1, id="before a last semicolon too"),
    pytest.param("x = 'a;b'  # c; d", 1, id="a semicolon in a string or a comment is none"),
    pytest.param("x; \\\n    y", 2, id="a backslash may follow on it"),
    pytest.param("x \\\n    ; y", 2, id="a backslash may come before it"),
    pytest.param("x \f; y", 2, id="a form feed before it begins a line, whose first piece is empty"),
]

# Logical lines up to 3.11 and from 3.12 on.
FORMAT_STRINGS = [
    pytest.param("x = f'{y}: {{z: 1}}'", 1, 1, id="a colon in the text is none"),
    pytest.param("x = f'{y:>10}'", 1, 2, id="a colon before a format"),
    pytest.param("x = f'{y!r:>{z}}{{'", 1, 2, id="a field in a format"),
    pytest.param("x = f'{y:%H:%M}' if z else f'{y}'", 1, 2, id="a format with colons"),
    pytest.param("x = f'{y:=^10}'", 1, 2, id="a format that starts like a walrus"),
    pytest.param("x = f'{(y := 1)}'", 1, 1, id="a walrus"),
    pytest.param("x = f'{y[1:]}'", 1, 2, id="a slice in a field"),
    pytest.param("x = f'{(lambda: 1)()}'", 1, 2, id="a lambda in a field"),
    pytest.param("x = f'{y[\":\"]}'", 1, 1, id="a colon in a string in a field"),
    pytest.param("x = f'{y = }{z!a}'", 1, 1, id="a field with an equals sign"),
    pytest.param("x = f'\\N{EM DASH}: {y}'", 1, 1, id="a character's name is no field"),
    pytest.param("x = f'\\N{DIGIT ONE}{y:3}'", 1, 2, id="a field behind a character's name"),
    pytest.param("x = f'\\{y:3}'", 1, 2, id="a field behind a backslash"),
    pytest.param("x = f'a\\\n{y:3}'", 1, 2, id="a field behind a joined line"),
    pytest.param("x = rf'\\{y}', Fr'{y:3}', fR'\\''", 1, 2, id="fields in raw strings"),
    pytest.param('x = f"""\n{y\n:3}\n"""', 1, 2, id="a field over two lines"),
    pytest.param('x = f"""\'{y}\':"""', 1, 1, id="quotes in the text"),
    pytest.param("x = f'{y:{z!r}}'  # a: b", 1, 2, id="a comment behind it"),
    pytest.param("x = [f'{y}'\nf'{z:{w}}',  # c\n]", 1, 2, id="several in brackets"),
    pytest.param("x: f'{y}'; z", 2, 3, id="one token or several before a semicolon"),
]

# What parses from 3.12 on.
NESTED_STRINGS = [
    pytest.param("x = f'{y['a']}'", 1, id="the same quotes in a field"),
    pytest.param("x = f'{y['a':'b']}'", 2, id="a slice among them"),
    pytest.param("x = f'{f'{f'{y:3}'}'}'", 2, id="an f-string in an f-string in an f-string"),
    pytest.param("x = f'{\n  y  # c\n}'", 1, id="a comment in a field"),
    pytest.param("x = f'{y\n:3}'", 2, id="a format on another line than its field"),
    pytest.param("x = f'{'\\n'.join(z)}'", 1, id="a backslash in a field"),
    pytest.param("x = f'{'}'}{'#'}'; y", 2, id="brackets and comments in strings in fields"),
]

Counts: TypeAlias = tuple[int, int, int, int, int, int, int]

# loc, lloc, sloc, comments, multi, blank, single_comments.
LINES = [
    pytest.param("", (0, 0, 0, 0, 0, 0, 0), id="an empty file has none"),
    pytest.param("\n\n", (2, 0, 0, 0, 0, 2, 0), id="a blank file has blank lines"),
    pytest.param("x = 1\n\n\ny = 2", (4, 2, 2, 0, 0, 2, 0), id="blank lines between statements"),
    pytest.param("   \n\t\nx\n", (3, 1, 1, 0, 0, 2, 0), id="whitespace is blank"),
    pytest.param("# c\nx  # d\n", (2, 1, 1, 2, 0, 0, 1), id="a comment counts, and as a line if it is alone"),
    pytest.param("if x:\n    # c\n\n    # d\n    y", (5, 2, 2, 2, 0, 1, 2), id="comments in a body"),
    pytest.param("f(  # c\n    a,\n    # d\n)", (4, 1, 4, 2, 0, 0, 0), id="comments in brackets are source"),
    pytest.param("x = [\n\n    1,\n\n]", (5, 1, 3, 0, 0, 2, 0), id="blank lines in brackets are blank"),
    pytest.param("'doc'", (1, 1, 0, 0, 0, 0, 1), id="a string alone is a comment"),
    pytest.param('r"doc"\nU\'d\'\nbR"""d"""', (3, 3, 0, 0, 0, 0, 3), id="with any prefix and quotes"),
    pytest.param('"""\ndoc\n\n  more\n"""\nx', (6, 2, 1, 0, 4, 1, 0), id="a longer one counts by lines"),
    pytest.param("'a\\\nb'", (2, 1, 0, 0, 2, 0, 0), id="a backslash makes a longer one"),
    pytest.param("'doc'  # c", (1, 1, 1, 1, 0, 0, 0), id="with a comment it is source"),
    pytest.param("('doc')", (1, 1, 1, 0, 0, 0, 0), id="in brackets it is source"),
    pytest.param("(\n'doc'\n)", (3, 1, 3, 0, 0, 0, 0), id="on a line of its own in them too"),
    pytest.param("'a' 'b'", (1, 1, 1, 0, 0, 0, 0), id="with another string it is source"),
    pytest.param("'doc';", (1, 1, 1, 0, 0, 0, 0), id="with a semicolon it is source"),
    pytest.param("'doc' + x", (1, 1, 1, 0, 0, 0, 0), id="with an operator it is source"),
    pytest.param('x = """\ndoc\n\n# c\n"""', (5, 1, 4, 0, 0, 1, 0), id="a value is source"),
    pytest.param("x = '# c'  # d # e", (1, 1, 1, 1, 0, 0, 0), id="a hash in a string or a comment is none"),
]

BACKSLASHES = [
    pytest.param("x = 1 \\\n    + 2\ny", (3, 2, 3, 0, 0, 0, 0), id="a backslash joins the next line"),
    pytest.param(
        "x = 1 \\\n\ny = 2\nz", (4, 2, 3, 0, 0, 1, 0), id="with a blank line, the statement after it"
    ),
    pytest.param("x = 1 \\\n\n\ny = 2", (4, 2, 2, 0, 0, 2, 0), id="with two blank lines, none"),
    pytest.param("x = 1 \\\n\n(a,\nb)\ny", (5, 2, 4, 0, 0, 1, 0), id="with a blank line, a whole statement"),
    pytest.param("x = 1 \\\n\ny \\\n\nz\nw", (6, 2, 4, 0, 0, 2, 0), id="again and again"),
    pytest.param("if x: \\\n\n    y", (3, 2, 2, 0, 0, 1, 0), id="with a blank line, the body behind a colon"),
    pytest.param("x; \\\n\ny", (3, 2, 2, 0, 0, 1, 0), id="with a blank line, what follows a semicolon"),
    pytest.param("x = (1, \\\n\n2)", (3, 1, 2, 0, 0, 1, 0), id="in brackets it means nothing"),
    pytest.param("x = 1 \\\n# c\ny", (3, 2, 3, 1, 0, 0, 0), id="it joins a comment"),
    pytest.param("\\\nx", (2, 1, 2, 0, 0, 0, 0), id="alone it joins the next line too"),
    pytest.param("\\\n\n\nx", (4, 1, 2, 0, 0, 2, 0), id="alone before blank lines it is source"),
    pytest.param("\\\n# c\nx", (2, 1, 1, 1, 0, 0, 1), id="its line is lost before a comment"),
    pytest.param("\\\n'doc'\nx", (2, 2, 1, 0, 0, 0, 1), id="its line is lost before a string"),
    pytest.param("'doc' \\\n\n\nx", (2, 2, 1, 0, 0, 0, 1), id="blank lines are lost behind a string"),
    pytest.param("'doc' \\\n\nx", (3, 1, 2, 0, 0, 1, 0), id="a string with a joined statement is source"),
    pytest.param("'doc' \\\n# c\nx", (3, 2, 3, 1, 0, 0, 0), id="a string with a joined comment is source"),
    pytest.param('"""\ndoc\n""" \\\n\n\nx', (6, 2, 1, 0, 3, 2, 0), id="a longer string loses no lines"),
]

# `str.splitlines` ends lines where Python does not.
LINE_BREAKS = [
    pytest.param("x = 1\n\f\ny = 2", (4, 2, 2, 0, 0, 2, 0), id="a form feed is a line"),
    pytest.param("\fclass A:\n    x", (3, 2, 2, 0, 0, 1, 0), id="before a statement it is a blank line"),
    pytest.param("if x:\f y", (2, 2, 2, 0, 0, 0, 0), id="it splits a statement"),
    pytest.param("x \f= 1", (2, 2, 2, 0, 0, 0, 0), id="so that there are two"),
    pytest.param("x \f; y; z", (2, 3, 2, 0, 0, 0, 0), id="a semicolon may be the first"),
    pytest.param("x \f;y", (2, 2, 2, 0, 0, 0, 0), id="with nothing behind it"),
    pytest.param("(x \f, y)", (2, 1, 2, 0, 0, 0, 0), id="it splits no brackets"),
    pytest.param('"""a\fb"""', (2, 1, 0, 0, 2, 0, 0), id="it is a line in a longer string"),
    pytest.param('x = """a\u2028b"""', (2, 1, 2, 0, 0, 0, 0), id="a line separator too"),
    pytest.param("# a\x85b\n", (2, 1, 1, 1, 0, 0, 1), id="the end of a comment becomes code"),
    pytest.param("# a\fif x: y\nz", (3, 3, 2, 1, 0, 0, 1), id="which counts"),
    pytest.param("# a\f'''\nx\n# '''\nz", (5, 2, 1, 1, 3, 0, 1), id="or becomes a string"),
    pytest.param("# a\f(b\nx\n# c\f)\ny", (6, 2, 5, 2, 0, 0, 1), id="or opens a bracket"),
    pytest.param("# a\f;b; # c\fd:e;f", (3, 3, 2, 2, 0, 0, 1), id="or has semicolons"),
    pytest.param("x = {'\u3000': 1}", (1, 2, 1, 0, 0, 0, 0), id="a wide space is no line"),
]

LONE_FORMAT_STRINGS = [
    pytest.param("f'doc'", (1, 1, 1, 0, 0, 0, 0) if PEP_701 else (1, 1, 0, 0, 0, 0, 1), id="a short one"),
    pytest.param(
        "rF'''\ndoc\n'''", (3, 1, 3, 0, 0, 0, 0) if PEP_701 else (3, 1, 0, 0, 3, 0, 0), id="a longer one"
    ),
]

# Python accepts these names, and `\w`, which radon's tokenizer uses up to 3.11, does not.
ODD_NAMES = [
    pytest.param("a·b = 1", (1, 1, 1, 0, 0, 0, 0), id="a middle dot"),
    pytest.param("℘ = [\u212e]\nx", (2, 2, 2, 0, 0, 0, 0), id="symbols that are like letters"),
    pytest.param("हिन्दी: int", (1, 2, 1, 0, 0, 0, 0), id="combining vowels"),
]

# Python accepts these and radon does not: the lines are those of Python's parser.
FAILURES = [
    pytest.param("x = 'a\fb'", (1, 1, 1, 0, 0, 0, 0), id="a form feed in a string"),
    pytest.param(
        "if x:\n    y = {'a': '\u2028'}", (2, 3, 2, 0, 0, 0, 0), id="a line separator in a string in brackets"
    ),
    pytest.param("x = f'\x1c{y}'", (1, 1, 1, 0, 0, 0, 0), id="a file separator in an f-string"),
    pytest.param("x = 1 \\\n\n", (2, 1, 1, 0, 0, 1, 0), id="a backslash before the last line"),
    pytest.param("x = 1 \\\n  ", (2, 1, 1, 0, 0, 1, 0), id="a backslash before a last line of spaces"),
    pytest.param("x = 1 \\\n\\\n \\\n\n", (4, 1, 1, 0, 0, 3, 0), id="several backslashes before it"),
    pytest.param("x = 1\n\\\n\n", (3, 1, 1, 0, 0, 2, 0), id="a backslash alone there is blank"),
    pytest.param("'doc' \\\n\n", (2, 1, 0, 0, 0, 1, 1), id="a backslash there behind a string"),
    pytest.param("# a\fit's\nx = 1", (2, 1, 1, 1, 0, 0, 1), id="a quote behind a form feed in a comment"),
    pytest.param("# a\f[b\nx = 1", (2, 1, 1, 1, 0, 0, 1), id="a bracket behind a form feed in a comment"),
    pytest.param("x = '\v'\n\f\ny", (3, 2, 2, 0, 0, 1, 0), id="then a form feed ends no line elsewhere"),
    pytest.param("x = '\v'  # a\x85b\n", (1, 1, 1, 1, 0, 0, 0), id="and nothing ends a comment"),
    pytest.param(
        "x = '\v'\n'''\u2028\n\u3000\n\x1c \n\ufeff\n'''", (6, 2, 1, 0, 3, 2, 0), id="spaces are blank"
    ),
    pytest.param("x = '\v', 'é' \\\n + 1", (2, 1, 2, 0, 0, 0, 0), id="a backslash joins lines"),
    pytest.param("x = '\v' \\\n \\\n\ny", (4, 2, 2, 0, 0, 2, 0), id="and not with blank ones"),
    pytest.param("x = '\v'\n\\\n# c\ny", (3, 2, 2, 1, 0, 0, 1), id="its line is lost before a comment"),
]

# A bug of the tokenizer from 3.12 on.
NESTED_FIELDS = "x = f\"\"\"{f'''\n'''=!r:>3}\"\"\"\n"

NOT_PYTHON = [
    pytest.param("x = (", id="a bracket that is not closed"),
    pytest.param("x = '", id="a quote that is not closed"),
    pytest.param("x = (  # c\n'''", id="triple quotes that are not closed"),
    pytest.param("x = 1 \\", id="a backslash at the end"),
]

# Behind a form feed in a comment; from 3.12 on radon's tokenizer takes a bracket that closes nothing.
STRAY_BRACKETS = ["# a\f)\nx\ny", "# a\f)b\n(x,\ny)", "# a\f(b))\n(x)\ny"]

LINE_COUNTS = [*LINES, *BACKSLASHES, *LINE_BREAKS, *LONE_FORMAT_STRINGS, *ODD_NAMES, *FAILURES]
LOGICAL_LINE_COUNTS = [*LOGICAL_LINES, *SEMICOLONS, *(NESTED_STRINGS if PEP_701 else [])]
VALID = [str(row.values[0]) for row in (*LINE_COUNTS, *LOGICAL_LINE_COUNTS, *FORMAT_STRINGS)] + STRAY_BRACKETS


@pytest.mark.parametrize(("source", "expected"), LOGICAL_LINE_COUNTS)
def test_logical_lines(source: str, expected: int) -> None:
    assert count_checked(source).logical_lines_of_code == expected


@pytest.mark.parametrize(("source", "before", "since"), FORMAT_STRINGS)
def test_logical_lines_of_format_strings(source: str, before: int, since: int) -> None:
    """Up to 3.11 an f-string is a token like any string; since 3.12 the colons in it count."""
    assert count_checked(source).logical_lines_of_code == (since if PEP_701 else before)


@pytest.mark.parametrize(("source", "expected"), LINE_COUNTS)
def test_lines(source: str, expected: Counts) -> None:
    assert count_checked(source) == expected


@pytest.mark.parametrize("source", [row.values[0] for row in FAILURES])
def test_radon_fails(source: str) -> None:
    """So that the rows are about what they are meant for."""
    assert _ask_radon(source) is None


def test_a_bug_of_the_tokenizer_loses_no_counts() -> None:
    assert count_lines(NESTED_FIELDS) == (2, 2 if PEP_701 else 1, 2, 0, 0, 0, 0)


@pytest.mark.parametrize("source", NOT_PYTHON)
def test_what_is_not_python_has_no_counts(source: str) -> None:
    assert not _is_python(source)
    with pytest.raises(RawCountError):
        count_lines(source)


@pytest.mark.parametrize("source", STRAY_BRACKETS)
def test_radon_agrees_on_brackets_that_close_nothing(source: str) -> None:
    count_checked(source)


def count_checked(source: str) -> RawCounts:
    """Return the counts of a row, which is Python and has radon's numbers."""
    found = count_lines(source)
    assert _is_python(source)
    assert found == _oracle(source)
    return found


@given(st.lists(st.sampled_from(VALID), min_size=2, max_size=5).map("\n".join))
@settings(PATIENT, max_examples=80)
def test_radon_agrees_on_rows_together(source: str) -> None:
    """A chunk must end where the next one starts, also in odd company."""
    assert count_lines(source) == _oracle(source)


@given(programs())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_radon_agrees_on_programs(source: str) -> None:
    """CPython 3.14.2 can't tokenize every template string that it parses; then both have no counts."""
    assume(_is_python(source))
    expected = _oracle(source)
    with nullcontext() if expected else pytest.raises(RawCountError):
        assert count_lines(source) == expected


# Semicolons without a space, and pages in a file with comments.
OTHERS = ["x;y", "x = 1  # c\n\f\ny = 2  # c\n"]


@pytest.mark.parametrize("source", [*(row.values[0] for row in (*LOGICAL_LINES, *LINES)), *OTHERS])
def test_what_is_common_is_not_tokenized(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of a word that touches a string looks like a prefix, where prefixes matter."""
    lines_read = _spy(monkeypatch)
    count_lines(source)
    assert not lines_read or (PEP_701 and ("if'" in source or "not'" in source))


JOINED = "x = 1 \\\n\ny\n"
LONG = [
    pytest.param(
        "x = [\n" + "    ('a', f(1)),\n" * 100_000 + "]",
        (100_002, 1, 100_002, 0, 0, 0, 0),
        id="a list of 100,000 lines",
    ),
    pytest.param(
        "x = {\n" + "    'a': [1, {'b': 2}],  # c\n" * 20_000 + "}",
        (20_002, 2, 20_002, 20_000, 0, 0, 0),
        id="a dict with a comment on each of 20,000 lines",
    ),
    pytest.param(
        "x = [\n" + "1,\n" * 20_000 + "]; y", (20_002, 2, 20_002, 0, 0, 0, 0), id="a semicolon behind a list"
    ),
    pytest.param("x = " + "1 + " * 250_000 + "1", (1, 1, 1, 0, 0, 0, 0), id="a line of 1 MB"),
    pytest.param(
        "x = " + "f(a)[b] + " * 50_000 + "1", (1, 1, 1, 0, 0, 0, 0), id="a line of 100,000 brackets"
    ),
    pytest.param(
        "x = (" + "\n + ".join("a" * 200_000) + ")", (200_000, 1, 200_000, 0, 0, 0, 0), id="200,000 terms"
    ),
    pytest.param("x = 1" + " \\\n + 1" * 20_000, (20_001, 1, 20_001, 0, 0, 0, 0), id="20,000 joined lines"),
    pytest.param(
        "x = " + "[" * 150 + "1,\n" * 20_000 + "# c\n" + "]" * 150,
        (20_002, 1, 20_002, 1, 0, 0, 0),
        id="150 brackets around a comment",
    ),
    pytest.param("x = '" + '"' * 50_000 + "\\'" * 50_000 + "'", (1, 1, 1, 0, 0, 0, 0), id="100,000 quotes"),
    pytest.param("x = '" + "\\\\" * 50_000 + "'", (1, 1, 1, 0, 0, 0, 0), id="100,000 backslashes"),
    pytest.param("a; b\n" * 20_000, (20_000, 40_000, 20_000, 0, 0, 0, 0), id="20,000 semicolons"),
]


@pytest.mark.parametrize(("source", "expected"), LONG)
def test_long_sources_are_not_tokenized(
    source: str, expected: Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """radon's time grows with the square of the lines in a bracket."""
    lines_read = _spy(monkeypatch)
    assert count_lines(source) == expected
    assert not lines_read


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("x = {\n" + "1: 2,\n" * 1000 + "}; y", id="a colon before a semicolon"),
        pytest.param("x \\\n\n[\n" + "1,\n" * 1000 + "]", id="a joined list"),
        pytest.param("x \\\n\n" * 1000 + "y", id="1,000 joined blank lines"),
        pytest.param("x: int; y\n" * 1000, id="1,000 chunks"),
        pytest.param("# a\fb\n" * 500, id="500 broken comments"),
        pytest.param("x = '\f'\n" + "y = 1\n" * 1000, id="a string without an end"),
        pytest.param("# a\fit's\n" + "y = 1\n" * 1000, id="an odd quote behind a comment"),
    ],
)
def test_no_line_is_tokenized_again_and_again(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines_read = _spy(monkeypatch)
    count_lines(source)
    assert 0 < len(lines_read) <= 2 * len(source.splitlines())


@pytest.mark.parametrize(
    ("source", "most", "is_too_much"),
    [
        pytest.param(JOINED, 11, False, id="as much as may be"),
        pytest.param(JOINED, 10, True, id="more than that"),
        pytest.param("x = 1\n" * 100 + JOINED, 11, False, id="behind much that need not be"),
        pytest.param(JOINED + "x = 1\n", 11, True, id="before what need not be, as it is not known yet"),
        pytest.param("x = 1\n" * 100, 0, False, id="nothing"),
    ],
)
def test_how_much_may_be_tokenized(source: str, most: int, is_too_much: bool) -> None:
    with pytest.raises(LongScanError) if is_too_much else nullcontext():
        count_lines(source, most)


def test_warnings_as_errors_do_not_matter() -> None:
    """An invalid escape is the code's business; in this test run, warnings are errors."""
    assert count_lines("x = f'\\{y}', f'\\d{z!r:>{w}}'").lines_of_code == 1


def test_radon_is_not_imported_without_need() -> None:
    program = "from pytest_antipasta.metrics.raw import count_lines; import sys; count_lines('x: 1'); "
    subprocess.run([sys.executable, "-c", f"{program} sys.exit('radon' in sys.modules)"], check=True)


def _oracle(source: str) -> RawCounts | None:
    """Give radon's counts; if it fails, those of the same lines in characters that mean nothing to it."""
    return _ask_radon(source) or _ask_radon(write_plainly(source))


def _ask_radon(source: str) -> RawCounts | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return RawCounts(*radon.raw.analyze(source))
        except Exception:  # whatever its tokenizer raises
            return None


def _is_python(source: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of words that touch numbers, and of odd escapes
        try:
            ast.parse(source)
        except (SyntaxError, ValueError):
            return False
        return True


def _spy(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give a list that grows by each line which a tokenizer reads."""
    lines: list[str] = []
    tokenize_lines = tokenize.generate_tokens

    def generate_tokens(readline: Callable[[], str]) -> Iterator[tokenize.TokenInfo]:
        def read() -> str:
            lines.append(readline())
            return lines[-1]

        return tokenize_lines(read)

    monkeypatch.setattr(tokenize, "generate_tokens", generate_tokens)
    return lines
