"""Ruff's own suppression comments: ``# ruff: ignore[…]``, ``disable[…]``, ``enable[…]``, ``file-ignore[…]``.

The rules are those of ruff 0.17 in preview, where rules have names besides codes:

* ``ignore`` at the end of the line of the ``def``, or on a line of its own before it. Other comments and
  empty lines may be between them, a decorator may not: it has a line that the comment is about.
* ``disable`` on a line of its own, up to the ``enable`` with the same list at the same indentation. Without
  one, it ends with the block of its indentation. (Behind a block that is indented farther, ruff 0.17 has one
  without an ``enable`` go on to the end of the file.)
* ``file-ignore`` on a line of its own, from the first column.

Codes and names are written in full, in this case. A list with another mistake in it says nothing.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_antipasta.model.measured import Block, Comment, CommentPlace
from pytest_antipasta.model.registry import OUR_METRICS
from pytest_antipasta.policy.suppressions.tokens import iter_tokens

RUFF = re.compile(
    r"#[ \t]*ruff[ \t]*:[ \t]*(?P<verb>ignore|disable|enable|file-ignore)[ \t]*\[(?P<rules>[^\[\]\n]*)\]"
)
# pylint has another name for this metric.
_COMPLEX = ("C901", "complex-structure")
_RULES: Mapping[str, str] = {
    key: metric.ruff
    for metric in OUR_METRICS
    if metric.ruff
    for key in (_COMPLEX if metric.ruff == _COMPLEX[0] else (metric.ruff, metric.pylint[0]))
}
_LAYOUT = (tokenize.NL, tokenize.COMMENT)
_BOUNDS = (tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


def split_rules(text: str) -> tuple[str, ...]:
    """Return the rules of a list as they are written; empty if ruff can't parse it."""
    rules = [rule.strip() for rule in text.split(",")]
    if rules and not rules[-1]:
        rules.pop()  # a comma may follow the last one
    return tuple(rules) if all(rule and not re.search(r"\s", rule) for rule in rules) else ()


def find_codes(rules: Iterable[str]) -> list[str]:
    """Return the codes of rules that match our metrics."""
    return [_RULES[rule] for rule in rules if rule in _RULES]


def has_ruff_comment(text: str) -> bool:
    """Return whether a source may have such a comment."""
    return any(find_codes(split_rules(match["rules"])) for match in RUFF.finditer(text))


def iter_ruff_comments(text: str, blocks: Sequence[Block]) -> Iterator[Comment]:
    """Yield the comments of a valid source that apply to its functions, or to all of it.

    A range yields a comment for each function in it; of several ranges about the same rules, the last one
    does.
    """
    functions = {block.line: block.qualified_name for block in blocks if block.is_function}
    reader = _Reader(functions)
    tokens = list(iter_tokens(io.StringIO(text)))
    for token, behind in zip(tokens, _find_behind(tokens), strict=True):
        yield from reader.read(token, behind)


def _find_behind(tokens: Sequence[tokenize.TokenInfo]) -> list[int]:
    """Return for each token the type of the next one that is neither a comment nor an empty line."""
    found: list[int] = []
    behind = tokenize.ENDMARKER
    for token in reversed(tokens):
        found.append(behind)
        if token.type not in _LAYOUT:
            behind = token.type
    return found[::-1]


class _Reader:
    """Reads the tokens of a source."""

    def __init__(self, functions: Mapping[int, str]) -> None:
        self._functions = functions
        self._indentations = [""]
        self._waiting: list[tokenize.TokenInfo] = []
        self._is_at_start = True
        # Open ranges of `disable`, by indentation and list as written, and by codes.
        self._open: dict[tuple[str, tuple[str, ...]], list[tokenize.TokenInfo]] = {}
        self._of_codes: dict[frozenset[str], dict[tuple[int, int], tokenize.TokenInfo]] = {}

    def read(self, token: tokenize.TokenInfo, behind: int) -> Iterator[Comment]:
        """Yield the comments that are complete after a token.

        Args:
            token: the next token.
            behind: type of the next token that is neither a comment nor an empty line.
        """
        if token.type == tokenize.COMMENT:
            yield from self._read_comment(token, behind)
        elif token.type == tokenize.INDENT:
            self._indentations.append(token.string)
        elif token.type == tokenize.DEDENT:
            self._close(len(self._indentations.pop()))
        elif token.type == tokenize.NEWLINE:
            self._is_at_start = True
        elif token.type != tokenize.NL and self._is_at_start:
            self._is_at_start = False
            yield from self._begin_line(token.start[0])

    def _begin_line(self, row: int) -> Iterator[Comment]:
        """Yield the comments about the function that begins on a line, if there is one."""
        for item in self._waiting:
            yield from self._make(item, item.string, row, "above")
        self._waiting = []
        for found in self._of_codes.values() if row in self._functions else ():
            last = found[next(reversed(found))]
            yield from self._make(last, last.string, row, "range")

    def _read_comment(self, token: tokenize.TokenInfo, behind: int) -> Iterator[Comment]:
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
        # Its indentation must be that of its block, or of a block that begins or ends after it.
        elif before == self._indentations[-1] or behind in _BOUNDS:
            self._read_bound(verb, (before, rules), token)

    def _read_trailing(self, token: tokenize.TokenInfo) -> Iterator[Comment]:
        row, column = token.start
        for match in RUFF.finditer(token.string):
            if match["verb"] == "ignore":
                moved = token._replace(start=(row, column + match.start()))
                yield from self._make(moved, token.string[match.start() :], row, "signature")

    def _read_bound(self, verb: str, key: tuple[str, tuple[str, ...]], token: tokenize.TokenInfo) -> None:
        if verb == "disable" and key[1]:
            self._open.setdefault(key, []).append(token)
            self._of_codes.setdefault(frozenset(find_codes(key[1])), {})[token.start] = token
        elif verb == "enable" and key in self._open:
            self._end(key, 1)

    def _close(self, least: int) -> None:
        """End the ranges of a finished block: those with the same or a larger indentation."""
        for key in [key for key in self._open if len(key[0]) >= least]:
            self._end(key, len(self._open[key]))

    def _end(self, key: tuple[str, tuple[str, ...]], number: int) -> None:
        """End the last ranges of a list and an indentation."""
        tokens, codes = self._open[key], frozenset(find_codes(key[1]))
        for _ in range(number):
            del self._of_codes[codes][tokens.pop().start]
        if not tokens:
            del self._open[key]
        if not self._of_codes[codes]:
            del self._of_codes[codes]

    def _make(self, token: tokenize.TokenInfo, text: str, row: int, place: CommentPlace) -> Iterator[Comment]:
        """Yield a comment about the function on a line, if there is one, and if it matches our metrics."""
        if row in self._functions and _is_about(text):
            yield Comment(*token.start, text, place, self._functions[row])


def _read_own(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the verb and the list of a comment; both are empty for other comments than ruff's own."""
    found = RUFF.match(text)
    return (found["verb"], split_rules(found["rules"])) if found else ("", ())


def _is_about(text: str) -> bool:
    """Return whether a comment matches our metrics."""
    return bool(find_codes(_read_own(text)[1]))
