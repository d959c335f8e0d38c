"""Violations and errors in words, the same in every output for people."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_antipasta.model import FileError, Number, Verdict, Violation
from pytest_antipasta.printable import make_printable

OVER_BEFORE = "over before"
"""Why a change is not answerable for a number; one of a file may be worse than it was."""


def format_number(value: Number, limit: Number | None = None) -> str:
    """Return a number with two decimals at most, unless that would make it look equal to the limit."""
    if isinstance(value, int):
        return str(value)
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return repr(value) if limit is not None and value != limit and float(short) == limit else short


def format_violation(violation: Violation) -> str:
    """Return in words what a number is, what it was before a change, and what it has to be."""
    limit = violation.threshold
    value = format_number(violation.value, limit)
    numbers = f"is {value}"
    if violation.before is not None:
        delta = violation.value - violation.before
        before = format_number(violation.before, limit)
        numbers = f"{before} \N{RIGHTWARDS ARROW} {value} ({'+' if delta > 0 else ''}{format_number(delta)})"
    change = f" ({violation.change})" if violation.change else ""
    words = f"{violation.metric} {numbers}, must be {violation.comparison} {format_number(limit)}{change}"
    if violation.was_suppressed:
        words += "; a comment suppressed it before"
    if violation.was_recorded:
        words += "; the baseline tolerated it before"
    if violation.recorded is None:
        return words
    # Two decimals of the value are shown.
    return f"{words}; the baseline has {format_number(violation.recorded, round(violation.value, 2))}"


def format_place(path: str, line: int | None) -> str:
    """Return ``path:line``, which editors and terminals make a link of."""
    return f"{path}:{line}" if line is not None else path


def format_violation_line(path: str, violation: Violation) -> str:
    """Return one line with place, block and numbers."""
    block = f" {violation.qualified_name}:" if violation.qualified_name else ""
    return f"{format_place(path, violation.line)}:{block} {format_violation(violation)}"


def iter_ceilings(verdict: Verdict, violation: Violation) -> Iterator[str]:
    """Yield a line for each comment that suppresses a number up to a ceiling that it is beyond."""
    if verdict.suppressions:
        # Here, because few files have any.
        from pytest_antipasta.report.ceilings import format_exceeded

        yield from (f"    {line}" for line in format_exceeded(verdict, violation))


def format_error_line(path: str, error: FileError) -> str:
    """Return one line with place, kind and reason."""
    return make_printable(f"{format_place(path, error.line)}: not measured ({error.kind}): {error.message}")


def format_known(verdict: Verdict) -> str:
    """Return what is known of a file that could not be measured, or nothing."""
    metrics = verdict.measurement.metrics
    names = ("lines_of_code", "total_cognitive_complexity")
    known = [f"{name} {value}" for name in names if (value := getattr(metrics, name)) is not None]
    return f"still known: {', '.join(known)}" if known else ""


def count(number: int, noun: str) -> str:
    """Return ``1 file``, ``2 files``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
