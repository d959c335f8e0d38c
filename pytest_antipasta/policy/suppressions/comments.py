"""Find suppression comments in source, and the blocks that they belong to.

Only the tokenizer can find comments and the ends of signatures, as a string may contain any text. It takes as
long as all other measuring, so it is used only for source that seems to contain such a comment. If only
comments in signatures matter, only signatures are tokenized.
"""

from __future__ import annotations

import io
import tokenize
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import attrgetter
from typing import NamedTuple

from pytest_antipasta.model.measured import Block, Comment, CommentPlace
from pytest_antipasta.policy.suppressions.patterns import (
    Candidate,
    iter_candidates,
    iter_directives,
)
from pytest_antipasta.policy.suppressions.tokens import iter_tokens

_LAYOUT = frozenset((tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.ENCODING))


class _Line(NamedTuple):
    """A logical line, which may span several lines of the file, with its comments.

    Attributes:
        row: its first line; 0 for the end of the file.
        first: its first token.
        before: comments on separate lines between it and the previous logical line.
        inside: comments in it and at its end.
    """

    row: int
    first: str
    before: list[tokenize.TokenInfo]
    inside: list[tokenize.TokenInfo]


def may_suppress(text: str) -> bool:
    """Return whether a source may have such a comment; a string that looks like one counts too."""
    return next(iter_candidates(text), None) is not None or any(_iter_readers(text))


def _iter_readers(text: str) -> Iterator[Callable[[str, Sequence[Block]], Iterator[Comment]]]:
    """Yield what finds the comments that only ruff or pylint reads, if a source may have any; few have."""
    if "ruff" in text:
        from pytest_antipasta.policy.suppressions.ruff_comments import has_ruff_comment, iter_ruff_comments

        if has_ruff_comment(text):
            yield iter_ruff_comments
    if "pylint:" in text:
        from pytest_antipasta.policy.suppressions.pylint_comments import (
            has_pylint_comment,
            iter_pylint_comments,
        )

        if has_pylint_comment(text):
            yield iter_pylint_comments


def find_comments(text: str, blocks: Iterable[Block]) -> tuple[Comment, ...]:
    """Return the comments of a valid source that may suppress something, sorted by line.

    Blocks must be sorted by line too.
    """
    blocks = tuple(blocks)
    found = [*_iter_others(text, blocks)]
    for read in _iter_readers(text):
        found += read(text, blocks)
    return tuple(sorted(found, key=attrgetter("line", "column")))


def find_comment_line(text: str, line: int) -> int | None:
    """Return the first line of a signature at whose end a comment can be added; ``None`` if unknown.

    A line that ends inside a string or with a backslash has no place for a comment.

    Args:
        text: decoded source.
        line: line of the ``def``, 1-based.
    """
    lines = io.StringIO(text).readlines()[line - 1 :]
    depth = 0  # of f-strings, whose replacement fields may span lines since CPython 3.12
    for token in iter_tokens(iter(lines)):
        name = tokenize.tok_name[token.type]
        depth += name.endswith("STRING_START") - name.endswith("STRING_END")
        if token.type in (tokenize.NL, tokenize.NEWLINE) and not depth:
            return line - 1 + token.start[0]
    return None


def _iter_others(text: str, blocks: Sequence[Block]) -> Iterable[Comment]:
    """Yield the comments except those that only ruff or pylint reads."""
    candidates = tuple(iter_candidates(text))
    if not candidates:
        return ()
    # Code of a notebook's cell before a block is not a header of the cell.
    names = {block.line: block.qualified_name for block in blocks if block.kind != "cell"}
    if all(candidate.is_for_signatures for candidate in candidates):
        return _iter_in_signatures(text, names, candidates)
    return _iter_placed(text, names)


def _iter_in_signatures(
    text: str, names: Mapping[int, str], candidates: Iterable[Candidate]
) -> Iterator[Comment]:
    """Yield the comments in signatures that may contain candidates."""
    for start, lines in _iter_from_defs(text, list(names), candidates):
        for token in next(lines).inside:
            yield from _make_comments(_move(token, start), "signature", names[start])


def _iter_from_defs(
    text: str, starts: Sequence[int], candidates: Iterable[Candidate]
) -> Iterator[tuple[int, Iterator[_Line]]]:
    """Yield the first line of each block that may contain candidates, and the logical lines from there."""
    lines = io.StringIO(text).readlines()
    ends = tuple(accumulate(map(len, lines)))
    rows = (bisect_right(ends, candidate.start) + 1 for candidate in candidates)
    for start in sorted({starts[place - 1] for row in rows if (place := bisect_right(starts, row))}):
        yield start, _iter_lines(map(lines.__getitem__, range(start - 1, len(lines))))


def _move(token: tokenize.TokenInfo, start: int) -> tokenize.TokenInfo:
    """Return a token of a text that begins at a line as one of the whole source."""
    row, column = token.start
    return token._replace(start=(row + start - 1, column))


def _iter_placed(text: str, names: Mapping[int, str]) -> Iterator[Comment]:
    header: list[tuple[CommentPlace, tokenize.TokenInfo]] = []
    in_header = False
    for line in _iter_lines(io.StringIO(text)):
        header += _place_before(line, in_header)
        block = names.get(line.row)
        in_header = line.first == "@"
        inside: CommentPlace = "decorator" if in_header else "signature" if block else "elsewhere"
        header += [(inside, token) for token in line.inside]
        if not in_header:
            for place, token in header:
                yield from _make_comments(token, place, block)
            header = []


def _place_before(line: _Line, in_header: bool) -> Iterator[tuple[CommentPlace, tokenize.TokenInfo]]:
    """Yield the comments before a logical line, each after its place relative to that line."""
    first_above = line.row - len(line.before)
    for number, token in enumerate(line.before):
        # Directly above: only comments in between.
        is_above = token.start[0] == first_above + number
        yield "decorator" if in_header else "above" if is_above else "own line", token


def _make_comments(token: tokenize.TokenInfo, place: CommentPlace, block: str | None) -> Iterator[Comment]:
    if block is None and place != "elsewhere":
        place = "own line"
    block = None if place == "own line" else block
    row, column = token.start
    for start, text in iter_directives(token.string, place):
        yield Comment(row, column + start, text, place, block)


def _iter_lines(source: Iterator[str]) -> Iterator[_Line]:
    before: list[tokenize.TokenInfo] = []
    line: _Line | None = None
    for token in iter_tokens(source):
        if token.type == tokenize.COMMENT:
            (before if line is None else line.inside).append(token)
        elif token.type == tokenize.NEWLINE and line is not None:
            yield line
            before, line = [], None
        elif token.type not in _LAYOUT:
            line = line or _Line(token.start[0], token.string, before, [])
    yield line or _Line(0, "", before, [])
