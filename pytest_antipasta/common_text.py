"""What two versions of a file have in common as text, which is enough to know most blocks unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from operator import eq

from pytest_antipasta.file_version import FileVersion
from pytest_antipasta.model import Block


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

        Its decorators begin nobody knows where, but behind the keyword of the block before it. That has to
        begin in the common end on both sides, so that no string or bracket is open there on one of them.
        """
        start = len(self._after.lines) - self._last + 1
        old_lines = {block.line + self._shift for block in self._before.measurement.blocks}
        return any(
            start <= block.line < line for block in self._after.measurement.blocks if block.line in old_lines
        )


def _count_equal(old: Sequence[str], new: Sequence[str]) -> int:
    return sum(1 for _ in takewhile(bool, map(eq, old, new)))
