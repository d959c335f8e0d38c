"""One version of a file: its values, its blocks in a comparable form, and the edited ones of two versions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from keyword import iskeyword
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from pytest_antipasta.metrics.following.pairing import pair_by_number
from pytest_antipasta.metrics.source import split_lines
from pytest_antipasta.model.limits import strip_number
from pytest_antipasta.model.measured import CELL, Block, Measured, Measurement

if TYPE_CHECKING:
    from pytest_antipasta.metrics.following.bodies import NormalizedBlocks

BlockId: TypeAlias = tuple[str, str]
"""The path of a file, and the qualified name of one of its blocks."""
OF_CODE = "\0code"
"""What follows a name in the digests of bodies, for the body without docstrings and annotations."""
_Key = TypeVar("_Key")
# A line shared by more edited blocks than this is ignored, as every pair of them would be compared.
_FEW = 50
# A string, a comment, or a name in lower case that is not called and no attribute: mostly that of a variable.
# A string without an end, as a part of an f-string may seem to be, ends with its line: nothing is read twice.
_VARIABLE = re.compile(
    r"""
    [a-zA-Z]{0,2}(?P<quotes>\"{3}|'{3})(?:\\.|[^\\])*?(?:(?P=quotes)|\Z)
    |[a-zA-Z]{0,2}(?:"(?:\\.|[^"\\\n])*+"?|'(?:\\.|[^'\\\n])*+'?)
    |\#[^\n]*
    |(?<![\w.])(?P<name>[a-z_]\w*)(?![\w(])
    """,
    re.DOTALL | re.VERBOSE,
)
# Decorators by which several functions of one name have different tasks.
_ROLES = frozenset({"overload", "getter", "setter", "deleter"})


class _LineIndex:
    """Lines of a content, and where each of them is."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = tuple(lines)
        self._places: dict[str, list[int]] = {}
        for place, line in enumerate(lines):
            self._places.setdefault(line, []).append(place)

    def count(self, lines: tuple[str, ...]) -> int:
        """Return how often some lines are there unchanged and consecutively, looked for by the rarest one."""
        found = [self._places.get(line, ()) for line in lines]
        rarest = min(range(len(found)), key=lambda number: len(found[number]), default=0)
        starts = (place - rarest for place in found[rarest]) if found else ()
        return sum(self._lines[start : start + len(lines)] == lines for start in starts if start >= 0)


class FileVersion:
    """One version of a file: on disk, or on one side of a change.

    Values and syntax tree are computed when needed. Most files have no block over a limit, so that neither
    the baseline nor changes of their blocks matter.

    Attributes:
        path: path of the file.
        read: returns the content.
    """

    def __init__(self, path: str, read: Callable[[], bytes], measure: Callable[[], Measured]) -> None:
        self.path = path
        self.read = read
        self._measure = measure
        self._known: Measured | None = None
        self._found: dict[str, str | None] = {}

    def check_time(self) -> None:
        """Raise an error if there is no time left to parse the content."""

    def find_bodies(self) -> Mapping[str, str]:
        """Return the stored digests of the bodies of blocks."""
        return self.measurement.bodies

    @property
    def known(self) -> Measured:
        """The values with their origin, looked up or measured on first use."""
        if self._known is None:
            self._known = self._measure()
        return self._known

    def know(self, known: Measured) -> None:
        """Take the values, so that they need not be looked up or measured."""
        self._known = known

    @property
    def is_measured(self) -> bool:
        """Whether the values are known."""
        return self._known is not None

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
            found.setdefault(strip_number(name), []).append(name)
        return found

    @cached_property
    def lines(self) -> list[str]:
        """Its lines as counted by Python's parser; empty if it can't be decoded."""
        return split_lines(self.read(), is_python=self.measurement.foreign is None)

    def has_lines(self, lines: Sequence[str]) -> bool:
        """Return whether some lines (at least one) are in it unchanged and consecutively."""
        return self._index.count(tuple(lines)) > 0

    def list_touched(self, later: bytes) -> list[str]:
        """Return the blocks whose lines a later content, of the same language, has less often."""
        index = _LineIndex(split_lines(later, is_python=self.measurement.foreign is None))
        texts = {name: tuple(self.block_lines(name)) for name in self.blocks}
        gone = {lines for lines in {*texts.values()} if index.count(lines) < self._index.count(lines)}
        return [name for name, lines in texts.items() if lines in gone]

    @cached_property
    def _index(self) -> _LineIndex:
        return _LineIndex(self.lines)

    def block_lines(self, name: str) -> list[str]:
        """Return the unchanged lines of a block, without decorators."""
        block = self.blocks[name]
        return self.lines[block.line - 1 : block.end_line]

    def count_lines(self, name: str, *, is_named: bool = True) -> Counter[str]:
        """Return how often each line of a block occurs, without indentation, blank lines and comments.

        Comments of a cell count, as they often are its only title.

        Args:
            name: the qualified name of the block.
            is_named: whether the names of variables count, and in all names underscores and upper case. In
                cells and in other languages than Python they always do.
        """
        has_comments = self.measurement.foreign is not None or name.startswith(CELL)
        lines = self.block_lines(name)
        if not is_named and not has_comments:
            lines = _hide_names("\n".join(lines)).split("\n")
        stripped = map(str.strip, lines)
        return Counter(line for line in stripped if line and (has_comments or not line.startswith("#")))

    def own_lines(self, name: str) -> list[str] | None:
        """Return all lines that can belong to a block, with decorators; ``None`` if unknown.

        Blocks with equal lines are equal to the parser, so that this needs no parsing.
        """
        start = self.starts.get(name)
        return None if start is None else self.lines[start : self.blocks[name].end_line]

    def is_overload(self, name: str) -> bool:
        """Return whether a block is an overload, which an implementation of the same name follows."""
        return self.find_role(name) == "overload"

    def find_role(self, name: str) -> str:
        """Return the task of a block among those of its name: ``overload``, ``setter`` or another decorator.

        Empty for all other blocks, also for the getter of a property.
        """
        decorators = self.blocks[name].decorators if name in self.blocks else ()
        names = (decorator.rpartition(".")[2] for decorator in reversed(decorators))
        return next((each for each in names if each in _ROLES), "")

    def body(self, name: str) -> str | None:
        """Return the normalised body of a block, without its name; ``None`` if there is no such block.

        Blocks that differ only in comments, blank lines, formatting and position have equal bodies.
        """
        return self._look_up(name, is_code=False)

    def code(self, name: str) -> str | None:
        """Return the normalised body of a function without docstrings and annotations, as :meth:`body`."""
        return self._look_up(name, is_code=True)

    def _look_up(self, name: str, *, is_code: bool) -> str | None:
        key = f"{name}{OF_CODE}" if is_code else name
        if key not in self._found:
            self._found[key] = self._kept.get(key) or self._find_body(name, is_code=is_code)
        return self._found[key]

    def digest(self, name: str) -> str | None:
        """Return 16 digits that identify the body of a block, or of the whole file under the empty name."""
        from pytest_antipasta.metrics.following.bodies import shorten

        return shorten(self.body(name))

    def find_news(self) -> dict[str, str]:
        """Return all digests of bodies if new ones were computed, to store them; otherwise none."""
        found = {name: body for name, body in self._found.items() if body is not None}
        if not found or found.keys() <= self._kept.keys() or self.measurement.foreign is not None:
            return {}
        return {**self._kept, **found}

    def _find_body(self, name: str, *, is_code: bool) -> str | None:
        if name in self.starts and name in self.blocks:
            from pytest_antipasta.metrics.following.bodies import find_body

            self.check_time()
            body = find_body(self.lines, self.starts[name], self.blocks[name], is_code=is_code)
            if body is not None:
                return body
        # Without docstrings and annotations, a source of its own, as its syntax tree is changed.
        return self._parse().find_code(name) if is_code else self._bodies.find(name)

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
        return self._parse()

    def _parse(self) -> NormalizedBlocks:
        from pytest_antipasta.metrics.following.bodies import NormalizedBlocks

        self.check_time()
        return NormalizedBlocks(self.read(), self.measurement.foreign)


def _hide_names(code: str) -> str:
    """Return source with one sign for each name of a variable, without underscores and upper case."""
    return _VARIABLE.sub(_hide_name, code).replace("_", "").lower()


def _hide_name(match: re.Match[str]) -> str:
    return "$" if match["name"] and not iskeyword(match["name"]) else match[0]


def pair_edited(
    old: FileVersion, new: FileVersion, come: Sequence[str], gone: Sequence[str], held: Sequence[str] = ()
) -> dict[str, str]:
    """Return the old block of each edited new one, of blocks with one name.

    Blocks of the same task are matched first, such as setters, and of these the most similar ones: numbers
    shift when one of the blocks is deleted, added or moved. An implementation is never matched with an
    overload. Cells of a notebook have no names, so that those without a similar one are added.

    Args:
        old: the old version of the file.
        new: the new version of the file.
        come: new blocks whose bodies the old version did not have.
        gone: old blocks whose bodies the new version does not have.
        held: old blocks whose bodies now have another name. They are matched by number, if nothing else is.
    """
    if any(name.startswith(CELL) for name in come):
        return _pair_similar(old, new, gone, come)
    pairs: dict[str, str] = {}
    for is_overload in (True, False):
        came = [name for name in come if new.is_overload(name) is is_overload]
        left, kept = (
            [name for name in names if old.is_overload(name) is is_overload] for names in (gone, held)
        )
        pairs |= _pair_of_kind(old, new, came, (left, kept))
    return pairs


def _pair_of_kind(
    old: FileVersion, new: FileVersion, come: Sequence[str], left: tuple[Sequence[str], Sequence[str]]
) -> dict[str, str]:
    """Return the old block of each new one, of blocks that are all overloads, or all others."""
    pairs: dict[str, str] = {}
    if len(come) > 1 or len(left[0]) > 1:
        pairs = _pair_by_role(old, new, left[0], come)
    for names in left:
        taken = set(pairs.values())
        free = [name for name in names if name not in taken]
        pairs |= pair_by_number(free, [name for name in come if name not in pairs])
    return pairs


def _pair_by_role(
    old: FileVersion, new: FileVersion, gone: Sequence[str], come: Sequence[str]
) -> dict[str, str]:
    """Return the most similar old block of each new one, of those with the same task."""
    pairs: dict[str, str] = {}
    for role in dict.fromkeys(map(new.find_role, come)):
        left = [name for name in gone if old.find_role(name) == role]
        pairs |= _pair_similar(old, new, left, [name for name in come if new.find_role(name) == role])
    return pairs


def _pair_similar(
    old: FileVersion, new: FileVersion, gone: Sequence[str], come: Sequence[str]
) -> dict[str, str]:
    """Return the old block of each new one, by common lines.

    Blocks with the most common lines are matched first, then those with the same number.
    """
    before = {name: old.count_lines(name) for name in gone}
    after = {name: new.count_lines(name) for name in come}
    new.check_time()
    likeness = {
        (mine, other): _compare(after[mine], before[other]) for mine, other in _iter_alike(after, before)
    }
    pairs: dict[str, str] = {}
    taken: set[str] = set()
    # Of equal pairs, those with the same number come first.
    for mine, other in sorted(likeness, key=lambda pair: (-likeness[pair], pair[0] != pair[1])):
        if mine not in pairs and other not in taken:
            pairs[mine] = other
            taken.add(other)
    return pairs


def _iter_alike(
    after: Mapping[str, Counter[str]], before: Mapping[str, Counter[str]]
) -> Iterator[tuple[str, str]]:
    """Yield pairs of blocks that may match: with one number, or with a common line that few others have."""
    holders = index_lines(before)
    for mine, lines in after.items():
        found = (holders.get(line, ()) for line in lines)
        others = {other for some in found if len(some) <= _FEW for other in some}
        yield from ((mine, other) for other in sorted(others | ({mine} & before.keys())))


def index_lines(blocks: Mapping[_Key, Iterable[str]]) -> dict[str, list[_Key]]:
    """Return for each line the blocks that contain it."""
    holders: dict[str, list[_Key]] = {}
    for key, lines in blocks.items():
        for line in lines:
            holders.setdefault(line, []).append(key)
    return holders


def _compare(lines: Counter[str], others: Counter[str]) -> float:
    """Return the share of lines that two blocks have in common, between 0 and 1."""
    return 2 * (lines & others).total() / max(lines.total() + others.total(), 1)
