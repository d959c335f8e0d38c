"""Find stale entries of a baseline: those that improved, or are not needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from pytest_antipasta.baseline.entries import Baseline, EntryKey
from pytest_antipasta.extension.metrics import is_missing
from pytest_antipasta.model.judged import BaselineEntry, Tolerated, Verdict, Violation
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.model.measured import FOREIGN, find_number
from pytest_antipasta.model.run import Review
from pytest_antipasta.runtime.environment import python_minor


def review_baseline(
    recorded: Sequence[BaselineEntry],
    verdicts: Mapping[str, Verdict],
    is_there: Callable[[str], bool],
    *,
    is_whole: bool,
) -> Review:
    """Return which entries of a baseline are not needed as they are.

    Args:
        recorded: entries of the baseline.
        verdicts: verdicts with the baseline applied, by path.
        is_there: returns whether a file exists: entries of existing files without a verdict are skipped.
        is_whole: whether all files of the root were judged; otherwise entries of other files are skipped.
    """
    baseline = Baseline(recorded, python_minor())
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
    left = (entry for entry in baseline.entries if entry.key not in used)
    is_gone = (lambda path: not is_there(path)) if is_whole else (lambda _: False)
    unneeded = list(filter(lambda entry: _is_unneeded(baseline, entry, verdicts, is_gone), left))
    gone = sum(is_vacant(entry, verdicts) for entry in unneeded)
    is_known = all(verdict.error is None for verdict in verdicts.values())
    return Review(better, worse, len(unneeded) - gone, gone, moved, is_known)


def find_better(
    recorded: Sequence[BaselineEntry],
    verdicts: Iterable[Verdict],
    find_limits: Callable[[str], PathLimits],
) -> list[BaselineEntry]:
    """Return the entries of functions whose values are better than recorded.

    Args:
        recorded: the entries.
        verdicts: verdicts on the files to review.
        find_limits: returns the limits of a path.
    """
    baseline = Baseline(recorded, python_minor())
    return [
        entry
        for verdict in verdicts
        if verdict.path in baseline.by_path and verdict.error is None
        for entry, number in _iter_functions(baseline, verdict, find_limits(verdict.path))
        if baseline.is_better(number, entry)
    ]


def _iter_functions(
    baseline: Baseline, verdict: Verdict, limits: PathLimits
) -> Iterator[tuple[BaselineEntry, Violation]]:
    """Yield the entries of a file's existing functions, with their current values."""
    blocks = {block.qualified_name: block for block in verdict.measurement.blocks}
    for entry in baseline.by_path[verdict.path]:
        block = blocks.get(entry.qualified_name or "")
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


def is_vacant(entry: BaselineEntry, verdicts: Mapping[str, Verdict]) -> bool:
    """Return whether a file has no block with an entry's name, or was not judged."""
    verdict = verdicts.get(entry.path)
    if verdict is None:
        return True
    return entry.qualified_name is not None and entry.qualified_name not in verdict.by_name


def is_near_limit(baseline: Baseline, entry: BaselineEntry, verdict: Verdict | None) -> bool:
    """Return whether the value of an entry may be over its limit on the Python version that recorded it."""
    if verdict is None or entry.qualified_name is not None:
        return False
    value = find_number(verdict.measurement.metrics, entry.metric)
    is_foreign = entry.python not in (None, baseline.python)
    return is_foreign and value is not None and baseline.is_near(value, entry)


def is_lost(entry: BaselineEntry, verdict: Verdict) -> bool:
    """Return whether the value of an entry may be missing because complexipy or an extension failed."""
    return entry.metric in verdict.lacking or (FOREIGN in entry.metric and bool(verdict.measurement.missing))


def _is_unneeded(
    baseline: Baseline, entry: BaselineEntry, verdicts: Mapping[str, Verdict], is_gone: Callable[[str], bool]
) -> bool:
    verdict = verdicts.get(entry.path)
    if verdict is None:
        return is_gone(entry.path)
    if is_missing(entry.metric) or is_lost(entry, verdict):
        return False
    return verdict.error is None and not is_near_limit(baseline, entry, verdict)
