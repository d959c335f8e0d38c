"""Comparing two versions of files block by block: added, modified, renamed, moved or deleted."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Literal, TypeAlias

from msgspec import Struct

from pytest_antipasta.metrics.following.edited import pair_edited
from pytest_antipasta.metrics.following.file_version import BlockId, FileVersion, LineIndex
from pytest_antipasta.metrics.following.pairing import find_stem, pair
from pytest_antipasta.model import find_number

_Placed: TypeAlias = tuple[str | None, BlockId]
"""A block behind the path that its file had."""
State: TypeAlias = Literal["unchanged", "renamed", "modified", "added"]


class Change(Struct, frozen=True):
    """What happened to a block.

    Attributes:
        state: ``renamed`` for a body that has another name, or another place, and left its old one.
        before: the block that it was; ``None`` for an added one, and where that side can't be measured.
    """

    state: State
    before: BlockId | None = None


def _leave() -> None:
    """Leave each file to be measured when its numbers are asked for."""


class Side:
    """One side of a change.

    Attributes:
        versions: of the files, by path.
        measure: called before all files are looked at.
    """

    def __init__(
        self,
        versions: Iterable[FileVersion],
        is_settled: Callable[[BlockId], bool],
        measure: Callable[[], object],
    ) -> None:
        """Order the files by their paths.

        Args:
            versions: of the files.
            is_settled: whether a block is known to be what it was, so that nobody looks for its body.
            measure: called before all files are looked at.
        """
        self.versions = {version.path: version for version in sorted(versions, key=attrgetter("path"))}
        self._is_settled = is_settled
        self.measure = measure
        self._by_body: dict[int | None, dict[str, list[BlockId]]] = {}

    def list_blocks(self) -> list[BlockId]:
        """Return all blocks of all files."""
        return [(path, name) for path, version in self.versions.items() for name in version.blocks]

    def may_have(self, complexity: int | None) -> bool:
        """Whether there are blocks of a cyclomatic complexity that are not settled."""
        return complexity in self._by_complexity

    def find_blocks(self, body: str, complexity: int | None) -> Sequence[BlockId]:
        """Return the blocks that have a body, but for those that are settled.

        Args:
            body: normalised.
            complexity: the cyclomatic one of such a block, as only blocks of the same one are looked at.
        """
        if complexity not in self._by_body:
            found: dict[str, list[BlockId]] = {}
            for version, name in self._by_complexity.get(complexity, ()):
                found.setdefault(version.body(name) or "", []).append((version.path, name))
            self._by_body[complexity] = found
        return self._by_body[complexity].get(body, ())

    @cached_property
    def _by_complexity(self) -> dict[int | None, list[tuple[FileVersion, str]]]:
        self.measure()
        found: dict[int | None, list[tuple[FileVersion, str]]] = {}
        for version in self.versions.values():
            for name, block in version.blocks.items():
                if not self._is_settled((version.path, name)):
                    found.setdefault(block.cyclomatic_complexity, []).append((version, name))
        return found

    def find_text(self, lines: Sequence[str]) -> str | None:
        """Return the path of a file that can't be measured and has some lines as they are."""
        paths = (path for path, text in self._unmeasured.items() if text.has(lines))
        return next(paths, None)

    @cached_property
    def _unmeasured(self) -> dict[str, LineIndex]:
        self.measure()
        return {
            version.path: LineIndex(version.lines)
            for version in self.versions.values()
            if version.measurement.error is not None
        }


