"""The sources in an HTML report: blocks over or near a limit, with the points of their lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, takewhile
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeAlias

from msgspec.structs import replace

from pytest_antipasta.metrics.explanation import ExplainedBlock, explain
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import Block, FileMetrics, Measurement
from pytest_antipasta.report.contents import read_lines

BUDGET = 3_000_000
"""Maximum number of characters of source in a page."""
RankedBlock: TypeAlias = tuple[float, Verdict, Block]
"""A block over or near a limit: the ratio of its worst value, the verdict on its file, and the block."""


def find_sources(blocks: Iterable[RankedBlock], root: Path) -> Mapping[str, Mapping[str, dict[str, Any]]]:
    """Return the sources of some blocks, by path and qualified name.

    The worst come first, until the budget is used up, and those of equal ratios in the given order. Files
    that differ on disk from the measured content are left out.
    """
    sources: dict[str, dict[str, dict[str, Any]]] = {}
    files: dict[str, _File] = {}
    room = BUDGET
    for _, verdict, block in sorted(blocks, key=itemgetter(0), reverse=True):
        if room <= 0:
            break
        file = files.get(verdict.path)
        if file is None:
            lines = read_lines(root / verdict.path, verdict.digest)
            file = files[verdict.path] = _File(lines, verdict.measurement.blocks)
        if block.end_line <= len(file.lines):
            source = {"text": file.find_text(block), "points": file.find_points(block)}
            room -= len(source["text"])
            sources.setdefault(verdict.path, {})[block.qualified_name] = source
    return sources


class _File:
    """The lines of a file and its blocks.

    Attributes:
        lines: lines of the file; empty if the file has changed.
    """

    def __init__(self, lines: Sequence[str], blocks: Sequence[Block]) -> None:
        self.lines = lines
        self._blocks = blocks
        self._units = _find_units(blocks)
        self._explained: dict[str, dict[str, ExplainedBlock]] = {}

    def find_text(self, block: Block) -> str:
        """Return the source of a block."""
        text = "\n".join(self.lines[block.line - 1 : block.end_line])
        # JSON can't contain lone surrogates, which some encodings allow.
        return text.encode("utf-8", "backslashreplace").decode()

    def find_points(self, block: Block) -> list[list[int]]:
        """Return the lines of a block with points."""
        index = self._units[block.qualified_name]
        name = self._blocks[index].qualified_name
        if name not in self._explained:
            self._explained[name] = self._explain(index)
        return _list_points(self._explained[name].get(block.qualified_name))

    def _explain(self, index: int) -> dict[str, ExplainedBlock]:
        """Return the points of a unit and the blocks in it; line numbers start at 2."""
        unit = self._blocks[index]
        own, shift = self.lines[unit.line - 1 : unit.end_line], unit.line - 2
        others = () if unit.kind == "cell" else islice(self._blocks, index + 1, None)
        inner = takewhile(lambda other: other.line <= unit.end_line, others)
        blocks = [unit, *(other for other in inner if other.kind != "class")]
        # An indented function is wrapped in a class.
        is_indented = own[0][:1].isspace()
        head, start = ("class _:", "_.") if is_indented else ("", "")
        moved = tuple(
            replace(
                block,
                qualified_name=f"{start}{unit.name}{block.qualified_name[len(unit.qualified_name) :]}",
                line=block.line - shift,
                end_line=block.end_line - shift,
            )
            for block in blocks
        )
        # Content with lone surrogates can't be decoded, so it has no blocks.
        text = "\n".join((head, *own)).encode("utf-8", "surrogatepass")
        parts = explain(text, Measurement(FileMetrics(), moved))
        named = zip(blocks, (parts.by_name.get(item.qualified_name) for item in moved), strict=True)
        return {block.qualified_name: item for block, item in named if item is not None}


def _find_units(blocks: Sequence[Block]) -> dict[str, int]:
    """Return the place of the outermost function around each function, by qualified name.

    The outermost function is parsed separately, faster than the file, and once for all functions inside.
    """
    units: dict[str, int] = {}
    outer: int | None = None
    for index, block in enumerate(blocks):
        if block.kind == "cell":
            units[block.qualified_name] = index
        elif block.kind != "class":
            if outer is None or block.end_line > blocks[outer].end_line:
                outer = index
            units[block.qualified_name] = outer
    return units


def _list_points(block: ExplainedBlock | None) -> list[list[int]]:
    """Return the lines with points: their index in the block, cyclomatic points, and cognitive points."""
    if block is None:
        return []
    first = block.block.line
    cyclomatic, cognitive = block.cyclomatic.by_line, block.cognitive.by_line if block.cognitive else {}
    return [
        [line - first, cyclomatic.get(line, 0), cognitive.get(line, 0)]
        for line in sorted({*cyclomatic, *cognitive})
    ]
