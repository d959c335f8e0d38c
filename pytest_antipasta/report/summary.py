"""Format the summary at the end of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter

from pytest_antipasta.messages import (
    MOST_NAMED,
    count,
    format_path,
    list_names,
    make_printable,
    printable_lines,
    show_name,
)
from pytest_antipasta.model.changes import Changes
from pytest_antipasta.model.finding import Row
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.run import RunStats
from pytest_antipasta.model.waivers import Waivers
from pytest_antipasta.policy.limits import was_over
from pytest_antipasta.report.paths import ShowPath
from pytest_antipasta.report.rows import find_rows
from pytest_antipasta.report.wording import (
    count_of,
    count_places,
    format_error_line,
    format_known,
    has_worsened,
    iter_removed,
    iter_suffix_notes,
    iter_tolerated,
)

# Why functions and files fail, and the words for one and for several.
_CAUSES = {
    "too complex": ("became too complex", "became too complex"),
    "worse": ("got worse", "got worse"),
    "not tolerated": ("is no longer tolerated", "are no longer tolerated"),
    "new limit": ("is over a new limit", "are over a new limit"),
    "over": ("is over a limit", "are over a limit"),
}


@printable_lines
def format_summary(
    verdicts: Sequence[Verdict],
    facts: RunStats,
    show_path: ShowPath = show_name,
    format_recording: Callable[[Sequence[str]], str] | None = None,
    rows: Sequence[Row] | None = None,
) -> Iterator[str]:
    """Yield the lines of a summary.

    Args:
        verdicts: the verdicts.
        facts: facts about the run.
        show_path: converts paths.
        format_recording: returns the command that gives baseline entries of some files a reason.
        rows: functions and files that are displayed above; ``None`` for all that are over a limit.
    """
    yield _format_files(verdicts, facts)
    shown = find_rows(verdicts) if rows is None else rows
    if facts.changes is not None:
        yield from _format_change(verdicts, facts.changes, facts.waivers, show_path, shown)
    if facts.waivers != Waivers(policy=facts.waivers.policy):
        from pytest_antipasta.report.waivers import format_waivers  # most runs have none

        yield from format_waivers(facts.waivers, show_path, format_recording)
    if facts.coverage is not None:
        from pytest_antipasta.report.coverage import format_coverage  # most runs read no coverage

        yield from format_coverage(facts.coverage, verdicts, show_path, is_change=facts.is_change)
    yield from iter_suffix_notes(map(attrgetter("name"), shown))
    yield from _format_tolerated(verdicts, show_path)
    if commented := [*filter(attrgetter("suppressions"), verdicts)]:
        from pytest_antipasta.report.suppressions import format_suppressed

        yield from format_suppressed(commented, show_path)
    if unheeded := [*filter(attrgetter("unheeded"), verdicts)]:
        from pytest_antipasta.report.suppressions import format_unheeded

        yield from format_unheeded(unheeded)
    if facts.review is not None:
        from pytest_antipasta.report.baseline import format_review

        yield from format_review(verdicts, facts.review, facts.pruning)
    yield from _format_unjudged(verdicts, show_path)
    yield from format_unfailed_errors(verdicts, show_path)
    yield from map(make_printable, facts.warnings)


def _format_change(
    verdicts: Sequence[Verdict],
    changes: Changes,
    waivers: Waivers,
    show_path: ShowPath,
    rows: Iterable[Row],
) -> Iterator[str]:
    """Yield the effect of a change; ``rows`` are displayed above."""
    from pytest_antipasta.report.changes import format_changes
    from pytest_antipasta.report.reading import format_reading, index_coverage, rank_functions

    listed = {(row.verdict.path, row.name) for row in rows if row.name}
    functions = rank_functions(changes, waivers, index_coverage(verdicts, changes))
    yield from format_changes(changes, show_path, format_reading(functions, show_path, listed), listed)


def _format_files(verdicts: Sequence[Verdict], facts: RunStats) -> str:
    """Return how many functions and files are over a limit, and which files were checked if not all."""
    checked = len(verdicts) + facts.unlisted
    if not checked:
        return format_nothing(facts)
    scope, causes = _format_scope(checked, facts), list_other_causes(verdicts)
    skipped = sum(verdict.other_kernel is not None for verdict in verdicts if verdict.measurement.foreign)
    all_files = count(checked, "file")
    if skipped == checked or f"{all_files} not measured" in causes:
        return f"{all_files} {'skipped' if skipped else 'not measured'}{scope}"
    functions, rows = _count_functions(verdicts, facts), find_rows(verdicts)
    checked -= skipped
    if not rows:
        checked -= sum(verdict.error is not None for verdict in verdicts)
    over = format_over(rows, None if scope else checked, functions)
    return ", ".join((over, *_iter_warned(verdicts), *causes)) + scope


def _iter_warned(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Yield how many warnings there are, if any."""
    if any(verdict.warnings for verdict in verdicts):
        from pytest_antipasta.report.passing import count_warnings  # few runs have warnings

        warnings, warned = count_warnings(verdicts)
        if warnings:
            yield f"{count(warnings, 'warning')} in {count(warned, 'file')}"


