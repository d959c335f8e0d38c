"""What the version policy names is there, and is what the tests use."""

from __future__ import annotations

import re
from pathlib import Path

from tests.corpora import WHEELS

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "versions.md").read_text(encoding="utf-8")


def test_the_code_bases_are_those_of_the_tests() -> None:
    listed = TEXT.partition("in five code bases. These are ")[2].partition(".\n\n")[0]
    named = {
        name.lower().replace(" ", ""): version
        for name, version in re.findall(r"([A-Za-z]+(?: Assistant)?) (\d[\d.]+\d)", listed)
    }
    assert named == {name: wheel.version for name, wheel in WHEELS.items()}
