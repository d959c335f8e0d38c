"""What the version policy names is there, and is what the tests use."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.corpora import WHEELS

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "versions.md").read_text(encoding="utf-8")
_LINKING = (
    "adopt",
    "agents",
    "baseline",
    "ci",
    "commit-hook",
    "coverage",
    "editors",
    "extending",
    "installing",
    "platforms",
    "python",
    "suppressions",
    "versions",
    "waivers",
)


def test_the_code_bases_are_those_of_the_tests() -> None:
    table = TEXT.partition("| code base | version |")[2].partition("\n\n")[0]
    named = {
        name.lower().replace(" ", ""): version
        for name, version in re.findall(r"^\| ([A-Za-z ]+) \| ([\d.]+) \|$", table, re.MULTILINE)
    }
    assert named == {name: wheel.version for name, wheel in WHEELS.items()}


@pytest.mark.parametrize("page", _LINKING)
def test_every_link_leads_to_a_file_and_to_a_heading_of_it(page: str) -> None:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(((?!https:)[^)]*)\)", text)
    assert links
    for link in links:
        path, _, anchor = link.partition("#")
        target = (DOCS / path).resolve() if path else DOCS / f"{page}.md"
        assert not anchor or anchor in find_anchors(target), link
        assert target.exists(), link


def find_anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}
