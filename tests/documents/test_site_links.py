"""Every page as plain Markdown: its links lead to files and headings that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.documents.hypertext import iter_dead_links, make_anchors, read_markdown

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*/*.md")]


def test_every_link_leads_to_a_file_and_a_heading_that_is_there() -> None:
    pages = {path: read_markdown(path.read_text(encoding="utf-8")) for path in PAGES}
    assert sum(len(page.links) for page in pages.values()) > 200
    assert list(iter_dead_links(pages)) == []


@pytest.mark.parametrize(
    ("link", "is_dead"),
    [
        ("b.md", False),
        ("b.md#max_size", False),
        ("b.md#in-ci-2--3", False),
        ("b.md#in-ci-2--3-1", False),
        ("https://example.org/b.md#nothing", False),
        ("b.md#in-ci-2--3-2", True),
        ("b.md#max-size", True),
        ("c.md", True),
        ("#b", True),
        ("../b.md", True),
    ],
)
def test_a_dead_link_is_found(tmp_path: Path, link: str, is_dead: bool) -> None:
    (tmp_path / "a.md").write_text(f"# A\n\n[x]({link})\n\n`[code](nothing.md)`\n")
    (tmp_path / "b.md").write_text("# B\n\n## `max_size`\n\n## In *CI*: 2 & 3!\n\n## In CI: 2 & 3\n")
    pages = {path: read_markdown(path.read_text()) for path in tmp_path.iterdir()}
    assert list(iter_dead_links(pages)) == ([("a.md", link)] if is_dead else [])


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("The store", "the-store"),
        ("--near RATIO", "--near-ratio"),
        ("Über 5 %", "über-5-"),
        ("a_b.c", "a_bc"),
    ],
)
def test_anchors_are_those_of_github(heading: str, anchor: str) -> None:
    assert list(make_anchors([heading])) == [anchor]
