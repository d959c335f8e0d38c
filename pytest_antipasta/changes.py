"""Two versions of some files to what became of their blocks."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Literal, TypeAlias

from msgspec import Struct

from pytest_antipasta.metrics.walk import walk_scopes
from pytest_antipasta.model import Block, Measurement
from pytest_antipasta.source import SourceError, decode_source, parse_source

BlockId: TypeAlias = tuple[str, str]
"""The path of a file and a qualified name in it."""
State: TypeAlias = Literal["unchanged", "renamed", "modified", "added"]


class Change(Struct, frozen=True):
    """What became of a block.

    Attributes:
        state: ``renamed`` for a body that has another name, or another place, and left its old one.
        before: the block that it was; ``None`` for an added one.
    """

    state: State
    before: BlockId | None = None


class FileVersion:
    """One file as one side of a change has it.

    Numbers and tree are had when somebody asks for them: most files of a commit have no block over a
    limit, and nobody needs to know what became of theirs.

    Attributes:
        path: of the file.
    """

    def __init__(self, path: str, data: bytes, measure: Callable[[bytes], Measurement]) -> None:
        """Take the content, and what gives its numbers."""
        self.path = path
        self._data = data
        self._measure = measure
        self._bodies: dict[str, str] = {}

    @cached_property
    def measurement(self) -> Measurement:
        """Its numbers, looked up or measured when somebody asks."""
        return self._measure(self._data)

    @cached_property
    def blocks(self) -> dict[str, Block]:
        """All blocks but classes, by qualified name."""
        return {block.qualified_name: block for block in self.measurement.blocks if block.kind != "class"}

    def body(self, name: str) -> str | None:
        """Return all of a block but its name, normalised; ``None`` where there is no such block.

        Equal for blocks that differ in comments, blank lines, formatting and position only.
        """
        if name not in self._bodies:
            node = self._nodes.get(name)
            if node is None:
                return None
            self._bodies[name] = _normalise(node)
        return self._bodies[name]

    @cached_property
    def _nodes(self) -> dict[str, ast.stmt]:
        try:
            scopes = walk_scopes(parse_source(decode_source(self._data)))
        except SourceError:
            return {}
        return {scope.qualified_name: scope.node for scope in scopes[1:]}


class Parent:
    """The files of a change beside those of one parent."""

    def __init__(
        self, before: Iterable[FileVersion], after: Iterable[FileVersion], origins: Mapping[str, str]
    ) -> None:
        """Take both sides.

        Args:
            before: the files as they were, those that are gone included.
            after: as they are.
            origins: for each path afterwards the path that the file had; none for new files.
        """
        self._before = {version.path: version for version in before}
        self._after = {version.path: version for version in after}
        self._origins = origins
        self._successors = {old: new for new, old in origins.items() if new in self._after}

    def classify(self, blocks: Iterable[BlockId]) -> dict[BlockId, Change]:
        """Return what became of some blocks of the later side.

        A block that keeps name and body is unchanged. Else a block of the earlier side with the same
        body that has left its place is the one that it was, renamed or moved, and can be that of one
        block only. Else it is the block of the same name in the same file, modified; else it is added.
        """
        blocks = list(blocks)
        unchanged = [block for block in blocks if self._is_unchanged(block)]
        left = [block for block in blocks if block not in unchanged]
        sources = self._find_sources(left)
        taken = frozenset(sources.values())
        changes = {block: Change("unchanged", self._find_namesake(block)) for block in unchanged}
        for block in left:
            if block in sources:
                changes[block] = Change("renamed", sources[block])
            else:
                namesake = self._find_namesake(block)
                is_modified = namesake is not None and namesake not in taken
                changes[block] = Change("modified", namesake) if is_modified else Change("added")
        return changes

    def file_before(self, path: str) -> FileVersion | None:
        """Return the earlier version of a file of the later side."""
        origin = self._origins.get(path)
        return self._before.get(origin) if origin is not None else None

    def block_before(self, change: Change) -> Block | None:
        """Return the block that a changed one was."""
        if change.before is None:
            return None
        path, name = change.before
        return self._before[path].blocks[name]

    def _find_namesake(self, block: BlockId) -> BlockId | None:
        path, name = block
        old = self.file_before(path)
        return (old.path, name) if old is not None and name in old.blocks else None

    def _is_unchanged(self, block: BlockId) -> bool:
        namesake = self._find_namesake(block)
        return namesake is not None and self._is_same_body(namesake, block)

    def _find_sources(self, blocks: Iterable[BlockId]) -> dict[BlockId, BlockId]:
        """Return for blocks that were renamed or moved the one that each was, each for one at most."""
        sources: dict[BlockId, BlockId] = {}
        for block in blocks:
            free = (old for old in self._iter_sources(block) if old not in sources.values())
            if (source := next(free, None)) is not None:
                sources[block] = source
        return sources

    def _iter_sources(self, block: BlockId) -> Iterator[BlockId]:
        """Yield the earlier blocks of the same body that have left their place; the file's own first."""
        path, name = block
        # The number costs nothing, and equal bodies have equal ones.
        complexity = self._after[path].blocks[name].cyclomatic_complexity
        own = self._origins.get(path)
        for version in sorted(self._before.values(), key=lambda version: version.path != own):
            for old_name, old_block in version.blocks.items():
                old = (version.path, old_name)
                if (
                    old_block.cyclomatic_complexity == complexity
                    and self._is_same_body(old, block)
                    and not self._has_stayed(old)
                ):
                    yield old

    def _has_stayed(self, old: BlockId) -> bool:
        path, name = old
        successor = self._successors.get(path)
        if successor is None or name not in self._after[successor].blocks:
            return False
        return self._is_same_body(old, (successor, name))

    def _is_same_body(self, old: BlockId, new: BlockId) -> bool:
        body = self._after[new[0]].body(new[1])
        return body is not None and body == self._before[old[0]].body(old[1])


def _normalise(node: ast.stmt) -> str:
    """Return a function's kind, parameters, decorators and body as text, without positions and name."""
    try:
        fields = [ast.dump(part) for part in _iter_parts(node)]
    except RecursionError:
        # Too deep to be compared: equal to nothing, so that it is judged.
        return f"too deep: {id(node)}"
    return "\n".join([type(node).__name__, *fields])


def _iter_parts(node: ast.stmt) -> Iterator[ast.AST]:
    for _, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield value
        elif isinstance(value, list):
            # The list keeps the parts of neighbouring fields apart.
            yield ast.List(value, ast.Load())