class BlockComparison:
    """The files of a change beside those of one parent.

    Attributes:
        before: the earlier side.
        after: the later one.
        origins: for each path afterwards the path that the file had; none for new files.
    """

    def __init__(
        self,
        before: Iterable[FileVersion],
        after: Iterable[FileVersion],
        origins: Mapping[str, str],
        measure: tuple[Callable[[], object], Callable[[], object]] = (_leave, _leave),
    ) -> None:
        """Compare two sides, both complete: a block has left its place only if it is not there any more.

        Args:
            before: the files as they were, those that are gone included.
            after: as they are.
            origins: for each path afterwards the path that the file had; none for new files.
            measure: called before all files of the earlier side, and of the later one, are looked at.
        """
        self.before = Side(before, self._was_settled, measure[0])
        self.after = Side(after, self._is_settled, measure[1])
        self.origins = origins
        self._matched: set[str] = set()
        self._sources: dict[BlockId, BlockId] = {}
        self._targets: dict[BlockId, BlockId] = {}
        self._paths_after = {old: path for path, old in origins.items() if path in self.after.versions}
        self._same_text: dict[tuple[BlockId, BlockId], bool] = {}
        self._edited: dict[tuple[str, str], dict[str, str]] = {}
        self._kept: dict[BlockId, Change | None] = {}

    def classify(self, block: BlockId) -> Change:
        """Return what happened to a block of the later side.

        A block that keeps name and body is unchanged. Else a block of the earlier side with the same
        body that has left its place is the one that it was, renamed or moved, and can be that of one
        block only. Else it is the block of the same name in the same file, modified, though something else
        have its old body; of several, the one that has kept its number, else the next, where overloads and
        implementations are not each other. Else it is added.
        """
        kept = self._find_kept(block)
        if kept is not None:
            return kept
        path, name = block
        origin = self._find_edited(path, find_stem(name)).get(name)
        return Change("added") if origin is None else Change("modified", (self.origins[path], origin))

    def classify_by_place(self, block: BlockId) -> Change:
        """Return what happened to a block whose body is not what tells which one it was."""
        old = self._find_same_place(block)
        return Change("added") if old is None else Change("modified", old)

    def find_same_bodies(self, block: BlockId) -> Iterable[BlockId]:
        """Return the blocks of the earlier side with the body of a later one, those of its file first."""
        path, name = block
        body = self.after.versions[path].body(name)
        if body is None:
            return ()
        found = self.before.find_blocks(body, self.after.versions[path].blocks[name].cyclomatic_complexity)
        return sorted(found, key=lambda old: old[0] != self.origins.get(path))

    def find_successor(self, old: BlockId) -> BlockId | None:
        """Return the block that has kept the place and the name of one of the earlier side, edited."""
        path = self._paths_after.get(old[0])
        if path is None or old[1] not in self.after.versions[path].blocks:
            return None
        change = self.classify((path, old[1]))
        return (path, old[1]) if change == Change("modified", old) else None

    def find_measured(self, old: BlockId, metric: str) -> BlockId:
        """Return the block of the earlier side that a block's number is part of.

        Points inside a function are the outermost one's, so that a closure has none.
        """
        path, name = old
        version = self.before.versions[path]
        if version.measurement.foreign is not None:  # where dots are no nesting
            return old
        blocks = version.blocks
        while name and (name not in blocks or find_number(blocks[name], metric) is None):
            name = name.rpartition(".")[0]
        return (path, name) if name else old

    def is_introduced(self, path: str, name: str | None) -> bool:
        """Whether a change brings a block, or a file for ``None``, or makes it what it is."""
        if not self.has(path):
            return False
        if name is None:
            return self.file_before(path) is None
        return self.classify((path, name)).state in ("added", "modified")

    def find_origin(self, path: str, name: str | None, metric: str) -> tuple[str, str | None] | None:
        """Return where a number of the later side was, of a file for no name; ``None`` if it is new."""
        if not self.has(path):
            return path, name
        if name is not None:
            old = self.classify((path, name)).before
            return None if old is None else self.find_measured(old, metric)
        return (origin, None) if (origin := self.origins.get(path)) is not None else None

    def has(self, path: str) -> bool:
        """Whether a file of the later side differs."""
        return path in self.after.versions

    def file_before(self, path: str) -> FileVersion | None:
        """Return the earlier version of a file of the later side."""
        origin = self.origins.get(path)
        return self.before.versions.get(origin) if origin is not None else None

    def _find_same_place(self, block: BlockId) -> BlockId | None:
        """Return the block of the earlier side that has the place and the name of a later one."""
        origin = self.file_before(block[0])
        return (origin.path, block[1]) if origin is not None and block[1] in origin.blocks else None

    def _find_source(self, block: BlockId) -> BlockId | None:
        """Return the block that one of the later side was, if it has come to its place as it is."""
        self._match(self.after, self.before, block)
        return self._sources.get(block)

    def _find_target(self, old: BlockId) -> BlockId | None:
        """Return the block that one of the earlier side is, if it has left its place as it was."""
        self._match(self.before, self.after, old)
        return self._targets.get(old)

    def _match(self, side: Side, other: Side, block: BlockId) -> None:
        """Find out which blocks with the body of one have left their places, and come to which."""
        path, name = block
        complexity = side.versions[path].blocks[name].cyclomatic_complexity
        if not other.may_have(complexity):
            return  # of a new file nothing need be parsed to know that
        body = side.versions[path].body(name)
        if body is None or body in self._matched:
            return
        self._matched.add(body)
        for (_, new), (_, source) in self._pair(body, complexity).items():
            self._sources[new], self._targets[source] = source, new

    def _pair(self, body: str, complexity: int | None) -> dict[_Placed, _Placed]:
        """Return for the blocks of a body that came to their places which one each was."""
        if not (old := self.before.find_blocks(body, complexity)):
            return {}
        places = {new: self._find_same_place(new) for new in self.after.find_blocks(body, complexity)}
        stayed = set(old).intersection(places.values())
        # Those that stay in their file first, then between files.
        gone = [(place[0], place) for place in old if place not in stayed]
        come = [(self.origins.get(new[0]), new) for new, place in places.items() if place not in stayed]
        return pair(gone, come, itemgetter(0), lambda _: "")

    def _find_kept(self, block: BlockId) -> Change | None:
        """Return what happened to a block that has kept its body."""
        if block not in self._kept:
            self._kept[block] = self._look_for_kept(block)
        return self._kept[block]

    def _look_for_kept(self, block: BlockId) -> Change | None:
        old = self._find_same_place(block)
        if old is not None and self._is_unchanged(old, block):
            return Change("unchanged", old)
        if (source := self._find_source(block)) is not None:
            return Change("renamed", source)
        unmeasured = self.before.find_text(self.after.versions[block[0]].block_lines(block[1]))
        if unmeasured is None:
            return None
        return Change("unchanged" if unmeasured == self.origins.get(block[0]) else "renamed")

    def _find_edited(self, path: str, stem: str) -> dict[str, str]:
        """Return for the blocks of a name in a file that have not kept their bodies which one each was."""
        if (path, stem) not in self._edited:
            self._edited[path, stem] = self._pair_edited(self.after.versions[path], stem)
        return self._edited[path, stem]

    def _pair_edited(self, new: FileVersion, stem: str) -> dict[str, str]:
        old = self.file_before(new.path)
        if old is None:
            return {}
        come = [name for name in new.stems[stem] if self._find_kept((new.path, name)) is None]
        gone = [name for name in old.stems.get(stem, ()) if not self._has_kept((old.path, name), new)]
        held = [name for name in come if name in old.blocks and self._has_left_copy((old.path, name), new)]
        return pair_edited(old, new, come, (held, gone))

    def _has_kept(self, old: BlockId, new: FileVersion) -> bool:
        """Whether a block of the earlier side is one of the later side with the same body."""
        name = old[1]
        if name in new.blocks and self._is_unchanged(old, (new.path, name)):
            return True
        return self._find_target(old) is not None

    def _has_left_copy(self, old: BlockId, new: FileVersion) -> bool:
        """Whether the body of a block is elsewhere, and not where another of its name in a file was."""
        target = self._find_target(old)
        return target is not None and (target[0] != new.path or find_stem(target[1]) != find_stem(old[1]))

    def _is_settled(self, block: BlockId) -> bool:
        """Whether a block of the later side has the text of the one that has its place."""
        old = self._find_same_place(block)
        return old is not None and self._has_same_text(old, block)

    def _was_settled(self, old: BlockId) -> bool:
        path = self._paths_after.get(old[0])
        if path is None or old[1] not in self.after.versions[path].blocks:
            return False
        return self._has_same_text(old, (path, old[1]))

    def _has_same_text(self, old_block: BlockId, block: BlockId) -> bool:
        """Whether a block has the lines that it had; else comments and layout may be all that differs."""
        if (old_block, block) not in self._same_text:
            old = self.before.versions[old_block[0]].own_lines(old_block[1])
            new = self.after.versions[block[0]].own_lines(block[1])
            self._same_text[old_block, block] = old is not None and old == new
        return self._same_text[old_block, block]

    def _is_unchanged(self, old_block: BlockId, block: BlockId) -> bool:
        if self._has_same_text(old_block, block):
            return True
        (path, name), (new_path, new_name) = old_block, block
        old, new = self.before.versions[path], self.after.versions[new_path]
        numbers = old.blocks[name].cyclomatic_complexity, new.blocks[new_name].cyclomatic_complexity
        if old.measurement.foreign is None and numbers[0] != numbers[1]:
            return False  # and nothing need be parsed to know it
        return old.body(name) == new.body(new_name)


