"""The data of an HTML report: files and blocks with their values, and all findings."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import filterfalse
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import Raw, to_builtins
from msgspec.structs import asdict

from pytest_antipasta.extension.metrics import is_of_blocks, judged_metrics
from pytest_antipasta.messages import list_names, make_printable
from pytest_antipasta.model.changes import BlockChange, Changes, MetricChange
from pytest_antipasta.model.finding import Finding, Report, Row
from pytest_antipasta.model.judged import Threshold, Tolerated, Verdict, Violation
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.model.measured import (
    BLOCK_METRICS,
    DECIMALS,
    FILE_METRICS,
    FOREIGN,
    FUNCTION_METRICS,
    Block,
    FileMetrics,
    Number,
)
from pytest_antipasta.model.waivers import Waivers
from pytest_antipasta.policy.headroom import NEAR, SCALE, Standing, compute_standing
from pytest_antipasta.policy.limits import divide_limits
from pytest_antipasta.report.changes import (
    Effect,
    describe_effects,
    find_number_effect,
    format_module_code,
    format_points,
    format_split,
    group_effects,
    group_unlimited,
    is_over,
)
from pytest_antipasta.report.findings import find_limited
from pytest_antipasta.report.formats.html_page.opening import make_first, name_entry
from pytest_antipasta.report.formats.html_page.sources import RankedBlock, find_sources
from pytest_antipasta.report.reading import FIRST, ToRead, rank_report, sort_changes
from pytest_antipasta.report.records import make_limits
from pytest_antipasta.report.waivers import describe_group, group_waivers, locate_waiver
from pytest_antipasta.report.wording import (
    WHY_TOLERATED,
    format_limits,
    format_origin,
    has_worsened,
    name_line,
)

_Placed: TypeAlias = "list[tuple[int, Threshold | None]]"
_HEAD = ("qualified_name", "kind", "line", "end_line")
# JSON has no infinity, but every reader takes a number that is too large for one.
_INFINITE = Raw(b"1e999")
# Coverage values of blocks: the share that ran, in percent, and the metric.
_OF_COVERAGE = ("covered", "crap")
# The steps of the scale, in words.
_STEPS = (
    "up to half the limit", f"up to {NEAR * 100:.0f} % of the limit", "up to the limit",
    "up to 1.5 times the limit", "up to twice the limit", "more",
)  # fmt: skip
# Maximum number of functions in the list of those that most need a test.
_UNTESTED = 20
# Maximum number of files in a line.
_MOST_FILES = 20


def make_data(report: Report, first: Sequence[Row]) -> dict[str, Any]:
    """Return the object that the page reads."""
    facts, verdicts = report.facts, report.files
    names = [name for name in find_limited(report, facts.list_limited()) if name in judged_metrics()]
    rows = _Rows(report, names)
    problems: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        if not finding.is_number:
            problems[finding.path].append(finding)
    files = [rows.make_file(verdict, problems.get(verdict.path, ())) for verdict in verdicts]
    sources = find_sources(rows.near, Path(facts.root))
    for file in files:
        if found := sources.get(file["path"]):
            file["sources"] = found
    return {
        "summary": report.totals,
        "first": make_first(report, first),
        "failing": list(map(name_entry, report.rows)),
        "run": {"change": facts.change, "limits": make_limits(facts.limits.values())},
        "metrics": dict(zip(names, map(_describe, names), strict=True)),
        "file_metrics": rows.file_metrics,
        "block_metrics": rows.block_metrics,
        "judged": {"file": rows.judged_of_files, "block": rows.judged_of_blocks},
        "limits": rows.sets,
        "steps": [{"state": step.state, "text": text} for step, text in zip(SCALE, _STEPS, strict=True)],
        **_make_changes(report.changes or Changes(), rank_report(report)),
        "waivers": _make_waivers(report.waivers),
        **_make_coverage(report),
        "files": files,
    }


def _make_waivers(waivers: Waivers) -> list[dict[str, Any]]:
    return [
        {
            "path": locate_waiver(group[0], str),
            "text": describe_group(group),
            "fails": any(item.fails for item in group),
        }
        for group in group_waivers(waivers.listed)
    ]


def _make_changes(changes: Changes, reading: Sequence[ToRead]) -> dict[str, Any]:
    """Return what a change did, and its blocks in the order of reading."""
    splits = [
        {
            "path": split.path,
            "name": split.qualified_name,
            "text": format_split(split),
            "effect": split.effect,
        }
        for split in changes.splits
    ]
    groups = group_effects(changes)
    effects = {change.key: effect for effect, members in groups.items() for change in members}
    made = [_make_change(change, effects.get(change.key)) for change in sort_changes(changes, reading)]
    return {
        "changes": made,
        "not_compared": changes.not_compared,
        "effects": describe_effects(changes.changes, groups),
        "points": format_points(changes),
        "unlimited": _make_unlimited(changes),
        "splits": splits,
        "read_first": reading[:FIRST],
    }


def _make_unlimited(changes: Changes) -> list[tuple[str, str]]:
    """Return what a change adds where no limit applies, each as words and what they are about."""
    module_code = format_module_code(changes, str)
    outside = [("Code outside of functions, which has no limit", module_code)] if module_code else []
    return [
        *outside,
        *((what, list_names(paths, _MOST_FILES, "file")) for what, paths in group_unlimited(changes)),
    ]


def _make_change(change: BlockChange, effect: Effect | None) -> dict[str, Any]:
    """Return what a change did to a block.

    A new value over its limit counts as one that got worse. A value whose points only moved has no effect.
    """

    def find_effect(number: MetricChange) -> str | None:
        if number.before is None and is_over(number):
            return "worse"
        found = find_number_effect(number)
        return None if (found, effect) == ("better", "moved") else found

    metrics = {
        metric: {**asdict(number), "effect": find_effect(number)} for metric, number in change.metrics.items()
    }
    happened = format_origin(change) or change.change
    return {**to_builtins(change), "happened": happened, "effect": effect, "metrics": metrics}


def _make_coverage(report: Report) -> dict[str, Any]:
    """Return the functions that most need a test; empty without coverage data."""
    if report.coverage is None:
        return {}
    from pytest_antipasta.report.coverage import (
        describe_unreached,
        find_untested,
        format_share,
    )  # most reports have none

    worst = find_untested(report.files)[:_UNTESTED]
    return {
        "unreached": describe_unreached(report.coverage, report.files),
        "untested": [
            [item.path, item.block.qualified_name, format_share(item.covered), item.crap] for item in worst
        ],
    }


def _describe(name: str) -> dict[str, Any]:
    known = judged_metrics()[name]
    return {part: getattr(known, part) for part in ("scope", "more_is_better", "meaning", "advice")}


class _Rows:
    """The metrics of the rows of files and blocks, in order.

    Attributes:
        file_metrics: metrics with values of files.
        block_metrics: metrics with values of blocks.
        judged_of_files: those of ``file_metrics`` that have a limit.
        judged_of_blocks: those of ``block_metrics`` that have a limit.
        sets: the different limits so far, each with those of a file, and those of its blocks.
        near: the blocks of the files so far that are over or near a limit.
    """

    def __init__(self, report: Report, names: Sequence[str]) -> None:
        """Choose the metrics; ``names`` are those with a limit."""
        unshown = set(FUNCTION_METRICS).difference(report.facts.list_limited())
        shown = [name for name in BLOCK_METRICS if name not in unshown]
        self._foreign = foreign = _find_measured(report.files)
        self._baseline = report.facts.baseline or "the baseline"
        self.file_metrics = [*FILE_METRICS, *foreign]
        covered = () if report.coverage is None else report.files
        self._is_covered = any(verdict.coverage is not None for verdict in covered)
        self.block_metrics = [*shown, *foreign, *(_OF_COVERAGE if self._is_covered else ())]
        of_files = filterfalse(is_of_blocks, names)
        self.judged_of_files = [*filter(self.file_metrics.__contains__, of_files)]
        self.judged_of_blocks = [*filter(self.block_metrics.__contains__, names)]
        self._find_limits = report.facts.find_limits
        self._known: dict[int, tuple[int, _Placed, _Placed]] = {}
        self.sets: list[dict[str, Any]] = []
        self.near: list[RankedBlock] = []
        self._numbers_of_file = attrgetter(*FILE_METRICS)
        self._head, self._numbers_of_block = attrgetter(*_HEAD), attrgetter(*shown)

    def make_file(self, verdict: Verdict, problems: Iterable[Finding]) -> dict[str, Any]:
        """Return a file with all of its blocks; empty fields are omitted."""
        measurement = verdict.measurement
        limits = self._find_limits(verdict.path).for_content(measurement)
        place, of_file, _ = self._find_set(limits.thresholds)
        numbers = self._find_numbers(self._numbers_of_file(measurement.metrics), measurement.metrics)
        parts = {
            "blocks": [self._make_block(block, verdict, limits) for block in measurement.blocks],
            "functions": self._number_functions(limits, measurement.blocks),
            "violations": [_make_violation(violation) for violation in verdict.violations],
            "warnings": [_make_violation(warning) for warning in verdict.warnings],
            "tolerated": [_make_tolerated(verdict, item, self._baseline) for item in verdict.tolerated],
            "problems": [_make_problem(problem) for problem in problems],
        }
        return {
            "path": verdict.path,
            "limits": place,
            "numbers": list(map(_shorten, numbers)),
            **dict(zip(("ratios", "steps"), _write_standings(_compare(numbers, of_file)), strict=False)),
            **{name: part for name, part in parts.items() if part},
        }

    def _find_set(self, thresholds: tuple[Threshold, ...]) -> tuple[int, _Placed, _Placed]:
        """Return the place of some limits in :attr:`sets`, those for files, and those for blocks."""
        if id(thresholds) not in self._known:
            of_file, of_blocks = divide_limits(thresholds)
            self._known[id(thresholds)] = (
                len(self.sets),
                _place_limits(self.file_metrics, self.judged_of_files, of_file),
                _place_limits(self.block_metrics, self.judged_of_blocks, of_blocks),
            )
            self.sets.append({"file": make_limits(of_file), "block": make_limits(of_blocks)})
        return self._known[id(thresholds)]

    def _number_functions(self, limits: PathLimits, blocks: Iterable[Block]) -> dict[str, int]:
        """Return the numbers of the limits of functions that have others than their file."""
        own = {block.qualified_name: limits.of(block) for block in (blocks if limits.of_functions else ())}
        return {name: self._find_set(item)[0] for name, item in own.items() if item is not limits.thresholds}

    def _make_block(self, block: Block, verdict: Verdict, limits: PathLimits) -> list[Any]:
        measured = self._find_numbers(self._numbers_of_block(block), block)
        numbers = (*measured, *self._find_covered(block, verdict))
        row = [*self._head(block), *map(_shorten, numbers)]
        if block.kind == "class":
            return row
        standings = _compare(numbers, self._find_set(limits.of(block))[2])
        if ratios := [item.ratio for item in standings if item is not None and item.state != "within"]:
            self.near.append((max(ratios), verdict, block))
        return [*row, *_write_standings(standings)]

    def _find_covered(self, block: Block, verdict: Verdict) -> Sequence[Number | None]:
        """Return the values of a block from coverage data; none in a report without such data."""
        if not self._is_covered:
            return ()
        known = verdict.coverage and verdict.coverage.functions.get(block.qualified_name)
        if not known:
            return (None, None)
        return None if known.share is None else 100 * known.share, known.find_crap(
            block.cyclomatic_complexity
        )

    def _find_numbers(
        self, numbers: Sequence[Number | None], owner: Block | FileMetrics
    ) -> Sequence[Number | None]:
        if not self._foreign:
            return numbers
        extra = owner.extra or {}
        return (*numbers, *(extra.get(name) for name in self._foreign))


def _place_limits(metrics: Sequence[str], judged: Sequence[str], thresholds: Iterable[Threshold]) -> _Placed:
    """Return the limits of a row's metrics that have one in any file, each with the place of its number."""
    known = {item.metric: item for item in thresholds}
    return [(metrics.index(name), known.get(name)) for name in judged]


