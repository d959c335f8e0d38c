"""``--metric``, ``--limit``, ``--sort`` and ``--top``: some metrics alone, other limits, the worst first."""

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
        help="check only this metric; repeatable",
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
    """Add ``--top`` and ``--sort``, and return the group for what can't be had with ``--top``.

    ``others`` can be sorted by besides metrics; ``metrics`` says what sorting by one means.
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
    from pytest_antipasta.policy import parse_ratio  # here, because few runs have the option

    try:
        return parse_ratio(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def require_text(args: argparse.Namespace, formats: Collection[str]) -> None:
    """Refuse to rank what is for programs, as its files stand in the order of their paths."""
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
    """Refuse a metric that needs coverage data, for a command that reads none."""
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
    """Return what the verdicts say of some metrics.

    All of them were judged, so that what suppresses or records another one is not taken for idle.
    """
    return [_narrow(verdict, metrics) for verdict in verdicts] if metrics else verdicts


def require_limits(settings: Settings, metrics: Sequence[str] | None) -> None:
    """Make sure that metrics have a limit for some file; else nothing could ever be over it."""
    for metric in metrics or ():
        if metric not in find_judged(settings):
            raise UsageError(f"--metric {metric}: has no limit; set one in `thresholds`")


def _narrow(verdict: Verdict, metrics: Container[str]) -> Verdict:
    """Return what a verdict says of some metrics.

    A file fails for them, for comments about them, and where it could not be measured and that counts.
    """
    violations = _keep(verdict.violations, metrics)
    suppressions = tuple(
        _keep_metrics(one, metrics) for one in verdict.suppressions if _speaks_of(one, metrics)
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
    return tuple(one for one in judged if one.metric in metrics)


def _speaks_of(suppression: Suppression, metrics: Container[str]) -> bool:
    """Whether a comment is about one of the metrics, or about all, or can't be read."""
    names = [one.metric for one in suppression.metrics]
    return not names or any(name is None or name in metrics for name in names)


def _keep_metrics(suppression: Suppression, metrics: Container[str]) -> Suppression:
    """Return what a comment says of some metrics; what is wrong with it stays."""
    # Here, because few files have any.
    from pytest_antipasta.policy import choose_state

    kept = tuple(one for one in suppression.metrics if one.metric is None or one.metric in metrics)
    is_idle = bool(suppression.problems) or any(one.state == "unused" for one in kept)
    return replace(
        suppression,
        metrics=kept,
        state=choose_state(one.state for one in kept),
        fails=suppression.fails and is_idle,
    )


def find_judged(settings: Settings) -> set[str]:
    """Return the metrics that have a limit for any file."""
    of_some = (each.thresholds.items() for each in settings.overrides)
    return {
        *settings.thresholds,
        *(metric for items in of_some for metric, limit in items if limit is not None),
        *(metric for project in settings.projects for metric in find_judged(project)),
    }


def _parse_metric(text: str, known: Collection[str]) -> str:
    """Return a metric's name, or another word that is known."""
    if text in known:
        return text
    from pytest_antipasta.messages import suggest

    raise argparse.ArgumentTypeError(f"unknown metric {text!r}; {suggest(text, known)}")


def parse_number(text: str) -> int:
    """Return a number from 1."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number >= 1, got {text!r}")
    return int(text)
