"""Break a condition that is too long for a line, at the places where black and ruff break it."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Container, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from pytest_antipasta.advice.layout import CLOSING, OPENING, measure_width

_LOGIC = frozenset({"and", "or"})
_COMPARISONS = frozenset({"==", "!=", "<", ">", "<=", ">=", "in", "is", "not"})
_COMPREHENSION = frozenset({"for", "if", "async"})
# The loosest operators of an expression with such a word; those of others are in _LOGIC.
_LOOSEST = {"for": _COMPREHENSION, "else": frozenset({"if", "else"})}
# Words that are no operators, or the first of two.
_FIRST = frozenset({"and", "or", "not", "is", "async"})
# The lines with brackets, and the one with their content.
_HUGGED = 3
# With more operands, each is on a line of its own.
_MOST_HUGGED = 2


class Shape(NamedTuple):
    """How lines are laid out.

    Attributes:
        step: what each level is indented by.
        width: the maximum length of a line.
    """

    step: str
    width: int

    def fits(self, line: str) -> bool:
        """Return whether a line is not too long."""
        return measure_width(line) <= self.width


def break_header(indent: str, start: str, operands: Sequence[str], word: str, shape: Shape) -> list[str]:
    """Return the lines of a statement's header with a condition that is too long for one line.

    Args:
        indent: indentation of the statement.
        start: what stands before the condition: the keyword, and ``not (`` if it is negated.
        operands: the operands of the condition.
        word: ``and`` or ``or`` between them; empty for a single operand.
        shape: how lines are laid out.
    """
    condition = f" {word} ".join(operands)
    if not start.endswith("("):
        hugging = _hug(indent, f"{start} {condition}:", shape) if len(operands) <= _MOST_HUGGED else []
        if hugging and shape.fits(hugging[0]):
            return hugging
        start = f"{start} ("
    body = _break_inside(f"{indent}{shape.step}", condition, shape)
    return [f"{indent}{start}", *body, f"{indent}):"]


def break_statement(line: str, shape: Shape) -> list[str]:
    """Return a line that is too long with the content of its last brackets on a line of its own.

    A list has an item on each line. The line stays as it is if this does not make it short enough.
    """
    text = line.lstrip()
    lines = _hug(line[: len(line) - len(text)], text, shape)
    is_plain = len(lines) == _HUGGED or all(each.endswith(",") for each in lines[1:-1])
    return lines if lines and is_plain and all(map(shape.fits, lines)) else [line]


def _break_inside(indent: str, text: str, shape: Shape) -> list[str]:
    """Return the lines of a text inside brackets: as it is, at its loosest operators, or in its brackets."""
    line = f"{indent}{text}"
    if shape.fits(line):
        return [line]
    pieces = _cut(text)
    if len(pieces) > 1:
        return [broken for piece in pieces for broken in _break_inside(indent, piece, shape)]
    return _hug(indent, text, shape) or [line]


def _hug(indent: str, text: str, shape: Shape) -> list[str]:
    """Return the lines of a text with the content of its last brackets between; empty without brackets."""
    place = _find_last_bracket(text)
    if place is None:
        return []
    begin, end = place
    content = text[begin + 1 : end].strip()
    if not content:
        return []
    is_call = bool(text[begin - 1 : begin].strip())
    items = [content] if is_call else _split_items(content)
    body = [line for item in items for line in _break_inside(f"{indent}{shape.step}", item, shape)]
    return [f"{indent}{text[: begin + 1]}", *body, f"{indent}{text[end:]}"]


def _split_items(content: str) -> list[str]:
    """Return the items of a tuple, list, set or dictionary with their commas; else the content."""
    words = list(_iter_outside(content))
    commas = [place + 1 for word, place in words if word == ","]
    if not commas or not {"for", "lambda"}.isdisjoint(word for word, _ in words):
        return [content]  # a comma may be one between names after these words
    items = [content[start:stop].strip() for start, stop in pairwise([0, *commas, len(content)])]
    return [f"{item.removesuffix(',')}," for item in items if item]


def _find_last_bracket(text: str) -> tuple[int, int] | None:
    """Return where the last brackets of a text begin and end, if only a colon or a comma follows."""
    depth, begin = 0, 0
    end: int | None = None
    for token in _iter_tokens(text):
        if token.string in OPENING:
            begin = begin if depth else token.start[1]
            depth += 1
        elif token.string in CLOSING:
            depth -= 1
            end = token.start[1]
    if end is None or text[end + 1 :] not in ("", ":", ","):
        return None
    is_subscript = text[end] != ")" and text[begin - 1 : begin].strip() != ""
    return None if is_subscript else (begin, end)


def _cut(text: str) -> list[str]:
    """Return the pieces of an expression, cut before the loosest operators that are outside of brackets."""
    words = list(_iter_outside(text))
    names = {word for word, _ in words}
    if "lambda" in names or {"for", "else"} <= names:  # which formatters weigh in another way
        return [text]
    kinds = (next((kind for word, kind in _LOOSEST.items() if word in names), _LOGIC), _COMPARISONS)
    places = next(filter(None, (_find_operators(words, kind) for kind in kinds)), [])
    return [text[start:stop].strip() for start, stop in pairwise([0, *places, len(text)])]


def _find_operators(words: Sequence[tuple[str, int]], kind: Container[str]) -> list[int]:
    """Return where operators begin; those of two words, such as ``is not``, begin with the first."""
    return [place for (before, _), (word, place) in pairwise(words) if word in kind and before not in _FIRST]


def _iter_outside(text: str) -> Iterator[tuple[str, int]]:
    """Yield the tokens of an expression that are outside of brackets, with their places."""
    depth = 0
    for token in _iter_tokens(text):
        depth += (token.string in OPENING) - (token.string in CLOSING)
        if not depth:
            yield token.string, token.start[1]


def _iter_tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    """Yield the tokens of an expression, up to where it can't be split.

    What is inside f-strings, which CPython 3.12 and later split, is left out.
    """
    depth = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            name = tokenize.tok_name[token.type]
            depth -= name.endswith("STRING_END")
            if not depth and not name.endswith("STRING_END"):
                yield token
            depth += name.endswith("STRING_START")
    except (tokenize.TokenError, SyntaxError, SystemError, MemoryError):
        return
