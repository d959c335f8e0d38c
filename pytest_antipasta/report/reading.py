"""The functions of a change in the order in which a reviewer reads them: by what the change adds to them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.extension.metrics import look_up_metric
from pytest_antipasta.messages import count
from pytest_antipasta.model.changes import BlockChange, Changes, Split
from pytest_antipasta.model.coverage import Covered
from pytest_antipasta.model.finding import FunctionKey, Report
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.waivers import Waiver, Waivers
from pytest_antipasta.report.changes import find_effect, format_split, format_steps
from pytest_antipasta.report.paths import ShowPath
from pytest_antipasta.report.wording import format_place, show_number

FIRST = 5
"""How many functions are named as those to read first."""
# Tests with many assertions have much cyclomatic complexity, and are easy to read, so that its points count
# only in files without the others. The points of a closure are part of those of its outer function.
_COUNTED, _OTHERWISE = "cognitive_complexity", "cyclomatic_complexity"
# The metrics of waivers whose numbers are points; ``None`` for a waiver of all metrics.
_POINTS = (_COUNTED, _OTHERWISE, None)
# Each function has this much cyclomatic complexity without a branch.
_NO_BRANCH = 1
# The points of a function that is listed for another reason: any added point counts more.
_LEAST = 0.5
# Moved code was reviewed before, so that its points count less than new ones.
_MOVED = 0.5
_LISTED = ("listed above",)
# What happened to a function with new helpers, if there are not fewer points in all.
_SPLIT = {"moved": "moved to helpers: ", "worse": "grew with its helpers: "}


class ToRead(Struct, frozen=True, omit_defaults=True):
    """A function of a change that is worth reading.

    Attributes:
        path: path of its file.
        qualified_name: qualified name of the function.
        line: line of its ``def``, 1-based; ``None`` for a waiver without a line.
        points: what the change adds: points of cognitive complexity, or else of cyclomatic; those that no
            test runs once more; those that a new waiver allows; half of those that are in new helpers.
        reasons: why it is worth reading.
        cell: the cell of a notebook that its line is counted in.
    """

    path: str
    qualified_name: str
    line: int | None
    points: float
    reasons: tuple[str, ...]
    cell: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Path and qualified name."""
        return self.path, self.qualified_name


def rank_report(report: Report) -> list[ToRead]:
    """Return the functions of a report's change that are worth reading, the most important first."""
    changes = report.changes or Changes()
    covered = {} if report.coverage is None else index_coverage(report.files, changes)
    return rank_functions(changes, report.waivers, covered)


def sort_changes(changes: Iterable[BlockChange], reading: Sequence[ToRead]) -> list[BlockChange]:
    """Return the blocks of a change in the order of reading, with those that are not worth it at the end."""
    order = {item.key: place for place, item in enumerate(reading)}
    return sorted(changes, key=lambda change: order.get(change.key, len(order)))


def index_coverage(verdicts: Iterable[Verdict], changes: Changes) -> dict[FunctionKey, Covered]:
    """Return the coverage data of the functions of a change."""
    known = {verdict.path: verdict.coverage.functions for verdict in verdicts if verdict.coverage is not None}
    found = (
        (change.key, known.get(change.path, {}).get(change.qualified_name)) for change in changes.changes
    )
    return {key: covered for key, covered in found if covered is not None}


def rank_functions(
    changes: Changes, waivers: Waivers, covered: Mapping[FunctionKey, Covered]
) -> list[ToRead]:
    """Return the functions of a change that are worth reading, the most important first.

    A function that only moved its points to new helpers is listed in their place.
    """
    allowed = _group_waivers(waivers.listed)
    touched = [change for change in changes.changes if change.change != "deleted"]
    found = [
        *_iter_touched(touched, changes, allowed, covered),
        *_iter_unchanged(allowed, {change.key for change in touched}),
    ]
    return sorted((item for item in found if item.points), key=_rank)


def _group_waivers(waivers: Iterable[Waiver]) -> dict[FunctionKey, list[Waiver]]:
    """Return the waivers of functions."""
    found: dict[FunctionKey, list[Waiver]] = {}
    for waiver in waivers:
        if waiver.block is not None:
            found.setdefault((waiver.path, waiver.block), []).append(waiver)
    return found


def _rank(item: ToRead) -> tuple[float, str, int, str]:
    return -item.points, item.path, item.line or 0, item.qualified_name


def _iter_touched(
    touched: Sequence[BlockChange],
    changes: Changes,
    allowed: Mapping[FunctionKey, Sequence[Waiver]],
    covered: Mapping[FunctionKey, Covered],
) -> Iterator[ToRead]:
    """Yield the functions that a change touches, with their points."""
    numbers = ((change.path, change.metrics.get(_COUNTED)) for change in touched)
    has_counted = {path for path, number in numbers if number is not None and number.after is not None}
    shares, moved = _share_moved(changes.splits), changes.moved
    for change in touched:
        key = change.key
        metric = _COUNTED if change.path in has_counted else _OTHERWISE
        added = _count_added(change, metric) * shares.get(key, 1)
        yield _rate(change, added, moved.get(key), allowed.get(key, ()), covered.get(key))


