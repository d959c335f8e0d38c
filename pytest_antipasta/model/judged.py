"""Values of judging: thresholds, violations, suppressions, baseline entries and verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, islice
from typing import Any, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import asdict, replace

from pytest_antipasta.model.coverage import Covered, FileCoverage
from pytest_antipasta.model.measured import (
    FOREIGN,
    Block,
    FileError,
    FileMetrics,
    Measurement,
    Number,
    Origin,
    find_other_kernel,
)

# Its values are complexipy's.
_COGNITIVE = "cognitive_complexity"

Comparison: TypeAlias = Literal["<=", "<", ">=", ">", "==", "!="]
ValueEffect: TypeAlias = Literal["better", "worse", "same"]
"""Effect of a change on a value, beside its limit."""
ReportedChange: TypeAlias = Literal["added", "modified", "renamed", "moved"]
"""What a change did to a block."""
Level: TypeAlias = Literal["error", "warning"]
"""Effect of a value over its limit: the file fails, or the value is reported and passes."""


LEFT_TO_STORE = Measurement(FileMetrics())
"""Placeholder for measurements that are not loaded, as no message needs them."""
NAMELESS = "-"
"""The path of content without a file, such as standard input without a name."""
# Maximum number of comments for one place; a file with thousands would repeat all for each violation.
_MOST_ALLOWANCES = 20
SuppressingTool: TypeAlias = Literal["antipasta", "noqa", "complexipy", "pylint", "ruff"]
SuppressionState: TypeAlias = Literal["used", "exceeded", "unused", "not honoured"]


class Threshold(Struct, frozen=True):
    """The limit of a metric.

    Attributes:
        metric: name of the metric, one of ``extension.judged_metrics``.
        limit: the number on the right of the comparison.
        comparison: the relation that a value must have to the limit.
        block_limit: for ``halstead_*``, the limit of each block; ``None`` judges only the file.
        level: the effect of a violation: ``error`` or ``warning``.
    """

    metric: str
    limit: Number
    comparison: Comparison
    block_limit: Number | None = None
    level: Level = "error"


class Violation(Struct, frozen=True, gc=False, omit_defaults=True):
    """A value that violates its threshold.

    Attributes:
        metric: name of the metric.
        qualified_name: qualified name of the block; ``None`` for a value of the file.
        line: line of the block; ``None`` for a value of the file.
        value: the measured value.
        threshold: the limit.
        comparison: the violated relation.
        before: the value before a change; for a function extracted from another one, the points that the
            other one lost.
        change: what a change did to the block; a function extracted from another one is ``added``, too.
        recorded: the value in the baseline, if recorded.
        was_suppressed: whether a change removed the comment that suppressed it.
        was_recorded: whether a change removed the baseline entry that tolerated it.
        previous_path: old path of a renamed file, or of a moved or extracted block.
        previous_name: old qualified name of a renamed, moved or extracted block, if different.
        previous_limit: the limit of the value before a change, such as ``<= 20`` or ``off``, if the value was
            within it and exceeds ``threshold``: a change of path, name or decorators selects other limits.
    """

    metric: str
    qualified_name: str | None
    line: int | None
    value: Number
    threshold: Number
    comparison: Comparison
    before: Number | None = None
    change: ReportedChange | None = None
    recorded: Number | None = None
    was_suppressed: bool = False
    was_recorded: bool = False
    previous_path: str | None = None
    previous_name: str | None = None
    previous_limit: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether a change added the block, and not by extracting it from another one."""
        return self.change == "added" and self.previous_name is None and self.previous_path is None


class Tolerated(Violation, frozen=True, kw_only=True, gc=False):
    """A violation that is reported without failing.

    Attributes:
        why: what tolerates the violation; ``not worse`` also for a file's value that got worse while it was
            over its limit before.
    """

    why: Literal["baseline", "suppressed", "not worse"]


class SuppressedMetric(Struct, frozen=True):
    """The part of a suppression comment about one metric.

    Attributes:
        metric: name of the metric; ``None`` for all metrics.
        comparison: the relation that a value must have to the ceiling.
        ceiling: the ceiling up to which values are suppressed; ``None`` without a ceiling.
        state: ``used`` if it suppresses all its values, ``exceeded`` if one is beyond the ceiling, ``unused``
            if none is over its limit, ``not honoured`` if it is invalid.
        is_redundant: whether it is unused because other comments suppress its values.
    """

    metric: str | None
    comparison: Comparison | None = None
    ceiling: Number | None = None
    state: SuppressionState = "unused"
    is_redundant: bool = False


class Suppression(Struct, frozen=True):
    """A suppression comment and its effect.

    Attributes:
        line: line of the comment.
        qualified_name: the block that it applies to; ``None`` for the file with all of its blocks.
        tool: the tool that defines this kind of comment.
        text: text of the comment.
        metrics: the metrics that it names, in its order.
        reason: the reason in the comment.
        state: state of the metric with the strongest effect.
        problems: why all or parts of it are not honoured.
        fails: whether the file fails because of it.
    """

    line: int
    qualified_name: str | None
    tool: SuppressingTool
    text: str
    metrics: tuple[SuppressedMetric, ...] = ()
    reason: str | None = None
    state: SuppressionState = "not honoured"
    problems: tuple[str, ...] = ()
    fails: bool = False


