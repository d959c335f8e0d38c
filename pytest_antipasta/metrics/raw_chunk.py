"""Raw line counts of one chunk by its tokens, for chunks that the scan can't decide."""

from __future__ import annotations

import tokenize
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeAlias

from pytest_antipasta.metrics.raw_patterns import LOOKS_INTO_STRINGS
from pytest_antipasta.runtime import trusted_first

_Token: TypeAlias = tuple[int, str, tuple[int, int], tuple[int, int]]


class RawCountError(ValueError):
    """radon's tokenizer fails on this source, even if Python accepts it."""


class LineTally:
    """The counts so far; ``lost`` lines are in none of radon's counts."""

    def __init__(self) -> None:
        """Start with zero counts."""
        self.lloc = self.comments = self.multi = self.single_comments = self.lost = self.lost_blank = 0


@cache
def _import_radon() -> Any:
    with trusted_first():
        from radon import raw
    return raw


def count_chunk(view: str, start: int, tally: LineTally) -> int:
    """Count the tokens of one chunk as ``radon.raw.analyze`` does; return the start of the next.

    Args:
        view: stripped lines joined by newlines.
        start: where the chunk starts.
        tally: the counts are added to it.

    Raises:
        RawCountError: the chunk has no end.
    """
    radon = _import_radon()
    tokens, lines = _tokenize_chunk(view, start)
    tally.lloc += radon._logical([*tokens, (tokenize.ENDMARKER, "")])
    tally.comments += sum(token[0] == tokenize.COMMENT for token in tokens)
    if any(radon.is_single_token(kind, tokens) for kind in (tokenize.COMMENT, tokenize.STRING)):
        _, _, (first_row, _), (last_row, _) = tokens[0]
        if first_row == last_row:
            # radon adds one line for the chunk, even if backslashes have joined others to it.
            tally.single_comments += 1
            tally.lost += len(lines) - 1
            tally.lost_blank += lines.count("\n")
        else:
            tally.multi += len(lines) - lines.count("\n")
    end = start + sum(map(len, lines))
    while view.startswith("\n", end):
        end += 1
    return end


def _tokenize_chunk(view: str, start: int) -> tuple[list[_Token], list[str]]:
    """Return the tokens and the lines of a chunk.

    radon tokenizes one line, then two lines, and so on until there is no error. Here the tokenizer is fed
    line by line until the first point without an error.
    """
    tokens: list[_Token] = []
    lines: list[str] = []
    depth = 0
    for token in _iter_tokens(_feed_lines(view, start, lines)):
        tokens.append(token)
        kind, string, (row, _), _ = token
        if kind == tokenize.OP:
            depth += (string in "([{") - (string in ")]}")
            if LOOKS_INTO_STRINGS and depth < 0:
                depth = 0  # the tokenizer in C ignores an unmatched closing bracket
        elif kind in (tokenize.NEWLINE, tokenize.NL) and not depth and not _is_swallowed(lines, row):
            return tokens, lines[:row]
    raise RawCountError("unterminated bracket, string or line continuation")


def _iter_tokens(lines: Iterator[str]) -> Iterator[_Token]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in f-strings, since CPython 3.12
            for token in tokenize.generate_tokens(lines.__next__):
                # Without the line, which CPython 3.12.1 copies for each of its tokens.
                yield token[:4]
                if token.type == tokenize.ERRORTOKEN:
                    break
    except Exception as error:  # TokenError, SyntaxError, and SystemError from bugs in CPython 3.12
        raise RawCountError(str(error)) from error


def _feed_lines(view: str, start: int, lines: list[str]) -> Iterator[str]:
    """Yield the lines from ``start`` on, and append them to ``lines``."""
    while start < len(view):
        end = view.index("\n", start) + 1
        lines.append(view[start:end])
        yield lines[-1]
        start = end


def _is_swallowed(lines: list[str], row: int) -> bool:
    """Return whether a backslash has joined a blank row, which radon's tokenizer can't see at the end.

    No chunk begins with a blank row.
    """
    return lines[row - 1] == "\n" and lines[row - 2].endswith("\\\n")
