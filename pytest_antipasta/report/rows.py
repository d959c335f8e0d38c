"""Format violations: one line for each block below the path of its file, or flat lines for editors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from typing import TypeVar

from msgspec import Struct

from pytest_antipasta.extension.metrics import look_up_metric, rank_metric
from pytest_antipasta.messages import make_printable, show_name
from pytest_antipasta.model.finding import FunctionKey, Row
from pytest_antipasta.model.judged import Verdict, Violation
from pytest_antipasta.model.measured import Number
from pytest_antipasta.policy.limits import added_ratio, excess_ratio
from pytest_antipasta.report.paths import ShowPath
from pytest_antipasta.report.terminal import PLAIN, Paint, fold_line, measure_text, pad_text
from pytest_antipasta.report.wording import (
    format_beside_limit,
    format_change,
    format_exceeded,
    format_link,
    format_number,
    format_place,
    iter_tolerance,
    split_beside_limit,
)

_Item = TypeVar("_Item")
# The metric whose points of a function include those of functions in it.
_WITH_INNER = "cognitive_complexity"
BY_PATH, BY_EXCESS = "path", "excess"
_FILE = "file"
# Longer names exceed the column, so that one long name does not push all values to the right.
_LONGEST_NAME = 36
_GAP = "  "
_INDENT = 4
_SHORTEST_PLACE = 5
# Values are in columns in lines up to this length where nothing is folded.
_LONGEST_LINE = 120
# The cell of a value depends on these.
_get_shown = attrgetter(
    "metric", "value", "threshold", "comparison", "before", "recorded", "was_suppressed", "was_recorded",
    "previous_limit",
)  # fmt: skip


class Look(Struct, frozen=True):
    """How rows are displayed.

    Attributes:
        paint: adds colours.
        width: maximum width of a line, except for longer words; ``None`` for any length.
        show_path: converts paths.
        advise: returns what makes the function of a row simpler: the command, for a line below the row, then
            the steps; nothing if there is none.
        remark: returns further remarks about a row; empty for none.
    """

    paint: Paint = PLAIN
    width: int | None = None
    show_path: ShowPath = show_name
    advise: Callable[[Row], Sequence[str]] = lambda _: ()
    remark: Callable[[Row], str] = lambda _: ""


PLAIN_LOOK = Look()
"""Paths relative to the root, without colours, in lines of any length."""


def find_rows(
    verdicts: Iterable[Verdict],
    find_numbers: Callable[[Verdict], Sequence[Violation]] = attrgetter("violations"),
) -> list[Row]:
    """Return the blocks and files with values over limits, file by file: blocks by line, then the file."""
    rows: list[Row] = []
    for verdict in verdicts:
        found: dict[tuple[str | None, int | None], list[Violation]] = {}
        for number in find_numbers(verdict):
            name = number.qualified_name
            key = name, number.line
            if key in found:
                found[key].append(number)
            else:
                found[key] = numbers = [number]
                rows.append(Row(verdict, name, numbers))
        if len(found) > 1:
            rows[-len(found) :] = sorted(rows[-len(found) :], key=lambda row: row.name is None)
    return rows


def sort_rows(rows: Iterable[Row], sort: str | None = None) -> list[Row]:
    """Return rows sorted from worst to best: functions, which can be made simpler, before files.

    Equal rows are sorted by complexity, then by length (both descending), then by path.

    Args:
        rows: rows sorted by path.
        sort: ``path``, ``excess`` (distance from the limit), or a metric whose values come first. ``None``
            is the distance, too, below what a change made worse, the most of it first.
    """
    if sort == BY_PATH:
        return [*rows]

    def rank(row: Row) -> tuple[bool, tuple[bool, float, float, float, int]]:
        own = [number for number in row.numbers if number.metric == sort]
        added = max(map(added_ratio, row.numbers)) if sort is None else 0.0
        excess = max(map(excess_ratio, own or row.numbers))
        return sort not in (None, BY_EXCESS) and not own, rank_by_excess(
            row.name, added, excess, *row.verdict.find_size(row.name)
        )

    return sorted(rows, key=rank)


def sort_numbers(row: Row) -> list[Violation]:
    """Return the values of a row, the farthest over its limit first."""
    return sorted(row.numbers, key=excess_ratio, reverse=True)


def locate_functions(rows: Iterable[Row]) -> dict[FunctionKey, tuple[int, int]]:
    """Return the first and the last lines of the functions among some rows, except those in notebooks."""
    found = ((row, row.verdict.by_name.get(row.name)) for row in rows)
    return {
        row.key: (block.line, block.end_line)
        for row, block in found
        if block is not None and not row.verdict.measurement.has_cells
    }


def rank_by_excess(
    name: str | None, added: float, ratio: float, complexity: Number, lines: int
) -> tuple[bool, float, float, float, int]:
    """Return the sort key of what is over a limit: the worst first, functions before files.

    Args:
        name: qualified name of the function; ``None`` for a file.
        added: by what share of the limit a change made it worse.
        ratio: by what factor its value exceeds the limit.
        complexity: complexity of the function or the file.
        lines: its length.
    """
    return name is None, -added, -ratio, -complexity, -lines


def choose_worst(rows: Sequence[Row], top: int | None) -> Sequence[Row]:
    """Return the first functions and the first files among sorted rows; all of them for ``None``.

    Of many functions, those inside functions before them are left out.
    """
    if top is None:
        return rows
    functions, files = part_rows(rows)
    worst = functions if len(functions) <= top else islice(leave_out_inner(functions), top)
    kept = {id(row) for row in (*worst, *files[:top])}
    return [row for row in rows if id(row) in kept]


def part_rows(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Return the rows of functions, and those of files."""
    parts: tuple[list[Row], list[Row]] = ([], [])
    for row in rows:
        parts[row.name is None].append(row)
    return parts


