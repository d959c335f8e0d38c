"""A file as one side of a change has it: its numbers, and its blocks as they can be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from pytest_antipasta.likeness import find_stem
from pytest_antipasta.model import Block, Measurement
from pytest_antipasta.source import SourceError, decode_source

if TYPE_CHECKING:
    from pytest_antipasta.bodies import Bodies

BlockId: TypeAlias = tuple[str, str]
"""The path of a file and a qualified name in it."""


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

    @cached_property
    def measurement(self) -> Measurement:
        """Its numbers, looked up or measured when somebody asks."""
        return self._measure(self._data)

    @cached_property
    def blocks(self) -> dict[str, Block]:
        """All blocks but classes, by qualified name."""
        return {block.qualified_name: block for block in self.measurement.blocks if block.kind != "class"}

    @cached_property
    def stems(self) -> dict[str, list[str]]:
        """The qualified names of its blocks, by what is left of them without numbers."""
        found: dict[str, list[str]] = {}
        for name in self.blocks:
            found.setdefault(find_stem(name), []).append(name)
        return found

    @cached_property
    def lines(self) -> list[str]:
        """Its lines as Python's parser counts them; none where it can't be decoded."""
        try:
            return decode_source(self._data).split("\n")
        except SourceError:
            return []

    def body(self, name: str) -> str | None:
        """Return all of a block but its name, normalised; ``None`` where there is no such block.

        Equal for blocks that differ in comments, blank lines, formatting and position only.
        """
        return self._bodies.find(name)

    def digest(self, name: str) -> str | None:
        """Return what stands for a block's body, or for the whole file's under the empty name."""
        return self._bodies.digest(name)

    def sketch(self, name: str) -> str:
        """Return what is similar for similar bodies, empty where there is no such block."""
        return self._bodies.sketch(name)

    def find_blocks(self, body: str, complexity: int) -> Iterator[BlockId]:
        """Yield the blocks that have a body.

        Args:
            body: normalised.
            complexity: the cyclomatic one of such a block, which costs nothing to compare.
        """
        for name, block in self.blocks.items():
            if block.cyclomatic_complexity == complexity and self.body(name) == body:
                yield self.path, name

    @cached_property
    def _bodies(self) -> Bodies:
        # Here, because a commit without a number over its limit needs none of it.
        from pytest_antipasta.bodies import Bodies

        return Bodies(self._data)
