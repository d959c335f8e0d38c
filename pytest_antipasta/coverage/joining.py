"""Join coverage data with verdicts: executed parts of each function, and the limit of its ``crap``."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from typing import TypeVar

from msgspec.structs import asdict, replace

from pytest_antipasta.coverage.reading import Coverage
from pytest_antipasta.model.changes import BlockChange
from pytest_antipasta.model.coverage import CoverageFacts, Covered, FileCoverage
from pytest_antipasta.model.judged import (
    SuppressedMetric,
    Suppression,
    Tolerated,
    Verdict,
    Violation,
)
from pytest_antipasta.model.limits import PathLimits
from pytest_antipasta.model.measured import Number
from pytest_antipasta.policy.limits import Limits, find_critical, find_nested, satisfies
from pytest_antipasta.policy.suppressions.apply import SuppressionRules, choose_state, restate, suppress
from pytest_antipasta.settings.path_thresholds import ThresholdFinder
from pytest_antipasta.settings.values import Settings

_Kind = TypeVar("_Kind", bound=Violation)
_COMPLEXITY = "cyclomatic_complexity"
_CRAP = "crap"


class CoverageJudge:
    """Compares metrics that need coverage data with their limits."""

    def __init__(self, settings: Settings, honours_suppressions: bool, warnings_fail: bool) -> None:
        """Use the settings of a root; comments may count, and warnings may be errors."""
        self._settings = settings
        self._warnings_fail = warnings_fail
        self._honours_suppressions = honours_suppressions
        self._thresholds = ThresholdFinder(settings, needs_coverage=True)

    def judge(
        self, verdict: Verdict, coverage: FileCoverage, changes: Sequence[BlockChange] | None = None
    ) -> Verdict:
        """Return a verdict with coverage and its violations.

        Args:
            verdict: verdict with all values of a file.
            coverage: coverage of the file.
            changes: changes of its functions, without deleted ones, if a change is judged.
        """
        verdict = replace(verdict, coverage=coverage)
        found = self._thresholds.find(verdict.path)
        failing = [*self._find_violations(verdict, found)]
        tolerated: Sequence[Tolerated] = ()
        suppressions = verdict.suppressions
        if verdict.measurement.comments and self._honours_suppressions:
            failing, tolerated, suppressions = self._suppress(verdict, failing, found)
        if changes is not None and self._settings.judge == "changed":
            failing, tolerated = _narrow(
                verdict, failing, tolerated, changes, critical=self._find_critical(verdict)
            )
        limits = Limits(found, warnings_fail=self._warnings_fail)
        violations, warnings = limits.part(tuple(failing), verdict.measurement)
        # Warnings do not fail, so there is nothing to tolerate.
        tolerated, _ = limits.part(tuple(tolerated), verdict.measurement)
        return replace(
            verdict,
            violations=_sort(verdict.violations, violations),
            warnings=_sort(verdict.warnings, warnings),
            tolerated=_sort(verdict.tolerated, tolerated),
            suppressions=suppressions,
        )

    def _suppress(
        self, verdict: Verdict, failing: Sequence[Violation], limits: PathLimits
    ) -> tuple[list[Violation], tuple[Tolerated, ...], tuple[Suppression, ...]]:
        """Return the values that no comment suppresses, the suppressed ones, and all comments of the file."""
        rules = self._make_rules(verdict)
        left, suppressed, comments = suppress(failing, verdict.measurement, limits, rules)
        return [*left], suppressed, _merge(verdict.suppressions, comments, rules)

    def _find_violations(self, verdict: Verdict, limits: PathLimits) -> Iterator[Violation]:
        left_out = frozenset() if self._settings.nested_blocks else find_nested(verdict.measurement)
        for block, covered in verdict.iter_covered():
            value = covered.find_crap(block.cyclomatic_complexity)
            if value is None or block.qualified_name in left_out:
                continue
            yield from (
                Violation(_CRAP, block.qualified_name, block.line, value, item.limit, item.comparison)
                for item in limits.of(block)
                if not satisfies(value, item.comparison, item.limit)
            )

    def _make_rules(self, verdict: Verdict) -> SuppressionRules:
        settings = self._settings
        return SuppressionRules(
            settings.foreign_suppressions,
            settings.require_reasons,
            settings.unused_suppressions == "fail",
            self._find_critical(verdict).__contains__,
            needs_coverage=True,
            may_lack=verdict.may_lack,
        )

    def _find_critical(self, verdict: Verdict) -> Container[str]:
        return find_critical(self._settings.critical_functions, verdict.path, verdict.measurement.blocks)


def _narrow(
    verdict: Verdict,
    failing: Sequence[Violation],
    suppressed: Sequence[Tolerated],
    changes: Sequence[BlockChange],
    *,
    critical: Container[str],
) -> tuple[list[Violation], list[Tolerated]]:
    """Return the values that a change is responsible for: failing and tolerated ones.

    Comments are applied before that: a comment needed for the file is needed for the change. In the
    ``critical`` functions, nothing is tolerated.
    """
    changed: dict[str | None, BlockChange] = {element.qualified_name: element for element in changes}
    known = {block.qualified_name: covered for block, covered in verdict.iter_covered()}
    left: list[Violation] = []
    tolerated = [element for element in suppressed if element.qualified_name in changed]
    for item in failing:
        change = changed.get(item.qualified_name)
        if change is None:
            continue
        found = _compare(item, known[change.qualified_name], change)
        if _is_worse(found) or change.qualified_name in critical:
            left.append(found)
        elif change.change not in ("renamed", "moved"):  # which pass as others do, without a word
            tolerated.append(Tolerated(**asdict(found), why="not worse"))
    return left, tolerated


def _compare(found: Violation, covered: Covered, change: BlockChange) -> Violation:
    """Return a value over its limit with the value before a change.

    There is no coverage data from before the change. The old value is computed from the old complexity with
    the current coverage: a function that is not more complex is not worse.
    """
    complexity = change.metrics.get(_COMPLEXITY)
    before = covered.find_crap(complexity.before if complexity else change.previous_complexity)
    return replace(
        found,
        before=before,
        change=change.change,
        previous_path=change.previous_path,
        previous_name=change.previous_name,
    )


def _is_worse(found: Violation) -> bool:
    return found.before is None or found.value > found.before


def _sort(known: Sequence[_Kind], more: Sequence[_Kind]) -> tuple[_Kind, ...]:
    return tuple(sorted((*known, *more), key=lambda item: (item.qualified_name is not None, item.line or 0)))


def _merge(
    known: Sequence[Suppression], more: Sequence[Suppression], rules: SuppressionRules
) -> tuple[Suppression, ...]:
    """Return comments with their effects on metrics of both kinds."""
    found = {(item.line, item.text): item for item in known}
    for other in more:
        if not other.metrics:
            continue
        first = found.get((other.line, other.text))
        found[other.line, other.text] = other if first is None else _join(first, other, rules)
    return tuple(sorted(found.values(), key=lambda item: item.line))


def _join(first: Suppression, other: Suppression, rules: SuppressionRules) -> Suppression:
    """Return one comment with its effects on measured metrics and on those from coverage."""
    of_all = {item.metric: item for item in other.metrics}
    metrics: list[SuppressedMetric] = []
    for metric in first.metrics:
        twin = of_all.pop(metric.metric, None)
        metrics.append(metric if twin is None else _join_metric(metric, twin))
    metrics += of_all.values()
    problems = tuple(dict.fromkeys((*first.problems, *other.problems)))
    return restate(replace(first, problems=problems), tuple(metrics), may_fail=rules.unused_fails)


def _join_metric(first: SuppressedMetric, twin: SuppressedMetric) -> SuppressedMetric:
    """Return the effect of a comment about all metrics on both kinds of them."""
    state = choose_state((first.state, twin.state))
    is_redundant = state == "unused" and (first.is_redundant or twin.is_redundant)
    return replace(first, state=state, is_redundant=is_redundant)


def sum_unreached(
    verdicts: Sequence[Verdict], changes: Sequence[BlockChange] | None = None
) -> tuple[Number, int]:
    """Return the cyclomatic complexity of functions whose own statements never ran, and their number.

    Args:
        verdicts: verdicts with coverage and all values.
        changes: include only functions that these add, modify or make more complex; ``None`` for all.
    """
    asked = None if changes is None else {change.key for change in changes if _is_counted(change)}
    points = [
        block.cyclomatic_complexity or 0
        for verdict in verdicts
        for block, covered in verdict.iter_covered()
        if covered.is_unreached and (asked is None or (verdict.path, block.qualified_name) in asked)
    ]
    return sum(points), len(points)


def _is_counted(change: BlockChange) -> bool:
    """Return whether a change adds or modifies a function, or makes one with another name more complex."""
    number = change.metrics.get(_COMPLEXITY)
    return change.change in ("added", "modified") or (number is not None and (number.delta or 0) > 0)


def make_facts(
    source: str,
    coverage: Coverage,
    verdicts: Sequence[Verdict],
    modified: Callable[[str], float],
    points: tuple[Number, int],
) -> CoverageFacts:
    """Return the facts about the data for reports; ``modified`` returns when a file was modified."""
    states = {verdict.path: verdict.coverage.state for verdict in verdicts if verdict.coverage is not None}
    return CoverageFacts(
        source,
        coverage.has_branches,
        tuple(path for path, state in states.items() if state == "stale"),
        tuple(
            path for path, state in states.items() if state == "known" and modified(path) > coverage.written
        ),
        sum(state == "absent" for state in states.values()),
        coverage.example if set(states.values()) <= {"absent"} else "",
        tuple(coverage.iter_notes()),
        *points,
    )
