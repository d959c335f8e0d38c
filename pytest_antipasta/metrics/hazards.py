"""Detect sources that CPython's parser is very slow for, or crashes on, before parsing."""

from __future__ import annotations

import re
import sys

# Longer names are joined part by part: 200,000 parts take a minute.
_LONG_NAME = 5_000
_NAME_RUN = re.compile(rb"[\w\x80-\xff.\s\\]+")

_TAKES_F_STRINGS_APART = sys.version_info >= (3, 12)
# Number of f-strings times bytes of the source: about a second.
_SLOW_F_STRINGS = 2e10

# CPython 3.10 builds its tree by unbounded recursion in C, with 80 bytes of stack for each level.
DEEPEST_CHAIN = 8_000 if sys.platform == "win32" else 50_000
_LINKS = ".+-*/%@|&^<>(["
_TOKEN = re.compile(
    r"""\#[^\n]*
    | (?P<format>[fF][rR]?|[rR][fF])?
      (?P<string>\"\"\"(?:\\.|[^\\])*?\"\"\"|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    | (?P<link>[.+\-*/%@|&^<>]) | (?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<end>[,;:=\n])""",
    re.VERBOSE | re.DOTALL,
)


def may_parse_slowly(data: bytes) -> bool:
    """Return whether parsing a source may take seconds."""
    return has_long_name(data) or has_many_f_strings(data)


def has_long_name(data: bytes) -> bool:
    """Return whether a dotted name may have so many parts that parsing takes seconds."""
    if data.count(b".") < _LONG_NAME:
        return False
    return any(match[0].count(b".") >= _LONG_NAME for match in _NAME_RUN.finditer(data))


def has_many_f_strings(data: bytes) -> bool:
    """Return whether CPython 3.12 or later (PEP 701) may take seconds for the f-strings of a source.

    The time for each f-string grows with the whole source: a megabyte of f-strings takes six seconds.
    """
    if not _TAKES_F_STRINGS_APART or len(data) ** 2 < _SLOW_F_STRINGS:
        return False
    return len(data) * sum(map(data.lower().count, (b"f'", b'f"', b"fr'", b'fr"'))) >= _SLOW_F_STRINGS


def is_deep_chain(text: str) -> bool:
    """Return whether chained calls, subscripts, attributes or operators may be too deep for CPython 3.10.

    In ``a.b(c)[d] + e``, each of them contains everything before it.
    """
    if _count_links(text) <= DEEPEST_CHAIN:
        return False
    chains = _Chains()
    for match in _TOKEN.finditer(text):
        if match["format"]:  # contains code
            chains.longest = max(chains.longest, chains.depth + _count_links(match["string"]))
        elif match.lastgroup in ("link", "open", "close", "end"):
            getattr(chains, match.lastgroup)(match[0])
    return chains.longest > DEEPEST_CHAIN


def _count_links(text: str) -> int:
    return sum(map(text.count, _LINKS))


class _Chains:
    """Counts the links of chains in a text, and the maximum.

    Attributes:
        depth: current number of links.
        longest: maximum number of links.
    """

    def __init__(self) -> None:
        self._open = [0]  # links of the current chain at each level of brackets
        self.depth = self.longest = 0

    def link(self, _: str) -> None:
        self._open[-1] += 1
        self.depth += 1
        self.longest = max(self.longest, self.depth)

    def open(self, bracket: str) -> None:
        self.link(bracket)
        self._open.append(0)

    def close(self, _: str) -> None:
        if len(self._open) > 1:
            self.depth -= self._open.pop()

    def end(self, mark: str) -> None:
        if mark != "\n" or len(self._open) == 1:
            self.depth -= self._open[-1]
            self._open[-1] = 0