Allowance: TypeAlias = tuple[Suppression, SuppressedMetric]
"""A comment, and its part about one metric."""


class BaselineEntry(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A value that was over its limit when it was recorded.

    Attributes:
        path: path of the file in reports.
        qualified_name: qualified name of the block; ``None`` for a value of the file.
        metric: name of the metric.
        value: the measured value, with at most four decimals.
        body: digest of the normalised body of the block or file; empty if the entry must not follow moved
            code.
        python: minor version of Python, for a metric that depends on it.
        reason: the reason given by the user.
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
        """The identity of the entry: path, qualified name and metric."""
        return self.path, self.qualified_name, self.metric


class Verdict(Struct, frozen=True, dict=True, omit_defaults=True):
    """The measurement of a file, and the result of judging it.

    Attributes:
        path: posix path relative to the root, or an absolute one outside it.
        measurement: the values, or the error.
        violations: violations sorted by line; those of the file come first.
        tolerated: violations that do not fail, in the same order.
        unjudged: metrics with a threshold and without a value, which do not fail.
        errors_fail: whether the file fails if it, or a part of its values, could not be measured.
        origin: where the values came from.
        suppressions: suppression comments, sorted by line.
        digest: digest of the content; ``None`` if the content could not be read.
        is_brief: whether the measurement has only the values that messages need; others are looked up.
        warnings: values over limits whose level is ``warning``, in the order of ``violations``: they are
            reported, never fail, and are never recorded. Suppressed values are not included.
        coverage: coverage of the file; ``None`` if not requested.
        lacking: built-in metrics without a value whose threshold has the level ``error``.
        unheeded: other tools whose comments would suppress a violation if the settings named them, each with
            the qualified name of the function and the metric.
        functions: number of functions, also of those that a brief measurement leaves out.
    """

    path: str
    measurement: Measurement
    violations: tuple[Violation, ...] = ()
    tolerated: tuple[Tolerated, ...] = ()
    unjudged: tuple[str, ...] = ()
    errors_fail: bool = False
    origin: Origin = "measured"
    suppressions: tuple[Suppression, ...] = ()
    digest: bytes | None = None
    is_brief: bool = False
    warnings: tuple[Violation, ...] = ()
    coverage: FileCoverage | None = None
    lacking: tuple[str, ...] = ()
    unheeded: tuple[tuple[str, str, str], ...] = ()
    functions: int = 0

    @classmethod
    def of(cls, path: str, error: FileError) -> Verdict:
        """Return the verdict on a file that could not be measured, which fails."""
        return cls(path, Measurement.of(error), errors_fail=True)

    def shorten(self, names: Iterable[str | None] = ()) -> Verdict:
        """Return the verdict with only the values of the file and of blocks over a limit.

        ``names`` are qualified names of more blocks to keep.
        """
        kept = {limit.qualified_name for limit in self.over_limits}.union(names)
        kept.update(suppression.qualified_name for suppression in self.suppressions)
        whole = self.measurement
        is_plain = whole.foreign is None and not whole.generated
        if is_plain and not kept:  # one value for all, which saves memory in a large tree
            return replace(self, measurement=LEFT_TO_STORE, is_brief=True)
        brief = Measurement(
            whole.metrics,
            tuple(filter(lambda block: block.qualified_name in kept, whole.blocks)),
            foreign=whole.foreign,
            generated=whole.generated,
        )
        return replace(self, measurement=brief, is_brief=True)

    @property
    def over_limits(self) -> tuple[Violation, ...]:
        """All values over their limits: violations, warnings and tolerated ones."""
        return (*self.violations, *self.warnings, *self.tolerated)

    @cached_property
    def by_name(self) -> Mapping[str | None, Block]:
        """Its blocks by qualified name."""
        return {block.qualified_name: block for block in self.measurement.blocks}

    @cached_property
    def unheeded_tools(self) -> Mapping[str, Sequence[str]]:
        """By function with a violation, the tools of ``unheeded`` whose comments would suppress it."""
        failing = {(item.qualified_name, item.metric) for item in self.violations}
        found: dict[str, list[str]] = {}
        for tool, name, metric in self.unheeded:
            if (name, metric) in failing:
                found.setdefault(name, []).append(tool)
        return found

    def find_size(self, name: str | None) -> tuple[Number, int]:
        """Return complexity and lines of a block, or of the file for ``None``, to rank violations."""
        if name is None:
            metrics = self.measurement.metrics
            return metrics.average_cyclomatic_complexity or 0, metrics.lines_of_code or 0
        block = self.by_name.get(name)
        return (block.cyclomatic_complexity or 0, block.end_line - block.line + 1) if block else (0, 0)

    def iter_covered(self) -> Iterator[tuple[Block, Covered]]:
        """Yield the functions of a file with known coverage and all values of the file."""
        known = {} if self.coverage is None else self.coverage.functions
        for block in self.measurement.blocks if known else ():
            if (covered := known.get(block.qualified_name)) is not None:
                yield block, covered

    def is_class(self, name: str | None) -> bool:
        """Return whether a block is a class."""
        block = self.by_name.get(name)
        return block is not None and block.kind == "class"

    @cached_property
    def comments(self) -> Mapping[str | None, Sequence[Suppression]]:
        """Comments by qualified name (``None``: the file)."""
        found: dict[str | None, list[Suppression]] = {}
        for suppression in self.suppressions:
            found.setdefault(suppression.qualified_name, []).append(suppression)
        return found

    def describe_comments(self) -> list[dict[str, Any]]:
        """Return an object for each comment, with its text as it stands in the source."""
        spell = self.measurement.spell_comment
        return [{**asdict(item), "text": spell(item.text)} for item in self.suppressions]

    @cached_property
    def allowances(self) -> Mapping[tuple[str | None, str | None], Sequence[Allowance]]:
        """Comments by qualified name (``None``: the file) and metric (``None``: all metrics)."""
        found: dict[tuple[str | None, str | None], list[Allowance]] = {}
        for suppression in self.suppressions:
            for metric in suppression.metrics:
                key = suppression.qualified_name, metric.metric
                found.setdefault(key, []).append((suppression, metric))
        return found

    def find_allowances(self, violation: Violation) -> list[Allowance]:
        """Return the comments of its block, an outer class or the file that apply to a value, by line."""
        targets = self.list_targets(violation.qualified_name)
        keys = [(target, metric) for target in targets for metric in (None, violation.metric)]
        found = [pair for key in keys for pair in islice(self.allowances.get(key, ()), _MOST_ALLOWANCES)]
        return sorted(found, key=lambda pair: pair[0].line)

    def list_targets(self, name: str | None) -> list[str | None]:
        """Return what comments that apply to a block may be about: the file, outer classes, and the block."""
        around = accumulate(name.split("."), "{}.{}".format) if name else ()
        return [None, *(item for item in around if item == name or self.is_class(item))]

    @property
    def error(self) -> FileError | None:
        """Why the file could not be measured; ``None`` if it was."""
        return self.measurement.error

    @property
    def other_kernel(self) -> str | None:
        """The language of a notebook that is skipped, as it is not Python; ``None`` for other files."""
        return find_other_kernel(self.path, self.measurement)

    @property
    def missing(self) -> tuple[FileError, ...]:
        """Why extensions gave no values, and which limits can't be checked."""
        if not self.lacking:
            return self.measurement.missing
        limits = f"the limit{'s' if len(self.lacking) > 1 else ''} of {', '.join(self.lacking)}"
        is_parsed = _COGNITIVE not in self.lacking
        reason = "its lines can't be counted" if is_parsed else "complexipy can't parse the file"
        error = FileError("no_value", f"{limits} can't be checked: {reason}")
        return (*self.measurement.missing, error)

    @property
    def errors(self) -> tuple[FileError, ...]:
        """All errors of the file."""
        return self.missing if self.error is None else (self.error, *self.missing)

    @property
    def failed(self) -> bool:
        """Whether the file fails, for a violation, a failing suppression or missing values."""
        # Asked for several times of each file of a large tree, most of which have none of these.
        if self.violations or (self.errors_fail and self.fails_for_errors):
            return True
        return bool(self.suppressions) and any(suppression.fails for suppression in self.suppressions)

    @property
    def fails_for_errors(self) -> bool:
        """Whether values are missing, of the whole file or some, and that fails the file."""
        measurement = self.measurement
        has_errors = measurement.error is not None or bool(measurement.missing or self.lacking)
        return self.errors_fail and has_errors

    @property
    def is_incomplete(self) -> bool:
        """Whether some values are missing, of an extension or of ``lacking`` metrics, and that counts."""
        return self.errors_fail and bool(self.missing)

    def may_lack(self, metric: str | None) -> bool:
        """Return whether a value of a metric, or of any for ``None``, may be missing.

        That is because complexipy or an extension failed.
        """
        if metric is None:
            return bool(self.missing)
        return metric in self.lacking or (FOREIGN in metric and bool(self.measurement.missing))

    @property
    def from_store(self) -> bool:
        """Whether the values came from the store."""
        return self.origin == "store"

    @property
    def is_miss(self) -> bool:
        """Whether it was measured for this file, or could not be measured."""
        return self.origin == "measured"

    @property
    def is_unmeasured(self) -> bool:
        """Whether it can fail only because of missing values."""
        if self.error is not None:
            return True
        fails_for_values = self.violations or any(suppression.fails for suppression in self.suppressions)
        return self.is_incomplete and not fails_for_values
