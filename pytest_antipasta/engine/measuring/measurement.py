"""Measure one source, all metrics at once: one parse, one walk and one scan of the text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from pytest_antipasta.metrics.blocks import TreeNumbers, measure_tree
from pytest_antipasta.metrics.cognitive import CognitiveComplexity, measure_cognitive
from pytest_antipasta.metrics.generated import is_generated
from pytest_antipasta.metrics.maintainability import compute_index
from pytest_antipasta.metrics.raw import LongScanError, RawCountError, RawCounts, count_lines
from pytest_antipasta.metrics.source import Cell, OtherKernelError, SourceError, decode_source, find_cells
from pytest_antipasta.model.measured import (
    Block,
    Comment,
    FileError,
    FileMetrics,
    LanguageSource,
    Measurement,
)
from pytest_antipasta.policy.suppressions.comments import find_comments, may_suppress
from pytest_antipasta.runtime.garbage import gc_paused


def measure(data: bytes, most_tokenized: float = float("inf")) -> Measurement:
    """Return all values of one content, and its comments that may suppress some of them.

    The measurement has an error if there is no syntax tree.

    Args:
        data: content of the file.
        most_tokenized: most characters to tokenize: after an unusual construct in the scan for line counts,
            or in a source with suppression comments.

    Raises:
        LongScanError: there are more characters, and tokenizing them may take seconds.
    """
    try:
        text = decode_source(data)
    except OtherKernelError as other:
        return Measurement(FileMetrics(), (), foreign=LanguageSource(other.language))
    except SourceError as failure:
        return Measurement(_count_plain_lines(data), (), failure.error)
    if len(text) > most_tokenized and may_suppress(text):
        raise LongScanError
    cells = find_cells(data)
    try:
        cognitive = measure_cognitive(text, has_cells=bool(cells))
    except SourceError as failure:
        return Measurement(_count_plain_lines(text), (), failure.error)
    raw = _count_lines(text, most_tokenized)
    try:
        with gc_paused():
            tree = measure_tree(text, cognitive, cells)
    except SourceError as failure:
        known = FileMetrics(**raw._asdict()) if raw else _count_plain_lines(text)
        total = cognitive.total if cognitive else None
        error = _place_error(failure.error, text, cells)
        return Measurement(replace(known, total_cognitive_complexity=total), (), error)
    comments = _find_comments(text, tree.blocks, cells)
    return Measurement(
        _file_metrics(tree, raw, cognitive), tree.blocks, comments=comments, generated=is_generated(text)
    )


def _place_error(error: FileError, text: str, cells: Sequence[Cell]) -> FileError:
    if not cells:
        return error
    from pytest_antipasta.metrics.notebook.cells import place_error

    return place_error(error, text, cells)


def _find_comments(text: str, blocks: Sequence[Block], cells: Sequence[Cell]) -> tuple[Comment, ...]:
    comments = find_comments(text, blocks)
    if not comments or not cells:
        return comments
    from pytest_antipasta.metrics.notebook.cells import place_comments

    return tuple(place_comments(comments, blocks, text))


def _count_lines(text: str, most_tokenized: float) -> RawCounts | None:
    try:
        return count_lines(text, most_tokenized)
    except RawCountError:
        return None


def _count_plain_lines(content: str | bytes) -> FileMetrics:
    """Return the values that any text has, which is only its line count.

    Bytes that can't be decoded have lines unless they contain NULs: with NULs they are not text, or
    characters have several bytes.
    """
    if isinstance(content, bytes) and b"\0" in content:
        return FileMetrics()
    lines = content.splitlines()
    return FileMetrics(lines_of_code=len(lines), blank_lines=sum(not line.strip() for line in lines))


def _file_metrics(
    tree: TreeNumbers, raw: RawCounts | None, cognitive: CognitiveComplexity | None
) -> FileMetrics:
    halstead = tree.halstead
    counts: dict[str, Any] = raw._asdict() if raw else {}
    return FileMetrics(
        maintainability_index=compute_index(halstead.volume, tree.complexity, raw) if raw else None,
        halstead_volume=halstead.volume,
        halstead_difficulty=halstead.difficulty,
        halstead_effort=halstead.effort,
        halstead_time=halstead.time,
        halstead_bugs=halstead.bugs,
        average_cyclomatic_complexity=_average_complexity(tree.blocks),
        total_cognitive_complexity=cognitive.total if cognitive else None,
        **counts,
    )


def _average_complexity(blocks: Iterable[Block]) -> float | None:
    numbers = [block.cyclomatic_complexity or 0 for block in blocks if block.kind in ("function", "method")]
    return sum(numbers) / len(numbers) if numbers else None
