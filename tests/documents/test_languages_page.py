"""``docs/languages.md``: its list has the languages that can be named, with their files."""

from __future__ import annotations

import re
from pathlib import Path

from pytest_antipasta.extension.lizard_adapter import LIZARD_LANGUAGES

TEXT = (Path(__file__).parents[2] / "docs" / "languages.md").read_text(encoding="utf-8")


def test_it_names_each_language_and_its_files() -> None:
    named = re.findall(r"`(\w+)` \(((?:`\.\w+` ?)+)", TEXT)
    shown = {name: set(re.findall(r"\.\w+", files)) for name, files in named}
    ours = {name: set(endings) for name, (endings, _) in LIZARD_LANGUAGES.items()}
    assert shown == ours
    assert f"{len(ours)} other languages" in TEXT