def leave_out_inner(
    items: Iterable[_Item],
    find_key: Callable[[_Item], FunctionKey] = attrgetter("key"),
    find_numbers: Callable[[_Item], Iterable[Violation]] = attrgetter("numbers"),
) -> Iterator[_Item]:
    """Yield functions without those inside one before them whose points include theirs.

    Args:
        items: functions over a limit, each once.
        find_key: returns the path and the name of one.
        find_numbers: returns its values over their limits.
    """
    outer: set[FunctionKey] = set()
    for item in items:
        path, name = find_key(item)
        parts = name.split(".")
        around = {(path, ".".join(parts[:end])) for end in range(1, len(parts))}
        if around.isdisjoint(outer):
            if any(number.metric == _WITH_INNER for number in find_numbers(item)):
                outer.add((path, name))
            yield item


def format_concise(rows: Iterable[Row], show_path: ShowPath, level: str = "") -> Iterator[str]:
    """Yield ``path:line: level: metric value/limit name`` for each value, for editors and scripts."""
    for row in rows:
        lines = row.verdict.measurement.locate(row.numbers[0].line or 1)
        where = format_place(show_path(row.verdict.path), *lines)
        name = f" {make_printable(row.name)}" if row.name else ""
        for number in sort_numbers(row):
            value = format_beside_limit(number, format_number)
            yield f"{where}: {level and f'{level}: '}{number.metric} {value}{name}"


def format_rows(rows: Sequence[Row], look: Look = PLAIN_LOOK, color: str = "red") -> Iterator[str]:
    """Yield a line for each row below the path of its file, which is written once.

    Files follow the order of their first rows; values have the color.
    """
    table = _Table(rows, look, color)
    by_path: dict[str, list[Row]] = {}
    for row in rows:
        by_path.setdefault(row.verdict.path, []).append(row)
    for path, group in by_path.items():
        shown = look.show_path(path)
        yield look.paint.link(look.paint(shown, "bold"), shown, None)
        for row in group:
            yield from table.format(row, look.remark(row), *look.advise(row)[:1])


def format_title(title: str, look: Look) -> Iterator[str]:
    """Yield the lines of a title above rows."""
    return (look.paint(line, "bold") for line in fold_line(title, look.width))


def format_flat(rows: Sequence[Row], look: Look = PLAIN_LOOK) -> Iterator[Sequence[str]]:
    """Yield the lines of each row as `format_rows` does, but with the place at the start.

    A row of a file starts with its path, a row of a function with ``path:line: name``.
    """
    return map(_Table(rows, look, is_flat=True).format, rows)