def _compare(numbers: Sequence[Number | None], limits: _Placed) -> list[Standing | None]:
    """Return how numbers stand beside their limits; ``None`` without a value or without a limit."""
    return [
        None if (value := numbers[place]) is None or limit is None else compute_standing(value, limit)
        for place, limit in limits
    ]


def _write_standings(standings: Sequence[Standing | None]) -> list[Any]:
    """Return the ratios of numbers to their limits, then the digits of their steps unless all are 0."""
    ratios = [
        None if item is None else _INFINITE if item.ratio == math.inf else _shorten(item.ratio)
        for item in standings
    ]
    steps = "".join("0" if item is None else str(item.step) for item in standings)
    return [ratios, steps] if steps.strip("0") else [ratios]


def _find_measured(verdicts: Sequence[Verdict]) -> list[str]:
    """Return the metrics of extensions with a value; some installed ones may have none."""
    known = [name for name in judged_metrics() if FOREIGN in name]
    if not known:
        return []
    found: set[str] = set()
    for verdict in verdicts:
        measurement = verdict.measurement
        found.update(measurement.metrics.extra or ())
        for block in measurement.blocks:
            found.update(block.extra or ())
    return [name for name in known if name in found]


def _shorten(number: Number | None) -> Number | None:
    """Return a value with as few characters as possible, as a page may contain 0.0 100,000 times."""
    if number.__class__ is not float:
        return number
    short = round(number, DECIMALS)
    return int(short) if short == int(short) else short


