"""The history of one block: find the commits that changed its values, backwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from pytest_antipasta.engine.diagnostics import ReportProgress
from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.git.history import Commit
from pytest_antipasta.metrics.following.block_text import BlockText
from pytest_antipasta.metrics.following.comparison import BlockComparison, identify_block
from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.model.changes import ChangeKind
from pytest_antipasta.model.measured import Block, Number, find_number
from pytest_antipasta.model.trend import LifeStep
from pytest_antipasta.trend.contents import OldFile
from pytest_antipasta.trend.opening import Past
from pytest_antipasta.trend.versions import Pair, PartialFile, Versions

# Number of commits whose changes are requested at a time. As many further ones are kept in memory, and as
# many contents are read in one batch.
_CHUNK, _CHUNKS, _AHEAD = 500, 2, 40

_Numbers: TypeAlias = tuple[Number | None, ...]
_Places: TypeAlias = "dict[str, tuple[str, int]]"
"""For a path before a commit: the last path of its content, and the index of the commit that changed it."""


class Tracer:
    """Follows one block.

    A content without values is skipped: its changes are found in the next content of the file with values.

    Attributes:
        edits: number of commits that edited its code without changing its values.
    """

    def __init__(self, past: Past, versions: Versions, metrics: Sequence[str], step: ReportProgress) -> None:
        """Use some metrics in the commits of a history; ``step`` receives the number of examined ones."""
        self.edits = 0
        self._past = past
        self._commits = past.plan.commits
        self._versions = versions
        self._metrics = metrics
        self._step = step
        self._list_changes = lru_cache(_CHUNKS)(self._read_changes)
        self._read_down_to = len(self._commits)
        self._unmeasured: dict[str, str] = {}
        self._passed: list[int] = []

    @property
    def unmeasured(self) -> Mapping[str, int]:
        """Number of contents of its file without values, by kind of error, whose text was not sufficient."""
        return Counter(self._unmeasured.values())

    def trace(self, file: FileVersion, name: str) -> Iterator[LifeStep]:
        """Yield the changes of a block of the last commit, latest first.

        Args:
            file: its file in that commit.
            name: qualified name of the block.
        """
        self._take(file, file.path, name)
        end = len(self._commits)
        while (index := self._find_change(end)) is not None:
            step, end = self._go_back(self._find_measured(index))
            if step is not None:
                yield step
                if step.before is None:
                    return
        yield self._begin_history()

    def _take(self, file: FileVersion, path: str, name: str) -> None:
        """Continue with the block in a version of its file, and the file's path there."""
        self._block, self._text = (path, name), BlockText(file, name)
        self._numbers = self._find_numbers(file.blocks[name])
        self._passed.clear()

    def _read_changes(self, chunk: int) -> list[list[FileDiff]]:
        """Return the source files that some commits change; none for the first commit."""
        return self._past.list_changes(chunk * _CHUNK, (chunk + 1) * _CHUNK)

    def _list_change(self, index: int) -> list[FileDiff]:
        return self._list_changes(index // _CHUNK)[index % _CHUNK]

    def _find_change(self, end: int) -> int | None:
        """Return the index of the last commit before another one that may have changed the block.

        A commit is skipped if the old text of the file contains the block unchanged.
        """
        for index in range(end - 1, 0, -1):
            self._step(len(self._commits) - 1 - index, len(self._commits))
            pair = self._find_pair(index, self._block[0])
            if pair is not None:
                if not self._was_there(pair[0], index):
                    return index
                self._passed.append(index)
        return None

    def _find_pair(self, index: int, path: str) -> tuple[OldFile | None, OldFile] | None:
        """Return a file before and after a commit that changes it."""
        return self._versions.find_pair(self._list_change(index), path)

    def _was_there(self, old: OldFile | None, index: int) -> bool:
        """Return whether the text of the file before a commit contains the block."""
        if old is None or old.path != self._block[0]:
            return False
        if index < self._read_down_to:
            self._read_ahead(index)
        return self._text.is_in(self._versions.read(old))

    def _read_ahead(self, index: int) -> None:
        """Measure versions of the file in one batch, as far as the block's path is known."""
        path, wanted = self._block[0], list[OldFile]()
        while index > 0 and len(wanted) < _AHEAD:
            pair = self._find_pair(index, path)
            if pair is not None:
                wanted += [file for file in pair if file is not None]
                if pair[0] is None:
                    break
                path = pair[0].path
            index -= 1
            if index % _CHUNK == _CHUNK - 1:
                break
        self._read_down_to = index
        self._versions.read_ahead(wanted)

    def _find_measured(self, index: int) -> int:
        """Return a commit, or the next one with values of the file, if the file has none here."""
        later = (index, *reversed(self._passed))
        return next(item for item in later if self._has_numbers_after(item))

    def _has_numbers_after(self, index: int) -> bool:
        pair = self._find_pair(index, self._block[0])
        return pair is not None and self._versions.has_numbers(pair[1])

    def _go_back(self, index: int) -> tuple[LifeStep | None, int]:
        """Continue with the block before a commit; return the change, and where to search next."""
        places: _Places = {}
        comparison = self._compare(index, places)
        found = identify_block(comparison, self._block)
        if found.before is None:
            old = comparison.file_before(self._block[0])
            is_unknown = old is not None and old.measurement.error is not None
            is_new = found.state == "added" and not is_unknown
            return self._begin(self._commits[index], "added" if is_new else None), index
        version, name = comparison.before.versions[found.before[0]], found.before[1]
        path, end = places[version.path]
        before = self._find_numbers(version.blocks[name])
        kind: ChangeKind = "modified"
        if path != self._block[0]:
            kind = "moved"
        elif name != self._block[1]:
            kind = "renamed"
        step = LifeStep(*self._commits[index], kind, *self._block, path, name, before, self._numbers)
        is_step = kind != "modified" or before != self._numbers
        if not is_step:
            self.edits += comparison.has_new_code(self._block, found.before)
        self._take(version, path, name)
        return step if is_step else None, end

    def _compare(self, index: int, places: _Places) -> BlockComparison:
        """Return both sides of a commit, or only the block's file if that decides.

        A block with the same place and body is unchanged, whatever else the commit changes, so that other
        files need not be measured.
        """
        pairs = self._versions.pair(self._list_change(index))
        own = [self._pass_over(pair, index, places) for pair in pairs if self._is_own(pair)]
        comparison = self._versions.compare(own)
        if comparison.classify(self._block).state == "unchanged":
            return comparison
        self._versions.prefetch(file for pair in pairs for file in pair if file is not None)
        others = [self._pass_over(pair, index, places) for pair in pairs if not self._is_own(pair)]
        return self._versions.compare([*own, *others])

    def _is_own(self, pair: Pair) -> bool:
        return pair[1] is not None and pair[1].path == self._block[0]

    def _pass_over(
        self, pair: Pair, index: int, places: _Places
    ) -> tuple[OldFile | None, PartialFile | None]:
        """Return the contents used for a file before and after a commit, and record its path before that."""
        old, new = pair
        before: OldFile | None = None
        if old is not None:
            file, end = self._find_last(old, index, is_own=self._is_own(pair))
            if file is not None:
                places[old.path] = file.path, end
                before = OldFile(file.blob, old.path)
        return before, self._versions.pass_over(before, new)

    def _find_last(self, file: OldFile, end: int, *, is_own: bool) -> tuple[OldFile | None, int]:
        """Return the last content with values of a file before a commit, and the commit that ended it.

        The content is ``None`` if the file was added without values; if no content has values, the oldest one
        is returned.
        """
        last, index = file, end
        while not self._versions.has_numbers(last):
            if is_own:
                self._unmeasured[last.blob] = self._versions.find_error(last)
            pair, index = self._find_earlier(last.path, index)
            if pair is None:
                return file, end
            if pair[0] is None:
                return None, index
            last = pair[0]
        return last, index

    def _find_earlier(self, path: str, end: int) -> tuple[Pair | None, int]:
        """Return the previous commit that changes a file, with the file before and after it."""
        for index in range(end - 1, 0, -1):
            if (pair := self._find_pair(index, path)) is not None:
                return pair, index
        return None, end

    def _begin_history(self) -> LifeStep:
        """Return the step at the start of the history, for a block that exists in its first commit."""
        index = 0
        if self._passed:
            first = self._find_pair(self._passed[-1], self._block[0])
            if first is not None and first[0] is not None and not self._versions.has_numbers(first[0]):
                index = next(item for item in reversed(self._passed) if self._has_numbers_after(item))
        return self._begin(self._commits[index], "added" if self._past.plan.begins and index == 0 else None)

    def _begin(self, commit: Commit, change: ChangeKind | None) -> LifeStep:
        return LifeStep(*commit, change, *self._block, None, None, None, self._numbers)

    def _find_numbers(self, block: Block) -> _Numbers:
        return tuple(find_number(block, metric) for metric in self._metrics)
