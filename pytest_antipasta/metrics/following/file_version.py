"""One version of a file in a change: its numbers, and its blocks in a form that can be compared."""

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
"""The path of a file and a qualified name in it."""
_OVERLOAD = re.compile(r"\s*@(\w+\.)*overload\s*(#.*)?")


class FileVersion:
    """One file as one side of a change has it.

    Numbers and tree are worked out when they are needed: most files of a commit have no block over a
    limit, and what happened to their blocks does not matter.

    Attributes:
        path: of the file.
        read: gives the content.
    """

    def __init__(self, path: str, read: Callable[[], bytes], measure: Callable[[], Known]) -> None:
        """Keep what gives the content, and what gives its numbers."""
        self.path = path
        self.read = read
        self._measure = measure
        self._found: dict[str, str | None] = {}

    def check_time(self) -> None:
        """Raise an error if no time is left to parse the content."""

    def find_bodies(self) -> Mapping[str, str]:
        """Return what stands for the bodies of blocks, as far as somebody has kept it."""
        return self.measurement.bodies

    @cached_property
    def known(self) -> Known:
        """Its numbers and where they come from, looked up or measured when they are asked for."""
        return self._measure()

    @property
    def is_measured(self) -> bool:
        """Whether somebody has asked for its numbers."""
        return "known" in self.__dict__

    @cached_property
    def measurement(self) -> Measurement:
        """The numbers alone."""
        return self.known.measurement

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
        return split_lines(self.read(), is_python=self.measurement.foreign is None)

    def block_lines(self, name: str) -> list[str]:
        """Return the lines of a block as they are, decorators left out."""
        block = self.blocks[name]
        return self.lines[block.line - 1 : block.end_line]

    def own_lines(self, name: str) -> list[str] | None:
        """Return all lines that can belong to a block, decorators included; ``None`` where nobody knows them.

        Blocks with the same ones are the same to the parser, and nothing need be parsed to know it.
        """
        start = self.starts.get(name)
        return None if start is None else self.lines[start : self.blocks[name].end_line]

    def is_overload(self, name: str) -> bool:
        """Whether a block is one of the signatures that an implementation of the same name stands behind."""
        start, block = self.starts.get(name), self.blocks.get(name)
        if start is None or block is None:
            return False
        head = self.lines[block.line - 1]
        indent = head[: len(head) - len(head.lstrip())]
        # What goes on from a decorator is indented, or closes its brackets.
        marks = tuple(f"{indent}{mark}" for mark in ("@", "#", " ", "\t", ")"))
        for line in reversed(self.lines[start : block.line - 1]):
            if _OVERLOAD.fullmatch(line):
                return True
            if line.strip() and not line.startswith(marks):
                return False
        return False

    def body(self, name: str) -> str | None:
        """Return what stands for all of a block but its name; ``None`` where there is no such block.

        Equal for blocks that differ in comments, blank lines, formatting and position only.
        """
        if name not in self._found:
            self._found[name] = self._find_body(name)
        return self._found[name]

    def digest(self, name: str) -> str | None:
        """Return 16 digits that stand for a block's body, or for the whole file's under the empty name."""
        from pytest_antipasta.metrics.following.bodies import shorten  # here, as below

        return shorten(self.body(name))

    def find_news(self) -> dict[str, str]:
        """Return what is to be kept of bodies, if what is kept lacks something that was worked out."""
        found = {name: body for name, body in self._found.items() if body is not None}
        if not found or found.keys() <= self._kept.keys() or self.measurement.foreign is not None:
            return {}
        return {**self._kept, **found}

    def _find_body(self, name: str) -> str | None:
        if (known := self._kept.get(name)) is not None:
            return known
        if name in self.starts and name in self.blocks:
            from pytest_antipasta.metrics.following.bodies import find_body  # here, as below

            self.check_time()
            if (body := find_body(self.lines, self.starts[name], self.blocks[name])) is not None:
                return body
        return self._bodies.find(name)

    @cached_property
    def _kept(self) -> Mapping[str, str]:
        return self.find_bodies()

    @cached_property
    def starts(self) -> dict[str, int]:
        """For each block how many lines stand before all that can belong to it.

        Where its decorators begin is not known, but it is behind the end of the block before it, or from
        the keyword of the block around it on. There no string and no bracket is open. What is not Python has
        none, as nobody knows where that can be cut.
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
        # Here, because a commit without violations needs none of it.
        from pytest_antipasta.metrics.following.bodies import NormalizedBlocks

        self.check_time()
        return NormalizedBlocks(self.read(), self.measurement.foreign)


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
