"""The text output of ``check``: all lines for a file or a pipe, the worst for a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

from pytest_antipasta.cli.metric_options import find_judged
from pytest_antipasta.cli.stdout import print_to_stderr
from pytest_antipasta.engine import Run
from pytest_antipasta.engine.stats import make_stats
from pytest_antipasta.extension import judged_metrics
from pytest_antipasta.messages import show_name
from pytest_antipasta.model import COVERAGE_METRICS, Verdict
from pytest_antipasta.report import (
    BY_EXCESS,
    BY_PATH,
    PLAIN,
    Invocation,
    Paint,
    find_near,
    find_rows,
    find_warned,
    find_width,
    fold_line,
    format_concise,
    format_failures,
    format_near,
    format_near_concise,
    format_nothing,
    format_summary,
    format_waivers,
    has_color,
    place_path,
    place_verdicts,
    show_verdicts,
    suggest_next,
)

# Maximum numbers of functions and of files: together with the summary they fit on a screen.
_SCREEN = 10


def iter_text(run: Run, verdicts: Sequence[Verdict], args: argparse.Namespace) -> Iterator[str]:
    """Yield violations and the summary; on a terminal only the worst, unless all are requested."""
    # A file may be read anywhere.
    root = run.rules.settings.root
    shown = place_verdicts(verdicts, root) if args.output is None else show_verdicts(verdicts)
    if args.format == "concise":
        yield from _iter_concise(shown, args)
        if not verdicts and not run.unlisted and not args.quiet:
            print_to_stderr([format_nothing(make_stats(run))])
        yield from _iter_near(run, verdicts, args, args.top)
    elif args.format == "agent":
        yield from _iter_agent(run, verdicts, shown, args)
    else:
        yield from _iter_text(run, verdicts, shown, args)


def _iter_text(
    run: Run, verdicts: Sequence[Verdict], shown: Sequence[Verdict], args: argparse.Namespace
) -> Iterator[str]:
    paint, width = PLAIN, None
    if args.output is None and not args.is_aside:
        paint, width = Paint(has_color(sys.stdout)), find_width(sys.stdout)
    is_screen = _is_screen(args)
    top = _SCREEN if is_screen else args.top
    if top is not None or args.sort is not None:
        yield from _iter_ranked(run, shown, args, top, paint, width)
    else:
        yield from format_failures(shown, paint, width)
    is_cut = is_screen and _is_too_much(verdicts)
    end = _iter_end(run, verdicts, shown, args, top, is_cut=is_cut)
    near = ((line, "") for line in _iter_near(run, verdicts, args, top))
    warned = _iter_warned(shown, args, width, has_all=top is None)
    lines = chain(warned, near, end)
    yield from (paint(line, color) for text, color in lines for line in fold_line(text, width))


def _iter_warned(
    verdicts: Sequence[Verdict], args: argparse.Namespace, width: int | None, *, has_all: bool
) -> Iterator[tuple[str, str]]:
    """Yield the warnings, each line with its colour."""
    if not args.quiet and any(verdict.warnings for verdict in verdicts):
        from pytest_antipasta.report import format_warned

        hint = "`--all` shows them" if args.top is None else ""
        yield from ((line, "yellow") for line in format_warned(verdicts, hint, width=width, has_all=has_all))


def _iter_near(
    run: Run, verdicts: Sequence[Verdict], args: argparse.Namespace, top: int | None
) -> Iterator[str]:
    """Yield the functions close to a limit, if requested."""
    if args.near is None:
        return
    settings = run.rules.settings
    rows = find_near(run.read_numbers(verdicts), settings, args.near, args.metrics)
    if args.output is None:
        rows = [row._replace(verdict=place_verdicts([row.verdict], settings.root)[0]) for row in rows]
    is_concise = args.format == "concise"
    yield from format_near_concise(rows, top) if is_concise else format_near(rows, args.near, top)


def _iter_refused(run: Run) -> Iterator[tuple[str, str]]:
    """Yield the waivers that make a change fail."""
    place = partial(place_path, root=run.rules.settings.root)
    yield from ((line, "") for line in format_waivers(run.waivers, place) if run.waivers.fails)


def _iter_concise(verdicts: Sequence[Verdict], args: argparse.Namespace) -> Iterator[str]:
    """Yield a line for each value over its limit, and for other failures."""
    from pytest_antipasta.report import iter_unmeasured, iter_wrong_comments, rank

    failed, sort = [verdict for verdict in verdicts if verdict.failed], args.sort
    sort = sort or (BY_EXCESS if args.top else BY_PATH)
    yield from (line for line in iter_unmeasured(failed) if not line.startswith(" "))
    yield from format_concise(rank(verdicts, sort, args.top))
    if not args.quiet:
        yield from format_concise(rank(verdicts, sort, args.top, find_warned), "warning")
    yield from iter_wrong_comments(failed)


def _iter_agent(
    run: Run, verdicts: Sequence[Verdict], shown: Sequence[Verdict], args: argparse.Namespace
) -> Iterator[str]:
    """Yield the output for coding agents, limited in size."""
    from pytest_antipasta.report import format_agent, rank

    rows = rank(shown, args.sort or BY_EXCESS, args.top)
    summary = [*_iter_summary(run, shown, args, args.top)]
    # Unmatched baseline entries are left out: recording is not an agent's decision.
    step = suggest_next(verdicts, (), _make_stand(run, args))
    yield from format_agent(rows, shown, summary, step)


def _make_stand(run: Run, args: argparse.Namespace) -> Invocation:
    return Invocation(Path.cwd(), run.rules.settings.root, args.config, args.baseline)


def _iter_end(
    run: Run,
    verdicts: Sequence[Verdict],
    shown: Sequence[Verdict],
    args: argparse.Namespace,
    top: int | None,
    *,
    is_cut: bool,
) -> Iterator[tuple[str, str]]:
    """Yield the lines below the list, with colours."""
    if args.quiet:
        yield from _iter_refused(run)
        return
    first, *others = _iter_summary(run, shown, args, top)
    yield first, "yellow" if first.startswith("warning: ") else _choose_color(verdicts)
    yield from ((line, "yellow" if line.startswith("warning: ") else "") for line in others)
    if step := suggest_next(verdicts, run.schedule.find_unmoved(), _make_stand(run, args)):
        yield f"next: {step}", ""
    if is_cut:
        yield from ((line, "") for line in _iter_steps(run, verdicts, args))


def _choose_color(verdicts: Sequence[Verdict]) -> str:
    """Return the colour of a result: yellow if a file that could not be measured passes."""
    if any(verdict.failed for verdict in verdicts):
        return "red"
    return "yellow" if any(verdict.error is not None for verdict in verdicts) else "green"


def _is_screen(args: argparse.Namespace) -> bool:
    """Return whether output goes to a terminal without an option about its length."""
    is_open = args.top is None and not args.all and args.output is None and not args.is_aside
    return is_open and sys.stdout is not None and sys.stdout.isatty()


def _is_too_much(verdicts: Sequence[Verdict]) -> bool:
    """Return whether the violations do not fit on a screen."""
    rows = find_rows(verdicts)
    in_functions = sum(row.name is not None for row in rows)
    return max(in_functions, len(rows) - in_functions) > _SCREEN


def _iter_ranked(
    run: Run,
    verdicts: Sequence[Verdict],
    args: argparse.Namespace,
    top: int | None,
    paint: Paint,
    width: int | None,
) -> Iterator[str]:
    """Yield violations in the requested order, and the distribution of values."""
    from pytest_antipasta.report import iter_ranked
    from pytest_antipasta.report.measure import iter_distributions

    yield from iter_ranked(verdicts, args.sort or BY_EXCESS, top, paint, width)
    if args.quiet:
        return
    lines = [*_iter_recorded(verdicts, args)]
    if args.top is not None:
        judged = set(args.metrics or find_judged(run.rules.settings)) - COVERAGE_METRICS
        metrics = [metric for metric in judged_metrics() if metric in judged]
        whole = run.read_numbers(run.sorted_verdicts())
        lines += iter_distributions({verdict.path: verdict.measurement for verdict in whole}, metrics)
    yield from (part for line in lines for part in fold_line(line, width))


def _has_numbered(verdicts: Sequence[Verdict], args: argparse.Namespace, top: int | None) -> bool:
    """Return whether a displayed function has a name like ``NAME#2``."""
    from pytest_antipasta.report import has_number, rank

    return any(has_number(row.name) for row in rank(verdicts, args.sort or BY_EXCESS, top) if row.name)


