"""Join lines that were broken for their length only and now fit, as black and ruff would write them."""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import dropwhile, pairwise

from pytest_antipasta.advice.edits import Line
from pytest_antipasta.advice.layout import CLOSING, OPENING, Layout, measure_width
from pytest_antipasta.metrics.source import find_indent

_CLAUSES = frozenset({"for", "async", "if"})
# Words that begin operands on lines of their own; all of one kind are on one line, or each is on its own.
_DELIMITERS = (_CLAUSES, frozenset({"if", "else"}), frozenset({"and", "or"}))
# First and last line of a statement whose brackets only hold lines together. Others hold operands together.
_BARE = re.compile(
    r"(?:.*[^=!<>:]=|\s*return|\s*assert) \(\n\)|\s*(?:if|elif|while|(?:async )?for .+ in) \(\n\):"
)
# Expressions that need brackets around them, or mean something else without.
_BRACKETED = (ast.Tuple, ast.GeneratorExp, ast.NamedExpr, ast.Yield, ast.YieldFrom)


def join_lines(lines: Iterable[str]) -> str | None:
    """Return lines joined into one; ``None`` if a formatter would leave them apart.

    That is so after a trailing comma, which asks for an item a line.

    Args:
        lines: lines without comments, of which none begins inside a string.
    """
    parts = [line.strip() for line in lines]
    joined = parts[0]
    for before, part in pairwise(parts):
        is_attribute = part.startswith(".") and part[1:2].isidentifier()
        is_tight = before.endswith(OPENING) or part.startswith(CLOSING) or is_attribute
        if before.endswith(",") and part.startswith(CLOSING):
            return None
        joined += part if is_tight else f" {part}"
    return joined


def rejoin(layout: Layout, lines: Sequence[Line]) -> list[Line]:
    """Return lines that became shorter, joined where brackets were broken for their length only.

    Args:
        layout: the source that the lines come from.
        lines: lines whose origins are lines of that source.
    """
    texts = {line.origin: line.text for line in lines}
    joined: dict[int, tuple[int, str]] = {}
    covered: set[int] = set()
    for first, last in sorted(layout.groups):
        if first not in covered and first in texts and last in texts and _can_join(layout, first, last):
            numbers = range(first, last + 1)
            group = [texts[number] for number in numbers]
            saved = [
                measure_width(layout.lines[number - 1]) - measure_width(texts[number]) for number in numbers
            ]
            for start, stop, text in _join_group(group, layout.width, saved):
                joined[first + start] = first + stop - 1, text
                covered.update(range(first + start, first + stop))
    return [*_replace(lines, joined)]


def _replace(lines: Iterable[Line], joined: dict[int, tuple[int, str]]) -> Iterable[Line]:
    end = 0
    for line in lines:
        if line.origin in joined:
            end, text = joined[line.origin]
            yield line._replace(text=text)
        elif line.origin > end:
            yield line


def _can_join(layout: Layout, first: int, last: int) -> bool:
    """Return whether no comment, string or backslash keeps lines apart."""
    numbers = range(first, last + 1)
    is_plain = not any(number in layout.comments or number in layout.closed for number in numbers)
    return is_plain and not any(number in layout.in_string for number in numbers)


def _join_group(texts: Sequence[str], width: int, saved: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    """Yield the lines of brackets that become one: all of them, the content, or parts of the content.

    Args:
        texts: the lines, from the one with the opening bracket to the one with the closing bracket.
        width: the maximum length of a line.
        saved: how many columns shorter each line became.

    Yields:
        The first line, 0-based, the line after the last, and the joined text.
    """
    places = _iter_places(texts, 1, len(texts) - 1)
    if not texts[-2].endswith(",") and any(texts[place - 1].endswith(",") for place in places):
        return  # a formatter would have put a comma after the last item, too
    whole = _join_whole(texts, width, saved[0])
    if whole is not None:
        yield 0, len(texts), whole
        return
    end = 0
    for start, stop in _iter_parts(texts):
        part = None
        if start >= end and stop > start + 1:
            part = _join_broken(texts[start:stop], width, saved[start])
        if part is not None:
            yield start, stop, part
            end = stop


def _iter_parts(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the beginnings and ends of the content of brackets, as a whole and piece by piece."""
    starts, stop = [1], len(texts) - 1
    if starts == [stop]:  # no content
        return
    if texts[stop - 1].endswith(","):
        starts += [place for place in _iter_places(texts, 1, stop) if texts[place - 1].endswith(",")]
    for start, end in pairwise([*starts, stop]):
        yield from _iter_pieces(texts, start, end, _DELIMITERS)


def _iter_pieces(
    texts: Sequence[str], start: int, stop: int, delimiters: Sequence[Container[str]]
) -> Iterator[tuple[int, int]]:
    """Yield the beginning and end of an expression, then those of its operands, and so on."""
    yield start, stop
    if not delimiters:
        return
    words = {place: texts[place].strip().partition(" ")[0] for place in _iter_places(texts, start, stop)}
    places: Iterable[int] = [place for place, word in words.items() if word in delimiters[0]]
    if delimiters[0] is _CLAUSES:  # an `if` before the first of them is that of a value
        places = dropwhile(lambda place: words[place] == "if", places)
    for piece in pairwise([start, *places, stop]):
        yield from _iter_pieces(texts, *piece, delimiters[1:])


def _iter_places(texts: Sequence[str], start: int, stop: int) -> Iterator[int]:
    """Yield the lines after the first with its indentation, without those that close brackets."""
    indent = find_indent(texts[start])
    for place in range(start + 1, stop):
        if find_indent(texts[place]) == indent and not texts[place].strip().startswith(CLOSING):
            yield place


def _join_whole(texts: Sequence[str], width: int, saved: int) -> str | None:
    """Return an expression in brackets as one line if it fits now; ``None`` if not."""
    if texts[-1].endswith(OPENING):
        return None
    if _BARE.fullmatch(f"{texts[0]}\n{texts[-1].strip()}"):
        inside = join_lines(texts[1:-1])
        if inside is not None and not _needs_brackets(inside):
            # The brackets only hold the lines together.
            texts = [f"{texts[0][:-1]}{inside}{texts[-1].strip()[1:]}"]
    return _join_broken(texts, width, saved)


def _needs_brackets(text: str) -> bool:
    try:
        return isinstance(ast.parse(text, mode="eval").body, _BRACKETED)
    except SyntaxError:
        return True


def _join_broken(texts: Sequence[str], width: int, saved: int) -> str | None:
    """Return lines joined if they fit into one now, and did not before the first one became shorter."""
    joined = join_lines(texts)
    if joined is None:
        return None
    indent = find_indent(texts[0])
    length = measure_width(f"{indent}{joined}")
    return f"{indent}{joined}" if length <= width < length + saved else None
