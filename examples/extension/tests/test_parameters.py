"""The metric and the report, as pytest-antipasta calls them."""

from __future__ import annotations

from pathlib import Path

from antipasta_parameters import count_parameters, explain_parameters, write_tsv

from pytest_antipasta import check, measure
from pytest_antipasta.extension import ParsedSource

TEXT = """\
def f(a, /, b=1, *args, c, **options):
    def inner():
        pass


class A:
    async def m(self):
        pass
"""


def parse() -> ParsedSource:
    return ParsedSource(TEXT, measure(TEXT.encode()).blocks)


def test_all_kinds_of_parameters_count() -> None:
    assert count_parameters(parse()) == {"f": 5, "f.inner": 0, "A.m": 1}


def test_they_are_named() -> None:
    assert list(explain_parameters(parse(), "f")) == ["a, b, args, c, options"]


def test_a_report_has_a_line_for_each_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(TEXT)
    assert write_tsv(check(root=tmp_path, use_store=False)) == b"a.py\tpass\t0\n"
