"""No sentence of a page has more than 25 words.

Headings, blocks of code, tables and comments are left out. An item of a list is a sentence even without a
full stop. Code is one word, and so is a list of it: `a`, `b` and `c`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import cmarkgfm

from checks.repository import iter_pages

MOST_WORDS = 25
# A list of what has changed, and what programs write.
_LEFT_OUT = ("CHANGELOG.md", "docs/benchmarks.md", "docs/mission.md")
_PASSED_OVER = {"pre", "table", "h1", "h2", "h3", "h4", "h5", "h6"}
_PARTS = {"p", "li", "ul", "ol", "blockquote"}
_CODE = "`x`"
_CODES = re.compile(rf"{_CODE}(?:,? (?:and |or )?{_CODE})+")
# Sentences begin in upper case, or with the name of a package.
_BEGIN = r"[\"'(\[]*(?:[A-Z0-9`]|complexipy|pluggy|pre-commit|pytest|radon|ruff)"
_END = re.compile(rf"(?<!\be\.g)(?<!\bi\.e)[.!?][\"')\]]*\s+(?={_BEGIN})")


def find_problems() -> Iterator[str]:
    """Yield each sentence that is too long with its page and its words."""
    for path, text in iter_pages():
        if path not in _LEFT_OUT:
            yield from (f"{path}: {len(words)} words: {' '.join(words)}" for words in find_long(text))


def find_long(markdown: str) -> list[list[str]]:
    """Return the words of each sentence of a page that has too many."""
    return [words for words in iter_sentences(markdown) if len(words) > MOST_WORDS]


def iter_sentences(markdown: str) -> Iterator[list[str]]:
    """Yield the words of each sentence of a page: what has a letter or a digit between spaces."""
    reader = _Reader()
    reader.feed(cmarkgfm.github_flavored_markdown_to_html(markdown))
    for part in reader.parts:
        for sentence in _END.split(_CODES.sub(_CODE, part)):
            if words := [word for word in sentence.split() if re.search(r"\w", word)]:
                yield words


class _Reader(HTMLParser):
    """Collects paragraphs and items of lists."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = [""]
        self._depth = 0
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._depth += tag in _PASSED_OVER
        if tag in _PARTS:
            self.parts.append("")
        elif tag == "code" and not self._depth:
            self.parts[-1] += _CODE
            self._is_code = True

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag in _PASSED_OVER
        if tag in _PARTS:
            self.parts.append("")
        elif tag == "code":
            self._is_code = False

    def handle_data(self, data: str) -> None:
        if not self._depth and not self._is_code:
            self.parts[-1] += data