def _make_problem(finding: Finding) -> dict[str, Any]:
    record = {"rule": finding.rule, "line": finding.line, "text": finding.message, "fails": finding.fails}
    return record if finding.cell is None else {**record, "cell": finding.cell}


def _make_violation(violation: Violation) -> dict[str, Any]:
    """Return a violation without fields that have their usual value, and with a changed limit in words."""
    parts = {
        **asdict(violation),
        "previous_limit": None,
        "limits": _describe_limits(violation),
        "origin": format_origin(violation) or None,
    }
    return {name: value for name, value in parts.items() if value is not None and value is not False}


def _describe_limits(violation: Violation) -> str | None:
    """Return the limits before and after a change; ``None`` where they are the same."""
    before = violation.previous_limit
    return before and format_limits(before, violation.comparison, violation.threshold)


def _make_tolerated(verdict: Verdict, tolerated: Tolerated, baseline: str) -> dict[str, Any]:
    """Return a tolerated value, with why it is and by what, in words."""
    got_worse = tolerated.why == "not worse" and has_worsened(tolerated)
    grounds = "; ".join(_iter_grounds(verdict, tolerated, baseline))
    record = {
        "metric": tolerated.metric,
        "qualified_name": tolerated.qualified_name,
        "value": tolerated.value,
        "threshold": tolerated.threshold,
        "comparison": tolerated.comparison,
        "why": WHY_TOLERATED["not worse"] if got_worse else tolerated.why,
        "by": make_printable(grounds) or "a comment",
    }
    origin = format_origin(tolerated)
    return {**record, "origin": origin} if origin else record


def _show(value: Number | None) -> str:
    """Return a value as the page's scripts do: with two decimals at most, and groups of three digits."""
    short = None if value is None else _shorten(round(value, 2))
    return "-" if short is None else f"{short:,}"


def _iter_grounds(verdict: Verdict, tolerated: Tolerated, baseline: str) -> Iterator[str]:
    if tolerated.why == "baseline":
        yield f"{baseline} has {_show(tolerated.recorded)}"
    elif tolerated.why == "not worse":
        yield f"it was {_show(tolerated.before)} before"
    else:
        measurement = verdict.measurement
        for comment, _ in verdict.find_allowances(tolerated):
            text = comment.reason or measurement.spell_comment(comment.text)
            yield f"{name_line(measurement, comment.line)}: {text}"
    if limits := _describe_limits(tolerated):
        yield limits
