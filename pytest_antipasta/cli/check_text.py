"""The text of ``check``: every line for a file or a pipe, the worst for a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from pytest_antipasta.cli.metric_options import find_judged
from pytest_antipasta.engine import Run
from pytest_antipasta.engine.stats import make_stats
from pytest_antipasta.extension import judged_metrics
from pytest_antipasta.messages import show_name
from pytest_antipasta.model import Verdict
from pytest_antipasta.report import (
    PLAIN,
    Invocation,
    Paint,
    format_failure,
    format_summary,
    format_waivers,
    has_color,
    place_path,
    place_verdicts,
    show_verdicts,
    suggest_next,
)

# In functions, and of files: with the summary below them they fit on a screen.
_SCREEN = 10


def iter_text(run: Run, verdicts: Sequence[Verdict], args: argparse.Namespace) -> Iterator[str]:
    """Yield what fails, and the summary; a terminal gets the worst alone unless all is asked for."""
    root, is_screen, paint = run.rules.settings.root, _is_screen(args), PLAIN
    if args.output is None:
        shown, paint = place_verdicts(verdicts, root), _choose_paint(args)
    else:  # which may be read anywhere
        shown = show_verdicts(verdicts)
    is_cut = is_screen and _is_too_much(verdicts)
    top = _SCREEN if is_screen else args.top
    is_ranked = top is not None or args.sort is not None
    if is_ranked:  # `explain` shows the plans as well
        yield from _iter_ranked(run, shown, args, top, paint, has_plans=not is_cut)
    else:
        yield from _iter_failures(shown, paint)
    if not args.quiet:
        yield from _iter_summary(run, shown, args, paint, top)
        stand = Invocation(Path.cwd(), root, args.config, args.baseline)
        if step := suggest_next(verdicts, run.schedule.find_unmoved(), stand):
            yield f"next: {step}"
        yield from _iter_steps(run, verdicts, args) if is_cut else ()
    elif run.waivers.fails:
        yield from format_waivers(run.waivers, partial(place_path, root=root))


def _choose_paint(args: argparse.Namespace) -> Paint:
    return PLAIN if args.is_aside else Paint(has_color(sys.stdout))


def _is_screen(args: argparse.Namespace) -> bool:
    """Whether there is a terminal, and nobody has said how much of it to use."""
    is_open = args.top is None and not args.all and args.output is None and not args.is_aside
    return is_open and sys.stdout is not None and sys.stdout.isatty()


def _is_too_much(verdicts: Sequence[Verdict]) -> bool:
    """Whether a screen can't show all violations."""
    over = [violation for verdict in verdicts for violation in verdict.violations]
    in_functions = sum(violation.qualified_name is not None for violation in over)
    return max(in_functions, len(over) - in_functions) > _SCREEN


def _iter_ranked(
    run: Run,
    verdicts: Sequence[Verdict],
    args: argparse.Namespace,
    top: int | None,
    paint: Paint,
    *,
    has_plans: bool,
) -> Iterator[str]:
    """Yield what is over a limit in the order that was asked for, and how all numbers are spread."""
    # Here, because what is written to files and pipes has no need of it.
    from pytest_antipasta.report import BY_EXCESS, iter_ranked
    from pytest_antipasta.report.measure import iter_distributions

    yield from iter_ranked(verdicts, args.sort or BY_EXCESS, top, paint, has_plans=has_plans)
    if not args.quiet:
        yield from _iter_recorded(verdicts, args)
    if args.top is not None and not args.quiet:
        judged = args.metrics or find_judged(run.rules.settings)
        metrics = [metric for metric in judged_metrics() if metric in judged]
        yield from iter_distributions({verdict.path: verdict.measurement for verdict in verdicts}, metrics)


def _has_numbered(verdicts: Sequence[Verdict], args: argparse.Namespace, top: int | None) -> bool:
    """Whether one of the violations in functions that are shown is in a block like ``NAME#2``."""
    from pytest_antipasta.report import BY_EXCESS, has_number, sort_violations

    over = sort_violations(verdicts, args.sort or BY_EXCESS)
    names = [one.violation.qualified_name for one in over if one.violation.qualified_name]
    return any(map(has_number, names[:top]))


def _iter_recorded(verdicts: Sequence[Verdict], args: argparse.Namespace) -> Iterator[str]:
    """Yield how to see what is recorded, where nothing else is over its limit."""
    recorded = sum(one.why == "baseline" for verdict in verdicts for one in verdict.tolerated)
    is_asked_for = args.top is not None or args.sort is not None
    if recorded and is_asked_for and not any(verdict.violations for verdict in verdicts):
        option = f"--sort {args.sort}" if args.top is None else f"--top {args.top}"
        command = f"`pytest-antipasta check {option} --no-baseline`"
        yield f"what is over a limit is in the baseline ({recorded}): {command} shows it"


def _iter_failures(verdicts: Sequence[Verdict], paint: Paint) -> Iterator[str]:
    return (format_failure(verdict, paint) for verdict in verdicts if verdict.failed)


def _iter_summary(
    run: Run,
    verdicts: Sequence[Verdict],
    args: argparse.Namespace,
    paint: Paint,
    top: int | None,
) -> Iterator[str]:
    if args.metrics:
        yield f"judged by {', '.join(dict.fromkeys(args.metrics))} alone"
    place = show_name if args.output is not None else partial(place_path, root=run.rules.settings.root)
    has_all = top is None and args.sort is None
    has_numbered = has_all or _has_numbered(verdicts, args, top)
    facts = make_stats(run, args.metrics)
    first, *others = format_summary(verdicts, facts, has_all, place, has_numbered)
    color = "red" if any(verdict.failed for verdict in verdicts) else "green"
    yield paint(first, "yellow" if first.startswith("warning: ") else color)
    yield from (paint(line, "yellow") if line.startswith("warning: ") else line for line in others)


def _iter_steps(run: Run, verdicts: Sequence[Verdict], args: argparse.Namespace) -> Iterator[str]:
    """Yield how to have what does not fit on a screen, and how to leave it as it is."""
    number = sum(len(verdict.violations) for verdict in verdicts)
    yield f"next: `--all` shows all {number} violations, `--top N` so many of the worst"
    if run.kind == "files" and run.rules.recorded is None and not args.no_baseline:
        command = "pytest-antipasta baseline write"
        yield f"next: `{command}` records them, so that only what is new or worse fails"
