"""All comments that suppress as a list, in words and as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import asdict

from pytest_antipasta.model import SuppressedMetric, Suppression, Verdict
from pytest_antipasta.printable import printable_lines
from pytest_antipasta.report.ceilings import format_ceiling, name_target
from pytest_antipasta.report.wording import count, format_error_line, format_place


@printable_lines
def format_list(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield a line for each comment, and how many there are."""
    states: Counter[str] = Counter()
    left_out: list[str] = []
    for verdict in verdicts:
        for suppression in verdict.suppressions:
            states[suppression.state] += 1
            yield _format_entry(verdict, suppression)
            yield from (f"    {problem}" for problem in suppression.problems)
        if verdict.measurement.error is not None:
            left_out.append(f"not listed: {format_error_line(verdict.path, verdict.measurement.error)}")
    numbers = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    yield f"{count(states.total(), 'suppression')}{': ' if numbers else ''}{numbers}"
    yield from left_out


def _format_entry(verdict: Verdict, suppression: Suppression) -> str:
    metrics = ", ".join(_format_metric(metric, suppression.state) for metric in suppression.metrics)
    tool = "" if suppression.tool == "antipasta" else f" ({suppression.tool})"
    parts = [
        format_place(verdict.path, suppression.line),
        name_target(verdict, suppression),
        *([f"{metrics}{tool}"] if metrics else []),
        suppression.state,
        *([suppression.reason] if suppression.reason else []),
    ]
    return ": ".join(parts)


def _format_metric(metric: SuppressedMetric, state: str) -> str:
    ceiling = "" if metric.ceiling is None else f" {format_ceiling(metric)}"
    return f"{metric.metric or 'all metrics'}{ceiling}{'' if metric.state == state else f' ({metric.state})'}"


def make_list(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Return an object for each comment."""
    return [
        {"path": verdict.path, **asdict(suppression)}
        for verdict in verdicts
        for suppression in verdict.suppressions
    ]
