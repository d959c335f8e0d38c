"""Raw line counts: the values of ``radon.raw.analyze``, from one scan of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from pytest_antipasta.metrics.raw_chunk import LineTally, count_chunk
from pytest_antipasta.metrics.raw_patterns import (
    BLOCK,
    CLOSE,
    COLON,
    COMMENT,
    LONE_COMMENT,
    LOOKS_INTO_STRINGS,
    OPEN,
    SEMICOLON,
    STUCK,
    compile_fragments,
)


class RawCounts(NamedTuple):
    """The line counts of one source, in radon's order.

    Attributes:
        lines_of_code: all lines; the sum of code, multi-line strings, blank lines and single comments.
        logical_lines_of_code: by colons and semicolons; ``if x: y``, ``x: int`` and ``x[1:2]`` have two.
        source_lines_of_code: lines that hold code.
        comment_lines: ``#`` comments, including those after code.
        multi_line_string_lines: lines of multi-line strings that are statements of their own, without their
            blank lines.
        blank_lines: empty lines, wherever they are.
        single_comment_lines: lines with only a comment or a string.
    """

    lines_of_code: int
    logical_lines_of_code: int
    source_lines_of_code: int
    comment_lines: int
    multi_line_string_lines: int
    blank_lines: int
    single_comment_lines: int


class LongScanError(Exception):
    """There is much text to tokenize, which may take seconds."""


def count_lines(text: str, most_tokenized: float = float("inf")) -> RawCounts:
    r"""Return what ``radon.raw.analyze`` returns for a source that Python can parse.

    radon strips all lines and splits them into chunks: the shortest runs of whole lines that can be
    tokenized. The scan uses the same stripped lines, and a regular expression finds the ends of chunks. A
    chunk that it does not match is tokenized.

    Args:
        text: decoded source with ``\n`` at the end of its lines, without a byte order mark.
        most_tokenized: no chunk is tokenized if more characters than this are left.

    Raises:
        RawCountError: radon raises an error.
        LongScanError: a chunk must be tokenized, and there is too much left.
    """
    lines = list(map(str.strip, text.splitlines()))
    view = "\n".join([*lines, ""]).lstrip("\n")
    tally = LineTally()
    _count_view(view, tally, _has_broken_comment(text), most_tokenized)
    loc = len(lines) - tally.lost
    blank = lines.count("") - tally.lost_blank
    sloc = loc - blank - tally.multi - tally.single_comments
    return RawCounts(loc, tally.lloc, sloc, tally.comments, tally.multi, blank, tally.single_comments)


def _count_view(view: str, tally: LineTally, is_broken: bool, most_tokenized: float) -> None:
    # Up to CPython 3.11, the tokenizer accepts `\w+` as names, which is less than Python's parser.
    pattern = compile_fragments(LOOKS_INTO_STRINGS or view.isascii())
    position = 0
    while position < len(view):
        if not is_broken:
            position = _count_known(pattern.finditer(view, position), tally)
        if len(view) - position > most_tokenized:
            raise LongScanError
        if position < len(view):
            position = count_chunk(view, position, tally)


def _count_known(matches: Iterator[re.Match[str]], tally: LineTally) -> int:
    """Count chunks; return the start of one that must be tokenized, or the end of the text."""
    lloc = 0
    for match in matches:
        kind = match.lastindex
        if kind is None or kind == BLOCK:
            lloc += 1
        elif kind > BLOCK:
            if not _count_pieces(match, matches, tally):
                break
        elif kind >= COLON:
            lloc += 2
        elif kind <= COMMENT:
            tally.comments += 1
            tally.single_comments += kind == LONE_COMMENT
        else:
            lloc += 1
            _count_string(match[0], tally)
    tally.lloc += lloc
    return match.start()


def _count_string(text: str, tally: LineTally) -> None:
    filled = sum(map(bool, text.split("\n")))
    tally.single_comments += filled == 1
    tally.multi += filled if filled > 1 else 0


def _count_pieces(first: re.Match[str], others: Iterator[re.Match[str]], tally: LineTally) -> bool:
    """Count a chunk of several matches, with semicolons or long brackets; return whether it could."""
    lloc = 1
    comments = depth = 0
    has_colon = False
    for match in chain((first,), others):
        kind = match.lastindex or 0
        has_colon = has_colon or "" in match.groups()[COLON - 1 : BLOCK]
        depth += (kind == OPEN) - (kind == CLOSE)
        if _is_odd(match, depth, has_colon):
            return False
        comments += kind in (LONE_COMMENT, COMMENT)
        lloc += kind == SEMICOLON and first.string[match.end()] not in "\n#"
        if kind < SEMICOLON and not depth:
            break
    tally.comments += comments
    tally.lloc += lloc + (has_colon and kind != BLOCK)
    return True


def _is_odd(match: re.Match[str], depth: int, has_colon: bool) -> bool:
    """Return whether radon's rules for a match depend on more than brackets and colons."""
    if match.lastindex == STUCK:
        return not match[0]
    # radon's count for `x: int; y` depends on the number of tokens after the colon, and a form feed can split
    # a line before its semicolon.
    return depth < 0 or (match.lastindex == SEMICOLON and (has_colon or depth > 0 or match[0][0] == ";"))


def _has_broken_comment(text: str) -> bool:
    """Return whether a line with a ``#`` ends at a character that only ``str.splitlines`` splits at.

    radon treats the text after a form feed in a comment as code.
    """
    has_breaks = any(map(text.__contains__, "\v\f\x1c\x1d\x1e\x85\u2028\u2029"))
    return has_breaks and any("#" in line and line[-1] != "\n" for line in text.splitlines(keepends=True))
