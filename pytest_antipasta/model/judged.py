"""What was judged: thresholds, violations, suppressions, baseline entries and verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.model.coverage import FileCoverage
from pytest_antipasta.model.measured import BlockKind, BriefPlan, FileError, FileMetrics, Measurement, Number

# The metric that complexipy has plans for.
_PLANNED = "cognitive_complexity"

Comparison: TypeAlias = Literal["<=", "<", ">=", ">", "==", "!="]
Level: TypeAlias = Literal["error", "warning"]
"""What becomes of a number that is over its limit: the file fails, or the number is reported and passes."""


LEFT_TO_STORE = Measurement(FileMetrics())
"""In place of the numbers of a file of which messages need none."""
NAMELESS = "-"
"""The path of content that is no file's, as of standard input without a name."""
Size: TypeAlias = tuple[Number, int]
"""The complexity of a block or a file, and its lines."""
SuppressionState: TypeAlias = Literal["used", "exceeded", "unused", "not honoured"]


class Threshold(Struct, frozen=True):
    """What a number may be.

    Attributes:
        metric: its name, one of ``extension.judged_metrics``.
        limit: the number on the right of the comparison.
        comparison: the relation that a measured number must keep to the limit.
        block_limit: for ``halstead_*``, the limit of each block; ``None`` judges the file alone.
        level: what becomes of a number that does not keep to it.
    """

    metric: str
    limit: Number
    comparison: Comparison
    block_limit: Number | None = None
    level: Level = "error"


class Violation(Struct, frozen=True, gc=False, omit_defaults=True):
    """A number that does not keep to its threshold.

    Attributes:
        metric: the metric's name.
        qualified_name: the block's, or ``None`` for a number of the file.
        line: the block's, or ``None``.
        value: what was measured.
        threshold: the limit.
        comparison: the relation that does not hold.
        before: where a change is judged, the value on its other side; of a function that was taken out of
            another one the points that the other one lost.
        change: where a change is judged, what happened to the block.
        recorded: the value in the baseline, where there is one.
        was_suppressed: where a change is judged, whether a comment suppressed it before and none does now.
        was_recorded: likewise, whether the baseline tolerated it before and does not now.
        previous_path: of the file that a renamed or moved block was in, if that is another one.
        previous_name: the qualified name that such a block had, if that is another one.
    """

    metric: str
    qualified_name: str | None
    line: int | None
    value: Number
    threshold: Number
    comparison: Comparison
    before: Number | None = None
    change: Literal["added", "modified", "renamed", "moved"] | None = None
    recorded: Number | None = None
    was_suppressed: bool = False
    was_recorded: bool = False
    previous_path: str | None = None
    previous_name: str | None = None


class Tolerated(Violation, frozen=True, kw_only=True, gc=False):
    """A violation that is reported and does not fail.

    Attributes:
        why: what makes it tolerable.
    """

    why: Literal["baseline", "suppressed", "not worse"]


class SuppressedMetric(Struct, frozen=True):
    """What a comment says of one metric.

    Attributes:
        metric: its name; ``None`` for all of them.
        comparison: the relation that a number must keep to the ceiling.
        ceiling: up to where numbers are suppressed; ``None`` for all of them.
        state: ``used`` where it suppresses all numbers that it is about, ``exceeded`` where one of them is
            beyond the ceiling, ``unused`` where none is over its limit, ``not honoured`` where it is wrong.
    """

    metric: str | None
    comparison: Comparison | None = None
    ceiling: Number | None = None
    state: SuppressionState = "unused"


class Suppression(Struct, frozen=True):
    """A comment that is meant to suppress violations, and its effect.

    Attributes:
        line: where it stands.
        qualified_name: the block whose numbers it is about; ``None`` for the file with all of its blocks.
        tool: whose comment it is.
        text: as it stands there.
        metrics: what it is about, in its order.
        reason: that it gives.
        state: of the metric for which it does most.
        problems: why it, or a part of it, is not honoured.
        fails: whether the file fails for it.
    """

    line: int
    qualified_name: str | None
    tool: Literal["antipasta", "noqa", "complexipy", "pylint", "ruff"]
    text: str
    metrics: tuple[SuppressedMetric, ...] = ()
    reason: str | None = None
    state: SuppressionState = "not honoured"
    problems: tuple[str, ...] = ()
    fails: bool = False


Allowance: TypeAlias = tuple[Suppression, SuppressedMetric]
"""A comment, and what it says of one metric."""


