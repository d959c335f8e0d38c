"""The sources that an HTML report has inside: blocks over or near a limit, with the points of their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from pytest_antipasta.metrics import ExplainedBlock, SourceError, decode_source, explain
from pytest_antipasta.model import NOTEBOOK, Block, FileMetrics, Measurement, Verdict, number_getter
from pytest_antipasta.policy import excess_ratio, find_block_threshold
from pytest_antipasta.report.formats.html_page.path_limits import PathLimits
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
    sources, room, read = Sources(len(candidates)), BUDGET, cache(_read_lines)
    for _, verdict, block in candidates:
        if room <= 0:
            sources.too_many += 1
        elif block.end_line <= len(lines := read(root / verdict.path, verdict.digest)):
            source = _make_source(lines, verdict.measurement.blocks, block)
            room -= len(source["text"])
            sources.add(verdict.path, block.qualified_name, source)
        else:
            sources.other += 1
    return sources


def _iter_candidates(verdict: Verdict, limits: PathLimits) -> Iterator[_Candidate]:
    """Yield the blocks of a file that are over or near a limit."""
    ratios = {one.qualified_name: excess_ratio(one) for one in (*verdict.violations, *verdict.tolerated)}
    for name, ratio in _iter_near(verdict, limits):
        ratios[name] = max(ratios.get(name, 0.0), ratio)
    for block in verdict.measurement.blocks if ratios else ():
        if block.qualified_name in ratios and block.kind != "class":
            yield _Candidate(ratios[block.qualified_name], verdict, block)


def _iter_near(verdict: Verdict, limits: PathLimits) -> Iterator[tuple[str, float]]:
    """Yield the names of blocks with a number near its limit, and the part of the limit that it is."""
    for threshold in filter(None, map(find_block_threshold, limits.find(verdict.path))):
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


def _make_source(lines: Sequence[str], blocks: Sequence[Block], block: Block) -> dict[str, Any]:
    """Return the text of a block and the points of its lines."""
    # Half of a character, which an encoding may have, is no JSON.
    text = "\n".join(lines[block.line - 1 : block.end_line]).encode("utf-8", "backslashreplace").decode()
    return {"text": text, "points": _list_points(_explain(lines, _find_unit(blocks, block), block))}


def _find_unit(blocks: Sequence[Block], block: Block) -> Block:
    """Return the outermost function around a block, which is parsed alone, in a fraction of a file's time."""
    around = (one for one in blocks if one.line <= block.line and block.end_line <= one.end_line)
    units = (one for one in around if one.kind != "class" and (one.kind != "cell" or block.kind == "cell"))
    return next(units, block)


def _explain(lines: Sequence[str], unit: Block, block: Block) -> ExplainedBlock | None:
    """Return what the numbers of a block are made of, with the lines of its unit counted from 2."""
    own, shift = lines[unit.line - 1 : unit.end_line], unit.line - 2
    is_indented = own[0][:1].isspace()
    name = f"{unit.name}{block.qualified_name[len(unit.qualified_name) :]}"
    moved = replace(
        block,
        qualified_name=f"_.{name}" if is_indented else name,
        line=block.line - shift,
        end_line=block.end_line - shift,
    )
    text = "\n".join(("class _:" if is_indented else "", *own))
    # Half of a character makes it a content that can't be decoded, which has no blocks.
    parts = explain(text.encode("utf-8", "surrogatepass"), Measurement(FileMetrics(), (moved,)))
    return next(iter(parts.blocks), None)


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
