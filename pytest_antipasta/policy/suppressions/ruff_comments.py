"""Ruff's own suppression comments: ``# ruff: ignore[…]``, ``disable[…]``, ``enable[…]``, ``file-ignore[…]``.

What is followed is what ruff 0.17 does in preview, where rules have names besides their codes:

* ``ignore`` at the end of the line of the ``def``, or on a line of its own before it. Other comments and
  empty lines may be between them, a decorator may not: it has a line that the comment is about.
* ``disable`` on a line of its own, up to the ``enable`` with the same list at the same indentation, else up
  to the end of the block that it is indented as. (Behind a block that is indented farther, ruff 0.17 has one
  without an ``enable`` go on to the end of the file.)
* ``file-ignore`` on a line of its own, from the first column.

Codes and names are written in full, in this case. A list with another mistake in it says nothing.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from itertools import dropwhile, islice
from typing import NamedTuple

from pytest_antipasta.model import OUR_METRICS, Block, Comment, CommentPlace

RUFF = re.compile(
    r"#[ \t]*ruff[ \t]*:[ \t]*(?P<verb>ignore|disable|enable|file-ignore)[ \t]*\[(?P<rules>[^\[\]\n]*)\]"
)
# pylint has another name for it.
_COMPLEX = ("C901", "complex-structure")
_RULES: Mapping[str, str] = {
    key: metric.ruff
    for metric in OUR_METRICS
    if metric.ruff
    for key in (_COMPLEX if metric.ruff == _COMPLEX[0] else (metric.ruff, metric.pylint[0]))
}
_LAYOUT = (tokenize.NL, tokenize.COMMENT)
_BOUND_BY = ("disable", "enable")
_BOUNDS = (tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def split_rules(text: str) -> tuple[str, ...]:
    """Return the rules of a list as they are written; none where ruff can't read it."""
    rules = [rule.strip() for rule in text.split(",")]
    if rules and not rules[-1]:
        rules.pop()  # a comma may follow the last one
    return tuple(rules) if all(rule and not re.search(r"\s", rule) for rule in rules) else ()


def find_codes(text: str) -> list[str]:
    """Return the codes of the rules in a list that are about what is measured here."""
    return [_RULES[rule] for rule in split_rules(text) if rule in _RULES]


def has_ruff_comment(text: str) -> bool:
    """Whether a source may have such a comment."""
    return any(find_codes(match["rules"]) for match in RUFF.finditer(text))


class _Range(NamedTuple):
    """What begins with a ``disable``, or ends with an ``enable``: indentation, list as written, comment."""

    indentation: str
    rules: tuple[str, ...]
    token: tokenize.TokenInfo


def iter_ruff_comments(text: str, blocks: Sequence[Block]) -> Iterator[Comment]:
    """Yield the comments of a valid source that are about its functions, or about all of it.

    A range has a comment for each function in it.
    """
    functions = {block.line: block.qualified_name for block in blocks if block.kind not in ("class", "cell")}
    reader = _Reader(functions)
    tokens = list(_iter_tokens(text))
    for number, token in enumerate(tokens):
        yield from reader.read(token, islice(tokens, number + 1, None))
    yield from reader.end(tokens[-1].start[0] + 1 if tokens else 0)


class _Reader:
    """Goes through the tokens of a source."""

    def __init__(self, functions: Mapping[int, str]) -> None:
        """Know the lines of functions."""
        self._functions = functions
        self._indentations = [""]
        self._open: list[_Range] = []
        self._waiting: list[tokenize.TokenInfo] = []
        self._is_at_start = True

    def read(self, token: tokenize.TokenInfo, following: Iterator[tokenize.TokenInfo]) -> Iterator[Comment]:
        """Yield the comments that a token makes certain."""
        if token.type == tokenize.COMMENT:
            yield from self._read_comment(token, following)
        elif token.type == tokenize.INDENT:
            self._indentations.append(token.string)
        elif token.type == tokenize.DEDENT:
            yield from self._close(len(self._indentations.pop()), token.start[0])
        elif token.type == tokenize.NEWLINE:
            self._is_at_start = True
        elif token.type != tokenize.NL and self._is_at_start:
            self._is_at_start = False
            for one in self._waiting:
                yield from self._make(one, one.string, token.start[0], "above")
            self._waiting = []

    def end(self, row: int) -> Iterator[Comment]:
        """Yield what the ranges are about that nothing has ended."""
        for one in self._open:
            yield from self._make_range(one, row)

    def _close(self, least: int, row: int) -> Iterator[Comment]:
        """Yield what ranges are about that end with a block, those with that much indentation or more."""
        ended = [one for one in self._open if len(one.indentation) >= least]
        for one in ended:
            self._open.remove(one)
            yield from self._make_range(one, row)

    def _read_comment(
        self, token: tokenize.TokenInfo, following: Iterator[tokenize.TokenInfo]
    ) -> Iterator[Comment]:
        row, column = token.start
        before = token.line[:column]
        if before.strip():
            yield from self._read_trailing(token)
            return
        verb, rules = _read_own(token.string)
        if verb == "ignore" and self._is_at_start:
            self._waiting.append(token)
        elif verb == "file-ignore" and not column and _is_about(token.string):
            yield Comment(row, column, token.string, "own line")
        elif verb in _BOUND_BY and self._is_placed(before, following):
            yield from self._read_bound(_Range(before, rules, token), verb)

    def _read_trailing(self, token: tokenize.TokenInfo) -> Iterator[Comment]:
        row, column = token.start
        for match in RUFF.finditer(token.string):
            if match["verb"] == "ignore":
                moved = token._replace(start=(row, column + match.start()))
                yield from self._make(moved, token.string[match.start() :], row, "signature")

    def _is_placed(self, indentation: str, following: Iterator[tokenize.TokenInfo]) -> bool:
        """Whether a comment is indented as its block is, or as one that begins or ends behind it."""
        if indentation == self._indentations[-1]:
            return True
        behind = next(dropwhile(lambda one: one.type in _LAYOUT, following), None)
        return behind is not None and behind.type in _BOUNDS

    def _read_bound(self, bound: _Range, verb: str) -> Iterator[Comment]:
        if verb == "disable":
            self._open += [bound] if bound.rules else []
            return
        for one in reversed(self._open):
            if one[:2] == bound[:2]:
                self._open.remove(one)
                yield from self._make_range(one, bound.token.start[0])
                return

    def _make_range(self, one: _Range, end: int) -> Iterator[Comment]:
        for row in range(one.token.start[0], end):
            yield from self._make(one.token, one.token.string, row, "range")

    def _make(self, token: tokenize.TokenInfo, text: str, row: int, place: CommentPlace) -> Iterator[Comment]:
        """Yield a comment about the function of a line, if there is one, and if it is about its numbers."""
        if row in self._functions and _is_about(text):
            yield Comment(*token.start, text, place, self._functions[row])


def _read_own(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the verb and the list of a comment; both are empty where it is none of ruff's own."""
    found = RUFF.match(text)
    return (found["verb"], split_rules(found["rules"])) if found else ("", ())


def _is_about(text: str) -> bool:
    """Whether a comment is about what is measured here."""
    match = RUFF.match(text)
    return match is not None and bool(find_codes(match["rules"]))


def _iter_tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError):
        # Source that the parser takes and the tokenizer does not: its further comments suppress nothing.
        return
