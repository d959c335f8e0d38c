"""Links and the anchors that they lead to, in HTML and in Markdown as GitHub shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import cmarkgfm

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


class Hypertext(NamedTuple):
    """What a page links to and what can be linked to in it.

    Attributes:
        links: where it leads to, files of images and scripts included.
        anchors: the values of `id`.
        headings: the text of each.
    """

    links: list[str]
    anchors: set[str]
    headings: list[str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found = Hypertext([], set(), [])
        self.is_heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "srcset") and value:
                self.found.links.append(value)
            elif name == "id" and value:
                self.found.anchors.add(value)
        if tag in _HEADINGS:
            self.is_heading = True
            self.found.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        self.is_heading = self.is_heading and tag not in _HEADINGS

    def handle_data(self, data: str) -> None:
        if self.is_heading:
            self.found.headings[-1] += data


def read_html(text: str) -> Hypertext:
    """Read a page of HTML."""
    reader = _Reader()
    reader.feed(text)
    return reader.found


def read_markdown(text: str) -> Hypertext:
    """Read a page of Markdown, whose headings have the anchors that GitHub gives them."""
    links, anchors, headings = read_html(cmarkgfm.github_flavored_markdown_to_html(text))
    return Hypertext(links, anchors | set(make_anchors(headings)), headings)


def make_anchors(headings: Iterable[str]) -> Iterator[str]:
    """Yield the anchors of headings: in lower case, `-` for each space, numbers where they repeat."""
    counts: dict[str, int] = {}
    for heading in headings:
        anchor = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        count = counts[anchor] = counts.get(anchor, -1) + 1
        yield f"{anchor}-{count}" if count else anchor


def iter_dead_links(pages: dict[Path, Hypertext]) -> Iterator[tuple[str, str]]:
    """Yield each page with each of its links that leads to no file, or to no anchor in one of the pages."""
    for path, page in pages.items():
        yield from ((path.name, link) for link in page.links if _is_dead(path, link, pages))


def _is_dead(path: Path, link: str, pages: dict[Path, Hypertext]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return False
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target in pages and parts.fragment:
        return unquote(parts.fragment) not in pages[target].anchors
    return not target.exists()
