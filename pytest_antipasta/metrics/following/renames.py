"""Which blocks of a change have another name or place, and the same body."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter

from pytest_antipasta.metrics.following.file_version import BlockId
from pytest_antipasta.metrics.following.pairing import pair
from pytest_antipasta.metrics.following.side import Side


class Renames:
    """The blocks that were renamed or moved as they are; looked for body by body."""

    def __init__(self, before: Side, after: Side, origins: Mapping[str, str]) -> None:
        """Compare two sides.

        Args:
            before: the files as they were.
            after: as they are.
            origins: for each path afterwards the path that the file had.
        """
        self._before = before
        self._after = after
        self._origins = origins
        self._matched: set[str] = set()
        self._sources: dict[BlockId, BlockId] = {}
        self._targets: dict[BlockId, BlockId] = {}

    def find_same_place(self, block: BlockId) -> BlockId | None:
        """Return the block of the earlier side that has the place and the name of a later one."""
        path, name = block
        origin = self._before.versions.get(self._origins.get(path, ""))
        return (origin.path, name) if origin is not None and name in origin.blocks else None

    def find_source(self, block: BlockId) -> BlockId | None:
        """Return the block that one of the later side was, if it has come to its place."""
        self._match(self._after, block)
        return self._sources.get(block)

    def find_target(self, old: BlockId) -> BlockId | None:
        """Return the block that one of the earlier side is, if it has left its place."""
        self._match(self._before, old)
        return self._targets.get(old)

    def _match(self, side: Side, block: BlockId) -> None:
        path, name = block
        body = side.versions[path].body(name)
        if body is None or body in self._matched:
            return
        self._matched.add(body)
        pairs = self._pair(body, side.versions[path].blocks[name].cyclomatic_complexity)
        self._sources |= pairs
        self._targets |= {source: block for block, source in pairs.items()}

    def _pair(self, body: str, complexity: int | None) -> dict[BlockId, BlockId]:
        """Return for the blocks of a body that came to their places which one each was."""
        old = self._before.find_blocks(body, complexity)
        if not old:
            return {}
        new = self._after.find_blocks(body, complexity)
        places = {block: self.find_same_place(block) for block in new}
        stayed = set(old).intersection(places.values())
        # Those that stay in their file first, then between files.
        gone = [(block[0], block) for block in old if block not in stayed]
        come = [(self._origins.get(block[0]), block) for block in new if places[block] not in stayed]
        pairs = pair(gone, come, itemgetter(0), lambda _: "")
        return {block: source for (_, block), (_, source) in pairs.items()}