def _share_moved(splits: Iterable[Split]) -> dict[FunctionKey, float]:
    """Return how much points of new helpers count: not at all if their function is listed in their place."""
    shares: dict[FunctionKey, float] = {}
    for split in splits:
        share = _MOVED if split.effect == "better" else 0.0
        shares |= {key: max(share, shares.get(key, 0.0)) for key in split.helper_keys}
    return shares


def _rate(
    change: BlockChange, added: float, moved: Split | None, waivers: Sequence[Waiver], covered: Covered | None
) -> ToRead:
    """Return a touched function with its points, and why they count."""
    share = 1.0 if covered is None or covered.share is None else covered.share
    points = added * (2 - share) + _count_moved(moved)
    points += sum(_count_allowed(waiver, change) for waiver in waivers)
    if not points and find_effect(change) == "worse":
        points = _LEAST
    reasons = [_describe(change) if moved is None else f"{_SPLIT[moved.effect]}{format_split(moved)}"]
    if covered is not None and share < 1:
        from pytest_antipasta.report.coverage import format_share

        reasons.append(f"tests run {format_share(covered)}")
    reasons += ["new waiver"] if waivers else []
    return ToRead(
        change.path, change.qualified_name, change.line, round(points, 2), tuple(reasons), change.cell
    )


def _count_moved(split: Split | None) -> float:
    """Return the points of a function that moved to its new helpers, and those that came with the move."""
    if split is None:
        return 0.0
    return float(split.together - split.before) + _MOVED * float(split.before - split.after)


def _iter_unchanged(
    allowed: Mapping[FunctionKey, Sequence[Waiver]], touched: Container[FunctionKey]
) -> Iterator[ToRead]:
    """Yield the functions that only get new waivers."""
    for (path, name), waivers in allowed.items():
        if (path, name) not in touched:
            points = sum(map(_count_more, waivers))
            first = waivers[0]
            happened = "no longer checked" if first.after == "not measured" else "unchanged"
            reasons = (f"{happened}, new waiver",)
            yield ToRead(path, name, first.line, round(points, 2), reasons, first.cell)


def _count_added(change: BlockChange, metric: str) -> float:
    """Return the points of a metric that a change adds to a function."""
    number = change.metrics.get(metric)
    added = max(0 if number is None else number.delta or 0, 0)
    is_whole = change.change == "added" and metric == _OTHERWISE and added > 0
    return float(added - _NO_BRANCH if is_whole else added)


def _count_allowed(waiver: Waiver, change: BlockChange) -> float:
    """Return by how many points a waiver of a touched function allows more than its limits."""
    metrics = (_COUNTED, _OTHERWISE) if waiver.metric is None else (waiver.metric,)
    numbers = [change.metrics[metric] for metric in metrics if metric in change.metrics]
    over = [(number.after or 0) - number.limit for number in numbers]
    return float(max([_LEAST, *over])) if waiver.metric in _POINTS else _LEAST


def _count_more(waiver: Waiver) -> float:
    """Return by how many points a waiver of another function allows more than before."""
    before, after = waiver.before or "", waiver.after or ""
    if waiver.metric not in _POINTS:
        return _LEAST
    try:
        return max(_LEAST, float(after) - float(before))
    except ValueError:  # without a number
        return _LEAST


def _describe(change: BlockChange) -> str:
    """Return what a change does to the values of a function."""
    if steps := format_steps(change):
        return steps
    values = (
        f"{look_up_metric(metric).label} {show_number(number.after, number.limit)}"
        for metric, number in change.metrics.items()
        if number.after is not None
    )
    return ", ".join(("new" if change.change == "added" else change.change, *values))


def find_first(functions: Sequence[ToRead], listed: Container[FunctionKey]) -> list[ToRead]:
    """Return the functions to read first, without the values of those that are listed with them already.

    There is none if nothing can be said of them.

    Args:
        functions: the functions, the most important first.
        listed: functions that are displayed with their values already.
    """
    first = [_shorten(item, is_listed=item.key in listed) for item in functions[:FIRST]]
    return [] if all(item.reasons == _LISTED for item in first) else first


def format_reading(
    functions: Sequence[ToRead], show_path: ShowPath, listed: Container[FunctionKey] = ()
) -> Iterator[str]:
    """Yield the functions to read first, and how many others have added points: see :func:`find_first`."""
    if not (first := find_first(functions, listed)):
        return
    yield "read this first:" if len(functions) == 1 else "read these first:"
    for item in first:
        where = format_place(show_path(item.path), item.cell, item.line)
        yield f"  {where} {item.qualified_name}: {', '.join(item.reasons)}"
    if len(functions) > FIRST:
        yield f"  and {count(len(functions) - FIRST, 'more function')} to which the change adds something"


def _shorten(item: ToRead, *, is_listed: bool) -> ToRead:
    """Return a function without its values if these are displayed already."""
    if not is_listed or item.reasons[0].startswith((*_SPLIT.values(),)):
        return item
    return replace(item, reasons=_LISTED + item.reasons[1:])