def identify_blocks(comparison: BlockComparison) -> Mapping[BlockId, Change]:
    """Return what happened to each block of the later side.

    The block that has kept its place, edited, is the one that it was, and not another that has its old body.
    That one may have been another block of that body.
    """
    found = {block: comparison.classify(block) for block in comparison.after.list_blocks()}
    edited = {change.before for change in found.values() if change.state == "modified"}
    copies = [block for block, change in found.items() if _is_of(change, edited)]
    taken = {change.before for change in found.values() if not _is_of(change, edited)}
    for copy in copies:
        found[copy] = _place(comparison, copy, taken)
        taken.add(found[copy].before)
    return found


def identify_block(comparison: BlockComparison, block: BlockId) -> Change:
    """Return what happened to one block of the later side, and look at others only if need be."""
    change = comparison.classify(block)
    return identify_blocks(comparison)[block] if change.state == "renamed" else change


def _place(comparison: BlockComparison, copy: BlockId, taken: Container[BlockId | None]) -> Change:
    """Return what happened to a block whose body was that of another one, which still has its place."""
    other = next((old for old in comparison.find_same_bodies(copy) if old not in taken), None)
    if other is not None:
        return Change("renamed", other)
    change = comparison.classify_by_place(copy)
    return Change("added") if change.before in taken else change


def _is_of(change: Change, edited: Container[BlockId | None]) -> bool:
    """Whether a block has the old body of one that has kept its place."""
    return change.state == "renamed" and change.before in edited
