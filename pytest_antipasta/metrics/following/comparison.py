"""Compare two versions of files block by block: added, modified, renamed, moved or deleted."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Literal, TypeAlias

from msgspec import Struct

from pytest_antipasta.metrics.following.file_version import BlockId, FileVersion, pair_edited
from pytest_antipasta.metrics.following.pairing import pair
from pytest_antipasta.model.limits import strip_number
from pytest_antipasta.model.measured import find_number

_Placed: TypeAlias = tuple[str | None, BlockId]
"""The path of a file, and one of its blocks."""
BlockState: TypeAlias = Literal["unchanged", "renamed", "modified", "added"]


class FollowedBlock(Struct, frozen=True):
    """The kind of change of a block.

    Attributes:
        state: ``renamed`` for a body with another name or place that is not at its old one any more.
        before: the old block; ``None`` for an added one, or if the old side can't be measured.
    """

    state: BlockState
    before: BlockId | None = None


def _leave() -> None:
    """Do nothing: each file is measured when its values are needed."""


class ComparedFiles:
    """The files before a change, or those after it.

    Attributes:
        versions: versions of the files, by path.
        measure: called before all files are read.
    """

    def __init__(
        self,
        versions: Iterable[FileVersion],
        is_settled: Callable[[BlockId], bool],
        measure: Callable[[], object],
    ) -> None:
        """Sort the files by path.

        Args:
            versions: versions of the files.
            is_settled: whether a block is known to be unchanged, so that its body is not searched for.
            measure: called before all files are read.
        """
        self.versions = {version.path: version for version in sorted(versions, key=attrgetter("path"))}
        self._is_settled = is_settled
        self.measure = measure
        self._by_body: dict[int | None, dict[str, list[BlockId]]] = {}

    def list_blocks(self) -> list[BlockId]:
        """Return all blocks of all files."""
        return [(path, name) for path, version in self.versions.items() for name in version.blocks]

    def may_have(self, complexity: int | None) -> bool:
        """Return whether there are unsettled blocks with a cyclomatic complexity."""
        return complexity in self._by_complexity

    def find_blocks(self, body: str, complexity: int | None) -> Sequence[BlockId]:
        """Return the unsettled blocks with a body.

        Args:
            body: the normalised body.
            complexity: cyclomatic complexity of the block; only blocks with an equal value are compared.
        """
        if complexity not in self._by_body:
            found: dict[str, list[BlockId]] = {}
            for version, name in self._by_complexity.get(complexity, ()):
                found.setdefault(version.body(name) or "", []).append((version.path, name))
            self._by_body[complexity] = found
        return self._by_body[complexity].get(body, ())

    @cached_property
    def _measured(self) -> list[FileVersion]:
        self.measure()
        return list(self.versions.values())

    @cached_property
    def _by_complexity(self) -> dict[int | None, list[tuple[FileVersion, str]]]:
        found: dict[int | None, list[tuple[FileVersion, str]]] = {}
        for version in self._measured:
            for name, block in version.blocks.items():
                if not self._is_settled((version.path, name)):
                    found.setdefault(block.cyclomatic_complexity, []).append((version, name))
        return found

    def find_text(self, lines: Sequence[str]) -> list[str]:
        """Return the paths of the files that can't be measured and contain some lines unchanged."""
        return [version.path for version in self._unmeasured if version.has_lines(lines)]

    @cached_property
    def _unmeasured(self) -> list[FileVersion]:
        return [version for version in self._measured if version.measurement.error is not None]


