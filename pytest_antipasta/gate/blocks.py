"""Two versions of some files to what became of their blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from pytest_antipasta.gate.file_version import BlockId, CommonText, FileVersion
from pytest_antipasta.metrics import Namesake, find_stem, pair_namesakes

State: TypeAlias = Literal["unchanged", "renamed", "modified", "added"]


class Change(Struct, frozen=True):
    """What became of a block.

    Attributes:
        state: ``renamed`` for a body that has another name, or another place, and left its old one.
        before: the block that it was; ``None`` for an added one.
    """

    state: State
    before: BlockId | None = None


class BlockComparison:
    """The files of a change beside those of one parent."""

    def __init__(
        self, before: Iterable[FileVersion], after: Iterable[FileVersion], origins: Mapping[str, str]
    ) -> None:
        """Take both sides, complete: a block has left its place only if it is not there any more.

        Args:
            before: the files as they were, those that are gone included.
            after: as they are.
            origins: for each path afterwards the path that the file had; none for new files.
        """
        self._before = {version.path: version for version in sorted(before, key=_path)}
        self._after = {version.path: version for version in sorted(after, key=_path)}
        self._origins = origins
        self._moves: dict[str, dict[BlockId, BlockId]] = {}
        self._common: dict[str, CommonText] = {}
        self._namesakes: dict[tuple[str, str], dict[str, str]] = {}

    def classify(self, block: BlockId) -> Change:
        """Return what became of a block of the later side.

        A block that keeps name and body is unchanged. Else a block of the earlier side with the same
        body that has left its place is the one that it was, renamed or moved, and can be that of one
        block only. Else it is the block of the same name in the same file, modified; of several, such as
        overloads, the one that it is most like. Else it is added.
        """
        kept = self._find_kept(block)
        if kept is not None:
            return kept
        path, name = block
        origin = self._find_namesakes(path, find_stem(name)).get(name)
        return Change("added") if origin is None else Change("modified", (self._origins[path], origin))

    def is_introduced(self, path: str, name: str | None) -> bool:
        """Whether a change brings a block, or a file for ``None``, or makes it what it is."""
        if path not in self._after:
            return False
        if name is None:
            return self.file_before(path) is None
        return self.classify((path, name)).state in ("added", "modified")

    def find_origin(self, path: str, name: str | None) -> tuple[str, str | None] | None:
        """Return where a block of the later side was, or a file for ``None``; ``None`` if it is new."""
        if path not in self._after:
            return path, name
        if name is not None:
            return self.classify((path, name)).before
        return (origin, None) if (origin := self._origins.get(path)) is not None else None

    def version_at(self, path: str) -> FileVersion | None:
        """Return the file that had a path on the earlier side, if it is one that differs."""
        return self._before.get(path)

    def file_before(self, path: str) -> FileVersion | None:
        """Return the earlier version of a file of the later side."""
        origin = self._origins.get(path)
        return self._before.get(origin) if origin is not None else None

    def version_before(self, block: BlockId) -> FileVersion:
        """Return the file of the earlier side that a block of it is in."""
        return self._before[block[0]]

    def _find_kept(self, block: BlockId) -> Change | None:
        """Return what became of a block that has kept its body."""
        namesake = self._find_namesake(block)
        if namesake is not None and self._is_unchanged(namesake, block):
            return Change("unchanged", namesake)
        source = self._find_moves(self._after, block).get(block)
        return None if source is None else Change("renamed", source)

    def _find_namesakes(self, path: str, stem: str) -> dict[str, str]:
        """Return for the blocks of a name in a file that have not kept their bodies which one each was."""
        if (path, stem) not in self._namesakes:
            self._namesakes[path, stem] = self._pair_namesakes(self._after[path], stem)
        return self._namesakes[path, stem]

    def _pair_namesakes(self, new: FileVersion, stem: str) -> dict[str, str]:
        old = self.file_before(new.path)
        if old is None:
            return {}
        come = [name for name in new.stems[stem] if self._find_kept((new.path, name)) is None]
        gone = [name for name in old.stems.get(stem, ()) if not self._has_kept((old.path, name), new)]
        if come == gone and len(come) == 1:  # nothing need be compared
            return {come[0]: gone[0]}
        return pair_namesakes(
            [Namesake(name, "", old.sketch(name)) for name in gone],
            [Namesake(name, "", new.sketch(name)) for name in come],
        )

    def _has_kept(self, namesake: BlockId, new: FileVersion) -> bool:
        """Whether a block of the earlier side is one of the later side with the same body."""
        name = namesake[1]
        if name in new.blocks and self._is_unchanged(namesake, (new.path, name)):
            return True
        return namesake in self._find_moves(self._before, namesake).values()

    def _is_unchanged(self, namesake: BlockId, block: BlockId) -> bool:
        old, new = self._before[namesake[0]], self._after[block[0]]
        if new.path not in self._common:
            self._common[new.path] = CommonText(old, new)
        if self._common[new.path].has_block(old.blocks[namesake[1]], new.blocks[block[1]]):
            return True
        return old.body(namesake[1]) == new.body(block[1])

    def _find_namesake(self, block: BlockId) -> BlockId | None:
        path, name = block
        old = self.file_before(path)
        return (old.path, name) if old is not None and name in old.blocks else None

    def _find_moves(self, side: Mapping[str, FileVersion], block: BlockId) -> dict[BlockId, BlockId]:
        """Return for all blocks of one body that came to their place the one that each was.

        Args:
            side: where the body is taken from.
            block: which has it there.
        """
        path, name = block
        body = side[path].body(name)
        if body is None:
            return {}
        if body not in self._moves:
            self._moves[body] = self._match(body, side[path].blocks[name].cyclomatic_complexity)
        return self._moves[body]

    def _match(self, body: str, complexity: int) -> dict[BlockId, BlockId]:
        old = _find_blocks(self._before, body, complexity)
        if not old:
            return {}
        new = _find_blocks(self._after, body, complexity)
        places = {block: self._find_namesake(block) for block in new}
        stayed = set(old).intersection(places.values())
        gone = [block for block in old if block not in stayed]
        come = [block for block in new if places[block] not in stayed]
        return self._pair(come, gone)

    def _pair(self, come: Sequence[BlockId], gone: list[BlockId]) -> dict[BlockId, BlockId]:
        """Return which block was which: those that stay in their file first, then between files."""
        pairs: dict[BlockId, BlockId] = {}
        for block in come:
            own = self._origins.get(block[0])
            if (source := next((old for old in gone if old[0] == own), None)) is not None:
                pairs[block] = source
                gone.remove(source)
        others = [block for block in come if block not in pairs]
        return pairs | dict(zip(others, gone, strict=False))


def _find_blocks(side: Mapping[str, FileVersion], body: str, complexity: int) -> list[BlockId]:
    return [block for version in side.values() for block in version.find_blocks(body, complexity)]


def _path(version: FileVersion) -> str:
    return version.path
