"""The numbers of files and blocks as a table for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_antipasta.model import FileMetrics, Measurement
from pytest_antipasta.report.wording import count, format_error_line, format_number


def iter_table(measurements: Mapping[str, Measurement]) -> Iterator[str]:
    """Yield each file with its index and lines, and each block with its complexities."""
    for path in sorted(measurements):
        measurement = measurements[path]
        if measurement.error is not None:
            yield format_error_line(path, measurement.error)
            continue
        yield f"{path}: {format_file(measurement.metrics)}"
        for block in measurement.blocks:
            cognitive = "-" if block.cognitive_complexity is None else block.cognitive_complexity
            numbers = f"cyclomatic {block.cyclomatic_complexity:>3}  cognitive {cognitive:>3}"
            yield f"  {numbers}  {block.line}: {block.kind} {block.qualified_name}"


def format_file(metrics: FileMetrics) -> str:
    """Return a file's index and number of lines."""
    index, lines = metrics.maintainability_index, metrics.lines_of_code
    parts = ["no maintainability index" if index is None else f"maintainability index {format_number(index)}"]
    parts.append("lines not counted" if lines is None else count(lines, "line"))
    return ", ".join(parts)
