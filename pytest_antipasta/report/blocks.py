"""Format violations: one line for each block below the path of its file, or flat lines for editors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from pytest_antipasta.extension import find_metric, rank_metric
from pytest_antipasta.messages import make_printable
from pytest_antipasta.model import Verdict, Violation
from pytest_antipasta.policy import excess_ratio
from pytest_antipasta.report.terminal import PLAIN, Paint, fold_line
from pytest_antipasta.report.wording import (
    format_beside_limit,
    format_change,
    format_exceeded,
    format_lines,
    format_number,
    format_place,
    split_beside_limit,
)

BY_PATH, BY_EXCESS = "path", "excess"
_FILE = "file"
# Longer names exceed the column, so that one long name does not push all values to the right.
_LONGEST_NAME = 36
_GAP = "  "
_INDENT = 4
# The cell of a value depends on these.
_get_shown = attrgetter(
    "metric", "value", "threshold", "comparison", "before", "recorded", "was_suppressed", "was_recorded"
)
_MINUS, _DASH = "\N{MINUS SIGN}", "\N{EN DASH}"


class Row(NamedTuple):
    """A block or a file that is over a limit.

    Attributes:
        verdict: verdict on the file.
        name: qualified name of the block; ``None`` for the file.
        numbers: values over their limits.
    """

    verdict: Verdict
    name: str | None
    numbers: Sequence[Violation]

    @property
    def worst(self) -> Violation:
        """The value farthest over its limit."""
        return max(self.numbers, key=excess_ratio)

    def locate(self) -> tuple[int | None, int | None]:
        """Return the cell of a notebook and the line in it; no line for the file."""
        return self.verdict.measurement.locate(self.numbers[0].line)


def find_rows(
    verdicts: Iterable[Verdict],
    find_numbers: Callable[[Verdict], Sequence[Violation]] = attrgetter("violations"),
) -> list[Row]:
    """Return the blocks and files with values over limits, file by file: blocks by line, then the file."""
    rows: list[Row] = []
    for verdict in verdicts:
        found: dict[tuple[str | None, int | None], list[Violation]] = {}
        for number in find_numbers(verdict):
            found.setdefault((number.qualified_name, number.line), []).append(number)
        of_verdict = [Row(verdict, name, numbers) for (name, _), numbers in found.items()]
        rows += sorted(of_verdict, key=lambda row: row.name is None) if len(of_verdict) > 1 else of_verdict
    return rows


def sort_rows(rows: Iterable[Row], sort: str = BY_EXCESS) -> list[Row]:
    """Return rows sorted from worst to best: functions, which can be made simpler, before files.

    Equal rows are sorted by complexity, then by length (both descending), then by path.

    Args:
        rows: rows sorted by path.
        sort: ``path``, ``excess`` (distance from the limit), or a metric whose values come first.
    """
    if sort == BY_PATH:
        return [*rows]

    def rank(row: Row) -> tuple[bool, bool, float, float, int]:
        complexity, lines = row.verdict.find_size(row.name)
        own = [number for number in row.numbers if number.metric == sort]
        excess = max(map(excess_ratio, own or row.numbers))
        return sort != BY_EXCESS and not own, row.name is None, -excess, -complexity, -lines

    return sorted(rows, key=rank)


def format_concise(rows: Iterable[Row], level: str = "") -> Iterator[str]:
    """Yield ``path:line: level: metric value/limit name`` for each value, for editors and scripts."""
    for row in rows:
        place = format_place(row.verdict.path, *row.verdict.measurement.locate(row.numbers[0].line or 1))
        name = f" {make_printable(row.name)}" if row.name else ""
        for number in sorted(row.numbers, key=lambda item: -excess_ratio(item)):
            yield f"{place}: {level and f'{level}: '}{number.metric} {format_beside_limit(number)}{name}"


def format_rows(
    rows: Sequence[Row],
    paint: Paint = PLAIN,
    width: int | None = None,
    remark: Callable[[Row], str] | None = None,
    *,
    has_paths: bool = True,
) -> Iterator[str]:
    """Yield a line for each row below the path of its file, which is written once.

    Args:
        rows: rows; files follow the order of their first rows.
        paint: adds colours.
        width: maximum width of a line, except for longer words; ``None`` for any length.
        remark: returns further remarks about a row.
        has_paths: whether paths are written.
    """
    table = _Table(rows, paint, width)
    by_path: dict[str, list[Row]] = {}
    for row in rows:
        by_path.setdefault(row.verdict.path, []).append(row)
    for path, group in by_path.items():
        if has_paths:
            yield paint(path, "bold")
        for row in group:
            yield from table.format(row, remark(row) if remark else "")


def format_flat(
    rows: Sequence[Row], paint: Paint = PLAIN, width: int | None = None
) -> Iterator[Sequence[str]]:
    """Yield the lines of each row as `format_rows` does, but with the place at the start.

    A row of a file starts with its path, a row of a function with ``path:line: name``.
    """
    table = _Table(rows, paint, width, is_flat=True)
    for row in rows:
        yield [*table.format(row, "")]


class _Part(NamedTuple):
    """A part of a line that is never broken: its text, and the text with colours."""

    text: str
    painted: str

    def pad(self, width: int) -> _Part:
        """Return the part padded to the width of a column."""
        if len(self.text) >= width:
            return self
        blanks = " " * (width - len(self.text))
        return _Part(self.text + blanks, self.painted + blanks)


class _Table:
    """Columns for the rows of a report: place, name, one value for each metric, and proposals."""

    def __init__(
        self, rows: Sequence[Row], paint: Paint, width: int | None, *, is_flat: bool = False
    ) -> None:
        """Compute the widths of the columns; in a flat table each row starts with its place."""
        self._paint, self._width, self._is_flat = paint, width, is_flat
        blocks = [row for row in rows if is_flat or row.name is not None]
        lengths = [len(part.text) for row in blocks if (part := self._make_name(row))]
        self._name = max((length for length in lengths if length <= _LONGEST_NAME), default=0)
        self._place = max((len(_format_line(row)) for row in rows), default=0)
        self._cells: dict[object, _Part] = {}
        self._labels: dict[str, str] = {}
        self._columns = self._find_columns(blocks)

    def _find_columns(self, blocks: Iterable[Row]) -> dict[str, int]:
        """Return the width of each metric's column, in order."""
        columns: dict[str, int] = {}
        for row in blocks:
            for number in row.numbers:
                columns[number.metric] = max(len(self._make_cell(number).text), columns.get(number.metric, 0))
        return {metric: columns[metric] for metric in sorted(columns, key=_rank)}

    def format(self, row: Row, remark: str) -> Iterator[str]:
        """Yield the lines of a row: several if the row exceeds the width."""
        place = "" if self._is_flat else f"{_GAP}{_format_line(row):>{max(self._place, 5)}}{_GAP}"
        begin, indent = self._paint(place, "dim"), " " * (len(place) or _INDENT)
        for line in self._lay_out(row, remark, self._width and self._width - len(indent)):
            yield begin + _GAP.join([part.painted for part in line]).rstrip()
            begin = indent
        for number in row.numbers if row.verdict.suppressions else ():
            for text in format_exceeded(row.verdict, number):
                yield from fold_line(f"{indent}{text}", self._width)

    def _lay_out(self, row: Row, remark: str, room: int | None) -> Iterator[list[_Part]]:
        """Yield the parts of each line: name, values, remarks, and the proposal that saves most.

        Other proposals follow if they fit; `explain` shows all.
        """
        cells = {item.metric: self._make_cell(item) for item in self._sort(row.numbers)}
        parts = [*cells.values()]
        if name := self._make_name(row):
            aligned = [name.pad(self._name), *self._align(cells)]
            parts = aligned if _fits(aligned, room) else [name, *parts]
        plans = [*map(self._dim, iter_advice(row))] if row.verdict.measurement.plans else []
        parts += map(self._dim, filter(None, (format_change(row.numbers[0]), remark)))
        if room is None:
            yield parts + plans
            return
        *lines, last = _fold([*parts, *plans[:1]], room)
        for plan in plans[1:]:
            last += [plan] if _fits([*last, plan], room) else []
        yield from (*lines, last)

    def _make_name(self, row: Row) -> _Part | None:
        """Return the name for a row; ``None`` for a file whose path is printed above."""
        if self._is_flat:
            place = format_place(row.verdict.path, *row.locate())
            name = f": {make_printable(row.name)}" if row.name else ""
            return _Part(place + name, self._paint(place, "bold") + name)
        return None if row.name is None else _Part(name := make_printable(row.name), name)

    def _dim(self, text: str) -> _Part:
        return _Part(text, self._paint(text, "dim"))

    def _align(self, cells: Mapping[str, _Part]) -> Iterator[_Part]:
        """Yield the values in their columns, up to the last value."""
        last = [*cells][-1]
        for metric, width in self._columns.items():
            yield cells.get(metric, _Part("", "")).pad(width)
            if metric == last:
                return

    def _sort(self, numbers: Sequence[Violation]) -> Sequence[Violation]:
        if len(numbers) == 1:  # as most rows have
            return numbers
        return sorted(numbers, key=lambda number: _rank(number.metric))

    def _make_cell(self, violation: Violation) -> _Part:
        """Return a value over its limit after the metric's short name, with its old value."""
        if isinstance(violation.value, float):
            return self._paint_cell(violation)
        # Whole numbers recur in a large tree.
        key = _get_shown(violation)
        if (part := self._cells.get(key)) is None:
            part = self._cells[key] = self._paint_cell(violation)
        return part

    def _paint_cell(self, violation: Violation) -> _Part:
        if (label := self._labels.get(violation.metric)) is None:
            label = self._labels[violation.metric] = f"{find_metric(violation.metric).label} "
        value, limit = split_beside_limit(violation)
        limit += "".join(f" ({words})" for words in _iter_history(violation))
        painted = f"{self._paint(label, 'dim')}{self._paint(value, 'red')}{self._paint(limit, 'dim')}"
        return _Part(f"{label}{value}{limit}", painted)


