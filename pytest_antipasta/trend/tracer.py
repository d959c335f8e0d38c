"""The life of one block: which commits changed its numbers, backwards from where it is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from pytest_antipasta.engine import Step
from pytest_antipasta.git import Commit, FileDiff, Repository
from pytest_antipasta.metrics import BlockComparison, BlockText, FileVersion, identify_block
from pytest_antipasta.model import Block, ChangeKind, LifeStep, Number, find_number
from pytest_antipasta.trend.contents import OldFile
from pytest_antipasta.trend.plan import Plan
from pytest_antipasta.trend.versions import Versions

# Commits whose changes are in memory at a time, and those of them that are read at once.
_CHUNK, _AHEAD = 500, 20

_Change: TypeAlias = list[FileDiff]
_Numbers: TypeAlias = tuple[Number | None, ...]


class Tracer:
    """Follows one block.

    Attributes:
        edits: how many commits changed it and none of its numbers.
        unmeasured: how many contents of its file had no numbers, of those whose text was not enough, by kind
            of error.
    """

    def __init__(
        self, repository: Repository, plan: Plan, versions: Versions, metrics: Sequence[str], step: Step
    ) -> None:
        """Look at some metrics in the commits of a plan; ``step`` is told how many are done."""
        self.edits = 0
        self.unmeasured: Counter[str] = Counter()
        self._repository = repository
        self._plan = plan
        self._versions = versions
        self._metrics = metrics
        self._step = step
        self._ahead = 0

    def trace(self, file: FileVersion, name: str) -> Iterator[LifeStep]:
        """Yield what happened to a block of the last commit, the latest first.

        Args:
            file: as that commit has it.
            name: the block's qualified name.
        """
        self._take(file, name)
        self._held: tuple[Commit, str] | None = None
        for commit, change, blob in self._iter_touching():
            commit, blob = self._held or (commit, blob)
            comparison = self._compare(change, blob)
            if self._has_no_numbers(comparison):
                self._pass_over(comparison, commit, blob)
                continue
            self._held = None
            step = self._go_back(commit, comparison)
            if step is not None:
                yield step
                if step.before is None:
                    return
        is_new = self._plan.begins and self._held is None
        yield self._begin(self._held[0] if self._held else self._plan.commits[0], "added" if is_new else None)

    def _take(self, file: FileVersion, name: str) -> None:
        """Go on with what the block was in a version of its file."""
        self._block, self._text = (file.path, name), BlockText(file, name)
        self._numbers = self._find_numbers(file.blocks[name])

    def _was_there(self, old: OldFile | None, changes: Sequence[_Change]) -> bool:
        """Whether the text of the file before the last of some changes says so."""
        self._read_ahead(changes)
        if self._held is not None or old is None or old.path != self._block[0]:
            return False
        return self._text.is_in(self._versions.read(old))

    def _iter_touching(self) -> Iterator[tuple[Commit, _Change, str]]:
        """Yield the commits that change the file that the block is in, the latest first.

        With each what it changes, and the content that the file has since then. Where the text of the file
        says that the block was there, just as it is, the commit is left out.
        """
        commits = self._plan.commits
        for end in range(len(commits), 1, -_CHUNK):
            start = max(1, end - _CHUNK)
            names = [commit.name for commit in commits[start - 1 : end]]
            changes = list(self._repository.diffs.along(names, finds_renames=True))
            while changes:
                self._step(len(commits) - start - len(changes), len(commits))
                pair = self._versions.find_pair(changes[-1], self._block[0])
                if pair is not None and not self._was_there(pair[0], changes):
                    yield commits[start + len(changes) - 1], changes[-1], pair[1].blob
                changes.pop()

    def _read_ahead(self, changes: Sequence[_Change]) -> None:
        """Have what some commits make of the file, as far as it is known where the block will be."""
        self._ahead -= 1
        if self._ahead > 0:
            return
        path, wanted = self._block[0], list[OldFile]()
        for change in reversed(changes):
            pair = self._versions.find_pair(change, path)
            if pair is not None:
                wanted += [file for file in pair if file is not None]
                self._ahead += 1
                if pair[0] is None or len(wanted) > 2 * _AHEAD:
                    break
                path = pair[0].path
        self._versions.read_ahead(wanted)

    def _compare(self, change: _Change, blob: str) -> BlockComparison:
        """Return both sides of a change, or of the block's file alone where that tells what happened.

        A block that has kept its place and its body is the same whatever else was changed, and what other
        files have need not be measured.
        """
        held = {self._block[0]: blob}
        own = [diff for diff in change if self._versions.find_pair([diff], self._block[0])]
        comparison = self._versions.compare(own, held)
        if self._has_no_numbers(comparison) or comparison.classify(self._block).state == "unchanged":
            return comparison
        return self._versions.compare(change, held)

    def _has_no_numbers(self, comparison: BlockComparison) -> bool:
        old = comparison.file_before(self._block[0])
        return old is not None and old.measurement.error is not None

    def _pass_over(self, comparison: BlockComparison, commit: Commit, blob: str) -> None:
        """Compare what is known with a content before the one without numbers."""
        self._held = commit, blob
        path, name = self._block
        if (error := comparison.before.versions[comparison.origins[path]].measurement.error) is not None:
            self.unmeasured[error.kind] += 1
        self._block = comparison.origins[path], name

    def _go_back(self, commit: Commit, comparison: BlockComparison) -> LifeStep | None:
        """Return what a commit did to the block, and take it for what it was before."""
        found = identify_block(comparison, self._block)
        if found.before is None:
            return self._begin(commit, "added" if found.state == "added" else None)
        path, name = found.before
        before = self._find_numbers(comparison.before.versions[path].blocks[name])
        kind: ChangeKind = "modified"
        if path != self._block[0]:
            kind = "moved"
        elif name != self._block[1]:
            kind = "renamed"
        step = LifeStep(*commit, kind, *self._block, path, name, before, self._numbers)
        is_told = kind != "modified" or before != self._numbers
        self.edits += found.state == "modified" and not is_told
        self._take(comparison.before.versions[path], name)
        return step if is_told else None

    def _begin(self, commit: Commit, change: ChangeKind | None) -> LifeStep:
        return LifeStep(*commit, change, *self._block, None, None, None, self._numbers)

    def _find_numbers(self, block: Block) -> _Numbers:
        return tuple(find_number(block, metric) for metric in self._metrics)
