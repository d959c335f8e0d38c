"""Move lines to another indentation without changing the insides of strings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_antipasta.advice.breaking import Shape, break_statement
from pytest_antipasta.advice.edits import Line
from pytest_antipasta.advice.joining import rejoin
from pytest_antipasta.advice.layout import OPENING, Layout, UnwritableError


def move_lines(layout: Layout, first: int, last: int, old: str, new: str) -> list[Line]:
    """Return the same as ``shift_lines``, with lines that are joined or broken as far as they fit now."""
    shifted = shift_lines(layout, first, last, old, new)
    return refit(layout, shifted, new.removeprefix(old))


def refit(layout: Layout, lines: Sequence[Line], step: str) -> list[Line]:
    """Return lines that became shorter or longer, joined or broken as far as they fit now.

    Args:
        layout: the source that the lines come from.
        lines: lines whose origins are lines of that source.
        step: what a block is indented by in addition to the statement around it.
    """
    return [*_break_long(layout, rejoin(layout, lines), Shape(step, layout.width))]


def _break_long(layout: Layout, lines: Iterable[Line], shape: Shape) -> Iterator[Line]:
    """Yield lines that were moved to the right, with those broken that have become too long."""
    inside = layout.in_brackets | layout.in_string
    for line in lines:
        number = line.origin
        is_whole = number not in layout.closed and inside.isdisjoint((number, number + 1))
        has_grown = not shape.fits(line.text) and shape.fits(layout.lines[number - 1])
        texts = break_statement(line.text, shape) if has_grown and is_whole else [line.text]
        yield from (line._replace(text=text) for text in texts)


def shift_lines(layout: Layout, first: int, last: int, old: str, new: str) -> list[Line]:
    """Return some lines of a source with one indentation replaced by another, without blank lines above.

    Lines that begin inside a string and blank lines stay as they are, as do comments and continued lines that
    are indented less.

    Args:
        layout: the source.
        first: first line to move.
        last: last line to move.
        old: indentation of the statements that are moved.
        new: their new indentation.

    Raises:
        UnwritableError: a statement has another indentation, such as tabs among spaces.
    """
    shifted = [*_iter_shifted(layout, first, last, old, new)]
    start = next((at for at, line in enumerate(shifted) if line.text.strip()), len(shifted))
    return shifted[start:]


def _iter_shifted(layout: Layout, first: int, last: int, old: str, new: str) -> Iterator[Line]:
    for number in range(first, last + 1):
        text = layout.lines[number - 1]
        if number in layout.in_string or layout.is_blank(number):
            yield Line(text, number)
        elif text.startswith(old):
            yield Line(new + text[len(old) :], number)
        elif number in layout.in_brackets or layout.is_comment(number):
            yield Line(text, number)
        else:
            raise UnwritableError("mixed indentation")


def realign(layout: Layout, lines: Iterable[Line], first: int, last: int, shift: int) -> list[Line]:
    """Return lines with those of a header moved, if it is aligned with brackets on its first line.

    Args:
        layout: the source that the lines come from.
        lines: lines whose origins are lines of that source after the first line of the header.
        first: first line of the header in that source.
        last: last line of the header.
        shift: how many columns its first line has become longer.
    """
    start = len(layout.indent(first + 1)) if first < last else 0
    header = layout.lines[first - 1].rstrip()
    if not header[:start].endswith(OPENING) or header.endswith(OPENING):
        return [*lines]
    return [
        _pad(line, shift) if line.origin <= last and line.origin not in layout.in_string else line
        for line in lines
    ]


def _pad(line: Line, shift: int) -> Line:
    """Return a line with more or fewer spaces at the end of its indentation."""
    text = line.text.lstrip()
    indent = line.text[: len(line.text) - len(text)]
    padded = f"{indent}{' ' * shift}" if shift > 0 else indent[:shift]
    return line._replace(text=f"{padded}{text}".rstrip())


def find_step(outside: str, inside: str) -> str:
    """Return what a block is indented by in addition to the statement around it.

    Raises:
        UnwritableError: the indentations have nothing in common.
    """
    if not inside.startswith(outside) or len(inside) == len(outside):
        raise UnwritableError("mixed indentation")
    return inside[len(outside) :]
