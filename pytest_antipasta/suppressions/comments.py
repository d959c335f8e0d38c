"""Finding comments that may suppress something, and the blocks that they stand at.

Which comment a line has, and where a signature ends, only the tokenizer knows for sure: a string can hold
anything. It takes as long as all the rest of measuring, so that it is asked only where a source has
something that looks like such a comment.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pytest_antipasta.model import Block, Comment, CommentPlace
from pytest_antipasta.suppressions.patterns import iter_directives, may_suppress

_LAYOUT = frozenset((tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.ENCODING))


class _Line(NamedTuple):
    """A logical line, which may span several lines of the file, and the comments that come with it.

    Attributes:
        row: its first line; 0 for the end of the file.
        first: its first token.
        before: comments on lines of their own between it and the logical line before.
        inside: comments in it and at its end.
    """

    row: int
    first: str
    before: list[tokenize.TokenInfo]
    inside: list[tokenize.TokenInfo]


def find_comments(text: str, blocks: Iterable[Block]) -> tuple[Comment, ...]:
    """Return the comments of a valid source that may suppress something, in the order of their lines.

    Args:
        text: the source.
        blocks: its functions and classes.
    """
    if not may_suppress(text):
        return ()
    names = {block.line: block.qualified_name for block in blocks}
    found = sorted(_iter_placed(text, names), key=lambda comment: (comment.line, comment.column))
    return tuple(found)


def _iter_placed(text: str, names: Mapping[int, str]) -> Iterator[Comment]:
    header: list[tuple[CommentPlace, tokenize.TokenInfo]] = []
    in_header = False
    for line in _iter_lines(text):
        header += [(_place_before(line, token, in_header), token) for token in line.before]
        block = names.get(line.row)
        in_header = line.first == "@"
        inside: CommentPlace = "decorator" if in_header else "signature" if block else "elsewhere"
        header += [(inside, token) for token in line.inside]
        if not in_header:
            for place, token in header:
                yield from _make_comments(token, place, block)
            header = []


def _place_before(line: _Line, token: tokenize.TokenInfo, in_header: bool) -> CommentPlace:
    """Return how a comment on a line of its own stands to the logical line that follows."""
    if in_header:
        return "decorator"
    # Directly above: nothing but comments in between.
    gap = line.row - token.start[0]
    return "above" if sum(token.start < other.start for other in line.before) == gap - 1 else "own line"


def _make_comments(token: tokenize.TokenInfo, place: CommentPlace, block: str | None) -> Iterator[Comment]:
    if block is None and place != "elsewhere":
        place = "own line"
    block = None if place == "own line" else block
    row, column = token.start
    for start, text in iter_directives(token.string, place):
        yield Comment(row, column + start, text, place, block)


def _iter_lines(text: str) -> Iterator[_Line]:
    before: list[tokenize.TokenInfo] = []
    line: _Line | None = None
    for token in _iter_tokens(text):
        if token.type == tokenize.COMMENT:
            (before if line is None else line.inside).append(token)
        elif token.type == tokenize.NEWLINE and line is not None:
            yield line
            before, line = [], None
        elif line is None and token.type not in _LAYOUT:
            line = _Line(token.start[0], token.string, before, [])
    yield line or _Line(0, "", before, [])


def _iter_tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    try:
        yield from tokenize.generate_tokens(io.StringIO(text).readline)
    except (tokenize.TokenError, SyntaxError):
        # Source that the parser takes and the tokenizer does not: its further comments suppress nothing.
        return
