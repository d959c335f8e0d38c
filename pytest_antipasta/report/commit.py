"""The output of the commit gate: one line for each violation, and what to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from operator import attrgetter

from msgspec.structs import replace

from pytest_antipasta.baseline.file import locate_baseline
from pytest_antipasta.messages import count, list_names, make_printable
from pytest_antipasta.model.finding import Row
from pytest_antipasta.model.judged import Tolerated, Verdict
from pytest_antipasta.model.measured import NOTEBOOK
from pytest_antipasta.model.run import GateVerdict
from pytest_antipasta.model.waivers import STRICTNESS
from pytest_antipasta.report.next_step import Invocation, iter_ways_out
from pytest_antipasta.report.paths import ShowPath
from pytest_antipasta.report.rows import Look, find_rows, format_rows, sort_rows
from pytest_antipasta.report.summary import format_over, list_other_causes
from pytest_antipasta.report.terminal import fold_line
from pytest_antipasta.report.wording import (
    WHY_TOLERATED,
    format_place,
    has_worsened,
    iter_suffix_notes,
    iter_tolerated,
)
from pytest_antipasta.runtime.environment import python_minor
from pytest_antipasta.settings.values import Settings

# Maximum number of files of one kind named in a line.
_NAMED = 20


def format_gate(
    gate_verdict: GateVerdict,
    advice: str,
    settings: Settings,
    stand: Invocation,
    look: Look,
    *,
    read: Callable[[Verdict], bytes | None] | None,
    is_brief: bool,
) -> Iterator[str]:
    """Yield violations of a change, tolerated values that are worse, and what to do next.

    For a passing change, only unjudged files and warnings are shown, as the output appears after every
    commit.

    Args:
        gate_verdict: result of the gate.
        advice: when to run which command that checks the same without a limit of time.
        settings: settings of the check.
        stand: where the user runs the command.
        look: how rows are displayed.
        read: returns the content of a file after the change, to show the line of a syntax error.
        is_brief: whether tolerated values and the next step are omitted.
    """
    failed = [] if is_brief else [verdict for verdict in gate_verdict.verdicts if verdict.failed]
    rows = sort_rows(find_rows(gate_verdict.verdicts))
    for verdict in gate_verdict.verdicts:
        yield from _format_errors(verdict, look, read)
    yield from format_rows(rows, look)
    rest = _iter_rest(gate_verdict, failed, settings, stand, advice, look.show_path, is_brief=is_brief)
    yield from _fold(rest, look)
    causes = [] if is_brief else _list_causes(gate_verdict, failed, rows, settings)
    if not causes:
        return
    yield from _fold(iter_suffix_notes(row.name for row in rows), look)
    summary = _format_summary(causes, is_change=not _are_judged_whole(rows, settings))
    yield from (look.paint(line, "red") for line in fold_line(make_printable(summary), look.width))
    # A change can't edit the policy for itself, and its own counts for the next one.
    policy = max(settings.new_waivers, gate_verdict.waivers.policy, key=STRICTNESS.index)
    settings = replace(settings, new_waivers=policy)
    yield from map(make_printable, iter_ways_out(rows, settings, stand, look.width))


def _format_errors(
    verdict: Verdict, look: Look, read: Callable[[Verdict], bytes | None] | None
) -> Iterator[str]:
    """Yield why a file could not be measured, with the line of a syntax error below the first line."""
    if not verdict.errors:
        return
    from pytest_antipasta.metrics.other_python import may_be_newer
    from pytest_antipasta.report.failure import iter_errors

    error, (level, color) = verdict.error, ("", "red") if verdict.errors_fail else ("warning: ", "yellow")
    for line, below in iter_errors(verdict, look.show_path):
        yield from _fold([f"{level}{line}"], look, color)
        yield from _fold((*_iter_error_place(verdict, read), *below), look)
    if error is not None and may_be_newer(error, verdict.measurement):
        here = f"this is Python {python_minor()}"
        newer = f"    {here}; for newer syntax, the hook must run under a newer version:"
        yield from _fold((newer, f"    {_advise()}"), look)


def _iter_error_place(verdict: Verdict, read: Callable[[Verdict], bytes | None] | None) -> Iterator[str]:
    """Yield the line of a syntax error in Python, with a caret."""
    error, measurement = verdict.error, verdict.measurement
    if read is None or error is None or error.kind != "syntax" or error.line is None:
        return
    if measurement.foreign is None and not verdict.path.endswith(NOTEBOOK) and (data := read(verdict)):
        from pytest_antipasta.report.syntax import iter_error_place

        yield from iter_error_place(data, error.line)


def _iter_rest(
    gate_verdict: GateVerdict,
    failed: Sequence[Verdict],
    settings: Settings,
    stand: Invocation,
    advice: str,
    show_path: ShowPath,
    *,
    is_brief: bool,
) -> Iterator[str]:
    """Yield warnings and notes that are not failures."""
    if not is_brief and any(verdict.warnings for verdict in gate_verdict.verdicts):
        from pytest_antipasta.report.passing import find_brought, format_warned

        yield from format_warned(gate_verdict.verdicts, find_numbers=find_brought, show_path=show_path)
    for verdict in gate_verdict.verdicts:
        yield from iter_tolerated(verdict, filter(_is_news, verdict.tolerated if failed else ()), show_path)
        yield from _format_comments(verdict, show_path, is_brief=is_brief)
    if failed:
        yield from _format_unheeded(failed)
        yield from _format_recorded(gate_verdict)
        yield from _format_splits(gate_verdict, show_path)
    if gate_verdict.waivers.allows_more and (gate_verdict.waivers.fails or not is_brief):
        from pytest_antipasta.report.waivers import format_waivers

        format_reasons = partial(stand.format_reasons, locate_baseline(settings))
        yield from format_waivers(gate_verdict.waivers, show_path, format_reasons)
    yield from format_unjudged(gate_verdict, settings, advice, show_path)


def _fold(lines: Iterable[str], look: Look, color: str = "") -> Iterator[str]:
    """Yield lines folded to the width of the terminal, in a colour, or in that of warnings if they are."""
    for text in lines:
        own = color or ("yellow" if text.startswith("warning: ") else "")
        for line in fold_line(make_printable(text), look.width):
            yield look.paint(line, own)


def _format_splits(gate_verdict: GateVerdict, show_path: ShowPath) -> Iterator[str]:
    """Yield functions with new helpers, together with these."""
    if gate_verdict.changes is None:
        return
    from pytest_antipasta.report.changes import format_split

    for split in gate_verdict.changes.splits[:_NAMED]:
        where = format_place(show_path(split.path), split.cell, split.line)
        yield f"{split.effect}: {where}: {split.qualified_name}: {format_split(split)}"


def _advise() -> str:
    """Return how to run the hook under another version of Python."""
    if os.environ.get("PRE_COMMIT"):  # set by pre-commit and prek
        there = "with `language: system`, install pytest-antipasta there"
        return f"set `language_version: python3.X` for it in the settings of pre-commit or prek; {there}"
    return "install pytest-antipasta there, and run its `pytest-antipasta hooks install`"


def _format_comments(verdict: Verdict, show_path: ShowPath, *, is_brief: bool) -> Iterator[str]:
    if verdict.suppressions:
        from pytest_antipasta.report.suppressions import format_remarks

        yield from format_remarks(verdict, show_path, of_failure=True)
        if not is_brief:
            yield from format_remarks(verdict, show_path, of_failure=False)


def _format_unheeded(failed: Iterable[Verdict]) -> Iterator[str]:
    if unheeded := [*filter(attrgetter("unheeded"), failed)]:
        from pytest_antipasta.report.suppressions import format_unheeded

        yield from format_unheeded(unheeded)


def _is_news(number: Tolerated) -> bool:
    return has_worsened(number) and not _is_only_recorded(number)


def _is_only_recorded(number: Tolerated) -> bool:
    """Return whether all remarks are about baseline entries, as a first commit can have thousands."""
    return number.why == "baseline" and (number.change is None or number.is_new)


def _format_recorded(gate_verdict: GateVerdict) -> Iterator[str]:
    tolerated = [item for verdict in gate_verdict.verdicts for item in verdict.tolerated if item.is_new]
    if recorded := sum(map(_is_only_recorded, tolerated)):
        yield f"tolerated ({WHY_TOLERATED['baseline']}): {count(recorded, 'violation')} in new code"


def format_unjudged(
    gate_verdict: GateVerdict, settings: Settings, advice: str, show_path: ShowPath = str
) -> Iterator[str]:
    """Yield what was not judged, with the setting that makes this block a commit, and what to do.

    ``advice`` names the command that checks the same without a limit of time.
    """

    def rate(text: str, setting: str) -> str:
        is_blocked = getattr(settings, setting) == "block"
        return f'{text} ({setting} = "block")' if is_blocked else f"warning: {text}"

    left_out = gate_verdict.left_out
    files = list_names([*map(show_path, left_out)], _NAMED, "file")
    # If no file is left out, the time did not last for entries that the baseline lost, or for waivers.
    if gate_verdict.is_out_of_time and (left_out or not gate_verdict.slow_git):
        exceeded = f"time_budget of {settings.time_budget:g} s exceeded"
        late = f"not checked, {exceeded}: {files}" if left_out else f"not checked completely: {exceeded}"
        yield rate(late, "on_timeout")
        yield f"    {advice}, which has no time limit, or set a higher `time_budget`"
    elif left_out:
        yield f"warning: skipped after the first failure: {files} (see `fail_fast`)"
    if gate_verdict.slow_git:
        yield rate(f"not checked completely: {gate_verdict.slow_git}", "on_timeout")
    if gate_verdict.unreadable:
        files = list_names([*map(show_path, gate_verdict.unreadable)], _NAMED)
        yield rate(f"not checked, content not found in git: {files}", "on_internal_error")
    for path, error in gate_verdict.not_compared:
        words = (
            f"the previous version of {show_path(path)} could not be measured ({error.kind}): {error.message}"
        )
        yield rate(f"not checked: {words}", "on_internal_error")


def _are_judged_whole(rows: Sequence[Row], settings: Settings) -> bool:
    """Return whether files were judged as a whole in a run that otherwise judges changes."""
    numbers = [number for row in rows for number in row.numbers]
    is_whole = all(item.change is None and not item.was_recorded for item in numbers)
    return settings.judge == "changed" and bool(numbers) and is_whole


def _list_causes(
    gate_verdict: GateVerdict, failed: Sequence[Verdict], rows: Sequence[Row], settings: Settings
) -> list[str]:
    """Return what makes a commit fail, with numbers."""
    causes = [format_over(rows)] if rows else []
    causes += list_other_causes(failed)
    if gate_verdict.waivers.fails:
        from pytest_antipasta.report.waivers import describe_failing

        causes.append(describe_failing(gate_verdict.waivers))
    return [*causes, *filter(None, [describe_unjudged(gate_verdict, settings)])]


def describe_unjudged(gate_verdict: GateVerdict, settings: Settings) -> str:
    """Return what was not judged so that the settings block a commit; empty if they don't."""
    unchecked = (
        [gate_verdict.unreadable, gate_verdict.not_compared] if settings.on_internal_error == "block" else []
    )
    is_late = settings.on_timeout == "block" and gate_verdict.is_out_of_time
    if files := sum(map(len, unchecked)) + len(gate_verdict.left_out) * is_late:
        return f"{count(files, 'file')} not checked"
    return "not checked completely" if is_late else ""


def _format_summary(causes: Iterable[str], *, is_change: bool) -> str:
    summary = ", ".join(causes)
    if is_change:  # pre-commit and prek print the name of the hook, and git does not
        summary = f"blocked{'' if os.environ.get('PRE_COMMIT') else ' by pytest-antipasta'}: {summary}"
    return summary
