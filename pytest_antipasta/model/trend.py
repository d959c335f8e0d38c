"""The history of values: totals of commits, and when each violation began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from pytest_antipasta.model.changes import ChangeKind
from pytest_antipasta.model.judged import Threshold, Violation
from pytest_antipasta.model.measured import Number


class CommitTotals(Struct, frozen=True, gc=False):
    """The totals of all source files in one commit. Tuples are in the order of :attr:`Trend.metrics`.

    Attributes:
        commit: id of the commit.
        time: commit time, in seconds since the epoch.
        subject: the first line of its message.
        files: number of source files, including those without values.
        errors: number of files without values.
        blocks: number of functions, methods and closures.
        violations: values over limits whose level is ``error``, including suppressed and recorded ones.
        sums: sum of a metric's values.
        counts: number of values in each sum.
        over: number of values over their limits.
        excess: total distance of these values from their limits.
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


class LastingViolation(Struct, frozen=True):
    """A value that is over its limit in the last commit.

    Attributes:
        path: path of the file.
        violation: the violation.
        since: index of the commit that exceeded the limit; 0 if it was exceeded from the start.
        first_value: the value in that commit.
    """

    path: str
    violation: Violation
    since: int
    first_value: Number


class FileNumbers(Struct, frozen=True):
    """The values of a file in one commit.

    Attributes:
        lines: number of lines.
        blocks: number of functions, methods and closures.
        violations: number of values over their limits.
        sums: sum of each metric's values, in the order of :attr:`Trend.metrics`; ``None`` without values.
    """

    lines: int
    blocks: int
    violations: int
    sums: tuple[Number | None, ...]


class FileTotals(Struct, frozen=True):
    """The values of a file at both ends of a history.

    Attributes:
        path: path of the file; for a deleted file, its last path.
        first: values in the first commit, under any name; ``None`` if it did not exist.
        last: values in the last commit; ``None`` if it does not exist.
    """

    path: str
    first: FileNumbers | None
    last: FileNumbers | None


class FolderTotals(Struct, frozen=True):
    """Totals of the files of one folder in the last commit, without subfolders.

    Attributes:
        folder: posix path; ``.`` for the root.
        files: number of source files.
        blocks: number of functions, methods and closures.
        violations: number of values over their limits.
        violations_before: number of values over their limits in the first commit.
    """

    folder: str
    files: int = 0
    blocks: int = 0
    violations: int = 0
    violations_before: int = 0


class Hotspot(Struct, frozen=True):
    """A file or a function that is both complex and changed often.

    Attributes:
        path: path of the file.
        changes: number of commits that changed it, including those under earlier names.
        complexity: cyclomatic complexity; for a file, the sum of its functions, methods and closures.
        qualified_name: qualified name of the function, method or closure; ``None`` for a file.
    """

    path: str
    changes: int
    complexity: int
    qualified_name: str | None = None

    @property
    def score(self) -> int:
        """The product of changes and complexity."""
        return self.changes * self.complexity


class Month(Struct, frozen=True):
    """Changes in the 30 days before the last commit.

    Attributes:
        since: index of the last commit before these days.
        added: values that are over their limits and were not before these days.
        paid_back: values that were over their limits before these days and are not any more.
    """

    since: int
    added: int
    paid_back: int


class Trend(Struct, frozen=True):
    """The history of a root's values.

    Attributes:
        metrics: names of the metrics with totals.
        commits: commits, oldest first.
        standing: values over their limits in the last commit, by path and line.
        files: files of the first and the last commit, sorted by path.
        folders: folders sorted by name.
        hotspots: changed files, highest score first.
        block_hotspots: changed functions, methods and closures, highest score first; ``None`` if not
            requested.
        month: changes of the 30 days up to the last commit; ``None`` without a commit.
        unmeasured: number of contents without values, by kind of error.
        is_cut_off: whether earlier commits are left out.
        begins: whether the first commit is the first of the repository's history.
        warnings: warnings about the store.
    """

    metrics: tuple[str, ...]
    commits: Sequence[CommitTotals]
    standing: Sequence[LastingViolation] = ()
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
    """A commit that changed the values, the name or the place of a block.

    Attributes:
        commit: id of the commit.
        time: commit time, in seconds since the epoch.
        subject: the first line of its message.
        change: the kind of change; ``moved`` means another file, for whatever reason. ``None`` if the block
            existed at the start of the examined history.
        path: path of its file after the commit.
        qualified_name: qualified name after the commit.
        previous_path: path before the commit; ``None`` if the block did not exist.
        previous_name: qualified name before the commit; ``None`` if the block did not exist.
        before: values before the commit, in the order of :attr:`Life.metrics`; ``None`` if the block did not
            exist.
        after: values after the commit.
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
        path: path of its file in the last commit.
        qualified_name: qualified name of the block in the last commit.
        metrics: names of the selected metrics.
        thresholds: current limits of these metrics at that path; ``None`` for metrics without a limit.
        steps: steps, oldest first.
        namesakes: names of the other blocks of its name in the last commit, such as overloads.
        edits: number of other commits that edited its code without changing these values.
        commits: number of examined commits.
        is_cut_off: whether earlier commits are left out.
        unmeasured: number of contents of its file without values, by kind of error, if their text does not
            suffice. Their changes appear in the next content with values.
        warnings: warnings about the store.
        last: id, time in seconds since the epoch, and subject of the last examined commit.
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