class BlockComparison:
    """The files of a change compared with those of one parent.

    Attributes:
        before: the old side.
        after: the new side.
        origins: old path of each file by its new path; new files have no entry.
        paths_after: new path of each old file that is on the new side.
    """

    def __init__(
        self,
        before: Iterable[FileVersion],
        after: Iterable[FileVersion],
        origins: Mapping[str, str],
        measure: tuple[Callable[[], object], Callable[[], object]] = (_leave, _leave),
    ) -> None:
        """Compare two complete sides: a block has left its place only if it is missing on the new side.

        Args:
            before: the old files, including deleted ones.
            after: the new files.
            origins: old path of each file by its new path; new files have no entry.
            measure: called before all files of the old side, and of the new side, are read.
        """
        self.before = ComparedFiles(before, self._was_settled, measure[0])
        self.after = ComparedFiles(after, self._is_settled, measure[1])
        self.origins = origins
        self._matched: set[str] = set()
        self._sources: dict[BlockId, BlockId] = {}
        self._targets: dict[BlockId, BlockId] = {}
        self.paths_after = {old: path for path, old in origins.items() if path in self.after.versions}
        self._same_text: dict[tuple[BlockId, BlockId], bool] = {}
        self._edited: dict[tuple[str, str], dict[str, str]] = {}
        self._successors: dict[BlockId, BlockId] = {}
        self._kept: dict[BlockId, FollowedBlock | None] = {}

    def classify(self, block: BlockId) -> FollowedBlock:
        """Return the kind of change of a block of the new side.

        A block with the same name and body is unchanged. Otherwise an old block with the same body that has
        left its place is matched as renamed or moved, at most once. Otherwise the block with the same name in
        the same file is matched as modified, even if another block has its old body. Of several blocks with
        this name, the most similar one is matched; see :func:`pair_edited`. All other blocks are added.
        """
        kept = self._find_kept(block)
        if kept is not None:
            return kept
        path, name = block
        origin = self._find_edited(path, strip_number(name)).get(name)
        return (
            FollowedBlock("added")
            if origin is None
            else FollowedBlock("modified", (self.origins[path], origin))
        )

    def classify_by_place(self, block: BlockId) -> FollowedBlock:
        """Return the kind of change of a block by its place, regardless of other blocks with its body."""
        old = self._find_same_place(block)
        return FollowedBlock("added") if old is None else FollowedBlock("modified", old)

    def has_new_code(self, block: BlockId, old: BlockId) -> bool:
        """Return whether a block and an old one differ in more than docstrings and annotations."""
        code = self.after.versions[block[0]].code(block[1])
        return code is None or code != self.before.versions[old[0]].code(old[1])

    def is_in_place(self, block: BlockId, change: FollowedBlock) -> bool:
        """Return whether a block has an unchanged body, file and name, apart from the number of the name."""
        if change.state not in ("unchanged", "renamed") or change.before is None:
            return False
        path, name = change.before
        return path == self.origins.get(block[0]) and strip_number(name) == strip_number(block[1])

    def find_same_bodies(self, block: BlockId) -> Iterable[BlockId]:
        """Return the old blocks with the body of a new one, those of its file first."""
        path, name = block
        body = self.after.versions[path].body(name)
        if body is None:
            return ()
        found = self.before.find_blocks(body, self.after.versions[path].blocks[name].cyclomatic_complexity)
        return sorted(found, key=lambda old: old[0] != self.origins.get(path))

    def find_successor(self, old: BlockId) -> BlockId | None:
        """Return the edited new block with the place and name of an old one, whatever its number."""
        path = self.paths_after.get(old[0])
        if path is None:
            return None
        self._find_edited(path, strip_number(old[1]))
        return self._successors.get(old)

    def list_touched(self) -> list[BlockId]:
        """Return the old blocks whose lines are in their file less often now; it measures no new file."""
        touched: list[BlockId] = []
        for old, version in self.before.versions.items():
            path = self.paths_after.get(old)
            later = b"" if path is None else self.after.versions[path].read()
            touched += [(old, name) for name in version.list_touched(later)]
        return touched

    def look_up_measured(self, old: BlockId, metric: str) -> BlockId:
        """Return the old block whose value includes the points of a new block.

        Points inside a function belong to the outermost function, so that a closure has none.
        """
        path, name = old
        version = self.before.versions[path]
        if version.measurement.foreign is not None:  # where dots do not mean nesting
            return old
        blocks = version.blocks
        while name and (name not in blocks or find_number(blocks[name], metric) is None):
            name = name.rpartition(".")[0]
        return (path, name) if name else old

    def is_introduced(self, path: str, name: str | None) -> bool:
        """Return whether a change adds or modifies a block, or a file for ``None``."""
        if not self.has(path):
            return False
        if name is None:
            return self.file_before(path) is None
        return self.classify((path, name)).state in ("added", "modified")

    def find_origin(self, path: str, name: str | None, metric: str) -> tuple[str, str | None] | None:
        """Return the old place of a block's value, or of a file's for no name; ``None`` if new."""
        if not self.has(path):
            return path, name
        if name is not None:
            old = self.classify((path, name)).before
            return None if old is None else self.look_up_measured(old, metric)
        return (origin, None) if (origin := self.origins.get(path)) is not None else None

    def has(self, path: str) -> bool:
        """Return whether a file of the new side differs."""
        return path in self.after.versions

    def file_before(self, path: str) -> FileVersion | None:
        """Return the old version of a file of the new side."""
        origin = self.origins.get(path)
        return self.before.versions.get(origin) if origin is not None else None

    def _find_same_place(self, block: BlockId) -> BlockId | None:
        """Return the old block with the place and name of a new one."""
        origin = self.file_before(block[0])
        return (origin.path, block[1]) if origin is not None and block[1] in origin.blocks else None

    def _find_source(self, block: BlockId) -> BlockId | None:
        """Return the old block of a new one that was renamed or moved unchanged."""
        self._match(self.after, self.before, block)
        return self._sources.get(block)

    def _find_target(self, old: BlockId) -> BlockId | None:
        """Return the new block of an old one that was renamed or moved unchanged."""
        self._match(self.before, self.after, old)
        return self._targets.get(old)

    def _match(self, side: ComparedFiles, other: ComparedFiles, block: BlockId) -> None:
        """Find the blocks with a given body that left their places, and those that came to new places."""
        path, name = block
        complexity = side.versions[path].blocks[name].cyclomatic_complexity
        if not other.may_have(complexity):
            return  # for a new file, this needs no parsing
        body = side.versions[path].body(name)
        if body is None or body in self._matched:
            return
        self._matched.add(body)
        for (_, new), (_, source) in self._pair(body, complexity).items():
            self._sources[new], self._targets[source] = source, new

    def _pair(self, body: str, complexity: int | None) -> dict[_Placed, _Placed]:
        """Return the old block of each block with a given body that came to a new place."""
        if not (old := self.before.find_blocks(body, complexity)):
            return {}
        places = {new: self._find_same_place(new) for new in self.after.find_blocks(body, complexity)}
        stayed = set(old).intersection(places.values())
        # Within the same file first, then between files.
        gone = [(place[0], place) for place in old if place not in stayed]
        come = [(self.origins.get(new[0]), new) for new, place in places.items() if place not in stayed]
        return pair(gone, come, itemgetter(0), lambda _: "")

    def _find_kept(self, block: BlockId) -> FollowedBlock | None:
        """Return the kind of change of a block with an unchanged body."""
        if block not in self._kept:
            self._kept[block] = self._look_for_kept(block)
        return self._kept[block]

    def _look_for_kept(self, block: BlockId) -> FollowedBlock | None:
        old = self._find_same_place(block)
        if old is not None and self._is_unchanged(old, block):
            return FollowedBlock("unchanged", old)
        if (source := self._find_source(block)) is not None:
            return FollowedBlock("renamed", source)
        lines = self.after.versions[block[0]].block_lines(block[1])
        unmeasured = self.before.find_text(lines)
        if self.origins.get(block[0]) in unmeasured:
            return FollowedBlock("unchanged")
        is_moved = any(not self._still_has(path, lines) for path in unmeasured)
        return FollowedBlock("renamed") if is_moved else None

    def _still_has(self, old_path: str, lines: Sequence[str]) -> bool:
        """Return whether some lines of an old file are in its new version, so that others are a copy."""
        path = self.paths_after.get(old_path)
        return path is not None and self.after.versions[path].has_lines(lines)

    def _find_edited(self, path: str, stem: str) -> dict[str, str]:
        """Return the old block of each edited block with one name in a file."""
        if (path, stem) not in self._edited:
            self._edited[path, stem] = pairs = self._pair_edited(self.after.versions[path], stem)
            self._successors |= {(self.origins[path], old): (path, name) for name, old in pairs.items()}
        return self._edited[path, stem]

    def _pair_edited(self, new: FileVersion, stem: str) -> dict[str, str]:
        old = self.file_before(new.path)
        if old is None:
            return {}
        come = [name for name in new.stems.get(stem, ()) if self._find_kept((new.path, name)) is None]
        gone = [name for name in old.stems.get(stem, ()) if not self._has_kept((old.path, name), new)]
        held = [name for name in come if name in old.blocks and self._has_left_copy((old.path, name), new)]
        return pair_edited(old, new, come, gone, held)

    def _has_kept(self, old: BlockId, new: FileVersion) -> bool:
        """Return whether an old block and a new one with the same body are the same block."""
        name = old[1]
        if name in new.blocks and self._is_unchanged(old, (new.path, name)):
            return True
        return self._find_target(old) is not None

    def _has_left_copy(self, old: BlockId, new: FileVersion) -> bool:
        """Return whether a body is elsewhere, but not at the place of another old block of its name."""
        target = self._find_target(old)
        return target is not None and (
            target[0] != new.path or strip_number(target[1]) != strip_number(old[1])
        )

    def _is_settled(self, block: BlockId) -> bool:
        """Return whether a new block has the text of the old one at its place."""
        old = self._find_same_place(block)
        return old is not None and self._has_same_text(old, block)

    def _was_settled(self, old: BlockId) -> bool:
        path = self.paths_after.get(old[0])
        if path is None or old[1] not in self.after.versions[path].blocks:
            return False
        return self._has_same_text(old, (path, old[1]))

    def _has_same_text(self, old_block: BlockId, block: BlockId) -> bool:
        """Return whether a block has unchanged lines; otherwise only comments and layout may differ."""
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
            return False  # this needs no parsing
        return old.body(name) == new.body(new_name)


