"""Find stale entries of a baseline: those that improved, or are not needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import filterfalse
from typing import TypeAlias

from pytest_antipasta.baseline.entries import Baseline, EntryKey, is_vacant
from pytest_antipasta.extension.metrics import is_missing
from pytest_antipasta.model.judged import BaselineEntry, Tolerated, Verdict, Violation
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.model.measured import NOTEBOOK, find_number
from pytest_antipasta.model.run import Review

FindLimits: TypeAlias = Callable[[str], PathLimits]
"""Returns the limits of a path."""
_OF_PYTHON = (".py", ".pyi", ".pyw", NOTEBOOK)


def review_baseline(
    recorded: Sequence[BaselineEntry],
    verdicts: Mapping[str, Verdict],
    is_there: Callable[[str], bool],
    find_limits: FindLimits,
    *,
    lacks_language: bool,
    is_whole: bool,
) -> Review:
    """Return which entries of a baseline are not needed as they are.

    Args:
        recorded: entries of the baseline.
        verdicts: verdicts with the baseline applied, by path.
        is_there: returns whether a file exists: entries of existing files without a verdict are skipped.
        find_limits: returns the limits of a path.
        lacks_language: whether a language of the settings is not installed.
        is_whole: whether all files of the root were judged; otherwise entries of other files are skipped.
    """
    baseline = Baseline(recorded)
    better = worse = moved = 0
    used: set[EntryKey] = set()
    for path, number in _iter_recorded(verdicts):
        entry = baseline.find(path, number)
        if entry is None:
            moved += 1
            continue
        used.add(entry.key)
        better += baseline.is_better(number, entry)
        # Only a file's value may be worse. A function's may have the entry of another one with its name.
        is_of_file = number.qualified_name is None
        worse += is_of_file and isinstance(number, Tolerated) and baseline.is_worse(number, entry)

    def is_needed(entry: BaselineEntry) -> bool:
        verdict = verdicts.get(entry.path)
        is_skipped = verdict is None and (not is_whole or is_there(entry.path))
        return is_skipped or stays(baseline, entry, verdict, find_limits, lacks_language=lacks_language)

    left = [entry for entry in baseline.entries if entry.key not in used]
    unneeded = [*filterfalse(is_needed, left)]
    gone = sum(is_vacant(entry, verdicts.get(entry.path)) for entry in unneeded)
    is_known = all(verdict.error is None for verdict in verdicts.values())
    return Review(better, worse, len(unneeded) - gone, gone, moved, is_known)


def count_stale(
    recorded: Sequence[BaselineEntry],
    verdicts: Iterable[Verdict],
    find_limits: FindLimits,
) -> tuple[int, int]:
    """Return how many functions' values are better than recorded, and how many entries name no function.

    Args:
        recorded: the entries.
        verdicts: verdicts on the files to review.
        find_limits: returns the limits of a path.
    """
    baseline = Baseline(recorded)
    better = gone = 0
    for verdict in verdicts:
        if verdict.path in baseline.by_path and verdict.error is None:
            numbers = _iter_functions(baseline, verdict, find_limits(verdict.path))
            better += sum(baseline.is_better(number, entry) for entry, number in numbers)
            gone += sum(is_vacant(entry, verdict) for entry in baseline.by_path[verdict.path])
    return better, gone


def _iter_functions(
    baseline: Baseline, verdict: Verdict, limits: PathLimits
) -> Iterator[tuple[BaselineEntry, Violation]]:
    """Yield the entries of a file's existing functions, with their current values."""
    for entry in baseline.by_path[verdict.path]:
        block = verdict.by_name.get(entry.qualified_name)
        limit = limits.for_content(verdict.measurement).find(entry.metric, block)
        value = None if block is None else find_number(block, entry.metric)
        if value is not None and limit is not None:
            place = entry.metric, entry.qualified_name, None
            yield entry, Violation(*place, value, limit.limit, limit.comparison)


def _iter_recorded(verdicts: Mapping[str, Verdict]) -> Iterator[tuple[str, Violation]]:
    for path, verdict in verdicts.items():
        for number in (*verdict.violations, *verdict.tolerated):
            if number.recorded is not None:
                yield path, number


def stays(
    baseline: Baseline,
    entry: BaselineEntry,
    verdict: Verdict | None,
    find_limits: FindLimits,
    *,
    lacks_language: bool,
) -> bool:
    """Return whether an entry without a violation is needed, as its value can't be measured here.

    Args:
        baseline: all entries.
        entry: the entry.
        verdict: the verdict on its file; ``None`` if the file is gone, or was not judged.
        find_limits: returns the limits of a path.
        lacks_language: whether a language of the settings is not installed.
    """
    if is_missing(entry.metric):
        return True
    if verdict is None:
        return lacks_language and not entry.path.endswith(_OF_PYTHON)
    if verdict.error is not None or verdict.may_lack(entry.metric):
        return True
    limits = find_limits(entry.path).for_content(verdict.measurement)
    return _is_near(baseline, entry, verdict) and limits.find(entry.metric, None) is not None


def _is_near(baseline: Baseline, entry: BaselineEntry, verdict: Verdict) -> bool:
    """Return whether a file may have the value of an entry on the Python version that recorded it."""
    if entry.qualified_name is not None or entry.python in (None, baseline.python):
        return False
    value = find_number(verdict.measurement.metrics, entry.metric)
    return value is not None and baseline.is_near(value, entry)
