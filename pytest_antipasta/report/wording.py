"""Wording of violations and errors, the same in every output for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate, islice

from pytest_antipasta.messages import make_printable
from pytest_antipasta.model import (
    CELL,
    Allowance,
    Celled,
    FileError,
    Measurement,
    Number,
    SuppressedMetric,
    Suppression,
    Verdict,
    Violation,
)
from pytest_antipasta.policy import is_worse

OVER_BEFORE = "over before"  # the reason in findings and CSV
ALREADY_OVER = "already over the limit"
"""Why a change is not answerable for a number; one of a file may be worse than it was."""
# Of one place; of thousands about a file, each of its violations would show all.
_MOST_ALLOWANCES = 20


def format_number(value: Number, limit: Number | None = None) -> str:
    """Return a number with two decimals at most, unless that would make it look equal to the limit."""
    if isinstance(value, int):
        return str(value)
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return repr(value) if limit is not None and value != limit and float(short) == limit else short


def format_violation(violation: Violation) -> str:
    """Return in words what a number is, what it was before a change, and what it has to be."""
    limit = violation.threshold
    numbers = format_value(violation)
    if violation.before is None:
        numbers = f"is {numbers}"
    change = f" ({format_change(violation)})" if violation.change else ""
    words = f"{violation.metric} {numbers}, must be {violation.comparison} {format_number(limit)}{change}"
    if violation.was_suppressed:
        words += "; it was suppressed by a comment before"
    if violation.was_recorded:
        words += "; it was tolerated by the baseline before"
    if violation.recorded is None:
        return words
    # Two decimals of the value are shown.
    return f"{words}; the baseline has {format_number(violation.recorded, round(violation.value, 2))}"


def format_change(violation: Violation) -> str:
    """Return what happened to the block, with the place that a renamed or moved one was at."""
    path, name = violation.previous_path, violation.previous_name
    if path is None and name is None:
        return violation.change or ""
    return f"{violation.change} from {format_previous(path, name or violation.qualified_name or '')}"


def format_previous(path: str | None, name: str) -> str:
    """Return the name that a block had, behind the path that it was at if that is another one."""
    return make_printable(name if path is None else f"{path}::{name}")


def format_named(violation: Violation) -> str:
    """Return the same behind the name of the block, if it is about one."""
    name = f"{make_printable(violation.qualified_name)}: " if violation.qualified_name else ""
    return name + format_violation(violation)


def format_value(violation: Violation) -> str:
    """Return what a number is, behind what it was before a change."""
    value, limit = violation.value, violation.threshold
    if violation.before is None:
        return format_number(value, limit)
    return format_step(violation.before, value, limit)


def split_beside_limit(violation: Violation) -> tuple[str, str]:
    """Return what a number is, and what it has to be, to be written one behind the other.

    That is ``12/10`` for the most that it may be; no other limit can be taken for that.
    """
    value, limit, before = violation.value, violation.threshold, violation.before
    beside = f"/{format_number(limit)}"
    if violation.comparison != "<=":
        beside = f", must be {violation.comparison} {format_number(limit)}"
    if before is None:
        return format_number(value, limit), beside
    step, _, delta = format_step(before, value, limit).rpartition(" ")
    return step, f"{beside} {delta}"


def format_beside_limit(violation: Violation) -> str:
    """Return the same as one text."""
    return "".join(split_beside_limit(violation))


def format_step(before: Number, value: Number, limit: Number) -> str:
    """Return two numbers and what is between them, which adds up to what is shown of them."""
    from decimal import Decimal  # here, because few runs are about changes

    shown = [format_number(number, limit) for number in (before, value)]
    if shown[0] == shown[1] and before != value:
        shown = [repr(before), repr(value)]
    delta = Decimal(shown[1]) - Decimal(shown[0])
    return f"{shown[0]} \N{RIGHTWARDS ARROW} {shown[1]} ({'+' if delta > 0 else ''}{delta.normalize():f})"


def format_place(path: str, line: int | None, measured: Celled | None = None) -> str:
    """Return ``path:line``, of which editors make a link; for a line of a notebook ``path:cell 3:line``."""
    if line is None:
        return path
    place = measured.find_cell(line) if measured is not None else None
    return f"{path}:{line}" if place is None else format_cell_place(path, *place)


def format_cell_place(path: str, cell: int | None, line: int | None) -> str:
    """Return the same for a line of a cell."""
    return format_place(path if cell is None else f"{path}:cell {cell}", line)


def format_line(line: int, measured: Celled) -> str:
    """Return which line of a file that is named already."""
    place = measured.find_cell(line)
    return f"line {line}" if place is None else f"cell {place[0]}, line {place[1]}"


def find_file_line(measured: Celled, line: int | None) -> tuple[int | None, str]:
    """Return a line for what knows lines of files alone, and what is to stand before a message there.

    A notebook has its first line, as ruff does, with the cell in the message.
    """
    place = measured.find_cell(line) if line is not None else None
    return (line, "") if place is None else (1, f"cell {place[0]}, line {place[1]}: ")


def format_lines(first: int, last: int, celled: Celled, dash: str = "-") -> str:
    """Return which lines of a block that is named already."""
    if place := celled.find_cell(first):
        first, last = place[1], place[1] + last - first
    return str(first) if first == last else f"{first}{dash}{last}"


def format_violation_line(verdict: Verdict, violation: Violation) -> str:
    """Return one line with place, block and numbers."""
    return f"{format_place(verdict.path, violation.line, verdict)}: {format_named(violation)}"


def has_worsened(number: Violation) -> bool:
    """Whether a change has brought a number, or made it worse: what has not is no news."""
    return number.before is None or is_worse(number.value, number.before, number.comparison, number.threshold)


def iter_suffix_notes(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Yield what ``#2`` behind a name means, where a violation has such a name."""
    names = (one.qualified_name or "" for verdict in verdicts for one in verdict.violations)
    if any(map(has_number, names)):
        yield "NAME#2 is the second definition of NAME in its file (overload or property setter)"


