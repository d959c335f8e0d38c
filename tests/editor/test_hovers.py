"""What a hover says of a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.editor.hovers import format_hover
from tests.editor.samples import SETTINGS, judge


@pytest.mark.parametrize(
    ("number", "last"),
    [(12, "line 13: cyclomatic +1, cognitive +1"), (13, "1 more line"), (14, "2 more lines")],
)
def test_a_hover_lists_some_lines_and_counts_others(tmp_path: Path, number: int, last: str) -> None:
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    text = "def f(a):\n" + "".join(f"    if a == {each}: a += 1\n" for each in range(number))
    hover = format_hover(judge(tmp_path, text), 1)
    assert hover is not None
    assert hover.splitlines()[-1] == last
