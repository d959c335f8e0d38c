"""The sources in an HTML report: blocks over or near a limit, with the points of their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_antipasta.metrics.explanation import ExplainedBlock, Explanation, explain
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.model.measured import Block
from pytest_antipasta.policy.headroom import HeadroomFinder, compute_standing
from pytest_antipasta.policy.limits import excess_ratio
from pytest_antipasta.report.contents import read_measured
from pytest_antipasta.report.records import LimitSets

BUDGET = 3_000_000
"""Maximum number of characters of source in a page."""


def find_sources(
    verdicts: Sequence[Verdict], root: Path, limits: LimitSets
) -> Mapping[str, Mapping[str, dict[str, Any]]]:
    """Return the sources of blocks over or near a limit, by path and qualified name.

    The worst come first, until the budget is used up. Files that differ on disk from the measured content
    are left out.
    """
    candidates = [candidate for verdict in verdicts for candidate in _iter_candidates(verdict, limits)]
    candidates.sort(key=lambda candidate: -candidate[0])  # stable: by path and line
    sources: dict[str, dict[str, dict[str, Any]]] = {}
    files: dict[str, Explanation | None] = {}
    room = BUDGET
    for _, verdict, block in candidates:
        if room <= 0:
            break
        if verdict.path not in files:
            data = read_measured(root / verdict.path, verdict.digest)
            files[verdict.path] = None if data is None else explain(data, verdict.measurement)
        file = files[verdict.path]
        if file is not None and block.end_line <= len(file.lines):
            text = "\n".join(file.lines[block.line - 1 : block.end_line])
            # JSON can't contain lone surrogates, which some encodings allow.
            text = text.encode("utf-8", "backslashreplace").decode()
            room -= len(text)
            points = _list_points(file.by_name.get(block.qualified_name))
            sources.setdefault(verdict.path, {})[block.qualified_name] = {"text": text, "points": points}
    return sources


def _iter_candidates(verdict: Verdict, limits: LimitSets) -> Iterator[tuple[float, Verdict, Block]]:
    """Yield the blocks of a file that are over or near a limit, with the ratio."""
    ratios = {limit.qualified_name: excess_ratio(limit) for limit in verdict.over_limits}
    for name, ratio in _iter_near(verdict, limits):
        ratios[name] = max(ratios.get(name, 0.0), ratio)
    for block in verdict.measurement.blocks if ratios else ():
        if block.qualified_name in ratios and block.kind != "class":
            yield ratios[block.qualified_name], verdict, block


def _iter_near(verdict: Verdict, limits: LimitSets) -> Iterator[tuple[str, float]]:
    """Yield the names of blocks with a value near its limit, and the ratio."""
    finder = HeadroomFinder(limits.find(verdict.path).for_content(verdict.measurement))
    for block in verdict.measurement.blocks:
        for threshold, find in finder.find_limits(block):
            if (value := find(block)) is not None:
                ratio, state = compute_standing(value, threshold)
                if state != "within":
                    yield block.qualified_name, ratio


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
