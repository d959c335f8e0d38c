"""Format suppression comments: what they suppress, which are unused, and which are invalid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any

from pytest_antipasta.messages import count, format_json, printable_lines
from pytest_antipasta.model.judged import SuppressedMetric, Suppression, Verdict
from pytest_antipasta.report.cells import add_cells
from pytest_antipasta.report.paths import ShowPath
from pytest_antipasta.report.wording import (
    format_ceiling,
    format_error_line,
    format_place,
    name_target,
)

# Maximum number of remarks on the comments of a file.
_MOST = 10
_LIST = "`pytest-antipasta check --list-suppressions` lists them"


def format_suppressed(verdicts: Sequence[Verdict], show_path: ShowPath) -> Iterator[str]:
    """Yield for a summary how much is suppressed, and which comments are invalid or unused."""
    numbers = [sum(item.why == "suppressed" for item in verdict.tolerated) for verdict in verdicts]
    if any(numbers):
        files = count(sum(map(bool, numbers)), "file")
        yield f"suppressed by comments: {count(sum(numbers), 'violation')} in {files}; {_LIST}"
    for verdict in verdicts:
        yield from format_remarks(verdict, show_path, of_failure=False)


def format_unheeded(verdicts: Iterable[Verdict], only: str | None = None) -> Iterator[str]:
    """Yield at how many failing functions comments of other tools have no effect, and how to honour them.

    Args:
        verdicts: verdicts with their violations.
        only: qualified name of the one function to consider; ``None`` for all.
    """
    found = [
        (tool, (verdict.path, name))
        for verdict in verdicts
        for name in (verdict.unheeded_tools if only is None else (only,))
        for tool in verdict.unheeded_tools.get(name, ())
    ]
    if found:
        tools, functions = ({*column} for column in zip(*found, strict=True))
        where, names = count(len(functions), "function"), ", ".join(map(format_json, sorted(tools)))
        yield f"not honoured: comments of other tools at {where}; add {names} to `foreign_suppressions`"


def format_remarks(verdict: Verdict, show_path: ShowPath, *, of_failure: bool) -> Iterator[str]:
    """Yield the first remarks on comments with their places, and how many more there are.

    Comments that fail or are not applied are part of the failure of a file; remarks on others are warnings.
    """
    begin, failed = "" if of_failure else "warning: ", verdict.failed
    lines = (
        f"{begin}{_format_place(verdict, suppression, show_path)}: {remark}"
        for suppression in verdict.suppressions
        if (failed and (suppression.fails or bool(suppression.problems))) == of_failure
        for remark in iter_remarks(verdict, suppression)
    )
    yield from islice(lines, _MOST)
    if more := sum(1 for _ in lines):
        yield f"{begin}{show_path(verdict.path)}: {more:,} more like these; {_LIST}"


def _format_place(verdict: Verdict, suppression: Suppression, show_path: ShowPath) -> str:
    return format_place(show_path(verdict.path), *verdict.measurement.locate(suppression.line))


@printable_lines
def iter_remarks(verdict: Verdict, suppression: Suppression) -> Iterator[str]:
    """Yield problems of a comment, without its place."""
    extent = "only partly" if suppression.state in ("used", "exceeded") else "not"
    yield from (f"suppression {extent} applied: {problem}" for problem in suppression.problems)
    # Other tools check their own comments.
    metrics = suppression.metrics if suppression.tool == "antipasta" else ()
    if unused := [metric for metric in metrics if metric.state == "unused"]:
        where = name_target(verdict, suppression)
        yield from (f"unused suppression: {why}" for why in _iter_unused(unused, where))


def _iter_unused(unused: Sequence[SuppressedMetric], where: str) -> Iterator[str]:
    """Yield why metrics have no effect."""
    if redundant := [item.metric for item in unused if item.is_redundant]:
        what = " and ".join(filter(None, redundant))
        yield f"another comment suppresses {f'{what} of' if what else 'what is over a limit in'} {where}"
    left = [item.metric for item in unused if not item.is_redundant]
    if None in left:
        yield f"nothing in {where} is over a limit"
    elif left:
        names, verb = " and ".join(filter(None, left)), "is" if len(left) == 1 else "are"
        yield f"{names} of {where} {verb} not over a limit"


@printable_lines
def format_list(verdicts: Sequence[Verdict], show_path: ShowPath) -> Iterator[str]:
    """Yield a line for each comment, and the number of comments."""
    states: Counter[str] = Counter()
    left_out: list[str] = []
    for verdict in verdicts:
        for suppression in verdict.suppressions:
            states[suppression.state] += 1
            target = name_target(verdict, suppression)
            yield f"{_format_place(verdict, suppression, show_path)}: {target}: {_describe(suppression)}"
            yield from (f"    {problem}" for problem in suppression.problems)
        if verdict.error is not None:
            left_out.append(f"not listed: {format_error_line(show_path(verdict.path), verdict.error)}")
    numbers = ", ".join(f"{number:,} {state}" for state, number in sorted(states.items()))
    yield f"{count(states.total(), 'suppression')}{': ' if numbers else ''}{numbers}"
    yield from left_out


@printable_lines
def format_comments(
    verdict: Verdict, name: str, metrics: Collection[str], show_path: ShowPath
) -> Iterator[str]:
    """Yield a line for each comment that applies to some metrics of a block, with its effect."""
    *around, _ = verdict.list_targets(name)
    keys = ((target, metric) for target in around for metric in (None, *metrics))
    about = (comment for key in keys for comment, _ in verdict.allowances.get(key, ()))
    found = dict.fromkeys((*verdict.comments.get(name, ()), *about))
    for suppression in sorted(found, key=attrgetter("line", "text")):
        is_own = suppression.qualified_name == name
        where = "" if is_own else f", at {name_target(verdict, suppression)}"
        yield f"comment {_format_place(verdict, suppression, show_path)}{where}: {_describe(suppression)}"
        yield from (f"    {problem}" for problem in suppression.problems)


def _describe(suppression: Suppression) -> str:
    """Return the metrics of a comment, its state and its reason."""
    metrics = ", ".join(_format_metric(metric, suppression.state) for metric in suppression.metrics)
    tool = "" if suppression.tool == "antipasta" else f" ({suppression.tool})"
    reason = [suppression.reason] if suppression.reason else []
    return ": ".join([*([f"{metrics}{tool}"] if metrics else []), suppression.state, *reason])


def _format_metric(metric: SuppressedMetric, state: str) -> str:
    ceiling = "" if metric.ceiling is None else f" {format_ceiling(metric)}"
    return f"{metric.metric or 'all metrics'}{ceiling}{'' if metric.state == state else f' ({metric.state})'}"


def make_list(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Return an object for each comment."""
    return [
        add_cells({"path": verdict.path, **record}, verdict.measurement)
        for verdict in verdicts
        for record in verdict.describe_comments()
    ]
