"""One version of a file in a change: its numbers, and its blocks in a form that can be compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import takewhile
from math import inf
from operator import eq
from typing import TYPE_CHECKING, TypeAlias

from pytest_antipasta.engine import HeldSource, Measured, Source
from pytest_antipasta.metrics import find_stem, split_lines
from pytest_antipasta.model import Block, Measurement

if TYPE_CHECKING:
    from pytest_antipasta.metrics import NormalizedBlocks

BlockId: TypeAlias = tuple[str, str]
"""The path of a file and a qualified name in it."""


class FileVersion:
    """One file as one side of a change has it.

    Numbers and tree are worked out when they are needed: most files of a commit have no block over a
    limit, and what happened to their blocks does not matter.

    Attributes:
        path: of the file.
    """

    def __init__(
        self,
        source: HeldSource,
        measure: Callable[[Source], Measured],
        check_time: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep the content, what measures it, and what raises when there is no time left to parse it."""
        self.path = source.path
        self._source = source
        self._measure = measure
        self._check_time = check_time

    @cached_property
    def measured(self) -> Measured:
        """Its numbers, looked up or measured when they are asked for."""
        return self._measure(self._source)

    @property
    def measurement(self) -> Measurement:
        """The numbers alone."""
        return self.measured.measurement

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
        return split_lines(self._source.data, is_python=self.measurement.foreign is None)

    def block_lines(self, name: str) -> list[str]:
        """Return the lines of a block as they are, decorators left out."""
        block = self.blocks[name]
        return self.lines[block.line - 1 : block.end_line]

    def body(self, name: str) -> str | None:
        """Return what stands for all of a block but its name; ``None`` where there is no such block.

        Equal for blocks that differ in comments, blank lines, formatting and position only.
        """
        return self._bodies.find(name)

    def forget_trees(self) -> None:
        """Find all bodies at once, for comparing many files without the trees of all of them in memory."""
        self._bodies.forget_trees()

    def digest(self, name: str) -> str | None:
        """Return what stands for a block's body, or for the whole file's under the empty name."""
        return self._bodies.digest(name)

    @cached_property
    def _bodies(self) -> NormalizedBlocks:
        # Here, because a commit without violations needs none of it.
        from pytest_antipasta.metrics import NormalizedBlocks

        self._check_time()
        return NormalizedBlocks(self._source.data, self.measurement.foreign)


class CommonText:
    """The lines at the beginning and at the end of two versions that are the same.

    A block in them is the same to the parser, decorators included, and nothing need be parsed to know it.
    Of other blocks it says nothing: comments and layout may be all that differs.
    """

    def __init__(self, before: FileVersion, after: FileVersion) -> None:
        """Compare two versions line by line."""
        self._before, self._after = before, after
        old, new = before.lines, after.lines
        self._first = _count_equal(old, new)
        self._last = min(_count_equal(old[::-1], new[::-1]), min(len(old), len(new)) - self._first)
        self._shift = len(new) - len(old)

    def has_block(self, old: Block, new: Block) -> bool:
        """Whether a block of each side is one and the same in what they have in common."""
        if old.line == new.line and max(old.end_line, new.end_line) <= self._first:
            return True
        return old.line + self._shift == new.line and self._is_at_the_end(new.line)

    def _is_at_the_end(self, line: int) -> bool:
        """Whether all that belongs to a block on a line of the later side is in the common end.

        Where its decorators begin is not known, but it is behind the keyword of the block before it. That
        has to begin in the common end on both sides, so that no string or bracket is open there on one of
        them.
        """
        return self._first_at_the_end < line

    @cached_property
    def _first_at_the_end(self) -> float:
        """The line of the later side where the first block of the common end begins on both sides."""
        start = len(self._after.lines) - self._last + 1
        old_lines = {block.line + self._shift for block in self._before.measurement.blocks}
        lines = {block.line for block in self._after.measurement.blocks if block.line >= start}
        return min(lines & old_lines, default=inf)


class LineIndex:
    """The lines of a text, to find others in."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Index them."""
        self._lines = lines
        self._places: dict[str, list[int]] = {}
        for place, line in enumerate(lines):
            self._places.setdefault(line, []).append(place)

    def has(self, lines: Sequence[str]) -> bool:
        """Whether some lines, at least one, are in the text as they are, one behind the other."""
        places = self._places.get(lines[0], ()) if lines else ()
        return any(self._lines[place : place + len(lines)] == lines for place in places)


def _count_equal(old: Sequence[str], new: Sequence[str]) -> int:
    return sum(1 for _ in takewhile(bool, map(eq, old, new)))
