"""The sources that an HTML report has inside: blocks over or near a limit, with the points of their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from pytest_antipasta.metrics import ExplainedBlock, SourceError, decode_source, explain
from pytest_antipasta.model import (
    COVERAGE_METRICS,
    NOTEBOOK,
    Block,
    FileMetrics,
    Measurement,
    Verdict,
    number_getter,
)
from pytest_antipasta.policy import excess_ratio, find_block_threshold
from pytest_antipasta.report.path_limits import PathLimits
from pytest_antipasta.runtime import read_regular

NEAR = 0.8
"""The part of a limit from which on a number is near it."""
BUDGET = 3_000_000
"""How many characters of source a page has at most."""


class _Candidate(NamedTuple):
    """A block whose source the page should have, and how near to a limit, or over it, the block is."""

    ratio: float
    verdict: Verdict
    block: Block


class Sources:
    """The sources of some blocks, by path and qualified name.

    Attributes:
        wanted: how many blocks are over or near a limit.
        too_many: how many of them there is no room for.
        other: how many are not on disk as they were measured.
    """

    def __init__(self, wanted: int) -> None:
        """Have none yet."""
        self.wanted = wanted
        self.too_many = self.other = 0
        self._of: dict[str, dict[str, dict[str, Any]]] = {}

    def add(self, path: str, name: str, source: dict[str, Any]) -> None:
        """Add that of a block."""
        self._of.setdefault(path, {})[name] = source

    def of(self, path: str) -> Mapping[str, dict[str, Any]]:
        """Return those of a file, by qualified name."""
        return self._of.get(path, {})

    def facts(self) -> dict[str, Any]:
        """Return what the page says of them."""
        return {"near": NEAR, "wanted": self.wanted, "too_many": self.too_many, "other": self.other}


def find_sources(verdicts: Sequence[Verdict], root: Path, limits: PathLimits) -> Sources:
    """Return the sources of blocks over or near a limit, the worst first, until the budget is used up."""
    candidates = [one for verdict in verdicts for one in _iter_candidates(verdict, limits)]
    candidates.sort(key=lambda one: -one.ratio)  # equal ones stay in the order of paths and lines
    sources, room, files = Sources(len(candidates)), BUDGET, dict[str, _File]()
    for _, verdict, block in candidates:
        if room <= 0:
            sources.too_many += 1
            continue
        file = files.get(verdict.path)
        if file is None:
            lines = _read_lines(root / verdict.path, verdict.digest)
            file = files[verdict.path] = _File(lines, verdict.measurement.blocks)
        if block.end_line <= len(file.lines):
            source = {"text": file.find_text(block), "points": file.find_points(block)}
            room -= len(source["text"])
            sources.add(verdict.path, block.qualified_name, source)
        else:
            sources.other += 1
    return sources


def _iter_candidates(verdict: Verdict, limits: PathLimits) -> Iterator[_Candidate]:
    """Yield the blocks of a file that are over or near a limit."""
    ratios = {one.qualified_name: excess_ratio(one) for one in verdict.over_limits}
    for name, ratio in _iter_near(verdict, limits):
        ratios[name] = max(ratios.get(name, 0.0), ratio)
    for block in verdict.measurement.blocks if ratios else ():
        if block.qualified_name in ratios and block.kind != "class":
            yield _Candidate(ratios[block.qualified_name], verdict, block)


def _iter_near(verdict: Verdict, limits: PathLimits) -> Iterator[tuple[str, float]]:
    """Yield the names of blocks with a number near its limit, and the part of the limit that it is."""
    measured = (one for one in limits.find(verdict.path) if one.metric not in COVERAGE_METRICS)
    for threshold in filter(None, map(find_block_threshold, measured)):
        if threshold.comparison in ("<", "<=") and threshold.limit > 0:
            find, near = number_getter(threshold.metric), threshold.limit * NEAR
            for block in verdict.measurement.blocks:
                value = find(block)
                if value is not None and value >= near:
                    yield block.qualified_name, value / threshold.limit


def _read_lines(path: Path, digest: bytes | None) -> list[str]:
    """Return the lines of a file, as Python's parser counts them; none where it is not what was measured.

    That is so for what another language measures, too, whose digests are not those of the content alone.
    """
    try:
        data = read_regular(path)
        if path.suffix == NOTEBOOK:
            data = _join(data)
        return decode_source(data).split("\n") if sha256(data).digest() == digest else []
    except (OSError, SourceError, ValueError):  # of a path that has an escape, for one
        return []


def _join(data: bytes) -> bytes:
    """Return the code of a notebook, nothing where it is none any more."""
    # Here, because few roots have notebooks.
    from pytest_antipasta.metrics import NotebookError, join_notebook

    try:
        return join_notebook(data)
    except NotebookError:
        return b""


class _File:
    """The lines of a file and its blocks.

    Attributes:
        lines: none where the file is not what was measured.
    """

    def __init__(self, lines: Sequence[str], blocks: Sequence[Block]) -> None:
        """Explain nothing yet."""
        self.lines = lines
        self._blocks = blocks
        self._units = _find_units(blocks)
        self._explained: dict[str, dict[str, ExplainedBlock]] = {}

    def find_text(self, block: Block) -> str:
        """Return the source of a block."""
        text = "\n".join(self.lines[block.line - 1 : block.end_line])
        # Half of a character, which an encoding may have, is no JSON.
        return text.encode("utf-8", "backslashreplace").decode()

    def find_points(self, block: Block) -> list[list[int]]:
        """Return the lines of a block that give points."""
        place = self._units[block.qualified_name]
        name = self._blocks[place].qualified_name
        if name not in self._explained:
            self._explained[name] = self._explain(place)
        return _list_points(self._explained[name].get(block.qualified_name))

    def _explain(self, place: int) -> dict[str, ExplainedBlock]:
        """Return what the numbers of a unit and of what is in it are made of; lines are counted from 2 on."""
        unit = self._blocks[place]
        own, shift = self.lines[unit.line - 1 : unit.end_line], unit.line - 2
        others = () if unit.kind == "cell" else islice(self._blocks, place + 1, None)
        inner = takewhile(lambda other: other.line <= unit.end_line, others)
        blocks = [unit, *(other for other in inner if other.kind != "class")]
        # What is indented stands in a class.
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
        # Half of a character makes it a content that can't be decoded, which has no blocks.
        text = "\n".join((head, *own)).encode("utf-8", "surrogatepass")
        parts = explain(text, Measurement(FileMetrics(), moved))
        named = zip(blocks, (parts.by_name.get(one.qualified_name) for one in moved), strict=True)
        return {block.qualified_name: one for block, one in named if one is not None}


def _find_units(blocks: Sequence[Block]) -> dict[str, int]:
    """Return the place of the outermost function around each function, by qualified name.

    That is parsed alone, in a fraction of a file's time, and once for all functions in it.
    """
    units: dict[str, int] = {}
    outer: int | None = None
    for place, block in enumerate(blocks):
        if block.kind == "cell":
            units[block.qualified_name] = place
        elif block.kind != "class":
            if outer is None or block.end_line > blocks[outer].end_line:
                outer = place
            units[block.qualified_name] = outer
    return units


def _list_points(one: ExplainedBlock | None) -> list[list[int]]:
    """Return the lines that give points: their place in the block, cyclomatic points, and cognitive ones."""
    if one is None:
        return []
    first = one.block.line
    cyclomatic, cognitive = one.cyclomatic.by_line, one.cognitive.by_line if one.cognitive else {}
    return [
        [line - first, cyclomatic.get(line, 0), cognitive.get(line, 0)]
        for line in sorted({*cyclomatic, *cognitive})
    ]
