"""One version of a file in a change: its values, and its blocks in a comparable form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from pytest_antipasta.metrics.following.pairing import find_stem
from pytest_antipasta.metrics.source import split_lines
from pytest_antipasta.model import Block, Known, Measurement

if TYPE_CHECKING:
    from pytest_antipasta.metrics.following.bodies import NormalizedBlocks

BlockId: TypeAlias = tuple[str, str]
"""The path of a file, and the qualified name of one of its blocks."""
_OVERLOAD = re.compile(r"\s*@(\w+\.)*overload\s*(#.*)?")


class FileVersion:
    """One file on one side of a change.

    Values and syntax tree are computed when needed. Most files of a commit have no block over a limit, so
    that changes of their blocks do not matter.

    Attributes:
        path: path of the file.
        read: returns the content.
    """

    def __init__(self, path: str, read: Callable[[], bytes], measure: Callable[[], Known]) -> None:
        """Take functions that return the content and its values."""
        self.path = path
        self.read = read
        self._measure = measure
        self._found: dict[str, str | None] = {}

    def check_time(self) -> None:
        """Raise an error if there is no time left to parse the content."""

    def find_bodies(self) -> Mapping[str, str]:
        """Return the stored digests of the bodies of blocks."""
        return self.measurement.bodies

    @cached_property
    def known(self) -> Known:
        """The values with their origin, looked up or measured on first use."""
        return self._measure()

    @property
    def is_measured(self) -> bool:
        """Whether the values were requested."""
        return "known" in self.__dict__

    @cached_property
    def measurement(self) -> Measurement:
        """The measurement, without its origin."""
        return self.known.measurement

    @cached_property
    def blocks(self) -> dict[str, Block]:
        """All blocks except classes, by qualified name."""
        return {block.qualified_name: block for block in self.measurement.blocks if block.kind != "class"}

    @cached_property
    def stems(self) -> dict[str, list[str]]:
        """The qualified names of its blocks, by these names without numbers."""
        found: dict[str, list[str]] = {}
        for name in self.blocks:
            found.setdefault(find_stem(name), []).append(name)
        return found

    @cached_property
    def lines(self) -> list[str]:
        """Its lines as counted by Python's parser; empty if it can't be decoded."""
        return split_lines(self.read(), is_python=self.measurement.foreign is None)

    def block_lines(self, name: str) -> list[str]:
        """Return the unchanged lines of a block, without decorators."""
        block = self.blocks[name]
        return self.lines[block.line - 1 : block.end_line]

    def own_lines(self, name: str) -> list[str] | None:
        """Return all lines that can belong to a block, with decorators; ``None`` if unknown.

        Blocks with equal lines are equal to the parser, so that this needs no parsing.
        """
        start = self.starts.get(name)
        return None if start is None else self.lines[start : self.blocks[name].end_line]

    def is_overload(self, name: str) -> bool:
        """Return whether a block is an overload, which an implementation of the same name follows."""
        start, block = self.starts.get(name), self.blocks.get(name)
        if start is None or block is None:
            return False
        head = self.lines[block.line - 1]
        indent = head[: len(head) - len(head.lstrip())]
        # Continuation lines of a decorator are indented, or close its brackets.
        marks = tuple(f"{indent}{mark}" for mark in ("@", "#", " ", "\t", ")"))
        for line in reversed(self.lines[start : block.line - 1]):
            if _OVERLOAD.fullmatch(line):
                return True
            if line.strip() and not line.startswith(marks):
                return False
        return False

    def body(self, name: str) -> str | None:
        """Return the normalised body of a block, without its name; ``None`` if there is no such block.

        Blocks that differ only in comments, blank lines, formatting and position have equal bodies.
        """
        if name not in self._found:
            self._found[name] = self._find_body(name)
        return self._found[name]

    def digest(self, name: str) -> str | None:
        """Return 16 digits that identify the body of a block, or of the whole file under the empty name."""
        from pytest_antipasta.metrics.following.bodies import shorten

        return shorten(self.body(name))

    def find_news(self) -> dict[str, str]:
        """Return all digests of bodies if new ones were computed, to store them; otherwise ``None``."""
        found = {name: body for name, body in self._found.items() if body is not None}
        if not found or found.keys() <= self._kept.keys() or self.measurement.foreign is not None:
            return {}
        return {**self._kept, **found}

    def _find_body(self, name: str) -> str | None:
        if (known := self._kept.get(name)) is not None:
            return known
        if name in self.starts and name in self.blocks:
            from pytest_antipasta.metrics.following.bodies import find_body

            self.check_time()
            if (body := find_body(self.lines, self.starts[name], self.blocks[name])) is not None:
                return body
        return self._bodies.find(name)

    @cached_property
    def _kept(self) -> Mapping[str, str]:
        return self.find_bodies()

    @cached_property
    def starts(self) -> dict[str, int]:
        """For each block, the number of lines before the first that can belong to it.

        The start of its decorators is unknown, but they come after the end of the previous block, or after
        the keyword of the outer block. No string or bracket is open there. Other languages than Python have
        no entries, as they can't be split by line.
        """
        starts: dict[str, int] = {}
        if self.measurement.foreign is not None:
            return starts
        around: list[Block] = []
        ended = 0
        for block in self.measurement.blocks:
            while around and around[-1].end_line < block.line:
                ended = max(ended, around.pop().end_line)
            starts[block.qualified_name] = max(ended, around[-1].line - 1 if around else 0)
            around.append(block)
        return starts

    @cached_property
    def _bodies(self) -> NormalizedBlocks:
        from pytest_antipasta.metrics.following.bodies import NormalizedBlocks

        self.check_time()
        return NormalizedBlocks(self.read(), self.measurement.foreign)


class LineIndex:
    """An index of the lines of a text."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Index the lines."""
        self._lines = lines
        self._places: dict[str, list[int]] = {}
        for place, line in enumerate(lines):
            self._places.setdefault(line, []).append(place)

    def has(self, lines: Sequence[str]) -> bool:
        """Return whether some lines (at least one) occur in the text unchanged and consecutively."""
        places = self._places.get(lines[0], ()) if lines else ()
        return any(self._lines[place : place + len(lines)] == lines for place in places)
