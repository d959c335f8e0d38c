"""``docs/extending.md``: its examples give what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta import measure
from pytest_antipasta.extension import ParsedSource

PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")
METRIC, LANGUAGE = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def run(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(text, names)
    return names


def test_the_metric_counts_decorators() -> None:
    (metric,) = run(METRIC)["antipasta_metrics"]()
    text = "@a\n@b\ndef f(): pass\n"
    assert metric.measure(ParsedSource(text, measure(text.encode()).blocks)) == {"f": 2}


@pytest.mark.parametrize("end", ["\n", ""])
def test_the_language_finds_rules(end: str) -> None:
    (language,) = run(LANGUAGE)["antipasta_languages"]()
    found = language.measure(f"# a: b\nall: a\n\tif b; then c; fi\n\nclean:\n\trm a{end}".encode())
    assert [(one.name, one.line, one.end_line, *one.numbers.values()) for one in found.blocks] == [
        ("all", 2, 4, 2),
        ("clean", 5, 6, 1),
    ]
    assert found.numbers == {"lines_of_code": 6}