class _Table:
    """Columns for the rows of a report: place, name and one value for each metric.

    Lines consist of parts that are never broken, with their colours.
    """

    def __init__(self, rows: Sequence[Row], look: Look, color: str = "red", *, is_flat: bool = False) -> None:
        """Compute the widths of the columns; in a flat table each row starts with its place."""
        self._paint, self._width, self._show_path = look.paint, look.width, look.show_path
        self._color, self._is_flat = color, is_flat
        self._cells: dict[object, str] = {}
        named = [row for row in rows if is_flat or row.name is not None]
        widths = (measure_text(self._make_name(row) or "") for row in named)
        self._name = max((width for width in widths if width <= _LONGEST_NAME), default=0)
        self._place = max([_SHORTEST_PLACE, *map(len, map(_format_line, named))])
        self._indent = " " * (_INDENT if is_flat else self._place + 2 * len(_GAP))
        self._room = look.width and look.width - len(self._indent)
        functions, files = part_rows(named)  # which have other metrics
        self._columns = {False: self._find_columns(functions), True: self._find_columns(files)}

    def _find_columns(self, rows: Iterable[Row]) -> Mapping[str, Mapping[str, str]]:
        """Return the padded values of each metric's column, in order."""
        columns: dict[str, set[str]] = {}
        for row in rows:
            for number in row.numbers:
                columns.setdefault(number.metric, {""}).add(self._make_cell(number))
        return {metric: _pad_all(columns[metric]) for metric in sorted(columns, key=_rank)}

    def format(self, row: Row, remark: str = "", hint: str = "") -> list[str]:
        """Return the lines of a row: several if the row exceeds the width."""
        # That it was modified is seen from its values.
        change = format_change(row.numbers[0], self._show_path)
        change = "" if change == "modified" else change
        remarks = [self._paint(text, "dim") for text in (change, remark) if text]
        begin = "" if self._is_flat else self._format_place(row)
        lines: list[str] = []
        for line in self._break(row, remarks):
            lines.append(begin + _GAP.join(line).rstrip())
            begin = self._indent
        lines += self._iter_exceeded(row)
        if hint:
            lines += (self._paint(line, "cyan") for line in fold_line(self._indent + hint, self._width))
        return lines

    def _format_place(self, row: Row) -> str:
        """Return the column with the line of a row, which links to it."""
        place, path, line = _format_line(row), self._show_path(row.verdict.path), row.numbers[0].line
        link = self._paint.link(self._paint(place, "dim"), path, line)
        return f"{_GAP}{' ' * (self._place - len(place))}{link}{_GAP}"

    def _iter_exceeded(self, row: Row) -> Iterator[str]:
        for number in row.numbers:
            for text in format_exceeded(row.verdict, number):
                yield from fold_line(self._indent + text, self._width)

    def _break(self, row: Row, remarks: Sequence[str]) -> list[list[str]]:
        """Return the parts of each line; a name beside which its values do not fit has its own line."""
        parts = self._align(row)
        if row.name is None or _fits(parts, self._room):
            return _fold([*parts, *remarks], self._room)
        return [parts[:1], *_fold([*parts[1:], *remarks], self._room)]

    def _align(self, row: Row) -> list[str]:
        """Return the name and the values of a row: in their columns, up to the last value, if they fit."""
        cells: dict[str, str] = {}
        for number in row.numbers:
            cells[number.metric] = self._make_cell(number)
        name = self._make_name(row)
        if name is not None:
            parts = [pad_text(name, self._name)]
            for metric, column in self._columns[row.name is None].items():
                parts.append(column[cells.get(metric, "")])
            while parts[-1].isspace():
                parts.pop()
            if _fits(parts, self._room or _LONGEST_LINE):
                return parts
        values = [cells[metric] for metric in sorted(cells, key=_rank)]
        if name is None:
            return values
        return [name if self._room else pad_text(name, self._name), *values]

    def _make_name(self, row: Row) -> str | None:
        """Return the name for a row; ``None`` for a file whose path is printed above."""
        if self._is_flat:
            path, line = self._show_path(row.verdict.path), row.numbers[0].line
            place = self._paint.link(self._paint(format_place(path, *row.locate()), "bold"), path, line)
            return place + (f": {make_printable(row.name)}" if row.name else "")
        return None if row.name is None else make_printable(row.name)

    def _make_cell(self, violation: Violation) -> str:
        """Return a value over its limit after the metric's short name, with its old value."""
        # Values recur in a large tree.
        key = _get_shown(violation)
        if (cell := self._cells.get(key)) is None:
            value, limit = split_beside_limit(violation)
            limit = " ".join((limit, *iter_tolerance(violation)))
            label = f"{look_up_metric(violation.metric).label} "
            cell = self._paint(label, "dim") + self._paint(value, self._color) + self._paint(limit, "dim")
            self._cells[key] = cell
        return cell


def _pad_all(cells: Iterable[str]) -> Mapping[str, str]:
    """Return the cells of a column padded to its width, by cell."""
    width = max(map(measure_text, cells))
    return {cell: pad_text(cell, width) for cell in cells}


def _rank(metric: str) -> tuple[int, str]:
    return rank_metric(metric), metric


def _fold(parts: Iterable[str], room: int | None) -> list[list[str]]:
    """Return the parts of each line, as many as fit."""
    lines: list[list[str]] = [[]]
    for part in parts:
        if lines[-1] and not _fits([*lines[-1], part], room):
            lines.append([])
        lines[-1].append(part)
    return lines


def _fits(parts: Iterable[str], room: int | None) -> bool:
    return room is None or measure_text(_GAP.join(parts)) <= room


def _format_line(row: Row) -> str:
    line = row.numbers[0].line
    return _FILE if line is None else format_link(row.verdict.measurement, line)