def _rank(metric: str) -> tuple[int, str]:
    return rank_metric(metric), metric


def _fold(parts: Iterable[_Part], room: int | None) -> Iterator[list[_Part]]:
    """Yield the parts of each line: as many as fit."""
    line: list[_Part] = []
    for part in parts:
        if line and not _fits([*line, part], room):
            yield line
            line = []
        line.append(part)
    yield line


def _fits(parts: Sequence[_Part], room: int | None) -> bool:
    """Return whether parts fit into a line."""
    return room is None or len(_GAP.join(part.text for part in parts)) <= room


def _iter_history(violation: Violation) -> Iterator[str]:
    """Yield what tolerated a value before."""
    if violation.was_suppressed:
        yield "previously suppressed"
    if violation.was_recorded:
        yield "previously in the baseline"
    if violation.recorded is not None:
        # Values are shown with two decimals.
        yield f"the baseline has {format_number(violation.recorded, round(violation.value, 2))}"


def _format_line(row: Row) -> str:
    cell, line = row.locate()
    if line is None:
        return _FILE
    return str(line) if cell is None else f"cell {cell}:{line}"


def iter_advice(row: Row) -> Iterator[str]:
    """Yield complexipy's proposals, those that save most first: a verb, the lines and the saved points."""
    plans = [plan for number in row.numbers for plan in row.verdict.find_plans(number)]
    for plan in sorted(plans, key=lambda plan: -plan.reduction):
        verb = make_printable(plan.title).split()[0].lower()
        lines = format_lines(plan.first_line, plan.last_line, row.verdict.measurement, _DASH)
        yield f"{verb} {lines} ({_MINUS}{plan.reduction})"