def format_over(rows: Sequence[Row], checked: int | None = None, functions: int | None = None) -> str:
    """Return how many functions and files are over a limit.

    Args:
        rows: the functions and files.
        checked: number of checked files, to be named.
        functions: number of checked functions, to be named.
    """
    if not rows:
        return "no violations" if checked is None else f"no violations in {count(checked, 'file')}"
    if all(row.name is None for row in rows):
        return format_causes(rows, files=checked)
    where = count_of(len({row.verdict.path for row in rows}), checked, "file")
    return f"{format_causes(rows, functions)}, in {where}"


def format_causes(rows: Iterable[Row], functions: int | None = None, files: int | None = None) -> str:
    """Return how many functions and files are over a limit, in a change by what it did to them.

    Args:
        rows: the functions and files.
        functions: of how many functions these are some, to be named.
        files: the same for files.
    """
    found: dict[str, list[str | None]] = {cause: [] for cause in _CAUSES}
    for row in rows:
        found[_find_cause(row)].append(row.name)
    return ", ".join(
        f"{count_places(names, functions, files)} {_CAUSES[cause][len(names) > 1]}"
        for cause, names in found.items()
        if names
    )


def _find_cause(row: Row) -> str:
    """Return why a function or file fails: by its values, by limits, or by what tolerated it before."""
    numbers = row.numbers
    if all(number.previous_limit is not None for number in numbers):
        return "new limit"
    changed = (number for number in numbers if number.before is not None or number.change is not None)
    if worse := list(filter(has_worsened, changed)):
        return "worse" if all(map(was_over, worse)) else "too complex"
    return "not tolerated" if all(any(iter_removed(number)) for number in numbers) else "over"


def _count_functions(verdicts: Iterable[Verdict], facts: RunStats) -> int | None:
    """Return how many functions were checked; ``None`` for a change, which leaves most in its files out."""
    if facts.is_change:
        return None
    return sum(verdict.functions for verdict in verdicts) + facts.unlisted_functions


def _format_scope(checked: int, facts: RunStats) -> str:
    """Return which files were checked; empty for all, and for a single file that was named."""
    names = facts.narrowed_by or ()
    is_named = facts.total is None and checked == len(names) == 1 and not facts.is_change
    is_all = facts.narrowed_by in (None, (".",)) and (facts.total is None or checked >= facts.total)
    if (is_named or is_all) and not facts.deselected_by and facts.stopped is None:
        return ""
    return f"; {_format_extent(checked, facts, ' checked')}"


