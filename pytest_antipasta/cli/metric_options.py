"""The options ``--metric``, ``--limit``, ``--sort`` and ``--top``."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Container, Iterable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from pytest_antipasta.cli.parser import LIMITS, OptionGroup, find_group
from pytest_antipasta.extension import judged_metrics
from pytest_antipasta.model import COVERAGE_METRICS, Suppression, UsageError, Verdict, Violation, must_fail
from pytest_antipasta.settings import Settings

_Judged = TypeVar("_Judged", bound=Violation)


def add_metric_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--metric`` and ``--limit``."""
    group = find_group(parser, LIMITS)
    group.add_argument(
        "--metric",
        dest="metrics",
        action="append",
        type=lambda text: _parse_metric(text, judged_metrics()),
        metavar="NAME",
        help="use only this metric; repeatable",
    )
    group.add_argument(
        "--limit",
        dest="limits",
        action="append",
        type=_parse_limit,
        metavar="METRIC=N",
        help="limit for this run, or METRIC=off; repeatable",
    )


def add_ranking_options(parser: argparse.ArgumentParser, others: Sequence[str], metrics: str) -> OptionGroup:
    """Add ``--top`` and ``--sort``, and return the group for options that exclude ``--top``.

    ``others`` are further sort keys besides metrics; ``metrics`` describes sorting by a metric.
    """
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--top", type=parse_number, metavar="N", help="show only the N worst")
    parser.add_argument(
        "--sort",
        type=lambda text: _parse_metric(text, (*others, *judged_metrics())),
        metavar="|".join((*others, "METRIC")),
        help=metrics,
    )
    return group


def add_near_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--near``."""
    parser.add_argument(
        "--near",
        type=_parse_ratio,
        metavar="RATIO",
        help="also list functions at or above this ratio of a limit",
    )


def _parse_ratio(text: str) -> float:
    from pytest_antipasta.policy import parse_ratio

    try:
        return parse_ratio(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def require_text(args: argparse.Namespace, formats: Collection[str]) -> None:
    """Reject ranking for formats for programs, as their files are sorted by path."""
    if getattr(args, "near", None) is not None and args.format not in formats:
        raise UsageError(
            f"--near needs --format {' or '.join(formats)}; json has the headroom of all numbers"
        )
    if (args.top is not None or args.sort is not None) and args.format not in formats:
        *others, last = formats
        names = f"{', '.join(others)} or {last}"
        raise UsageError(
            f"--top and --sort need --format {names}; {args.format} output is always complete and unsorted"
        )


def require_measured(metrics: Iterable[str] | None, command: str) -> None:
    """Reject a metric that needs coverage data, for a command without such data."""
    for metric in metrics or ():
        if metric in COVERAGE_METRICS:
            raise UsageError(f"{metric} needs coverage data, which `{command}` does not read")


def _parse_limit(text: str) -> tuple[str, object]:
    name, is_given, value = text.partition("=")
    if not is_given:
        example = "METRIC=N, such as cyclomatic_complexity=10"
        raise argparse.ArgumentTypeError(f"expected {example}, got {text!r}")
    metric = _parse_metric(name.strip(), judged_metrics())
    if value.strip() == "off":
        return metric, False
    try:
        return metric, int(value) if value.strip().isdecimal() else float(value)
    except ValueError:
        message = f"expected a number or off after {metric}=, got {value!r}"
        raise argparse.ArgumentTypeError(message) from None


def narrow_to_metrics(verdicts: Sequence[Verdict], metrics: Sequence[str] | None) -> Sequence[Verdict]:
    """Return the verdicts restricted to some metrics.

    All metrics were judged, so that suppressions and entries for other metrics do not count as unused.
    """
    return [_narrow(verdict, metrics) for verdict in verdicts] if metrics else verdicts


def require_limits(settings: Settings, metrics: Sequence[str] | None) -> None:
    """Check that the metrics have a limit for some file; otherwise they could have no violations."""
    for metric in metrics or ():
        if metric not in find_judged(settings):
            raise UsageError(f"--metric {metric}: has no limit; set one in `thresholds`")


def _narrow(verdict: Verdict, metrics: Container[str]) -> Verdict:
    """Return a verdict restricted to some metrics.

    The file fails for these metrics, for comments about them, and for measuring errors that count.
    """
    violations = _keep(verdict.violations, metrics)
    suppressions = tuple(
        _keep_metrics(suppression, metrics)
        for suppression in verdict.suppressions
        if _speaks_of(suppression, metrics)
    )
    is_unmeasured = verdict.failed and (verdict.error is not None or verdict.is_incomplete)
    return replace(
        verdict,
        violations=violations,
        warnings=_keep(verdict.warnings, metrics),
        tolerated=_keep(verdict.tolerated, metrics),
        unjudged=tuple(metric for metric in verdict.unjudged if metric in metrics),
        suppressions=suppressions,
        failed=must_fail(violations, suppressions, is_unmeasured),
    )


def _keep(judged: Iterable[_Judged], metrics: Container[str]) -> tuple[_Judged, ...]:
    return tuple(item for item in judged if item.metric in metrics)


def _speaks_of(suppression: Suppression, metrics: Container[str]) -> bool:
    """Return whether a comment is about one of the metrics, about all, or invalid."""
    names = [metric.metric for metric in suppression.metrics]
    return not names or any(name is None or name in metrics for name in names)


def _keep_metrics(suppression: Suppression, metrics: Container[str]) -> Suppression:
    """Return a comment restricted to some metrics; its problems stay."""
    from pytest_antipasta.policy import choose_state

    kept = tuple(
        metric for metric in suppression.metrics if metric.metric is None or metric.metric in metrics
    )
    is_idle = bool(suppression.problems) or any(item.state == "unused" for item in kept)
    return replace(
        suppression,
        metrics=kept,
        state=choose_state(item.state for item in kept),
        fails=suppression.fails and is_idle,
    )


def find_judged(settings: Settings) -> set[str]:
    """Return the metrics with a limit for any file."""
    of_some = (each.thresholds.items() for each in settings.overrides)
    return {
        *settings.thresholds,
        *(metric for items in of_some for metric, limit in items if limit is not None),
        *(metric for project in settings.projects for metric in find_judged(project)),
    }


def _parse_metric(text: str, known: Collection[str]) -> str:
    """Return a metric's name, or another valid word."""
    if text in known:
        return text
    from pytest_antipasta.messages import suggest

    raise argparse.ArgumentTypeError(f"unknown metric {text!r}; {suggest(text, known)}")


def parse_number(text: str) -> int:
    """Return a whole number of 1 or more."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number >= 1, got {text!r}")
    return int(text)