class BaselineEntry(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A number that was over its limit when it was recorded.

    Attributes:
        path: of the file, as reports have it.
        qualified_name: of the block; ``None`` for a number of the file.
        metric: the metric's name.
        value: what was measured, with four decimals at most.
        body: stands for the block's normalised body, or the file's; empty where it is not to be followed.
        python: the minor version that measured, for a metric that depends on it.
        reason: why it was recorded, in the words of who did.
    """

    path: str
    qualified_name: str | None = None
    metric: str
    value: Number
    body: str = ""
    python: str | None = None
    reason: str | None = None

    @property
    def key(self) -> tuple[str, str | None, str]:
        """What the entry is about."""
        return self.path, self.qualified_name, self.metric


class Verdict(Struct, frozen=True, dict=True, omit_defaults=True):
    """What is known and thought of one file.

    Attributes:
        path: posix path relative to the root, or an absolute one outside it.
        measurement: its numbers, or why there are none.
        violations: by line, those of the file first.
        tolerated: likewise, what does not fail.
        unjudged: metrics that have a threshold and no number.
        failed: whether it is over a limit, or could not be measured and that counts, or has a suppression
            that fails.
        from_store: whether the numbers came from the store.
        is_coalesced: whether they are those of an equal content that was measured in the same run.
        suppressions: the comments that are meant to suppress something, by line.
        is_incomplete: whether an extension has not given its numbers, and that counts.
        digest: of the content; ``None`` where it could not be read.
        is_brief: whether the measurement has only what messages about it need; the store has all of it.
        warnings: in the order of ``violations``, numbers over limits whose level is ``warning``: they are
            reported, fail nothing, and are recorded nowhere. What a comment suppresses is none of them.
        coverage: what ran of it; ``None`` where nobody asked.
    """

    path: str
    measurement: Measurement
    violations: tuple[Violation, ...] = ()
    tolerated: tuple[Tolerated, ...] = ()
    unjudged: tuple[str, ...] = ()
    failed: bool = False
    from_store: bool = False
    suppressions: tuple[Suppression, ...] = ()
    is_incomplete: bool = False
    digest: bytes | None = None
    is_coalesced: bool = False
    is_brief: bool = False
    warnings: tuple[Violation, ...] = ()
    coverage: FileCoverage | None = None

    def shorten(self, names: Iterable[str | None] = ()) -> Verdict:
        """Return the verdict with the numbers of the file and of the blocks that are over a limit.

        Args:
            names: qualified names of more blocks to keep.
        """
        kept = {one.qualified_name for one in self.over_limits}.union(names)
        kept.update(one.qualified_name for one in self.suppressions)
        whole = self.measurement
        if not kept and whole.foreign is None:  # one value for all, as a large tree has many
            return replace(self, measurement=LEFT_TO_STORE, is_brief=True)
        planned = {one.line for one in (*self.violations, *self.warnings) if one.metric == _PLANNED}
        brief = Measurement(
            whole.metrics,
            tuple(filter(lambda block: block.qualified_name in kept, whole.blocks)),
            plans=tuple(filter(lambda plan: plan.line in planned, whole.plans)),
            foreign=whole.foreign,
        )
        return replace(self, measurement=brief, is_brief=True)

    @property
    def over_limits(self) -> tuple[Violation, ...]:
        """All numbers over their limits: those that fail, the warnings, and what is tolerated."""
        return (*self.violations, *self.warnings, *self.tolerated)

    @cached_property
    def sizes(self) -> Mapping[str | None, Size]:
        """The complexity and the lines of its blocks, and of the file under ``None``: how violations rank."""
        metrics = self.measurement.metrics
        found: dict[str | None, Size] = {
            block.qualified_name: (block.cyclomatic_complexity or 0, block.end_line - block.line + 1)
            for block in self.measurement.blocks
        }
        found[None] = metrics.average_cyclomatic_complexity or 0, metrics.lines_of_code or 0
        return found

    def find_plans(self, violation: Violation) -> Sequence[BriefPlan]:
        """Return what would bring the number of a violation down, as complexipy proposes it."""
        is_planned = violation.metric == _PLANNED
        return self._plans_by_line.get(violation.line, ()) if is_planned else ()

    @cached_property
    def kinds(self) -> Mapping[str, BlockKind]:
        """The kinds of its blocks, by qualified name."""
        return {block.qualified_name: block.kind for block in self.measurement.blocks}

    @cached_property
    def allowances(self) -> Mapping[tuple[str | None, str | None], Sequence[Allowance]]:
        """What its comments say, by qualified name and metric; ``None`` for the file, and for all metrics."""
        found: dict[tuple[str | None, str | None], list[Allowance]] = {}
        for suppression in self.suppressions:
            for metric in suppression.metrics:
                key = suppression.qualified_name, metric.metric
                found.setdefault(key, []).append((suppression, metric))
        return found

    @cached_property
    def _plans_by_line(self) -> Mapping[int | None, Sequence[BriefPlan]]:
        found: dict[int | None, list[BriefPlan]] = {}
        for plan in self.measurement.plans:
            found.setdefault(plan.line, []).append(plan)
        return found

    @property
    def error(self) -> FileError | None:
        """Why the file could not be measured, if so."""
        return self.measurement.error

    @property
    def missing(self) -> tuple[FileError, ...]:
        """Why extensions gave no numbers."""
        return self.measurement.missing

    @property
    def errors(self) -> tuple[FileError, ...]:
        """All that is wrong with the measurement."""
        return self.measurement.errors

    def find_cell(self, line: int) -> tuple[int, int] | None:
        """Return the cell of a notebook that a line is in, and the line in the cell, both 1-based."""
        return self.measurement.find_cell(line)

    @property
    def is_miss(self) -> bool:
        """Whether it was measured for this file, or could not be."""
        return not self.from_store and not self.is_coalesced

    @property
    def is_unmeasured(self) -> bool:
        """Whether it can fail for numbers alone that could not be had."""
        if self.error is not None:
            return True
        return self.is_incomplete and not must_fail(self.violations, self.suppressions)


def must_fail(violations: Sequence[Violation], suppressions: Iterable[Suppression], *others: bool) -> bool:
    """Whether a file fails for violations, or for comments, or for whatever else."""
    return bool(violations) or any(one.fails for one in suppressions) or any(others)
