"""What a change does to each block that it touches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from pytest_antipasta.model.judged import Comparison
from pytest_antipasta.model.measured import ErrorKind, Number

# Of a sum of numbers that are no integers; the rest is noise of binary fractions.
_DECIMALS = 4
ChangeKind: TypeAlias = Literal["added", "modified", "renamed", "moved", "deleted"]


class MetricChange(Struct, frozen=True):
    """One number of a block on both sides of a change.

    Attributes:
        before: what it was; ``None`` for no number.
        after: what it is, likewise.
        delta: what is between them. A block that is not there counts as 0, so that all deltas add up.
        limit: what the number may be.
        comparison: the relation that it must keep to the limit.
    """

    before: Number | None
    after: Number | None
    delta: Number | None
    limit: Number
    comparison: Comparison


class BlockChange(Struct, frozen=True, omit_defaults=True):
    """A function, method or closure that a change touches.

    Attributes:
        path: of its file; of a deleted block the path that its file has, or had if that is gone, too.
        previous_path: that it was under before, if that was another one.
        qualified_name: of the block.
        previous_name: that it had before, if that was another one.
        line: of its ``def``; ``None`` for a deleted one.
        change: ``moved`` for a body that comes from another file, ``renamed`` for one that has another
            qualified name in its file.
        metrics: its numbers, by the metrics that have a limit for blocks there.
        cell: of a notebook, which the line is one of; reports have none for other files.
    """

    path: str
    previous_path: str | None
    qualified_name: str
    previous_name: str | None
    line: int | None
    change: ChangeKind
    metrics: dict[str, MetricChange]
    cell: int | None = None


class Split(Struct, frozen=True):
    """A function that a change makes simpler, with the functions that it adds for that.

    Attributes:
        path: of its file.
        qualified_name: of the function.
        line: of its ``def``; in a notebook of the code of all cells.
        metric: by which it is simpler.
        before: the number that it had.
        after: the number that it has.
        helpers: the qualified names of added functions in its file that only it, or one of them, calls.
        together: the sum of its number and theirs.
        effect: ``moved`` where that is not less than before, else ``better``.
    """

    path: str
    qualified_name: str
    line: int | None
    metric: str
    before: Number
    after: Number
    helpers: tuple[str, ...]
    together: Number
    effect: Literal["moved", "better"]


class Points(Struct, frozen=True):
    """What a change adds to a metric over all blocks that it touches, and what it takes away."""

    added: Number
    taken: Number


class NotCompared(Struct, frozen=True):
    """A file of a change whose blocks can't be compared.

    Attributes:
        path: of the file; what it was before, if it is gone.
        side: the one without numbers.
        kind: of the error.
        message: what is wrong.
    """

    path: str
    side: Literal["before", "after"]
    kind: ErrorKind
    message: str


class Changes(Struct, frozen=True):
    """What a change does.

    Attributes:
        changes: of the blocks that it touches, by path, line and name, deleted ones last in their file.
        not_compared: files of which that is not known, by path.
        splits: of functions that are simpler and have new helpers, in the order of the changes.
    """

    changes: tuple[BlockChange, ...] = ()
    not_compared: tuple[NotCompared, ...] = ()
    splits: tuple[Split, ...] = ()

    def paths(self) -> set[str]:
        """Return the paths of all that is in it."""
        return {one.path for one in self.changes} | {one.path for one in self.not_compared}

    def add_points(self) -> dict[str, Points]:
        """Return by metric the points that blocks have more than before, and those that blocks have less."""
        deltas: dict[str, list[Number]] = {}
        for change in self.changes:
            for metric, number in change.metrics.items():
                deltas.setdefault(metric, []).append(number.delta or 0)
        return {metric: _add_up(numbers) for metric, numbers in deltas.items()}

    def keep(self, is_kept: Callable[[str], bool]) -> Changes:
        """Return what it does to some of the files, by their paths."""
        return Changes(
            tuple(one for one in self.changes if is_kept(one.path)),
            tuple(one for one in self.not_compared if is_kept(one.path)),
            tuple(one for one in self.splits if is_kept(one.path)),
        )

    def place(self, place: Callable[[str], str]) -> Changes:
        """Return the same under other paths."""
        return Changes(
            tuple(
                replace(
                    one, path=place(one.path), previous_path=one.previous_path and place(one.previous_path)
                )
                for one in self.changes
            ),
            tuple(replace(one, path=place(one.path)) for one in self.not_compared),
            tuple(replace(one, path=place(one.path)) for one in self.splits),
        )


def _add_up(deltas: Sequence[Number]) -> Points:
    added, taken = sum(one for one in deltas if one > 0), -sum(one for one in deltas if one < 0)
    return Points(round(added, _DECIMALS), round(taken, _DECIMALS))
