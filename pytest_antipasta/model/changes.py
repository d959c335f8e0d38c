"""The effect of a change on each block that it touches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from pytest_antipasta.model.judged import Comparison
from pytest_antipasta.model.measured import DECIMALS, ErrorKind, Number

ChangeKind: TypeAlias = Literal["added", "modified", "renamed", "moved", "deleted"]


class MetricChange(Struct, frozen=True):
    """One value of a block on both sides of a change.

    Attributes:
        before: the old value; ``None`` without one.
        after: the new value; ``None`` without one.
        delta: the difference. A missing block counts as 0, so that all deltas add up.
        limit: the limit of the value.
        comparison: the relation that the value must have to the limit.
    """

    before: Number | None
    after: Number | None
    delta: Number | None
    limit: Number
    comparison: Comparison


class BlockChange(Struct, frozen=True, omit_defaults=True):
    """A function, method or closure that a change touches.

    Attributes:
        path: path of its file; of a deleted block the new path of its file, or the old one if the file is
            gone.
        previous_path: path before the change, if different.
        qualified_name: qualified name of the block.
        previous_name: qualified name before the change, if different.
        line: line of its ``def``, 1-based; ``None`` for a deleted block.
        end_line: its last line; ``None`` for a deleted block.
        change: ``moved`` if the body comes from another file, ``renamed`` if it has another qualified name in
            the same file. A function over a limit may have been edited, too, and one that has limits of other
            metrics than before.
        metrics: its values, for metrics with a limit for blocks in its file.
        cell: the cell of a notebook that its lines are counted in; reports omit it for other files.
        previous_complexity: cyclomatic complexity before the change, where ``crap`` has a limit and it has
            none; reports omit it for other blocks.
    """

    path: str
    previous_path: str | None
    qualified_name: str
    previous_name: str | None
    line: int | None
    end_line: int | None
    change: ChangeKind
    metrics: dict[str, MetricChange]
    cell: int | None = None
    previous_complexity: Number | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Path and qualified name."""
        return self.path, self.qualified_name


class HelperFacts(Struct, frozen=True):
    """What tells whether a new helper function stands for itself.

    Attributes:
        values_in: number of its parameters, without ``self`` or ``cls``; ``*args`` is one.
        values_out: number of values that it returns or yields: 0 for none, more than 1 for a tuple.
        is_tested: whether a test file of the change names it.
        callers: how many functions of the change mention it, besides itself and tests.
    """

    values_in: int
    values_out: int
    is_tested: bool
    callers: int


class Split(Struct, frozen=True):
    """A function made simpler by a change, with the helper functions added for that.

    Attributes:
        path: path of its file.
        qualified_name: qualified name of the function.
        line: line of its ``def``.
        metric: the metric that decreases.
        before: the old value.
        after: the new value.
        helpers: qualified names of added functions that this function or these helpers mention; behind
            ``path::`` if they are in another file.
        together: the sum of the values of the function and its helpers; the value of a helper is divided
            among the simpler functions of the change that it belongs to.
        effect: ``better`` if the sum is less than before, ``worse`` if it is more, not counting a point for
            each helper; otherwise ``moved``.
        facts: what tells whether the helpers stand for themselves, in their order.
        cell: the cell of a notebook that its line is counted in; ``None`` for other files.
    """

    path: str
    qualified_name: str
    line: int | None
    metric: str
    before: Number
    after: Number
    helpers: tuple[str, ...]
    together: Number
    effect: Literal["worse", "better", "moved"]
    facts: tuple[HelperFacts, ...] = ()
    cell: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Path and qualified name."""
        return self.path, self.qualified_name

    @property
    def helper_keys(self) -> list[tuple[str, str]]:
        """The path and the qualified name of each helper."""
        parts = (name.rpartition("::") for name in self.helpers)
        return [(path or self.path, name) for path, _, name in parts]


class Points(Struct, frozen=True):
    """The points of a metric that a change adds to blocks, and the points that it removes."""

    added: Number
    taken: Number


class ModuleCode(Struct, frozen=True):
    """The code of a file outside of its functions, on both sides of a change. No limit applies to it.

    Attributes:
        path: path of the file.
        before: its cognitive complexity before the change.
        after: its cognitive complexity after the change.
    """

    path: str
    before: int
    after: int


class NotCompared(Struct, frozen=True):
    """A file of a change whose blocks can't be compared.

    Attributes:
        path: path of the file; the old path if the file is gone.
        side: the side without values.
        kind: kind of the error.
        message: message of the error.
    """

    path: str
    side: Literal["before", "after"]
    kind: ErrorKind
    message: str


class Changes(Struct, frozen=True):
    """The effect of a change; iterating over it yields the changes of blocks.

    Attributes:
        changes: changes of blocks, by path, line and name; deleted blocks come last in their file.
        not_compared: files whose blocks can't be compared, by path.
        splits: functions made simpler by new helpers, in the order of the changes.
        unchecked: paths of changed files that the settings leave out, although their names are those of
            source files.
        module_code: files whose code outside of functions has other points, by path.
        generated: paths of changed files that have no default limits, as they say that they are generated.
    """

    changes: tuple[BlockChange, ...] = ()
    not_compared: tuple[NotCompared, ...] = ()
    splits: tuple[Split, ...] = ()
    unchecked: tuple[str, ...] = ()
    module_code: tuple[ModuleCode, ...] = ()
    generated: tuple[str, ...] = ()

    @property
    def moved(self) -> dict[tuple[str, str], Split]:
        """The functions whose points moved to new helpers: together they have as many as before, or more."""
        return {split.key: split for split in self.splits if split.effect != "better"}

    def __iter__(self) -> Iterator[BlockChange]:
        return iter(self.changes)

    def paths(self) -> set[str]:
        """Return the paths of all changes, and of files that are not compared or not checked."""
        paths = {change.path for change in self.changes} | {item.path for item in self.not_compared}
        return paths.union(self.unchecked, self.generated, (item.path for item in self.module_code))

    def add_points(self) -> dict[str, Points]:
        """Return by metric the points added to blocks and the points removed from blocks."""
        deltas: dict[str, list[Number]] = {}
        for change in self.changes:
            for metric, number in change.metrics.items():
                deltas.setdefault(metric, []).append(number.delta or 0)
        return {metric: _add_up(numbers) for metric, numbers in deltas.items()}

    def keep(self, is_kept: Callable[[str], bool]) -> Changes:
        """Return the effect on some of the files, by path."""
        return Changes(
            tuple(change for change in self.changes if is_kept(change.path)),
            tuple(item for item in self.not_compared if is_kept(item.path)),
            tuple(split for split in self.splits if is_kept(split.path)),
            tuple(filter(is_kept, self.unchecked)),
            tuple(item for item in self.module_code if is_kept(item.path)),
            tuple(filter(is_kept, self.generated)),
        )


def _add_up(deltas: Sequence[Number]) -> Points:
    added, taken = sum(delta for delta in deltas if delta > 0), -sum(delta for delta in deltas if delta < 0)
    return Points(round(added, DECIMALS), round(taken, DECIMALS))