def has_number(name: str) -> bool:
    """Whether a qualified name has a number as in ``f#2``; ``#p`` is a name of JavaScript's."""
    from pytest_antipasta.metrics import find_stem

    return "#" in name and find_stem(name) != name and not name.startswith(CELL)


def format_error_line(path: str, error: FileError) -> str:
    """Return one line with place, kind and reason."""
    place = format_cell_place(path, error.cell, error.line)
    return make_printable(f"{place}: not measured ({error.kind}): {error.message}")


def format_known(measurement: Measurement) -> str:
    """Return what is known of a file that could not be measured, or nothing."""
    size = measurement.error.size if measurement.error else None
    if size is not None:
        return f"size: {size} bytes"
    names = ("lines_of_code", "total_cognitive_complexity")
    numbers = ((name, getattr(measurement.metrics, name)) for name in names)
    known = [f"{name} {number}" for name, number in numbers if number is not None]
    return f"still measured (partial): {', '.join(known)}" if known else ""


def iter_error_lines(path: str, measurement: Measurement) -> Iterator[str]:
    """Yield why a file could not be measured, and what is known of it; nothing for one that was."""
    if measurement.error is not None:
        yield format_error_line(path, measurement.error)
        if known := format_known(measurement):
            yield f"    {known}"


def format_exceeded(verdict: Verdict, violation: Violation) -> Iterator[str]:
    """Yield the ceilings that a number is beyond."""
    for suppression, metric in find_allowances(verdict, violation) if verdict.suppressions else ():
        if metric.metric == violation.metric and metric.state == "exceeded":
            where = format_line(suppression.line, verdict)
            if suppression.qualified_name not in (None, violation.qualified_name):
                where += f", at {name_target(verdict, suppression)},"
            yield f"the comment on {where} allows only {metric.metric} {format_ceiling(metric)}"


def find_allowances(verdict: Verdict, violation: Violation) -> list[Allowance]:
    """Return what comments at its block, at a class around it or about the file say of a number, by line."""
    name = violation.qualified_name
    around = accumulate(name.split("."), "{}.{}".format) if name else ()
    targets = [None, *(one for one in around if one == name or verdict.kinds.get(one) == "class")]
    keys = [(target, metric) for target in targets for metric in (None, violation.metric)]
    found = [one for key in keys for one in islice(verdict.allowances.get(key, ()), _MOST_ALLOWANCES)]
    return sorted(found, key=lambda one: one[0].line)


def name_target(verdict: Verdict, suppression: Suppression) -> str:
    """Return what a comment is about: a function, all functions of a class, or the file."""
    name = suppression.qualified_name
    if name is None:
        return "the file"
    return f"class {name}" if verdict.kinds.get(name) == "class" else name


def format_ceiling(metric: SuppressedMetric) -> str:
    """Return up to where a metric is suppressed, as in ``<= 14``."""
    return f"{metric.comparison} {format_number(metric.ceiling or 0)}"
