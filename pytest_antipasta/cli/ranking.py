"""``--top`` and ``--sort``: ordering violations, the worst first."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterator, Sequence

from pytest_antipasta.cli.metric_option import find_judged, parse_metric
from pytest_antipasta.cli.parser import OptionGroup
from pytest_antipasta.engine import Run
from pytest_antipasta.errors import UsageError
from pytest_antipasta.extension import judged_metrics
from pytest_antipasta.model import Verdict
from pytest_antipasta.report import Paint


def add_ranking_options(parser: argparse.ArgumentParser, others: Sequence[str], metrics: str) -> OptionGroup:
    """Add ``--top`` and ``--sort``, and return the group for what can't be had with ``--top``.

    Args:
        parser: of the command.
        others: what can be sorted by besides metrics.
        metrics: what sorting by one means.
    """
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--top", type=_parse_number, metavar="N", help="show no more than N, the worst first")
    parser.add_argument(
        "--sort",
        type=lambda text: parse_metric(text, (*others, *judged_metrics())),
        metavar="|".join((*others, "METRIC")),
        help=metrics,
    )
    return group


def require_text(args: argparse.Namespace, formats: Collection[str]) -> None:
    """Make sure that the output can be ranked.

    Raises:
        UsageError: the format is for programs, and its files stand in the order of their paths.
    """
    if (args.top is not None or args.sort is not None) and args.format not in formats:
        names = " or ".join(formats)
        raise UsageError(
            f"--top and --sort need --format {names}; {args.format} is always complete and by path"
        )


def iter_ranking(
    run: Run, verdicts: Sequence[Verdict], args: argparse.Namespace, top: int | None, paint: Paint
) -> Iterator[str]:
    """Yield what is over a limit in the order that was asked for, and how all numbers are spread."""
    from pytest_antipasta.report import BY_EXCESS, iter_distributions, iter_ranked

    yield from iter_ranked(verdicts, args.sort or BY_EXCESS, top, paint)
    if not args.quiet:
        yield from _iter_recorded(verdicts, args)
    if args.top is not None and not args.quiet:
        judged = args.metrics or find_judged(run.rules.settings)
        metrics = [metric for metric in judged_metrics() if metric in judged]
        yield from iter_distributions({verdict.path: verdict.measurement for verdict in verdicts}, metrics)


def _iter_recorded(verdicts: Sequence[Verdict], args: argparse.Namespace) -> Iterator[str]:
    """Yield how to see what is recorded, where nothing else is over its limit."""
    recorded = sum(one.why == "baseline" for verdict in verdicts for one in verdict.tolerated)
    is_asked_for = args.top is not None or args.sort is not None
    if recorded and is_asked_for and not any(verdict.violations for verdict in verdicts):
        option = f"--sort {args.sort}" if args.top is None else f"--top {args.top}"
        command = f"`pytest-antipasta check {option} --no-baseline`"
        yield f"what is over a limit is in the baseline ({recorded}): {command} shows it"


def _parse_number(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number from 1, got {text!r}")
    return int(text)
