"""The wording of violations and errors, the same in every text output."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from pytest_antipasta.extension.metrics import look_up_metric
from pytest_antipasta.messages import count, make_printable
from pytest_antipasta.model.changes import BlockChange
from pytest_antipasta.model.finding import Finding, FunctionKey, RecentEdits
from pytest_antipasta.model.judged import (
    Comparison,
    SuppressedMetric,
    Suppression,
    Tolerated,
    ValueEffect,
    Verdict,
    Violation,
)
from pytest_antipasta.model.limits import strip_number
from pytest_antipasta.model.measured import CELL, FileError, Measurement, Number
from pytest_antipasta.policy.limits import compute_effect
from pytest_antipasta.report.paths import ShowPath

OVER_BEFORE = "over before"  # the reason in findings and CSV
WHY_TOLERATED = {
    "not worse": "already over the limit",
    "suppressed": "suppressed by a comment",
    "baseline": "in the baseline",
}
"""Why a value over its limit does not fail; a file's value may have become worse."""
ShowNumber: TypeAlias = Callable[[Number | None, Number | None], str]
"""Returns a value as text, so that it does not look equal to a limit that it differs from."""
OF_ORIGIN = {"added": "extracted", "modified": "moved"}
"""What a change did to a block that comes from another place, where the kind of change says less."""


def format_number(value: Number | None, limit: Number | None = None) -> str:
    """Return a value with at most two decimals, or more if it would otherwise look equal to the limit.

    A missing value is ``-``.
    """
    if value is None:
        return "-"
    if isinstance(value, int):
        return str(value)
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return repr(value) if limit is not None and value != limit and float(short) == limit else short


def show_number(value: Number | None, limit: Number | None = None) -> str:
    """Return a value for people: thousands are separated, and a fraction is cut to three digits in all.

    It has more digits if it would otherwise look equal to the limit, or be on its other side.
    """
    if value is None or isinstance(value, int):
        return "-" if value is None else f"{value:,}"
    digits = max(0, 3 - len(str(int(abs(value))))) if abs(value) >= 1 else 3
    short = f"{value:,.{digits}f}"
    short = short.rstrip("0").rstrip(".") if digits else short
    if limit is None or _compare(float(short.replace(",", "")), limit) == _compare(value, limit):
        return short
    exact = format_number(value, limit)
    return exact if _compare(float(exact), limit) == _compare(value, limit) else repr(value)


def show_limit(limit: Number, show: ShowNumber = show_number) -> str:
    """Return a limit for people: a fraction as it was set, otherwise as other values are shown."""
    return format_number(limit) if isinstance(limit, float) else show(limit, None)


def _compare(value: Number, limit: Number) -> int:
    """Return -1, 0 or 1 for a value below, at or above a limit."""
    return (value > limit) - (value < limit)


def format_violation(violation: Violation, show_path: ShowPath = str) -> str:
    """Return a value in words, with the value before a change and the limit."""
    value, limit, before = violation.value, violation.threshold, violation.before
    numbers = f"is {format_number(value, limit)}" if before is None else format_step(before, value, limit)
    change = format_change(violation, show_path)
    if _has_stayed(violation):
        numbers = f"is {format_number(value, limit)}"
        change = "" if change == "modified" else change
    change = change and f" ({change})"
    words = f"{violation.metric} {numbers}, must be {violation.comparison} {format_number(limit)}{change}"
    if violation.was_suppressed:
        words += "; it was suppressed by a comment before"
    if violation.was_recorded:
        words += "; it was tolerated by the baseline before"
    if violation.previous_limit is not None:
        words += f"; {format_limits(violation.previous_limit, violation.comparison, limit)}"
    if violation.recorded is None:
        return words
    # Values are shown with two decimals.
    return f"{words}; the baseline has {format_number(violation.recorded, round(value, 2))}"


def format_change(violation: Violation, show_path: ShowPath) -> str:
    """Return what happened to the block, with the old place if it was renamed, moved or extracted."""
    return format_origin(violation, show_path) or violation.change or ""


def format_origin(violation: Violation | BlockChange, show_path: ShowPath = str) -> str:
    """Return from where a block or its file was renamed or moved, or a block extracted; empty for none."""
    path, name = violation.previous_path, violation.previous_name
    if path is None and name is None:
        return ""
    what = OF_ORIGIN.get(violation.change or "", violation.change)
    old = filter(None, (path and show_path(path), name or violation.qualified_name))
    return f"{what} from {make_printable('::'.join(old))}"


def format_named(violation: Violation, show_path: ShowPath = str) -> str:
    """Return a violation in words, after the name of its block; ``show_path`` converts an old path."""
    name = f"{make_printable(violation.qualified_name)}: " if violation.qualified_name else ""
    return name + format_violation(violation, show_path)