def _iter_recorded(verdicts: Sequence[Verdict], args: argparse.Namespace) -> Iterator[str]:
    """Yield how to list recorded violations, if there are no others."""
    recorded = sum(item.why == "baseline" for verdict in verdicts for item in verdict.tolerated)
    is_asked_for = args.top is not None or args.sort is not None
    if recorded and is_asked_for and not any(verdict.violations for verdict in verdicts):
        option = f"--sort {args.sort}" if args.top is None else f"--top {args.top}"
        command = f"`pytest-antipasta check {option} --no-baseline`"
        yield f"all violations are in the baseline ({recorded}); to list them, run {command}"


def _iter_summary(
    run: Run, verdicts: Sequence[Verdict], args: argparse.Namespace, top: int | None
) -> Iterator[str]:
    place = show_name if args.output is not None else partial(place_path, root=run.rules.settings.root)
    has_all = top is None and args.sort is None
    has_numbered = has_all or _has_numbered(verdicts, args, top)
    facts = make_stats(run, args.metrics)
    first, *others = format_summary(
        verdicts,
        facts,
        place,
        has_numbered,
        has_store=args.debug,
    )
    yield first
    if args.metrics:
        yield f"checked only {', '.join(dict.fromkeys(args.metrics))}"
    yield from others


def _iter_steps(run: Run, verdicts: Sequence[Verdict], args: argparse.Namespace) -> Iterator[str]:
    """Yield how to show omitted violations, and how to record them."""
    number = sum(len(verdict.violations) for verdict in verdicts)
    yield f"next: `--all` shows all {number} violations, `--top N` the N worst"
    if run.kind == "files" and run.rules.recorded is None and not args.no_baseline:
        command = "pytest-antipasta baseline write"
        yield f"next: `{command}` records them, so that only new or worse ones fail"
