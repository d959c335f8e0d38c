"""The text output of ``check``: all lines for a file or a pipe, the worst for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.cli.check_options import CheckOptions
from pytest_antipasta.cli.hinting import with_hints
from pytest_antipasta.cli.stdout import print_to_stderr
from pytest_antipasta.engine.planning import Planner
from pytest_antipasta.engine.result import Result
from pytest_antipasta.extension.metrics import rank_metric
from pytest_antipasta.git.program import find_repository
from pytest_antipasta.messages import show_name
from pytest_antipasta.model.finding import RecentEdits, Row
from pytest_antipasta.model.formats import AGENT, CONCISE, TEXT
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.registry import COVERAGE_METRICS
from pytest_antipasta.report.failure import (
    format_failures,
    iter_errors,
    iter_ranked,
    iter_wrong_comments,
)
from pytest_antipasta.report.hints import MOST_TRIED, NO_HINTS, Hints, find_hints
from pytest_antipasta.report.next_step import SCREEN, Invocation, suggest_next, suggest_recording
from pytest_antipasta.report.paths import show_from
from pytest_antipasta.report.rows import (
    BY_EXCESS,
    BY_PATH,
    Look,
    choose_worst,
    find_rows,
    format_concise,
    locate_functions,
    sort_rows,
)
from pytest_antipasta.report.summary import format_summary
from pytest_antipasta.report.terminal import find_width, fold_line, fold_lines, make_paint
from pytest_antipasta.report.wording import count_places, format_history
from pytest_antipasta.results.stats import format_cost, format_store, make_stats

_DEFAULTS = (
    "no settings: no cyclomatic limit for test functions, no limits for generated files; see `config init`"
)
# Seconds in which a terminal has functions tried, besides those that importing what tries them takes.
_PATIENCE = 0.2


class _Text(Struct, frozen=True):
    """A run as the text output shows it.

    Attributes:
        run: the run.
        verdicts: the verdicts, restricted to the requested metrics.
        options: the options of the command.
        look: how rows are displayed, without hints.
        sort: the order of functions and files, as in :func:`sort_rows`.
        top: maximum number of functions and of files; ``None`` for all.
        over: the functions and files over a limit, in this order.
    """

    run: Result
    verdicts: Sequence[Verdict]
    options: CheckOptions
    look: Look
    sort: str | None
    top: int | None
    over: Sequence[Row]

    @property
    def rows(self) -> Sequence[Row]:
        """Those of the functions and files that are shown."""
        return choose_worst(self.over, self.top)

    @property
    def is_cut(self) -> bool:
        """Whether the list is limited to a screen, as no option says how long it is."""
        return self.top != self.options.top

    @property
    def stand(self) -> Invocation:
        """Where the user runs commands."""
        options, rules = self.options, self.run.rules
        return Invocation(
            Path.cwd(),
            rules.settings.root,
            options.config,
            options.judging.baseline,
            "index" if options.staged else "working tree",
            has_other_limits=rules.has_other_limits,
            top=find_repository(Path.cwd()),
        )

    def format_reasons(self, paths: Sequence[str]) -> str:
        """Return the command that gives baseline entries of files a reason."""
        return self.stand.format_reasons(self.run.rules.baseline_path, paths)


def iter_text(
    run: Result, verdicts: Sequence[Verdict], options: CheckOptions, *, is_aside: bool
) -> Iterator[str]:
    """Return violations and the summary; on a terminal only the worst, unless all are requested.

    ``is_aside`` says whether the text is printed to standard error, beside a report.
    """
    # A file may be read anywhere.
    look = Look(show_path=show_name if options.output is not None else show_from(run.rules.settings.root))
    sort, top = options.sort or _choose_sort(run, options), options.top
    if options.format == TEXT and options.output is None and not is_aside:
        look = replace(look, paint=make_paint(sys.stdout), width=find_width(sys.stdout))
        top = _choose_top(options)
    text = _Text(run, verdicts, options, look, sort, top, sort_rows(find_rows(verdicts), sort))
    if options.format == CONCISE:
        return chain(_iter_concise(text), _iter_near(text), _iter_brief_end(text))
    return _iter_agent(text) if options.format == AGENT else _iter_long(text)


def _choose_sort(run: Result, options: CheckOptions) -> str | None:
    """Return the usual order; concise lines are for programs, which read them file by file."""
    if options.format == CONCISE and options.top is None:
        return BY_PATH
    return None if run.kind == "change" else BY_EXCESS


def _choose_top(options: CheckOptions) -> int | None:
    """Return how many functions and files standard output shows; a terminal those that fit on a screen."""
    is_screen = not options.all and sys.stdout is not None and sys.stdout.isatty()
    return SCREEN if options.top is None and is_screen else options.top


def _iter_long(text: _Text) -> Iterator[str]:
    """Yield the output in format ``text``."""
    look, hints = text.look, _find_hints(text, text.rows, _PATIENCE if text.is_cut else None)
    edits = None
    if _is_ranking(text):
        from pytest_antipasta.git.edits import find_recent_edits

        edits = find_recent_edits(text.run.rules.settings.root, locate_functions(text.rows))
    listed = with_hints(look, hints, text.stand, text.run.rules.settings, edits)
    if text.top is not None or text.options.sort is not None or text.run.kind == "change":
        yield from _iter_ranked(text, listed)
    else:
        yield from format_failures(text.verdicts, listed)
    yield from _iter_near(text)
    lines = chain(_iter_warned(text), _iter_end(text, edits))
    yield from (look.paint(line, color) for whole, color in lines for line in fold_line(whole, look.width))


def _is_ranking(text: _Text) -> bool:
    """Return whether the worst functions are asked for, of which it matters which were edited."""
    options = text.options
    return options.top is not None and text.run.kind == "files" and not options.quiet


def _iter_warned(text: _Text) -> Iterator[tuple[str, str]]:
    """Yield the warnings, each line with its colour."""
    if not text.options.quiet and any(verdict.warnings for verdict in text.verdicts):
        from pytest_antipasta.report.passing import find_loud, find_warned, format_quiet, format_warned

        is_ranked, has_all = text.options.top is not None, text.options.all
        find, hint = find_warned if has_all else find_loud, "" if is_ranked else "`--all` shows them"
        show_path, width = text.look.show_path, text.look.width
        lines = format_warned(text.verdicts, hint, find, show_path, width, has_all=text.top is None)
        yield from ((line, "yellow") for line in lines)
        if not has_all:
            hint = "" if is_ranked else "`--all` lists them"
            yield from ((line, "dim") for line in format_quiet(text.verdicts, hint))


def _iter_near(text: _Text) -> Iterator[str]:
    """Yield the functions close to a limit, if requested."""
    run, options = text.run, text.options
    if options.near is None:
        return
    from pytest_antipasta.report.passing import find_near, format_near

    rows = find_near(run.read_numbers(text.verdicts), run.rules.settings, options.near, options.metrics)
    if options.format == CONCISE:
        yield from format_concise(rows[: text.top], text.look.show_path, "near")
    else:
        yield from format_near(rows, options.near, text.top, text.look)


def _iter_concise(text: _Text) -> Iterator[str]:
    """Yield a line for each value over its limit, and for other failures."""
    from pytest_antipasta.report.passing import find_loud, find_warned

    options, show_path = text.options, text.look.show_path
    failed = [verdict for verdict in text.verdicts if verdict.failed]
    yield from (line for verdict in failed for line, _ in iter_errors(verdict, show_path))
    yield from format_concise(text.rows, show_path)
    if not options.quiet:
        find = find_warned if options.all else find_loud
        warned = sort_rows(find_rows(text.verdicts, find), text.sort)
        yield from format_concise(choose_worst(warned, text.top), show_path, "warning")
    yield from iter_wrong_comments(failed, show_path)


def _iter_brief_end(text: _Text) -> Iterator[str]:
    """Yield the failing waivers and the first line of the summary; a run without files has a warning."""
    if (waivers := text.run.waivers).fails:
        from pytest_antipasta.report.waivers import format_waivers

        yield from format_waivers(waivers, text.look.show_path, text.format_reasons)
    is_quiet, is_empty = text.options.quiet, not (text.verdicts or text.run.unlisted)
    if is_quiet and not is_empty:
        return
    first = next(_iter_summary(text))
    if not is_empty:
        yield first
    elif not is_quiet or first.startswith("warning: "):
        print_to_stderr([first])


def _iter_agent(text: _Text) -> Iterator[str]:
    """Yield the output for coding agents, limited in size."""
    from pytest_antipasta.report.agent import format_agent

    stand, summary = text.stand, [*_iter_summary(text)]
    hints = _find_hints(text, text.rows[:MOST_TRIED])
    look = with_hints(text.look, hints, stand, text.run.rules.settings)
    step = suggest_next(text.verdicts, stand)
    yield from format_agent(text.rows, text.verdicts, summary, step, look)


def _find_hints(text: _Text, rows: Sequence[Row], seconds: float | None = None) -> Hints:
    """Return the plans for functions that are shown, as many as are found in some seconds."""
    run, rules = text.run, text.run.rules
    if text.options.quiet or run.kind == "content" or not rules.has_hints:
        return NO_HINTS
    planner = Planner(run.reread, rules.settings, run.store.cache_dir)
    return find_hints(rows, planner, rules.thresholds.find, seconds=seconds)


def _iter_end(text: _Text, edits: RecentEdits | None) -> Iterator[tuple[str, str]]:
    """Yield the lines below the list, with colours."""
    if text.options.quiet:
        yield from ((line, "") for line in _iter_brief_end(text))
        return
    first, *others = _iter_summary(text)
    yield first, "yellow" if first.startswith("warning: ") else _choose_color(text.verdicts)
    yield from ((line, "yellow" if line.startswith("warning: ") else "") for line in others)
    yield from ((f"next: {step}", "") for step in _iter_next(text))
    yield from ((line, "dim") for line in _iter_foot(text, edits))


def _iter_foot(text: _Text, edits: RecentEdits | None) -> Iterator[str]:
    """Yield what has no limit unless one is set, and what the run cost; ``--debug`` says more about that."""
    if text.options.output is not None:
        return
    settings = text.run.rules.settings
    if settings.source is None and not settings.named:
        yield _DEFAULTS
    if _is_ranking(text):
        yield format_history(edits)
    if text.options.debug:
        return
    if cost := format_cost(text.run):
        yield cost


def _iter_next(text: _Text) -> Iterator[str]:
    """Yield what to do next: first how to record what does not fit on the screen, last how to show it."""
    hidden, stand = _describe_hidden(text) if text.is_cut else "", text.stand
    # Nobody begins with one of hundreds.
    if hidden and text.run.can_be_recorded:
        yield suggest_recording(stand, text.run.selection.narrowed_by or ())
    if step := suggest_next(text.verdicts, stand):
        yield step
    if hidden:
        yield f"`--all` shows all {hidden}, `--top N` the N worst"


def _describe_hidden(text: _Text) -> str:
    """Return how many functions and files are over a limit; empty if they fit on the screen."""
    names = [row.name for row in text.over]
    files = names.count(None)
    return count_places(names) if max(len(names) - files, files) > SCREEN else ""


def _choose_color(verdicts: Sequence[Verdict]) -> str:
    """Return the colour of a result: yellow if a file that could not be measured passes."""
    if any(verdict.failed for verdict in verdicts):
        return "red"
    return "yellow" if any(verdict.errors for verdict in verdicts) else "green"


def _iter_ranked(text: _Text, look: Look) -> Iterator[str]:
    """Yield violations in the requested order, and the distribution of values."""
    from pytest_antipasta.report.measure import iter_spreads

    run, options = text.run, text.options
    yield from iter_ranked(text.verdicts, text.over, text.sort, text.top, look)
    if options.quiet:
        return
    yield from fold_lines(_iter_recorded(text), look.width)
    over = {violation.metric for verdict in text.verdicts for violation in verdict.violations}
    if options.top is not None and (over := over - COVERAGE_METRICS):
        verdicts = run.read_numbers(run.sorted_verdicts())
        whole = {text.look.show_path(verdict.path): verdict.measurement for verdict in verdicts}
        yield from iter_spreads(whole, sorted(over, key=rank_metric), look.width)


def _iter_recorded(text: _Text) -> Iterator[str]:
    """Yield how to list recorded violations, if there are no others; a change has them in its summary."""
    recorded = sum(item.why == "baseline" for verdict in text.verdicts for item in verdict.tolerated)
    if recorded and text.run.kind != "change" and not any(verdict.violations for verdict in text.verdicts):
        instead = " instead of `--baseline`" if text.options.judging.baseline is not None else ""
        yield f"all violations are in the baseline ({recorded:,}); `--no-baseline`{instead} lists them"


def _iter_summary(text: _Text) -> Iterator[str]:
    options, show_path = text.options, text.look.show_path
    facts = make_stats(text.run, options.metrics)
    first, *others = format_summary(text.verdicts, facts, show_path, text.format_reasons, text.rows)
    yield first
    if options.metrics:
        yield f"checked only {', '.join(dict.fromkeys(options.metrics))}"
    yield from others
    if options.debug:
        yield format_store(text.run)
