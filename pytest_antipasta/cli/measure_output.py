"""The output of ``measure`` besides JSON: CSV, and tables for a terminal or for a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from pytest_antipasta.extension import default_thresholds
from pytest_antipasta.model import Measurement
from pytest_antipasta.report import (
    draw_ranking,
    draw_table,
    format_measurements,
    format_ranking_csv,
    has_rich,
    is_terminal,
    iter_distributions,
    iter_error_lines,
    iter_ranking_lines,
    iter_table,
    rank,
)


def format_csv(measurements: Mapping[str, Measurement], metric: str | None, top: int | None) -> bytes:
    """Return all files and blocks in the order of their paths, or what ranks by a metric."""
    if metric is None:
        return format_measurements(_keep_first(measurements, top))
    return format_ranking_csv(measurements, rank(measurements, metric, top))


def format_table(
    measurements: Mapping[str, Measurement], metric: str | None, top: int | None, quiet: bool
) -> str:
    """Return the same as a table, and how all numbers are spread."""
    if metric is None:
        kept = _keep_first(measurements, top)
        table = draw_table(kept) if _is_drawn() else _join(iter_table(kept))
    else:
        places = rank(measurements, metric, top)
        drawn = draw_ranking(places, metric) if _is_drawn() else _join(iter_ranking_lines(places, metric))
        table = _join(_iter_errors(measurements)) + drawn
    return table if quiet else table + _join(iter_distributions(measurements, default_thresholds()))


def _keep_first(measurements: Mapping[str, Measurement], top: int | None) -> dict[str, Measurement]:
    return {path: measurements[path] for path in islice(sorted(measurements), top)}


def _iter_errors(measurements: Mapping[str, Measurement]) -> Iterator[str]:
    for path in sorted(measurements):
        yield from iter_error_lines(path, measurements[path])


def _join(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _is_drawn() -> bool:
    """Whether rich draws the table: on a terminal that can show its lines."""
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower()
    return is_terminal(sys.stdout) and encoding.startswith("utf") and has_rich()