def list_other_causes(verdicts: Sequence[Verdict]) -> list[str]:
    """Return in how many files comments fail, how many have no values, and in how many some are missing."""
    commented = filter(attrgetter("suppressions"), verdicts)
    incomplete = [verdict.missing for verdict in verdicts if verdict.is_incomplete]
    lacking = sum(any(error.kind == "no_value" for error in missing) for missing in incomplete)
    files = {
        "with failed suppressions": sum(
            any(suppression.fails for suppression in verdict.suppressions) for verdict in commented
        ),
        "not measured": sum(verdict.error is not None for verdict in verdicts),
        "not fully measured": lacking,
        "not measured by an extension": len(incomplete) - lacking,
    }
    return [f"{count(number, 'file')} {what}" for what, number in files.items() if number]


def _format_extent(number: int, facts: RunStats, verb: str = "") -> str:
    """Return how many of all files were judged, and why not all."""
    files = _count_checked(number, facts) + verb
    narrowed_by = [*(facts.narrowed_by or ()), *facts.deselected_by]
    if narrowed_by and (number or facts.stopped is None):  # otherwise the early end is the reason
        names = [f"`{make_printable(name)}`" for name in narrowed_by]
        files += f", limited to {list_names(names, MOST_NAMED)}"
    if facts.stopped is not None:
        files += f", stopped early ({make_printable(facts.stopped)})"
    return files


def _count_checked(number: int, facts: RunStats) -> str:
    total = facts.total
    if total is None or number > total:
        return count(number, "file")
    has_all = number == total and (number or facts.narrowed_by is None)
    return count(number, "file") if has_all else f"{number:,} of {count(total, 'file')}"


def format_nothing(facts: RunStats, verb: str = "checked") -> str:
    """Return that no file was found, and where to look for the reason; ``verb`` says what for."""
    files = _format_extent(0, facts)
    if facts.is_change and not (facts.total and facts.deselected_by):
        return f"{files}: no source file added or modified{_format_folder(facts.folder)}"
    hint = ""
    if facts.total == 0:
        where = "check `paths`, `include` and `exclude` in the settings"
        if facts.bare_root is not None:
            where = f"found no Python files below {format_path(facts.bare_root)} that git does not ignore"
        hint = f"; {where}; symlinks are not followed"
    elif facts.narrowed_by and not facts.deselected_by and facts.stopped is None:
        hint = "; run `pytest-antipasta config show FILE` to see why a file is excluded"
    return f"warning: {files}: nothing was {verb}{hint}"


def _format_folder(folder: str) -> str:
    return f" below {make_printable(folder)}/" if folder else ""


def _format_tolerated(verdicts: Iterable[Verdict], show_path: ShowPath) -> Iterator[str]:
    for verdict in verdicts:
        worse = [
            item
            for item in verdict.tolerated
            if has_worsened(item) and (item.before is not None or item.why == "not worse")
        ]
        yield from iter_tolerated(verdict, worse, show_path)  # others are counted


def _format_unjudged(verdicts: Iterable[Verdict], show_path: ShowPath) -> Iterator[str]:
    """Yield a line for all files that lack the values of the same metrics."""
    files: dict[tuple[str, ...], list[str]] = {}
    for verdict in verdicts:
        if verdict.unjudged:
            files.setdefault(verdict.unjudged, []).append(show_path(verdict.path))
    for metrics, paths in files.items():
        yield f"not checked: {', '.join(metrics)} of {list_names(paths, MOST_NAMED, 'file')}, no value"


def format_unfailed_errors(verdicts: Iterable[Verdict], show_path: ShowPath = show_name) -> Iterator[str]:
    """Yield a line for each file that could not be measured and passes by the settings."""
    for verdict in verdicts:
        if verdict.failed:
            continue
        for error in verdict.errors:
            yield f"warning: {format_error_line(show_path(verdict.path), error)}"
        if verdict.error is not None and (known := format_known(verdict.measurement)):
            yield f"    {known}"