def split_beside_limit(violation: Violation, show: ShowNumber = show_number) -> tuple[str, str]:
    """Return a value and its limit, to be written one after the other.

    A maximum is written as ``12/10``; other limits have their operator. A limit before a change is added.
    """
    value, limit, before = violation.value, violation.threshold, violation.before
    is_maximum = violation.comparison == "<="
    shown = show_limit(limit, show)
    beside = f"/{shown}" if is_maximum else f", must be {violation.comparison} {shown}"
    if before is None or _has_stayed(violation):
        step = show(value, limit)
    else:
        step, _, delta = format_step(before, value, limit, show).rpartition(" ")
        beside = f"{beside} {delta}" if is_maximum else f" {delta}{beside}"
    if violation.previous_limit is not None:
        beside += f" ({format_limits(violation.previous_limit, violation.comparison, limit)})"
    return step, beside


def _has_stayed(violation: Violation) -> bool:
    """Return whether a change left a value as it was, and gave it another limit or removed its allowance."""
    has_lost = violation.previous_limit is not None or any(iter_removed(violation))
    return has_lost and violation.before == violation.value


def format_limits(before: str, comparison: Comparison | None, limit: Number) -> str:
    """Return the limits of a value before and after a change, such as ``limit 20 → 10``."""
    old, new = (text.removeprefix("<= ") for text in (before, f"{comparison} {format_number(limit)}"))
    return f"limit {old} \N{RIGHTWARDS ARROW} {new}"


def format_beside_limit(violation: Violation, show: ShowNumber = show_number) -> str:
    """Return a value and its limit as one text."""
    return "".join(split_beside_limit(violation, show))


def iter_tolerance(value: Violation | Finding) -> Iterator[str]:
    """Yield what tolerated a value before, and what the baseline has, in brackets."""
    yield from iter_removed(value)
    if value.recorded not in (None, value.before):
        recorded = show_number(value.recorded)
        if recorded == show_number(value.value):
            recorded = format_number(value.recorded, round(value.value or 0, 2))
        yield f"(the baseline has {recorded})"


def iter_removed(value: Violation | Finding) -> Iterator[str]:
    """Yield what tolerated a value until a change removed it, in brackets."""
    if value.was_suppressed:
        yield "(previously suppressed)"
    if value.was_recorded:
        yield "(previously in the baseline)"


def format_brief_line(verdict: Verdict, violations: Sequence[Violation], show_path: ShowPath) -> str:
    """Return one line with place, block and values of a block, each after the short name of its metric."""
    where = format_place(show_path(verdict.path), *verdict.measurement.locate(violations[0].line))
    name = violations[0].qualified_name
    numbers = ", ".join(
        " ".join((look_up_metric(item.metric).label, format_beside_limit(item), *iter_tolerance(item)))
        for item in violations
    )
    return f"{where}: {f'{make_printable(name)}: ' if name else ''}{numbers}"


def iter_tolerated(verdict: Verdict, tolerated: Iterable[Tolerated], show_path: ShowPath) -> Iterator[str]:
    """Yield what tolerates some values of a file: a line for each block and reason."""
    found: dict[tuple[str, str | None, int | None], list[Tolerated]] = {}
    for item in tolerated:
        found.setdefault((item.why, item.qualified_name, item.line), []).append(item)
    for (why, _, _), items in found.items():
        yield f"tolerated ({WHY_TOLERATED[why]}): {format_brief_line(verdict, items, show_path)}"


def format_step(before: Number, value: Number, limit: Number, show: ShowNumber = format_number) -> str:
    """Return two values and their difference, which matches the rounded values."""
    from decimal import Decimal  # few runs are about changes

    shown = [show(number, limit) for number in (before, value)]
    if shown[0] == shown[1] and before != value:
        shown = [repr(before), repr(value)]
    old, new = (Decimal(text.replace(",", "")) for text in shown)
    exact = f"{(new - old).normalize():f}"
    brief = show_number(float(new - old))
    delta = brief if show is show_number and brief not in ("0", "-0") else exact
    return f"{shown[0]} \N{RIGHTWARDS ARROW} {shown[1]} ({'+' if new > old else ''}{delta})"


def count_places(names: Iterable[str | None], functions: int | None = None, files: int | None = None) -> str:
    """Return how many functions, cells and files some rows have, such as ``2 functions and 1 file``.

    Args:
        names: qualified names; ``None`` for a file.
        functions: of how many functions these are some, to be named.
        files: the same for files.
    """
    nouns = Counter(map(_find_noun, names))
    numbers = {"function": functions, "cell": None, "file": files}
    return " and ".join(count_of(nouns[noun], total, noun) for noun, total in numbers.items() if nouns[noun])


