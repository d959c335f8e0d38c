"""Find the unchanged text of a block in other versions of its file, without parsing them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.metrics.source import find_indent
from pytest_antipasta.model.limits import strip_number

_HEADER = re.compile(r"\s*(class|def|async|if|elif|else|try|except|finally|with|for|while|match|case)\b")
_NEXT = re.compile(r"(?:[ \t\f]*(?:#[^\n]*)?\n)*([ \t\f]*)")
_QUOTES = ('"""', "'''")


class _Place(NamedTuple):
    """The position of a text, as far as it identifies the block.

    Attributes:
        before: number of definitions of its name, and of the names of outer blocks, before it.
        behind: number of the same definitions at the text or after it.
        headers: first lines of the outer blocks, innermost first.
        quotes: whether the number of each kind of triple quotes before it is odd.
    """

    before: Sequence[int]
    behind: Sequence[int]
    headers: Sequence[str]
    quotes: Sequence[int]


class BlockText:
    """A block by its lines, from the end of the previous block on."""

    def __init__(self, version: FileVersion, name: str) -> None:
        block, start = version.blocks[name], version.starts.get(name, 0)
        lines = version.lines
        self._text = "".join(f"\n{line}" for line in lines[start : block.end_line]) + "\n"
        self._lines_from_head = block.end_line - block.line + 1
        self._indent = find_indent(lines[block.line - 1])
        names = strip_number(name).split(".")
        self._definitions = [f"{keyword} {each}" for each in names for keyword in ("def", "class")]
        self._place = None if version.measurement.foreign else self._find_place("\n".join(lines))

    def is_in(self, text: str) -> bool:
        """Return whether another version contains the block unchanged; false if only parsing could decide."""
        return self._place is not None and self._find_place(text) == self._place

    def _find_place(self, text: str) -> _Place | None:
        text = f"\n{text}\n"
        start = text.find(self._text)
        if start < 0 or text.find(self._text, start + 1) >= 0:
            return None
        headers = self._find_headers(text, start)
        if headers is None or self._goes_on(text, start + len(self._text)):
            return None
        before = [text.count(words, 0, start) for words in self._definitions]
        behind = [text.count(words, start) for words in self._definitions]
        return _Place(before, behind, headers, [text.count(quote, 0, start) % 2 for quote in _QUOTES])

    def _goes_on(self, text: str, end: int) -> bool:
        """Return whether the next line of code is indented more than the block."""
        following = _NEXT.match(text, end)
        return following is not None and len(following[1]) > len(self._indent)

    def _find_headers(self, text: str, start: int) -> list[str] | None:
        """Return the first lines of the outer blocks; ``None`` if lines alone can't decide."""
        headers: list[str] = []
        if not (indent := self._indent):
            return headers
        before = (text[:start] + self._text).split("\n")[: -self._lines_from_head - 1]
        for line in reversed(before):
            code = line.lstrip()
            if code and not code.startswith("#") and len(line) - len(code) < len(indent):
                if not _HEADER.match(line):
                    return None
                headers.append(line)
                indent = line[: len(line) - len(code)]
        return headers
