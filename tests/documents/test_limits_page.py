"""``docs/limits.md``: its examples do what it says, and its table says what holds."""

from __future__ import annotations

import re
from pathlib import Path

from pytest_antipasta.settings.values import Settings

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"


def test_its_defaults_are_those_of_the_settings() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    settings = Settings(root=Path(), source=None)
    assert {name: getattr(settings, name) for name, _ in rows} == {name: int(text) for name, text in rows}
    assert len(rows) == 4