def _find_noun(name: str | None) -> str:
    """Return what a row is about: a function or a class, a cell of a notebook, or a file."""
    if name is None:
        return "file"
    return "cell" if name.startswith(CELL) else "function"


def count_of(number: int, total: int | None, noun: str) -> str:
    """Return a number of things, and of how many if these are known and several."""
    if total is None or total <= 1:
        return count(number, noun)
    return f"{number:,} of {count(total, noun)}"


def format_place(path: str, cell: int | None, line: int | None) -> str:
    """Return ``path:line``, which editors turn into a link; in a notebook ``path:cell 3:line``."""
    where = path if cell is None else f"{path}:cell {cell}"
    return where if line is None else f"{where}:{line}"


def format_link(measurement: Measurement, line: int) -> str:
    """Return a line with a column, from which editors open it below the path of its file."""
    cell, shown = measurement.locate(line)
    return f"{shown}:1" if cell is None else f"cell {cell}:{shown}"


def name_line(measurement: Measurement, line: int) -> str:
    """Return a line of a file that was already named, such as ``line 4`` or ``cell 3, line 4``."""
    cell, shown = measurement.locate(line)
    return f"line {shown}" if cell is None else f"cell {cell}, line {shown}"


def has_worsened(number: Violation) -> bool:
    """Return whether a change has added a value, or made it worse."""
    return compute_violation_effect(number) in (None, "worse")


def compute_violation_effect(number: Violation) -> ValueEffect | None:
    """Return the effect of a change on a value; ``None`` without a value before."""
    if number.before is None:
        return None
    return compute_effect(number.value, number.before, number.comparison, number.threshold)


def iter_suffix_notes(names: Iterable[str | None]) -> Iterator[str]:
    """Yield what a number after a name means, such as ``#2``, if one of some qualified names has one."""
    if any(map(has_number, filter(None, names))):
        yield "`#N` after a name: the Nth definition of that name in its file"


def has_number(name: str) -> bool:
    """Return whether a qualified name has a number, as in ``f#2``; ``#p`` is a private name in JavaScript."""
    return "#" in name and strip_number(name) != name and not name.startswith(CELL)


def format_error_line(path: str, error: FileError) -> str:
    """Return one line with place, kind and reason."""
    return make_printable(f"{format_place(path, error.cell, error.line)}: {describe_error(error)}")


def describe_error(error: FileError) -> str:
    """Return that a file or a part of its values was not measured, with kind and reason."""
    return f"not measured ({error.kind}): {error.message}"


def format_known(measurement: Measurement) -> str:
    """Return the values of a file that could not be measured completely, or an empty text."""
    size = measurement.error.size if measurement.error else None
    if size is not None:
        return f"size: {count(size, 'byte')}"
    names = ("lines_of_code", "total_cognitive_complexity")
    numbers = ((name, getattr(measurement.metrics, name)) for name in names)
    known = [f"{name} {number:,}" for name, number in numbers if number is not None]
    return f"still measured (partial): {', '.join(known)}" if known else ""


def iter_error_lines(path: str, measurement: Measurement) -> Iterator[str]:
    """Yield why a file could not be measured, and its known values; nothing for a measured file."""
    if measurement.error is not None:
        yield format_error_line(path, measurement.error)
        if known := format_known(measurement):
            yield f"    {known}"


def format_exceeded(verdict: Verdict, violation: Violation) -> Iterator[str]:
    """Yield the ceilings that a value exceeds."""
    for suppression, metric in verdict.find_allowances(violation) if verdict.suppressions else ():
        if metric.metric == violation.metric and metric.state == "exceeded":
            where = name_line(verdict.measurement, suppression.line)
            if suppression.qualified_name not in (None, violation.qualified_name):
                where += f", at {name_target(verdict, suppression)},"
            yield f"the comment on {where} allows only {metric.metric} {format_ceiling(metric)}"


def name_target(verdict: Verdict, suppression: Suppression) -> str:
    """Return what a comment applies to: a function, all functions of a class, or the file."""
    name = suppression.qualified_name
    if name is None:
        return "the file"
    return f"class {name}" if verdict.is_class(name) else name


def format_ceiling(metric: SuppressedMetric) -> str:
    """Return the ceiling of a suppressed metric, such as ``<= 14``."""
    return f"{metric.comparison} {format_number(metric.ceiling or 0)}"


def format_edits(edits: RecentEdits | None, key: FunctionKey) -> str:
    """Return how many commits of the last year changed a function; empty for none, and if unknown."""
    number = 0 if edits is None else edits.counts.get(key, 0)
    return f"changed in {count(number, 'commit')}" if number else ""


def format_history(edits: RecentEdits | None) -> str:
    """Return which commits were searched for edits."""
    if edits is None:
        return "no history (no git repository, no commits, a shallow clone, or git failed)"
    return f"history: {count(edits.commits, 'commit')} in the year up to the last one"
