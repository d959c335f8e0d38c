"""The history of numbers: totals of commits, and what is over its limit since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from pytest_antipasta.model.changes import ChangeKind
from pytest_antipasta.model.judged import Threshold, Violation
from pytest_antipasta.model.measured import Number


class CommitTotals(Struct, frozen=True, gc=False):
    """The totals of all source files in one commit. Tuples are in the order of :attr:`Trend.metrics`.

    Attributes:
        commit: its object's name.
        time: when it was committed, in seconds since the epoch.
        subject: the first line of its message.
        files: the source files, those without numbers among them.
        errors: how many of them have no numbers.
        blocks: functions, methods and closures.
        violations: numbers over limits whose level is ``error``, whatever suppresses or records them.
        sums: of a metric's numbers.
        counts: how many numbers each sum is of.
        over: how many of them are over their limits.
        excess: how far those are over their limits, or under where more is better, together.
    """

    commit: str
    time: int
    subject: str
    files: int
    errors: int
    blocks: int
    violations: int
    sums: tuple[Number, ...]
    counts: tuple[int, ...]
    over: tuple[int, ...]
    excess: tuple[Number, ...]


class Standing(Struct, frozen=True):
    """A number that is over its limit in the last commit.

    Attributes:
        path: of the file.
        violation: the number.
        since: the index of the commit that took it over its limit; 0 for one that was over it from the first.
    """

    path: str
    violation: Violation
    since: int


class FileNumbers(Struct, frozen=True):
    """The numbers of a file in one commit.

    Attributes:
        lines: of the file.
        blocks: functions, methods and closures.
        violations: numbers over their limits.
        sums: of a metric's numbers, in the order of :attr:`Trend.metrics`; ``None`` where there is none.
    """

    lines: int
    blocks: int
    violations: int
    sums: tuple[Number | None, ...]


class FileTotals(Struct, frozen=True):
    """A file at the ends of a history.

    Attributes:
        path: of the file; where it is gone, its last one.
        first: its numbers in the first commit, under whichever name; ``None`` where it was not there.
        last: likewise in the last commit.
    """

    path: str
    first: FileNumbers | None
    last: FileNumbers | None


class FolderTotals(Struct, frozen=True):
    """The files of one folder, without those of folders in it, in the last commit.

    Attributes:
        folder: posix path; ``.`` for the root.
        files: the source files.
        blocks: functions, methods and closures.
        violations: numbers over their limits.
        violations_before: likewise, in the first commit.
    """

    folder: str
    files: int = 0
    blocks: int = 0
    violations: int = 0
    violations_before: int = 0


class Hotspot(Struct, frozen=True):
    """A file or a function that is both complex and changed often.

    Attributes:
        path: of the file.
        changes: the commits that changed it, those under earlier names included.
        complexity: the cyclomatic complexity, of a file that of its functions, methods and closures together.
        qualified_name: of the function, method or closure; ``None`` for a file.
    """

    path: str
    changes: int
    complexity: int
    qualified_name: str | None = None

    @property
    def score(self) -> int:
        """The product of both."""
        return self.changes * self.complexity


class Month(Struct, frozen=True):
    """What the last 30 days before the last commit did.

    Attributes:
        since: the index of the commit that they begin behind.
        added: numbers over their limits now that were not then.
        paid_back: numbers over their limits then that are not now.
    """

    since: int
    added: int
    paid_back: int


class Trend(Struct, frozen=True):
    """The history of a root's numbers.

    Attributes:
        metrics: the names of those that there are totals of.
        commits: the oldest first.
        standing: what is over its limit in the last commit.
        files: those of the first commit and of the last one, in the order of their paths.
        folders: in the order of their names.
        hotspots: files that were changed, the hottest first.
        block_hotspots: functions, methods and closures that were, likewise; ``None`` where nobody asked.
        month: what happened last; ``None`` without a commit.
        unmeasured: how many contents have no numbers, by kind of error.
        is_cut_off: whether there were commits before the first one that are not here.
        begins: whether the first one is the first of the history.
        warnings: what the user should know of the store.
    """

    metrics: tuple[str, ...]
    commits: Sequence[CommitTotals]
    standing: Sequence[Standing] = ()
    files: Sequence[FileTotals] = ()
    folders: Sequence[FolderTotals] = ()
    hotspots: Sequence[Hotspot] = ()
    month: Month | None = None
    unmeasured: Mapping[str, int] = {}
    is_cut_off: bool = False
    begins: bool = False
    warnings: Sequence[str] = ()
    block_hotspots: Sequence[Hotspot] | None = None


class LifeStep(Struct, frozen=True):
    """A commit that changed the numbers of a block, its name or its place.

    Attributes:
        commit: its object's name.
        time: when it was committed, in seconds since the epoch.
        subject: the first line of its message.
        change: what it did, ``moved`` for another file, however it came about; ``None`` where the history
            begins that was looked at, and the block was there already.
        path: of its file afterwards.
        qualified_name: of the block afterwards.
        previous_path: before; ``None`` where it was not there.
        previous_name: likewise.
        before: the numbers that it had, in the order of :attr:`Life.metrics`; ``None`` likewise.
        after: those that it has since then.
    """

    commit: str
    time: int
    subject: str
    change: ChangeKind | None
    path: str
    qualified_name: str
    previous_path: str | None
    previous_name: str | None
    before: tuple[Number | None, ...] | None
    after: tuple[Number | None, ...]


class Life(Struct, frozen=True):
    """The history of one function, method or closure.

    Attributes:
        path: of its file in the last commit.
        qualified_name: of the block, likewise.
        metrics: the names of those that are looked at.
        thresholds: today's limits of them at that path, ``None`` for those that have none there.
        steps: the oldest first.
        namesakes: other blocks of its name in the last commit, as overloads are.
        edits: the commits that changed it beside that, and none of these numbers.
        commits: how many were looked at.
        is_cut_off: whether there were commits before the first one that are not here.
        unmeasured: how many contents of its file have no numbers, of those whose text is not enough, by kind
            of error; what they did to the block is seen in the next one that has some.
        warnings: what the user should know of the store.
        last: name, time in seconds since the epoch, and subject of the last commit that was looked at.
    """

    path: str
    qualified_name: str
    metrics: tuple[str, ...]
    thresholds: tuple[Threshold | None, ...]
    steps: Sequence[LifeStep]
    namesakes: Sequence[str] = ()
    edits: int = 0
    commits: int = 0
    is_cut_off: bool = False
    unmeasured: Mapping[str, int] = {}
    warnings: Sequence[str] = ()
    last: tuple[str, int, str] = ("", 0, "")