def identify_blocks(comparison: BlockComparison) -> Mapping[BlockId, FollowedBlock]:
    """Return the kind of change of each block of the new side.

    An edited block at its old place is matched with itself, and not with another block that has its old body.
    That block may be matched with another old block with this body.
    """
    found = {block: comparison.classify(block) for block in comparison.after.list_blocks()}
    edited = {change.before for change in found.values() if change.state == "modified"}
    copies = [block for block, change in found.items() if _is_of(change, edited)]
    taken = {change.before for change in found.values() if not _is_of(change, edited)}
    for copy in copies:
        found[copy] = _place(comparison, copy, taken)
        taken.add(found[copy].before)
    return found


def identify_block(comparison: BlockComparison, block: BlockId) -> FollowedBlock:
    """Return the kind of change of one new block; others are compared only if necessary."""
    change = comparison.classify(block)
    return identify_blocks(comparison)[block] if change.state == "renamed" else change


def _place(comparison: BlockComparison, copy: BlockId, taken: Container[BlockId | None]) -> FollowedBlock:
    """Return the kind of change of a block whose old body belonged to another one, which kept its place."""
    other = next((old for old in comparison.find_same_bodies(copy) if old not in taken), None)
    if other is not None:
        return FollowedBlock("renamed", other)
    change = comparison.classify_by_place(copy)
    return FollowedBlock("added") if change.before in taken else change


def _is_of(change: FollowedBlock, edited: Container[BlockId | None]) -> bool:
    """Return whether a block has the old body of another one that kept its place."""
    return change.state == "renamed" and change.before in edited
