"""The output of ``measure``: values sorted by path, or ranked by a metric."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain, islice
from typing import TextIO

from pytest_antipasta.extension import default_thresholds
from pytest_antipasta.model import Measurement
from pytest_antipasta.report.measure.ranking import iter_distributions, iter_ranking_lines, iter_table, rank
from pytest_antipasta.report.measure.rich_table import draw_ranking, draw_table, has_rich
from pytest_antipasta.report.measure.rows import format_measurements, format_ranking_csv
from pytest_antipasta.report.terminal import find_width, fold_line, is_terminal
from pytest_antipasta.report.wording import iter_error_lines


def make_measure_csv(measurements: Mapping[str, Measurement], metric: str | None, top: int | None) -> bytes:
    """Return CSV of the first files with their blocks, or of the worst by a metric; ``None`` for all."""
    if metric is None:
        return format_measurements(_keep_first(measurements, top))
    return format_ranking_csv(measurements, rank(measurements, metric, top))


def make_measure_table(
    measurements: Mapping[str, Measurement],
    metric: str | None,
    top: int | None,
    stream: TextIO,
    *,
    is_brief: bool,
) -> str:
    """Return a table for a stream, with the distribution of all values unless it is to be brief."""
    is_drawn = _is_drawn(stream)
    if metric is None:
        kept = _keep_first(measurements, top)
        table = draw_table(kept) if is_drawn else _join(iter_table(kept))
    else:
        places = rank(measurements, metric, top)
        errors = (iter_error_lines(path, measurements[path]) for path in sorted(measurements))
        table = _join(chain.from_iterable(errors))
        table += draw_ranking(places, metric) if is_drawn else _join(iter_ranking_lines(places, metric))
    if is_brief:
        return table
    spread = iter_distributions(measurements, default_thresholds())
    return table + _join(part for line in spread for part in fold_line(line, find_width(stream)))


def _keep_first(measurements: Mapping[str, Measurement], top: int | None) -> dict[str, Measurement]:
    return {path: measurements[path] for path in islice(sorted(measurements), top)}


def _join(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _is_drawn(stream: TextIO) -> bool:
    """Return whether rich draws the table: only on a terminal that supports its lines."""
    encoding = (getattr(stream, "encoding", None) or "").lower()
    return is_terminal(stream) and encoding.startswith("utf") and has_rich()
