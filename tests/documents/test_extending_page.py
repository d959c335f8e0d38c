"""``docs/extending.md``: its example gives what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pytest_antipasta import measure
from pytest_antipasta.extension import ParsedSource

PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")
(METRIC,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def run(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(text, names)
    return names


def test_the_metric_counts_decorators() -> None:
    (metric,) = run(METRIC)["antipasta_metrics"]()
    text = "@a\n@b\ndef f(): pass\n"
    assert metric.measure(ParsedSource(text, measure(text.encode()).blocks)) == {"f": 2}
