"""Sources over which CPython's own parser takes long or fails."""

from __future__ import annotations

import sys

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.metrics.hazards import has_long_name, has_many_f_strings


@pytest.mark.parametrize(
    ("data", "is_long"),
    [
        pytest.param(b"import a" + b".b" * 6_000 + b"\n", True, id="a name of many parts"),
        pytest.param(b"import a" + b".b\\\n" * 6_000 + b"\n", True, id="one on many lines"),
        pytest.param("import é".encode() + ".é".encode() * 6_000, True, id="letters that are not ASCII"),
        pytest.param(b"import a" + b".b" * 100 + b"\n", False, id="a few parts"),
        pytest.param(b"x = [" + b"1.5, " * 6_000 + b"]\n", False, id="many numbers"),
        pytest.param(b"a.b(c)\n" * 6_000, False, id="many short names"),
    ],
)
def test_names_that_take_long(data: bytes, is_long: bool) -> None:
    assert has_long_name(data) is is_long


@pytest.mark.parametrize(
    ("data", "are_many"),
    [
        pytest.param(b"f'{a}'\n" * 140_000, True, id="a megabyte of them"),
        pytest.param(b'F"{a}"\n' * 140_000, True, id="of others"),
        pytest.param(b"rf'{a}' + 1111111111111111111111\n" * 30_000, True, id="raw ones, with other code"),
        pytest.param(b"f'{a}'\n" * 40_000, False, id="less than a megabyte"),
        pytest.param(b"x = 'a'\n" * 120_000, False, id="other strings"),
    ],
)
def test_f_strings_that_take_long(data: bytes, are_many: bool) -> None:
    assert has_many_f_strings(data) is (are_many and sys.version_info >= (3, 12))


@pytest.mark.skipif(sys.version_info < (3, 14), reason="t-strings are new in Python 3.14")
@pytest.mark.parametrize("start", ["t'", 'T"', "rt'", 'tr"'])
def test_t_strings_take_as_long(start: str) -> None:
    assert has_many_f_strings(f"{start}{{a}}{start[-1]}\n".encode() * 140_000)


@pytest.mark.parametrize(
    "link",
    [".b()", *(pytest.param(link, marks=pytest.mark.slow) for link in (".b", "()", "[0]", " + 1", "@a"))],
)
def test_a_deep_chain_is_measured_or_told(link: str) -> None:
    measured = measure(b"x = a" + link.encode() * 200_000 + b"\n")
    assert measured.error is None or measured.error.kind == "too_deep"
    assert measured.metrics.lines_of_code == 1
